//! Server functions of signing in and out.

use crate::kit::viewer::Viewer;
use crate::kit::{Result, server};

/// Signs in; gives where to go on: to `next`, or to the second factor.
#[server]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<String> {
    let here = crate::auth::here()?;
    let begun = crate::auth::store::sign_in(here.state.db(), &email, &password, &here.visit).await;
    let begun = crate::kit::scope::answer_with_status(begun)?;
    here.set_cookie(Some(&begun.token))?;
    let next = crate::auth::safe_next(&next);
    let second = format!("/sign-in/second-factor?next={}", crate::kit::paging::escape(next));
    crate::auth::lead_to(if begun.awaits_second_factor { second } else { next.to_owned() })
}

/// Takes the code of the second factor; gives where to go on.
#[server]
pub async fn give_second_factor(code: String, #[server(default)] next: String) -> Result<String> {
    let here = crate::auth::here()?;
    let begun = crate::auth::store::second_factor::pass(here.state.db(), here.state.sealer(), &here.visit, &code).await;
    let begun = crate::kit::scope::answer_with_status(begun)?;
    here.set_cookie(Some(&begun.token))?;
    crate::auth::lead_to(crate::auth::safe_next(&next).to_owned())
}

/// Ends the session; gives where to go on.
#[server]
pub async fn sign_out() -> Result<String> {
    let here = crate::auth::here()?;
    crate::auth::store::sign_out(here.state.db(), crate::kit::scope::caller(), &here.visit).await?;
    here.set_cookie(None)?;
    crate::auth::lead_to("/sign-in".into())
}

/// Who looks, for the shell; `None`: signed out.
#[server]
pub async fn current_viewer() -> Result<Option<Viewer>> {
    Ok(crate::kit::scope::viewer())
}

/// Moves the session to another of the person's organizations; gives where to go on.
#[server]
pub async fn switch_organization(slug: String) -> Result<String> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let here = crate::auth::here()?;
    let switched = crate::auth::store::session::switch(&scope, here.session()?.id, &slug).await;
    crate::kit::scope::answer_with_status(switched)?;
    crate::auth::lead_to("/".into())
}

/// In the browser: loads the page at `url` anew, as a signed-in or signed-out person's.
pub fn go(url: &str) {
    // A refusal means that the document is being unloaded already.
    let _ = leptos::prelude::window().location().set_href(url);
}

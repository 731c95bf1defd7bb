//! The document around every page, and the console's frame around those of a signed-in person.

use std::time::Duration;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Outlet, Router, Routes};
use leptos_router::{LazyRoute, lazy_route};

use crate::finder::Finder;
use crate::kit::permission::Permission;
use crate::kit::viewer::Viewer;
use crate::kit::wire::Carried;
use crate::notifications::Bell;
use crate::sandbox::SandboxBar;
use crate::ui::{Frame, provide_refused, provide_toasts};
use crate::{navigation, routes, views};

const AFTER_WHAT_IS_SHOWN: Duration = Duration::from_millis(500);

/// Who is signed in, for the whole page; `None` on the sign-in pages.
#[derive(Clone)]
struct SignedIn(Option<Viewer>);

/// The signed-in person. Only inside the console, where there always is one.
pub fn use_viewer() -> Viewer {
    let found = use_context::<SignedIn>().and_then(|s| s.0);
    debug_assert!(found.is_some(), "use_viewer outside the console");
    found.unwrap_or_else(Viewer::nobody)
}

/// Whether who looks may do that. Where nobody is signed in the frame says so, in place of its pages.
pub fn may(permission: Permission) -> bool {
    use_context::<SignedIn>().and_then(|s| s.0).is_none_or(|viewer| viewer.can(permission))
}

/// The application: context, router, pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_toasts();
    provide_refused();
    // Written into the page by the server, read from it by the browser.
    let viewer = SharedValue::<_, Carried>::new_with_encoding(crate::kit::request::viewer).into_inner();
    provide_context(SignedIn(viewer));
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Tenantry".to_owned() } else { title + " \u{b7} Tenantry" }/>
        <Router>
            {crate::ui::settle_address()}
            <Routes fallback=routes::NotFound>
                <routes::SignedOutRoutes/>
                <routes::PayRoutes/>
                <routes::InvitationRoutes/>
                <routes::ConsoleRoutes/>
            </Routes>
        </Router>
    }
}

/// The frame of the console around its pages: a chunk of its own, so that who is not signed in yet need not wait for it.
pub struct ConsoleFrame;

#[lazy_route]
impl LazyRoute for ConsoleFrame {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        match use_context::<SignedIn>().and_then(|s| s.0) {
            Some(viewer) => console(viewer),
            None => view! { <crate::ui::ErrorPage error=crate::kit::Error::SignedOut/> }.into_any(),
        }
    }
}

/// Around the pages to sign in: fetches the frame of the console while somebody types a password.
#[component]
pub fn SigningIn() -> impl IntoView {
    Effect::new(|_| set_timeout(|| leptos::task::spawn_local(ConsoleFrame::preload()), AFTER_WHAT_IS_SHOWN));
    view! { <Outlet/> }
}

fn console(viewer: Viewer) -> AnyView {
    views::provide();
    routes::fetch_ahead();
    let sandbox = viewer.sandbox.then(|| view! { <SandboxBar/> });
    view! {
        <Frame
            nav=navigation::groups(&viewer)
            organization=navigation::organization(&viewer)
            bell=view! { <Bell/> }.into_any()
            account=navigation::account(&viewer)
        >
            {sandbox}
            <Outlet/>
        </Frame>
        <Finder viewer/>
    }
    .into_any()
}

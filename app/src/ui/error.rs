//! What went wrong, and what to do.

use leptos::prelude::*;

use super::button::{Kind, LinkButton};
use super::icon::{self, Icon};
use super::{browser, status};
use crate::kit::Error;

fn next_step(error: &Error) -> &'static str {
    match error {
        Error::NotFound => "Check the address, or go back to the list and look it up there.",
        Error::Forbidden(_) => "Ask an owner or an admin of the organization for the permission.",
        Error::SignedOut => "Your session has ended. Sign in and you return to this page.",
        Error::Invalid(_) => "Correct the address or the form and try again.",
        Error::Conflict(_) => "Load the page again to see the present state.",
        Error::TooMany(_) => "Nothing was lost.",
        Error::Unavailable => "Nothing was lost. Check your connection, or load the page again.",
        Error::Outdated => "What you have typed elsewhere on the page is still there, to be copied.",
        Error::Bug(_) => "Nothing was changed. Load the page again; it is in the log under this number.",
    }
}

/// That the frame and its main landmark are around.
#[derive(Clone, Copy)]
pub(crate) struct InFrame;

/// An error in the place of what could not be shown. On the server it also sets the status of the answer.
#[component]
pub fn ErrorPanel(error: Error) -> impl IntoView {
    let heading = view! { <h2>{error.title()}</h2> };
    panel(error, heading.into_any())
}

/// An error as the whole page, with or without the frame around it.
#[component]
pub fn ErrorPage(error: Error) -> impl IntoView {
    let title = error.title();
    let body = panel(error, view! { <h1>{title}</h1> }.into_any());
    let body = view! {
        <leptos_meta::Title text=title/>
        <div class="error-page">{body}</div>
    };
    if use_context::<InFrame>().is_some() { body.into_any() } else { view! { <main>{body}</main> }.into_any() }
}

fn panel(error: Error, heading: AnyView) -> AnyView {
    status::set(error.status());
    let action = match error {
        Error::SignedOut => view! { <LinkButton href=super::sign_in_here() kind=Kind::Primary>"Sign in"</LinkButton> }.into_any(),
        Error::NotFound | Error::Forbidden(_) => view! { <LinkButton href="/">"Go to the overview"</LinkButton> }.into_any(),
        _ => view! {
            <button type="button" class="button needs-script" on:click=|_| browser::reload()>
                <Icon of=icon::ROTATE_CCW/>
                "Load again"
            </button>
        }
        .into_any(),
    };
    view! {
        <div class="empty error" role="alert">
            <span class="empty-icon">
                <Icon of=icon::CIRCLE_ALERT/>
            </span>
            {heading}
            <div>
                <p>{error.to_string()}</p>
                <p>{next_step(&error)}</p>
                {action}
            </div>
        </div>
    }
    .into_any()
}

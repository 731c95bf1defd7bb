//! Cards and call-outs.

use leptos::prelude::*;

use super::badge::Tone;
use super::icon::{self, Icon};

/// A titled surface. `flush` lets a table or a list reach its edges.
#[component]
pub fn Card(
    #[prop(optional, into)] title: String,
    #[prop(optional, into)] subtitle: String,
    #[prop(optional)] actions: Option<AnyView>,
    #[prop(optional)] flush: bool,
    children: Children,
) -> impl IntoView {
    let label = (!title.is_empty()).then(|| title.clone());
    let head = (!title.is_empty() || actions.is_some()).then(|| {
        view! {
            <header class="card-head">
                <div>
                    <h2>{title}</h2>
                    {(!subtitle.is_empty()).then(|| view! { <p>{subtitle}</p> })}
                </div>
                {actions.map(|actions| view! { <div class="card-actions">{actions}</div> })}
            </header>
        }
    });
    view! {
        <section class="card" class:flush=flush aria-label=label>
            {head}
            <div class="card-body">{children()}</div>
        </section>
    }
}

/// A notice on the page: what is so, and what to do about it.
#[component]
pub fn Callout(#[prop(optional)] tone: Tone, #[prop(optional, into)] title: String, children: Children) -> impl IntoView {
    let of = match tone {
        Tone::Good => icon::CIRCLE_CHECK,
        Tone::Warn => icon::TRIANGLE_ALERT,
        Tone::Bad => icon::CIRCLE_ALERT,
        Tone::Info | Tone::Neutral => icon::INFO,
    };
    let role = if matches!(tone, Tone::Bad) { "alert" } else { "note" };
    view! {
        <div class="callout" data-tone=tone.word() role=role>
            <Icon of/>
            <div>
                {(!title.is_empty()).then(|| view! { <strong>{title}</strong> })}
                <div>{children()}</div>
            </div>
        </div>
    }
}

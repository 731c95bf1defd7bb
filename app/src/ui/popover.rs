//! Something to read that opens beside its button.

use leptos::html;
use leptos::prelude::*;

use super::browser;
use super::icon::{Glyph, Icon};
use super::id::unique;
use super::kpi::Definition;

/// A button with a panel. `class` styles the button (`button`, `button chip`, `text-button`).
#[component]
pub fn Popover(
    #[prop(into)] label: Signal<String>,
    #[prop(default = "button")] class: &'static str,
    #[prop(optional)] icon: Option<Glyph>,
    children: Children,
) -> impl IntoView {
    let id = unique();
    view! {
        <div class="menu">
            <button type="button" class=class popovertarget=id.clone() aria-haspopup="dialog">
                {icon.map(|of| view! { <Icon of/> })}
                {move || label.get()}
            </button>
            <div id=id popover="auto" class="popover-panel" role="dialog" aria-label=move || label.get()>
                {children()}
            </div>
        </div>
    }
}

/// A round button in the top bar that opens a panel of links; following one closes it. `trigger` is what the button shows,
/// its accessible name included, so that both can change while the panel is open.
#[component]
pub fn Peek(#[prop(into)] label: String, trigger: AnyView, children: Children) -> impl IntoView {
    let id = unique();
    let panel = NodeRef::<html::Div>::new();
    view! {
        <div class="menu">
            <button type="button" class="icon-button peek" popovertarget=id.clone() aria-haspopup="dialog">
                {trigger}
            </button>
            <div
                id=id
                popover="auto"
                class="popover-panel peek-panel"
                role="dialog"
                aria-label=label
                node_ref=panel
                on:click=move |event| browser::peek_click(panel, &event)
            >
                {children()}
            </div>
        </div>
    }
}

/// A word that opens its definition: text, formula and a link to what is behind the number.
#[component]
pub fn Explain(#[prop(into)] label: String, of: Definition) -> impl IntoView {
    let link = (!of.href.is_empty()).then(|| view! { <a class="link" href=of.href>{of.link}</a> });
    view! {
        <Popover label=label.clone() class="text-button">
            <strong>{label}</strong>
            <p>{of.text}</p>
            {(!of.formula.is_empty()).then(|| view! { <code class="formula">{of.formula}</code> })}
            {link}
        </Popover>
    }
}

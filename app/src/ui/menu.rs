//! Menus: a button and a popover, opened and closed by the browser itself.

use leptos::html;
use leptos::prelude::*;

use super::browser;
use super::icon::{self, Glyph, Icon};
use super::id::unique;

/// What a menu's button looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    #[default]
    Button,
    /// The icon alone; the label is its name.
    Icon,
    /// A pill, as in a filter bar.
    Chip,
}

/// A button that opens a menu. `trigger` replaces what the button shows, without words; `label` stays its name.
#[component]
pub fn Menu(
    #[prop(into)] label: Signal<String>,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional)] look: Look,
    #[prop(optional)] trigger: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let id = unique();
    let panel = NodeRef::<html::Div>::new();
    let bare = look == Look::Icon;
    let class = match look {
        _ if trigger.is_some() => "menu-trigger",
        Look::Button => "button",
        Look::Icon => "icon-button",
        Look::Chip => "button chip",
    };
    let named = bare || trigger.is_some();
    let shown = trigger.or_else(|| (!bare).then(|| (move || label.get()).into_any()));
    view! {
        <div class="menu">
            <button
                type="button"
                class=class
                popovertarget=id.clone()
                aria-haspopup="menu"
                aria-label=move || named.then(|| label.get())
                data-tip=move || bare.then(|| label.get())
            >
                {icon.map(|of| view! { <Icon of/> })}
                {shown}
            </button>
            <div
                id=id
                popover="auto"
                class="menu-panel"
                role="menu"
                aria-label=move || label.get()
                node_ref=panel
                on:toggle=move |_| browser::menu_toggled(panel)
                on:keydown=move |event| browser::menu_key(panel, &event)
                on:click=move |event| browser::menu_click(panel, &event)
            >
                {children()}
            </div>
        </div>
    }
}

/// Goes somewhere.
#[component]
pub fn MenuLink(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional)] download: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a role="menuitem" class="menu-item" href=move || href.get() download=download.then_some("")>
            {icon.map(|of| view! { <Icon of/> })}
            {children()}
        </a>
    }
}

/// Does something; `on:click` is given by the caller.
#[component]
pub fn MenuAction(#[prop(optional)] icon: Option<Glyph>, #[prop(optional)] danger: bool, children: Children) -> impl IntoView {
    view! {
        <button type="button" role="menuitem" class="menu-item" class:danger=danger>
            {icon.map(|of| view! { <Icon of/> })}
            {children()}
        </button>
    }
}

/// Switches a choice that lives in the URL on or off; the menu stays open.
#[component]
pub fn MenuCheck(#[prop(into)] href: Signal<String>, #[prop(into)] checked: Signal<bool>, children: Children) -> impl IntoView {
    view! {
        <a
            role="menuitemcheckbox"
            class="menu-item check"
            aria-checked=move || if checked.get() { "true" } else { "false" }
            href=move || href.get()
            data-noscroll=""
        >
            <span class="tick">
                <Icon of=icon::CHECK/>
            </span>
            {children()}
        </a>
    }
}

/// Names a part of a menu.
#[component]
pub fn MenuHeading(#[prop(into)] text: String) -> impl IntoView {
    view! { <div class="menu-heading" role="presentation">{text}</div> }
}

/// A line between parts.
#[component]
pub fn MenuSeparator() -> impl IntoView {
    view! { <hr class="menu-line" role="separator"/> }
}

/// Sends the [`Form`](super::Form) that it stands in: an action that also works without JavaScript.
#[component]
pub fn MenuSubmit(icon: Glyph, children: Children) -> impl IntoView {
    view! {
        <button type="submit" role="menuitem" class="menu-item">
            <Icon of=icon/>
            {children()}
        </button>
    }
}

//! Buttons and links that look like them.

use leptos::prelude::*;

use super::form::FormState;
use super::icon::{self, Glyph, Icon};
use super::{browser, use_toasts};

/// How much a button asks for attention. One primary button on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    Primary,
    #[default]
    Secondary,
    Danger,
    Ghost,
}

impl Kind {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Kind::Primary => "button primary",
            Kind::Secondary => "button",
            Kind::Danger => "button danger",
            Kind::Ghost => "button ghost",
        }
    }
}

/// A button that does something on the page; `on:click` is given by the caller.
#[component]
pub fn Button(
    #[prop(optional)] kind: Kind,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" class=kind.class() disabled=move || disabled.get()>
            {icon.map(|of| view! { <Icon of/> })}
            {children()}
        </button>
    }
}

/// A link that looks like a button. `download` hands it to the browser instead of the router.
#[component]
pub fn LinkButton(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional)] download: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class=kind.class() href=move || href.get() download=download.then_some("")>
            {icon.map(|of| view! { <Icon of/> })}
            {children()}
        </a>
    }
}

/// A button with an icon alone: `label` is its name and its tooltip.
#[component]
pub fn IconButton(#[prop(into)] label: String, icon: Glyph, #[prop(optional, into)] disabled: Signal<bool>) -> impl IntoView {
    view! {
        <button type="button" class="icon-button" aria-label=label.clone() data-tip=label disabled=move || disabled.get()>
            <Icon of=icon/>
        </button>
    }
}

/// A link with an icon alone.
#[component]
pub fn IconLink(#[prop(into)] label: String, icon: Glyph, #[prop(into)] href: Signal<String>) -> impl IntoView {
    view! {
        <a class="icon-button" aria-label=label.clone() data-tip=label href=move || href.get()>
            <Icon of=icon/>
        </a>
    }
}

/// Sends the form it is in; disabled and turning while the answer is awaited. `name` and `value` tell several apart.
#[component]
pub fn SubmitButton(
    #[prop(default = Kind::Primary)] kind: Kind,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional)] name: Option<&'static str>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let pending = use_context::<FormState>().map(|form| form.pending);
    let busy = move || pending.is_some_and(|pending| pending.get());
    view! {
        <button
            type="submit"
            class=kind.class()
            name=name
            value=value
            disabled=move || busy() || disabled.get()
            aria-busy=move || busy().then_some("true")
        >
            {icon.map(|of| view! { <Icon of/> })}
            {children()}
        </button>
    }
}

/// Copies `value` to the clipboard and says so. It shows with JavaScript only.
#[component]
pub fn CopyButton(#[prop(into)] label: String, #[prop(into)] value: String) -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <button
            type="button"
            class="icon-button needs-script"
            aria-label=label.clone()
            data-tip=label
            on:click=move |_| {
                browser::copy(&value);
                toasts.say("Copied");
            }
        >
            <Icon of=icon::COPY/>
        </button>
    }
}

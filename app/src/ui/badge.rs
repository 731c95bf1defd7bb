//! A status in one word.

use leptos::prelude::*;

use crate::kit::money::group;

/// What a status means; colour follows from it and never stands alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    Good,
    Warn,
    Bad,
    Info,
    #[default]
    Neutral,
}

impl Tone {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Info => "info",
            Tone::Neutral => "neutral",
        }
    }
}

/// `Active`, `Past due`, `88 Excellent`.
#[component]
pub fn Badge(#[prop(optional)] tone: Tone, #[prop(into)] text: String) -> impl IntoView {
    view! { <span class="badge" data-tone=tone.word()>{text}</span> }
}

/// How many there are, beside a title.
#[component]
pub fn CountBadge(count: u64) -> impl IntoView {
    view! { <span class="badge count">{group(&count.to_string())}</span> }
}

//! What needs someone: what, why, since when, and what happens next if nobody acts.

use leptos::prelude::*;

use super::badge::Tone;
use super::icon::{Glyph, Icon};

/// One matter. `detail` gives the reason, the age and the consequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttentionItem {
    pub icon: Glyph,
    pub tone: Tone,
    pub title: String,
    pub detail: String,
    pub href: String,
}

/// The matters of a card; `children` stand where there are none.
#[component]
pub fn Attention(of: Vec<AttentionItem>, children: Children) -> impl IntoView {
    if of.is_empty() {
        return children();
    }
    let items = of.into_iter().map(|item| {
        view! {
            <li data-tone=item.tone.word()>
                <Icon of=item.icon/>
                <a href=item.href>
                    <strong>{item.title}</strong>
                    <span>{item.detail}</span>
                </a>
            </li>
        }
    });
    let items = items.collect::<Vec<_>>();
    view! { <ul class="attention">{items}</ul> }.into_any()
}

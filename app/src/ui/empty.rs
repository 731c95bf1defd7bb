//! Nothing here yet, and what to do next.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// An empty state. The children are the next step: a sentence and a button.
#[component]
pub fn Empty(icon: Glyph, #[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon">
                <Icon of=icon/>
            </span>
            <h2>{title}</h2>
            <div>{children()}</div>
        </div>
    }
}

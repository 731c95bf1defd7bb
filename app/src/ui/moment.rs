//! Points in time.

use leptos::prelude::*;

use crate::kit::moment::Moment;

/// Relative, the absolute on hover: for lists.
#[component]
pub fn When(at: Moment) -> impl IntoView {
    view! { <time class="when" datetime=at.iso title=at.absolute>{at.relative}</time> }
}

/// Absolute, the relative on hover: for documents and details.
#[component]
pub fn Exactly(at: Moment) -> impl IntoView {
    view! { <time class="when" datetime=at.iso title=at.relative>{at.absolute}</time> }
}

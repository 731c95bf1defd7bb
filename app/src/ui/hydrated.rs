//! When clicks count.

use leptos::prelude::*;

use super::browser;

/// Marks `<body data-hydrated>` once the page is alive. Put it last into the application.
#[component]
pub fn Hydrated() -> impl IntoView {
    Effect::new(|_| browser::mark_hydrated());
}

//! One of a few, as links: 7 days, 30 days, 90 days, 12 months.

use leptos::prelude::*;

/// `Segment::new("30 days", "?range=30d", range == Range::Days30)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub label: String,
    pub href: String,
    pub current: bool,
}

impl Segment {
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current }
    }
}

/// The choices side by side.
#[component]
pub fn Segmented(#[prop(into)] label: String, #[prop(into)] segments: Signal<Vec<Segment>>) -> impl IntoView {
    let links = move || {
        let segments = segments.get().into_iter();
        let links = segments.map(|segment| {
            view! {
                <a href=segment.href data-noscroll="" aria-current=segment.current.then_some("true")>
                    {segment.label}
                </a>
            }
        });
        links.collect::<Vec<_>>()
    };
    view! { <nav class="segmented" aria-label=label>{links}</nav> }
}

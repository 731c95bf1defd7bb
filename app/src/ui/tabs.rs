//! Parts of one thing, each with its own URL.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// `Tab::new("Activity", "/tenants/cus_…/activity")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub count: Option<u64>,
}

impl Tab {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), count: None }
    }

    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// A row of links; the one whose path (and query, where it has one) is the page's is current.
#[component]
pub fn Tabs(#[prop(into)] label: String, tabs: Vec<Tab>) -> impl IntoView {
    let location = use_location();
    let links = tabs.into_iter().map(|tab| {
        let href = tab.href.clone();
        let current = move || {
            let (path, query) = tab.href.split_once('?').unwrap_or((tab.href.as_str(), ""));
            location.pathname.with(|at| at == path) && location.search.with(|at| query.is_empty() || at.contains(query))
        };
        view! {
            <a href=href data-noscroll="" aria-current=move || current().then_some("page")>
                {tab.label}
                {tab.count.map(|count| view! { <span class="badge count">{count.to_string()}</span> })}
            </a>
        }
    });
    let links = links.collect::<Vec<_>>();
    view! { <nav class="tabs" aria-label=label>{links}</nav> }
}

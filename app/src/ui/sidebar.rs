//! The console's navigation.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::browser;
use super::icon::{self, Glyph, Icon};
use crate::kit::money::group;

/// A page in the sidebar: `NavItem::new("Jobs", "/jobs", icon::TIMER).waiting(failed)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    pub label: String,
    pub href: String,
    pub icon: Glyph,
    pub waiting: Signal<u64>,
}

impl NavItem {
    pub fn new(label: impl Into<String>, href: impl Into<String>, icon: Glyph) -> Self {
        Self { label: label.into(), href: href.into(), icon, waiting: Signal::stored(0) }
    }

    /// How many things wait there for someone.
    pub fn waiting(mut self, waiting: Signal<u64>) -> Self {
        self.waiting = waiting;
        self
    }
}

/// Pages that belong together; the first group has no label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavGroup {
    pub label: String,
    pub items: Vec<NavItem>,
}

impl NavGroup {
    pub fn new(label: impl Into<String>, items: Vec<NavItem>) -> Self {
        Self { label: label.into(), items }
    }
}

/// Whether the page at `at` belongs to the entry `href`: itself or below it; the root only itself.
fn belongs(at: &str, href: &str) -> bool {
    at == href || (href != "/" && at.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

/// A column on a wide screen, icons where folded, a sheet on a phone. One element: `popover` makes the sheet.
#[component]
pub(crate) fn Sidebar(nav: Signal<Vec<NavGroup>>, organization: AnyView) -> impl IntoView {
    let groups = move || nav.get().into_iter().map(group_view).collect::<Vec<_>>();
    view! {
        <aside id="sidebar" class="sidebar" popover="auto" on:click=|event| browser::sidebar_click(&event)>
            <div class="sidebar-head">{organization}</div>
            <nav aria-label="Main">{groups}</nav>
            <button type="button" class="nav-item fold needs-script" on:click=|_| browser::fold_sidebar()>
                <Icon of=icon::PANEL_LEFT/>
                <span class="nav-label">"Fold sidebar"</span>
            </button>
        </aside>
    }
}

fn group_view(of: NavGroup) -> impl IntoView {
    let pathname = use_location().pathname;
    let items = of.items.into_iter().map(|item| {
        let (href, label) = (item.href.clone(), item.label.clone());
        let current = move || pathname.with(|at| belongs(at, &item.href)).then_some("page");
        view! {
            <li>
                <a class="nav-item" href=href aria-current=current data-tip=label>
                    <Icon of=item.icon/>
                    <span class="nav-label">{item.label}</span>
                    {move || count(item.waiting.get())}
                </a>
            </li>
        }
    });
    let items = items.collect::<Vec<_>>();
    let label = (!of.label.is_empty()).then(|| of.label.clone());
    view! {
        <div class="nav-group">
            {(!of.label.is_empty()).then(|| view! { <div class="nav-title" aria-hidden="true">{of.label}</div> })}
            <ul aria-label=label>{items}</ul>
        </div>
    }
}

fn count(waiting: u64) -> Option<AnyView> {
    let count = || {
        view! {
            <span class="nav-count">{group(&waiting.to_string())} <span class="visually-hidden">" waiting"</span></span>
        }
    };
    (waiting > 0).then(|| count().into_any())
}

#[cfg(test)]
mod tests {
    use super::belongs;

    #[test]
    fn a_detail_page_belongs_to_its_list() {
        assert!(belongs("/tenants/cus_1", "/tenants") && belongs("/tenants", "/tenants") && belongs("/", "/"));
        assert!(!belongs("/tenants", "/") && !belongs("/tenants-x", "/tenants"));
    }
}

//! The head of a page.

use leptos::prelude::*;
use leptos_meta::Title;

use super::badge::CountBadge;
use super::icon::{self, Icon};

/// A step of the way to a page: `Crumb::new("Tenants", "/tenants")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// Title, count, the way here and the page's actions. It names the document, too.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional)] count: Option<u64>,
    #[prop(optional)] crumbs: Vec<Crumb>,
    #[prop(optional, into)] subtitle: String,
    #[prop(optional)] badge: Option<AnyView>,
    #[prop(optional)] actions: Option<AnyView>,
) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <div class="page-head">
            <div class="page-title">
                {trail(crumbs)}
                <div class="page-name">
                    <h1>{title}</h1>
                    {count.map(|count| view! { <CountBadge count/> })}
                    {badge}
                </div>
                {(!subtitle.is_empty()).then(|| view! { <p class="page-subtitle">{subtitle}</p> })}
            </div>
            {actions.map(|actions| view! { <div class="page-actions">{actions}</div> })}
        </div>
    }
}

fn trail(crumbs: Vec<Crumb>) -> impl IntoView {
    let steps = crumbs.into_iter().map(|crumb| {
        view! {
            <li>
                <a href=crumb.href>{crumb.label}</a>
                <Icon of=icon::CHEVRON_RIGHT/>
            </li>
        }
    });
    let steps = steps.collect::<Vec<_>>();
    (!steps.is_empty()).then(|| {
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>{steps}</ol>
            </nav>
        }
    })
}

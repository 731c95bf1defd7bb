//! The bar above a list: search, filters, views, columns, export.

use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::column::{ColumnChoice, toggled, visible};
use super::filter_menu::{Filter, chip, kept};
use super::form::GetForm;
use super::icon::{self, Icon};
use super::menu::{Look, Menu, MenuCheck};
use super::{browser, path_now, views};
use crate::kit::paging::ListQuery;

/// Put it above (not into) the `Loaded` of the rows. `search` is the box's hint and empty for a list without search;
/// `columns` comes from `Listing::choices`; `export` is the path that answers with the file. The saved views come from the
/// frame.
#[component]
pub fn FilterBar(
    #[prop(into)] query: Signal<ListQuery>,
    #[prop(optional, into)] search: String,
    #[prop(optional, into)] filters: Signal<Vec<Filter>>,
    #[prop(optional)] columns: Vec<ColumnChoice>,
    #[prop(optional, into)] export: String,
) -> impl IntoView {
    let chips = move || filters.get().into_iter().map(|filter| chip(filter, query)).collect::<Vec<_>>();
    view! {
        <div class="filters" role="search" aria-label="Filters">
            {(!search.is_empty()).then(|| search_box(search, query))}
            {chips}
            <div class="filters-end">
                {views::slot(query)}
                {(!columns.is_empty()).then(|| columns_menu(columns, query))}
                {(!export.is_empty()).then(|| export_link(export, query))}
            </div>
        </div>
    }
}

fn search_box(hint: String, query: Signal<ListQuery>) -> AnyView {
    let node = NodeRef::<html::Input>::new();
    let (navigate, path) = (use_navigate(), path_now());
    let settle = browser::settled(move || {
        let q = browser::value_of(node).trim().to_owned();
        let next = query.with_untracked(|query| ListQuery { q, ..query.from_start() });
        if query.with_untracked(|query| query.q != next.q) {
            navigate(&(path.clone() + &next.to_url_query()), NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    });
    Effect::new(move |_| browser::set_value_unless_focused(node, &query.read().q));
    view! {
        <GetForm label="Search" class="search-box">
            <Icon of=icon::SEARCH/>
            <input
                type="search"
                name="q"
                value=query.get_untracked().q
                placeholder=hint.clone()
                aria-label=hint
                autocomplete="off"
                data-search=""
                node_ref=node
                on:input=move |_| settle()
            />
            {kept(query, "q")}
        </GetForm>
    }
    .into_any()
}

fn columns_menu(columns: Vec<ColumnChoice>, query: Signal<ListQuery>) -> AnyView {
    let path = path_now();
    let items = columns.clone().into_iter().enumerate().skip(1).map(|(i, column)| {
        let (all, path, key) = (columns.clone(), path.clone(), column.key);
        let href = Signal::derive(move || path.clone() + &query.with(|query| toggled(&all, key, query)).to_url_query());
        let checked = Signal::derive(move || query.with(|query| visible(i, key, column.optional, query)));
        view! {
            <MenuCheck href checked>
                {column.label}
            </MenuCheck>
        }
    });
    let items = items.collect::<Vec<_>>();
    view! {
        <Menu label="Columns" icon=icon::COLUMNS_3 look=Look::Chip>
            {items}
        </Menu>
    }
    .into_any()
}

/// A link to exactly what is filtered.
fn export_link(path: String, query: Signal<ListQuery>) -> AnyView {
    let href = move || path.clone() + &query.with(|query| query.from_start().to_url_query());
    view! {
        <a class="button chip" href=href download="">
            <Icon of=icon::DOWNLOAD/>
            "Export"
        </a>
    }
    .into_any()
}

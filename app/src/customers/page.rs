//! `/customers`: figures and the list. On the platform its title is Tenants.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{list_customers, read_customer_filters, read_customer_stats};
use super::model::{CustomerFilters, CustomerStats, CustomerStatus};
use super::table::listing;
use crate::kit::case;
use crate::kit::paging::ListQuery;
use crate::kit::permission::Permission;
use crate::kit::viewer::Viewer;
use crate::shell::use_viewer;
use crate::ui::{
    Bone, BulkBar, DataTable, Definition, Empty, Filter, FilterBar, Kind, Kpi, KpiCard, LinkButton, Loaded, PageHeader, Resource, icon,
    use_list_query, use_live, use_selection,
};

/// The page's data.
pub struct CustomersPage;

#[lazy_route]
impl LazyRoute for CustomersPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_customers);
        let stats = Resource::new(|| (), |()| read_customer_stats());
        let filters = Resource::new(|| (), |()| read_customer_filters());
        let viewer = use_viewer();
        use_live(&["customer", "subscription", "import", "day"], move |_| {
            page.refetch();
            stats.refetch();
        });
        let (title, revenue) = (viewer.customers_title(), viewer.can(Permission::ReadRevenue));
        let viewer = StoredValue::new(viewer);
        let picked = use_selection();
        view! {
            <PageHeader title actions=actions(&viewer.get_value())/>
            <Loaded of=stats skeleton=Bone::Kpis(if revenue { 5 } else { 4 }) let:stats>
                <div class="kpis">{cards(stats)}</div>
            </Loaded>
            <Loaded of=filters skeleton=Bone::Lines(1) let:filters>
                <FilterBar
                    query
                    search="Name, e-mail, external id"
                    columns=listing(title, revenue).choices()
                    export="/customers/export.csv"
                    filters=chips(filters)
                />
            </Loaded>
            <Loaded of=page skeleton=Bone::Table(10) let:page>
                <DataTable of=listing(title, revenue) page query=query.get_untracked() selection=picked>
                    {nothing(&viewer.get_value(), &query.get_untracked())}
                </DataTable>
            </Loaded>
            <BulkBar of=picked>
                <LinkButton href=picked.link("/customers/export.csv") icon=icon::DOWNLOAD download=true>"Export"</LinkButton>
            </BulkBar>
        }
        .into_any()
    }
}

fn actions(viewer: &Viewer) -> AnyView {
    let label = format!("New {}", viewer.customer_noun());
    let may = viewer.can(Permission::WriteCustomers);
    may.then(|| view! { <LinkButton href="/customers/new" kind=Kind::Primary icon=icon::PLUS>{label}</LinkButton> }).into_any()
}

fn cards(of: CustomerStats) -> AnyView {
    let count = |n: u64| crate::kit::money::group(&n.to_string());
    let mut cards = vec![
        Kpi::new("Total", count(of.total)).note("of every status"),
        Kpi::new("Paying", count(of.paying)).definition(
            Definition::new("Customers with MRR above nothing today.", "count (MRR > 0)").link("Show them", "/customers?status=paying"),
        ),
        Kpi::new("On trial", count(of.on_trial)).definition(
            Definition::new("Customers who never paid and are set to.", "count (first paying day > today)")
                .link("Show them", "/customers?status=trial"),
        ),
        Kpi::new("Churned in 30 days", count(of.churned)).definition(
            Definition::new("Customers whose MRR went to nothing in the last 30 days, today included.", "count (churn movements)")
                .link("Show former ones", "/customers?status=former"),
        ),
    ];
    let text = "Monthly recurring revenue today: what all subscriptions in service come to in a month.";
    let definition = || Definition::new(text, "Σ over customers").link("Show revenue", "/revenue");
    cards.extend(of.mrr.map(|mrr| Kpi::new("MRR", mrr.to_short()).definition(definition())));
    cards.into_iter().map(|of| view! { <KpiCard of/> }).collect_view().into_any()
}

fn chips(of: CustomerFilters) -> Vec<Filter> {
    let mut chips = vec![Filter::choice("status", "Status", CustomerStatus::ALL.iter().map(|s| (s.word(), s.label())))];
    if !of.plans.is_empty() {
        chips.push(Filter::choice("plan", "Plan", of.plans));
    }
    if !of.countries.is_empty() {
        chips.push(Filter::choice("country", "Country", of.countries.into_iter().map(|c| (c.clone(), c))));
    }
    chips
}

fn nothing(viewer: &Viewer, query: &ListQuery) -> AnyView {
    let title = case::lower(viewer.customers_title());
    if query.q.is_empty() && query.filters.is_empty() {
        let new = actions(viewer);
        let import = viewer.can(Permission::WriteImports);
        let import = import.then(|| view! { <LinkButton href="/imports/new">"Import subscriptions"</LinkButton> });
        view! {
            <Empty icon=icon::USERS title=format!("No {title} yet")>
                <p>"Add the first one, or import a book of subscriptions."</p>
                {new}
                {import}
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon=icon::SEARCH title=format!("No {title} match")>
                <p>"Search by the beginnings of words, or take a filter away."</p>
                <LinkButton href="/customers">"Clear all filters"</LinkButton>
            </Empty>
        }
        .into_any()
    }
}

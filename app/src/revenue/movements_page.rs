//! `/revenue/movements`: the customers behind a figure.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::moved_customers;
use super::model::MovedCustomer;
use super::widgets::{RevenueTabs, tone};
use crate::kit::period::short_day;
use crate::movements::MovementKind;
use crate::ui::{
    Amount, Badge, Bone, Column, Crumb, DataTable, Empty, Filter, FilterBar, Identity, Listing, Loaded, PageHeader, Resource, Row, icon,
    use_list_query, use_live,
};

/// See the module.
pub struct RevenueMovementsPage;

#[lazy_route]
impl LazyRoute for RevenueMovementsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let moved = Resource::new(move || query.get(), moved_customers);
        use_live(&["subscription", "import", "revenue"], move |_| moved.refetch());
        let filters = vec![
            Filter::choice("kind", "Movement", MovementKind::ALL.iter().map(|kind| (kind.word(), kind.label()))),
            Filter::days("day", "Days"),
        ];
        view! {
            <PageHeader title="Movements" crumbs=vec![Crumb::new("Revenue", "/revenue")] subtitle="The customers behind a figure"/>
            <RevenueTabs/>
            <FilterBar query search="Name" filters columns=listing().choices() export="/revenue/movements.csv"/>
            <Loaded of=moved skeleton=Bone::Table(10) let:moved>
                <p class="muted">{moved.period}</p>
                <DataTable of=listing() page=moved.page query=query.get_untracked()>
                    <Empty icon=icon::CHART_COLUMN title="Nothing moved">
                        <p>"No customer\u{2019}s MRR moved so in these days. Choose another month or another movement."</p>
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

fn listing() -> Listing<MovedCustomer> {
    Listing::new("Movements", |c: &MovedCustomer| Row::new(&c.id, &c.name).href(format!("/customers/{}", c.id)))
        .column(Column::new("customer", "Customer", |c: &MovedCustomer| view! { <Identity name=c.name.clone() detail=""/> }).sortable())
        .column(Column::new("kind", "Movement", kind))
        .column(Column::new("amount", "Moved", |c: &MovedCustomer| view! { <Amount of=c.amount signed=true/> }).numeric().sortable())
        .column(Column::new("before", "MRR before", |c: &MovedCustomer| view! { <Amount of=c.before/> }).numeric())
        .column(Column::new("after", "MRR after", |c: &MovedCustomer| view! { <Amount of=c.after/> }).numeric())
        .column(Column::new("day", "Day", |c: &MovedCustomer| short_day(c.day)).sortable())
        .column(Column::new("reason", "Reason", |c: &MovedCustomer| c.reason.clone().unwrap_or_default()))
}

fn kind(of: &MovedCustomer) -> AnyView {
    match of.kind {
        Some(kind) => view! { <Badge tone=tone(kind) text=kind.label()/> }.into_any(),
        None => view! { <Badge text="Several"/> }.into_any(),
    }
}

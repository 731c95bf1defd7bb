//! `/plans`: what is on offer.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::list_plans;
use super::model::Plan;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Badge, Bone, Column, DataTable, Empty, Filter, FilterBar, Kind, LinkButton, Listing, Loaded, PageHeader, Row, Tone, icon,
    use_list_query, use_live,
};

/// The page's data.
pub struct PlansPage;

#[lazy_route]
impl LazyRoute for PlansPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_list_query();
        let page = Resource::new(move || query.get(), list_plans);
        use_live(&["plan", "subscription", "import", "day"], move |_| page.refetch());
        let may = use_viewer().can(Permission::WritePlans);
        let new = move || may.then(|| view! { <LinkButton href="/plans/new" kind=Kind::Primary icon=icon::PLUS>"New plan"</LinkButton> });
        let states = vec![Filter::choice("state", "State", [("active", "On offer"), ("archived", "Archived")])];
        view! {
            <PageHeader title="Plans" actions=new().into_any()/>
            <FilterBar query search="Name" columns=listing().choices() filters=states/>
            <Loaded of=page skeleton=Bone::Table(6) let:page>
                <DataTable of=listing() page query=query.get_untracked()>
                    <Empty icon=icon::TAGS title="No plans here">
                        <p>"A plan is a name, an interval and a price."</p>
                        {new()}
                    </Empty>
                </DataTable>
            </Loaded>
        }
        .into_any()
    }
}

fn listing() -> Listing<Plan> {
    Listing::new("Plans", |p: &Plan| Row::new(p.id, &p.name).href(format!("/plans/{}", p.id)))
        .column(Column::new("name", "Name", |p: &Plan| p.name.clone()).sortable())
        .column(Column::new("price", "Price", |p: &Plan| view! { <Amount of=p.price/> }).numeric())
        .column(Column::new("interval", "Every", |p: &Plan| p.interval.label()))
        .column(Column::new("customers", "Paying customers", |p: &Plan| crate::kit::money::group(&p.customers.to_string())).numeric())
        .column(Column::new("mrr", "MRR", |p: &Plan| view! { <Amount of=p.mrr/> }).numeric())
        .column(Column::new("state", "State", |p: &Plan| view! { <PlanBadge archived=p.archived/> }))
        .column(Column::new("trial", "Trial days", |p: &Plan| p.trial_days.to_string()).numeric().optional())
        .column(Column::new("version", "Version", |p: &Plan| p.version_number.to_string()).numeric().optional())
}

/// Whether new subscriptions may take it.
#[component]
pub fn PlanBadge(archived: bool) -> impl IntoView {
    let (tone, text) = if archived { (Tone::Neutral, "Archived") } else { (Tone::Good, "On offer") };
    view! { <Badge tone text/> }
}

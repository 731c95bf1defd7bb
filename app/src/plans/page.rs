//! `/plans`: what is on offer.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ArchivePlans, list_plans};
use super::model::Plan;
use crate::kit::Result;
use crate::kit::paging::Page;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Ask, Badge, Bone, BulkBar, Column, DataTable, Empty, Filter, FilterBar, Form, FormDialog, HiddenField, Kind, LinkButton,
    Listing, Loaded, PageHeader, Resource, Row, Selection, ServerAction, SubmitButton, Tone, icon, use_list_query, use_live, use_selection,
    use_toasts,
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
        let viewer = use_viewer();
        let (may, revenue) = (viewer.can(Permission::WritePlans), viewer.can(Permission::ReadRevenue));
        let new = move || may.then(|| view! { <LinkButton href="/plans/new" kind=Kind::Primary icon=icon::PLUS>"New plan"</LinkButton> });
        let states = vec![Filter::choice("state", "State", [("active", "On offer"), ("archived", "Archived")])];
        let picked = use_selection();
        view! {
            <PageHeader title="Plans" actions=new().into_any()/>
            <FilterBar query search="Name" columns=listing(revenue).choices() filters=states export="/plans/export.csv"/>
            <Loaded of=page skeleton=Bone::Table(6) let:page>
                <DataTable of=listing(revenue) page query=query.get_untracked() selection=picked>
                    <Empty icon=icon::TAGS title="No plans here">
                        <p>"A plan is a name, an interval and a price."</p>
                        {new()}
                    </Empty>
                </DataTable>
            </Loaded>
            <BulkBar of=picked>
                <LinkButton href=picked.link("/plans/export.csv") icon=icon::DOWNLOAD download=true>"Export"</LinkButton>
                {may.then(|| offer(picked, page))}
            </BulkBar>
        }
        .into_any()
    }
}

/// The picked plans off the offer, and back on it.
fn offer(picked: Selection, page: Resource<Result<Page<Plan>>>) -> AnyView {
    let toasts = use_toasts();
    let done = move |said: &'static str| {
        move |moved: u64| {
            toasts.say(crate::kit::readable::count(moved, "plan") + said);
            picked.clear();
            page.refetch();
        }
    };
    let ask = Ask::new("Archive plans", "Archive the picked plans", "Archive plans").icon(icon::ARCHIVE).button(Kind::Secondary);
    let action = ServerAction::<ArchivePlans>::new();
    view! {
        <FormDialog of=ask action on_ok=done(" archived")>
            <HiddenField name="ids" value=picked.joined()/>
            <HiddenField name="archived" value="true".to_owned()/>
            <p>"Nobody can start on them any more. Who is on them stays, and they can be put back on offer."</p>
        </FormDialog>
        <Form action={ServerAction::<ArchivePlans>::new()} class="inline" on_ok=done(" on offer again")>
            <HiddenField name="ids" value=picked.joined()/>
            <HiddenField name="archived" value="false".to_owned()/>
            <SubmitButton kind=Kind::Secondary icon=icon::UNDO_2>"Put back on offer"</SubmitButton>
        </Form>
    }
    .into_any()
}

/// `revenue`: with what they bring in.
fn listing(revenue: bool) -> Listing<Plan> {
    Listing::new("Plans", |p: &Plan| Row::new(p.id, &p.name).href(format!("/plans/{}", p.id)))
        .column(Column::new("name", "Name", |p: &Plan| p.name.clone()).sortable())
        .column(Column::new("price", "Price", |p: &Plan| view! { <Amount of=p.price/> }).numeric())
        .column(Column::new("interval", "Every", |p: &Plan| p.interval.label()))
        .column(Column::new("customers", "Paying customers", |p: &Plan| crate::kit::money::group(&p.customers.to_string())).numeric())
        .column_if(revenue, Column::new("mrr", "MRR", |p: &Plan| p.mrr.map(|of| view! { <Amount of/> })).numeric())
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

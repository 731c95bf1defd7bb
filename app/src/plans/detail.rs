//! `/plans/ID`: figures, prices it had, and what can be done with it.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ArchivePlan, ChangePlanPrice, get_plan};
use super::charged;
use super::model::{Plan, PlanDetail, PlanId, PlanVersion};
use super::page::PlanBadge;
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Ask, Bone, Card, CheckboxField, Crumb, DateField, Exactly, Form, FormDialog, Head, HiddenField, Kind, Kpi, KpiCard, LinkButton,
    Loaded, MoneyField, PageHeader, Resource, ServerAction, SimpleTable, SubmitButton, icon, use_live, use_param, use_toasts,
};

/// The page's data and its verbs.
pub struct PlanPage;

#[lazy_route]
impl LazyRoute for PlanPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let plan = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: PlanId = id.parse().map_err(|_| Error::NotFound)?;
                get_plan(id).await
            },
        );
        use_live(&["plan", "subscription", "job.finished"], move |_| plan.refetch());
        view! {
            <Loaded of=plan skeleton=Bone::Detail whole=true let:detail>
                {body(detail, plan)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(detail: PlanDetail, resource: Resource<Result<PlanDetail>>) -> AnyView {
    let PlanDetail { plan, versions, charges, meters } = detail;
    let charges = charged::card(&plan, charges, meters, resource);
    let mut cards = vec![
        Kpi::new("Price", plan.price.to_string()).note(format!("per {}", plan.interval.label())),
        Kpi::new("Paying customers", crate::kit::money::group(&plan.customers.to_string())),
    ];
    cards.extend(plan.mrr.map(|mrr| Kpi::new("MRR", mrr.to_string())));
    cards.push(Kpi::new("Trial", format!("{} days", plan.trial_days)));
    let cards = cards.into_iter().map(|of| view! { <KpiCard of/> }).collect_view();
    let subscriptions = format!("/subscriptions?plan={}", plan.id);
    view! {
        <PageHeader
            title=plan.name.clone()
            subtitle=plan.price_label()
            crumbs=vec![Crumb::new("Plans", "/plans")]
            badge=view! { <PlanBadge archived=plan.archived/> }.into_any()
            actions=actions(&plan, resource)
        />
        <div class="stack">
            <div class="kpis">{cards}</div>
            {charges}
            <Card
                title="Prices"
                subtitle="A new price is a new version; existing subscriptions stay on theirs unless moved"
                actions=view! { <LinkButton href=subscriptions>"Show subscriptions"</LinkButton> }.into_any()
                flush=true
            >
                {prices(versions)}
            </Card>
        </div>
    }
    .into_any()
}

fn prices(versions: Vec<PlanVersion>) -> AnyView {
    let row = |version: PlanVersion| {
        vec![
            format!("Version {}", version.number).into_any(),
            view! { <Amount of=version.price/> }.into_any(),
            view! { <Exactly at=version.created/> }.into_any(),
        ]
    };
    let rows = versions.into_iter().map(row).collect();
    view! { <SimpleTable caption="Prices of this plan" heads=vec![Head::text("Version"), Head::number("Price"), Head::text("Since")] rows/> }
        .into_any()
}

fn actions(plan: &Plan, resource: Resource<Result<PlanDetail>>) -> AnyView {
    if !use_viewer().can(Permission::WritePlans) {
        return ().into_any();
    }
    view! {
        {archive(plan, resource)}
        {change_price(plan, resource)}
    }
    .into_any()
}

/// A form of one button, so that it works without JavaScript.
fn archive(plan: &Plan, resource: Resource<Result<PlanDetail>>) -> AnyView {
    let action = ServerAction::<ArchivePlan>::new();
    let toasts = use_toasts();
    let (label, said, icon) = match plan.archived {
        true => ("Put back on offer", "Plan is on offer again", icon::UNDO_2),
        false => ("Archive plan", "Plan archived", icon::ARCHIVE),
    };
    let done = move |(): ()| {
        toasts.say(said);
        resource.refetch();
    };
    let (id, archived) = (plan.id.to_string(), !plan.archived);
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <HiddenField name="archived" value=archived.to_string()/>
            <SubmitButton kind=Kind::Secondary icon>{label}</SubmitButton>
        </Form>
    }
    .into_any()
}

fn change_price(plan: &Plan, resource: Resource<Result<PlanDetail>>) -> AnyView {
    let action = ServerAction::<ChangePlanPrice>::new();
    let done = move |(): ()| resource.refetch();
    let (id, price) = (plan.id.to_string(), plan.price);
    let ask = Ask::new("Change price", "Change price", "Save price").button(Kind::Primary).icon(icon::PENCIL).said("New price saved");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <MoneyField name="price" label="Price" currency=price.currency() value=price required=true/>
            <CheckboxField
                name="move_existing"
                label="Move existing subscriptions"
                hint="Those at this plan's own prices; an own price of a subscription stays."
            />
            <DateField name="move_from" label="Move from" hint="Today or later; only where subscriptions move."/>
        </FormDialog>
    }
    .into_any()
}

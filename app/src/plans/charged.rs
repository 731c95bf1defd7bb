//! On a plan's page: what it charges beside its price, and the forms to change that.

use leptos::prelude::*;

use super::api::{AddPlanCharge, RemovePlanCharge};
use super::charges::{Charge, ChargeType};
use super::model::{Plan, PlanDetail};
use super::tiers::PriceModel;
use crate::kit::Result;
use crate::kit::permission::Permission;
use crate::meters::model::MeterChoice;
use crate::shell::use_viewer;
use crate::ui::{
    Ask, Card, CheckboxField, DateField, FormDialog, Head, HiddenField, Input, Kind, MoneyField, Resource, SelectField, ServerAction,
    SimpleTable, TextArea, TextField, icon,
};

type Found = Resource<Result<PlanDetail>>;

/// The card of a plan's charges.
pub fn card(plan: &Plan, charges: Vec<Charge>, meters: Vec<MeterChoice>, resource: Found) -> AnyView {
    let may = use_viewer().can(Permission::WritePlans);
    let add = may.then(|| add(plan, meters, resource)).into_any();
    let body = if charges.is_empty() {
        view! { <p class="muted pad">"Nothing beside the price. Add a set-up fee, a minimum, prices by quantity, or metered usage."</p> }
            .into_any()
    } else {
        table(plan, charges, may, resource)
    };
    view! {
        <Card title="Charges" subtitle="What the present version charges beside its price" actions=add flush=true>
            {body}
        </Card>
    }
    .into_any()
}

fn table(plan: &Plan, charges: Vec<Charge>, may: bool, resource: Found) -> AnyView {
    let currency = plan.price.currency();
    let heads = vec![Head::text("Charge"), Head::text("What"), Head::text("Price"), Head::text("Meter"), Head::text("")];
    let row = |charge: Charge| {
        let price = charge.price_label(currency);
        let verbs = may.then(|| view! { <div class="row-actions">{remove(&charge, resource)}</div> });
        vec![
            charge.name.clone().into_any(),
            charge.kind.label().into_any(),
            price.into_any(),
            charge.meter.clone().unwrap_or_else(|| "\u{2013}".into()).into_any(),
            verbs.into_any(),
        ]
    };
    let rows = charges.into_iter().map(row).collect();
    view! { <SimpleTable caption="Charges of this plan" heads rows/> }.into_any()
}

fn remove(of: &Charge, resource: Found) -> AnyView {
    let action = ServerAction::<RemovePlanCharge>::new();
    let done = move |(): ()| resource.refetch();
    let (id, text) = (of.id.to_string(), format!("{} is not charged to new subscriptions any more.", of.name));
    let ask = Ask::new("Remove", "Remove charge?", "Remove charge")
        .button(Kind::Ghost)
        .icon(icon::TRASH)
        .cancel("Keep it")
        .danger()
        .said("Charge removed");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{text}</p>
            <HiddenField name="charge" value=id/>
            {move_fields()}
        </FormDialog>
    }
    .into_any()
}

/// Whether existing subscriptions follow.
fn move_fields() -> AnyView {
    view! {
        <CheckboxField
            name="move_existing"
            label="Move existing subscriptions"
            hint="Unless moved, they stay at the version they are on."
        />
        <DateField name="move_from" label="Move from" hint="Today or later; only where subscriptions move."/>
    }
    .into_any()
}

fn add(plan: &Plan, meters: Vec<MeterChoice>, resource: Found) -> AnyView {
    let action = ServerAction::<AddPlanCharge>::new();
    let done = move |(): ()| resource.refetch();
    let (id, currency) = (plan.id.to_string(), plan.price.currency());
    let kinds = ChargeType::ALL.iter().map(|k| (k.word().to_owned(), k.label().to_owned())).collect::<Vec<_>>();
    let models = PriceModel::ALL.iter().map(|m| (m.word().to_owned(), m.label().to_owned())).collect::<Vec<_>>();
    let none = std::iter::once((String::new(), "None".to_owned()));
    let meters: Vec<(String, String)> = none.chain(meters.into_iter().map(|m| (m.key, m.label))).collect();
    let ask = Ask::new("Add charge", "Add charge", "Add charge").icon(icon::PLUS).wide().said("Charge added");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <SelectField name="kind" label="What" options=kinds value="usage" hint="Usage is charged when a period ends, by quantity when it begins."/>
            <TextField name="name" label="Name" required=true hint="As invoices print it."/>
            <SelectField name="meter" label="Meter" options=meters hint="Of a charge for usage."/>
            <SelectField name="model" label="Price" options=models value="per_unit" hint="A set-up fee and a minimum are flat."/>
            <MoneyField name="amount" label="Amount" currency hint="Of one unit, of one package, or as it is."/>
            <TextField name="package_size" label="Units in a package" input=Input::Number/>
            <TextField name="included" label="Included" input=Input::Number hint="Units free in each period."/>
            <TextArea
                name="tiers"
                label="Tiers"
                rows=3
                hint="Of a graduated or volume price, a line for each: the last unit (or * in the last line), the price of a unit, and maybe an amount once. Such as: 100 0.05"
            />
            {move_fields()}
        </FormDialog>
    }
    .into_any()
}

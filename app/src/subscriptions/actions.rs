//! The verbs of a subscription's page: change, pause, cancel, reactivate, the trial's end; each in a dialog, with its preview.

use leptos::prelude::*;

use super::api::{CancelSubscription, ChangeSubscription, ChangeTrial, PreviewChange, ReactivateSubscription, plans_to_move_to};
use super::effect::{EffectView, wrong};
use super::model::{ChangeForm, Subscription, SubscriptionDetail, SubscriptionId, SubscriptionStatus};
use super::pausing;
use crate::kit::Result;
use crate::kit::period::long_day;
use crate::kit::permission::Permission;
use crate::plans::model::PlanChoice;
use crate::shell::use_viewer;
use crate::ui::{
    Ask, Bone, CancelButton, Choice, DateField, Dialog, DialogActions, DialogButton, Form, FormDialog, FormValues, HiddenField, Input,
    Kind, Loaded, RadioField, Resource, SelectField, ServerAction, SubmitButton, TextField, icon, use_dialog, use_toasts,
};

type Found = Resource<Result<SubscriptionDetail>>;

/// What can be done with it now.
pub fn actions(of: &SubscriptionDetail, resource: Found) -> AnyView {
    if !use_viewer().can(Permission::WriteSubscriptions) {
        return ().into_any();
    }
    let subscription = &of.subscription;
    let ended = subscription.status == SubscriptionStatus::Ended;
    let trial = (subscription.trial_ends_on.is_some_and(|day| day > of.today) && !ended).then(|| trial(subscription, resource));
    let pause = (!ended).then(|| pausing::verb(of, resource));
    // What is paused with no day to come back has no day that a change could count from.
    let held = of.pause.is_some_and(|pause| pause.covers(of.today) && pause.until.is_none());
    let change = (!ended && !held).then(|| change(of, resource));
    if subscription.ended_on.is_some() {
        return view! { {trial} {pause} {change} {reactivate(subscription, resource)} }.into_any();
    }
    view! { {trial} {cancel(of, resource)} {pause} {change} }.into_any()
}

fn change(of: &SubscriptionDetail, resource: Found) -> AnyView {
    let dialog = use_dialog();
    let toasts = use_toasts();
    let subscription = of.subscription.clone();
    let phase = of.phases.first();
    let quantity = phase.map_or_else(|| "1".to_owned(), |phase| phase.quantity.to_string());
    let period_end = of.period_ends_on.map(long_day).unwrap_or_default();
    let plans = Resource::new(
        move || (dialog.is_open().get(), subscription.plan_id),
        |(open, plan)| async move { if open { plans_to_move_to(plan).await } else { Ok(Vec::new()) } },
    );
    let done = move || {
        dialog.close();
        toasts.say("Subscription changed");
        resource.refetch();
    };
    let id = of.subscription.id;
    let current = (of.subscription.plan_id.to_string(), of.subscription.plan_name.clone());
    view! {
        <DialogButton of=dialog kind=Kind::Primary icon=icon::PENCIL>"Change"</DialogButton>
        <Dialog of=dialog title="Change subscription" wide=true>
            <Loaded of=plans skeleton=Bone::Lines(4) let:plans>
                {change_form(id, options(&current, plans), (current.0.clone(), quantity.clone(), period_end.clone()), Callback::new(move |()| done()))}
            </Loaded>
        </Dialog>
    }
    .into_any()
}

/// The plans to choose from; before they are there, and without JavaScript, the present one.
fn options(current: &(String, String), plans: Vec<PlanChoice>) -> Vec<(String, String)> {
    if plans.is_empty() { vec![current.clone()] } else { plans.into_iter().map(|plan| (plan.id.to_string(), plan.label)).collect() }
}

fn change_form(id: SubscriptionId, plans: Vec<(String, String)>, present: (String, String, String), done: Callback<()>) -> AnyView {
    let (plan, quantity, period_end) = present;
    let action = ServerAction::<ChangeSubscription>::new();
    let preview = ServerAction::<PreviewChange>::new();
    let on_change = move |values: FormValues| {
        preview.ask(PreviewChange { id, form: typed(&values) });
    };
    let effect = Signal::derive(move || preview.value().get());
    let times = vec![
        Choice::new("natural", "As the price says", "Now where it costs more by the day, when the period ends where less."),
        Choice::new("now", "Today", "A change of the same day is replaced."),
        Choice::new("period_end", "When the billing period ends", period_end),
        Choice::new("date", "On a day", ""),
    ];
    view! {
        <Form action on_change meanwhile=wrong(effect) on_ok=move |(): ()| done.run(())>
            <div class="halves">
                <div class="form">
                    <HiddenField name="id" value=id.to_string()/>
                    <SelectField name="plan_id" label="Plan" options=plans value=plan/>
                    <TextField name="quantity" label="Quantity" value=quantity input=Input::Number/>
                    <TextField name="price" label="Own price" hint="Of one unit, in the plan's currency. Blank: as it is, or the new plan's price."/>
                    <RadioField name="at" label="When" choices=times value="natural"/>
                    <DateField name="on" label="Day" hint="Where it is to be on a day."/>
                </div>
                <EffectView effect/>
            </div>
            <DialogActions>
                <CancelButton/>
                <SubmitButton>"Change subscription"</SubmitButton>
            </DialogActions>
        </Form>
    }
    .into_any()
}

fn typed(values: &FormValues) -> ChangeForm {
    let value = |key: &str| values.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone()).unwrap_or_default();
    ChangeForm { plan_id: value("plan_id"), quantity: value("quantity"), price: value("price"), at: value("at"), on: value("on") }
}

fn cancel(of: &SubscriptionDetail, resource: Found) -> AnyView {
    let action = ServerAction::<CancelSubscription>::new();
    let done = move |(): ()| resource.refetch();
    let period_end = of.period_ends_on.map(long_day).unwrap_or_default();
    let times = vec![
        Choice::new("period_end", "When the billing period ends", period_end),
        Choice::new("now", "Now", "Today is the first day without service."),
        Choice::new("date", "On a day", "The first day without service."),
    ];
    let id = of.subscription.id.to_string();
    let loses = format!("{} loses {} a month when service ends.", of.subscription.customer_name, of.subscription.monthly);
    let ask = Ask::new("Cancel subscription", "Cancel subscription?", "Cancel subscription")
        .icon(icon::BAN)
        .cancel("Keep it")
        .danger()
        .said("Subscription cancelled");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{loses}</p>
            <HiddenField name="id" value=id/>
            <RadioField name="at" label="When" choices=times value="period_end"/>
            <DateField name="on" label="Day" hint="Where it is to be on a day."/>
            <TextField name="reason" label="Reason" hint="Kept with the churn it causes."/>
        </FormDialog>
    }
    .into_any()
}

fn reactivate(of: &Subscription, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<ReactivateSubscription>::new();
    let done = move |(): ()| {
        toasts.say("Subscription is back");
        resource.refetch();
    };
    let id = of.id.to_string();
    let label = if of.status == SubscriptionStatus::Ended { "Reactivate today" } else { "Take cancellation back" };
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton icon=icon::UNDO_2>{label}</SubmitButton>
        </Form>
    }
    .into_any()
}

fn trial(of: &Subscription, resource: Found) -> AnyView {
    let action = ServerAction::<ChangeTrial>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.id.to_string();
    let day = of.trial_ends_on.map(|day| day.to_string()).unwrap_or_default();
    let ask = Ask::new("Change trial", "Change trial", "Save trial").icon(icon::HOURGLASS).said("Trial changed");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <DateField name="ends_on" label="Trial ends on" value=day required=true hint="The first day paid for. Today ends the trial now."/>
        </FormDialog>
    }
    .into_any()
}

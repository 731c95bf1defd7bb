//! Pause and resume on a subscription's page, each with what it does to MRR.

use leptos::prelude::*;

use super::api::{PauseSubscription, PreviewVerb, Previewed, ResumeSubscription};
use super::effect::EffectView;
use super::model::{Pause, PauseForm, SubscriptionDetail, SubscriptionId, Verb};
use crate::kit::Result;
use crate::kit::period::long_day;
use crate::ui::{
    CancelButton, Choice, DateField, Dialog, DialogActions, DialogButton, Form, FormValues, HiddenField, RadioField, Resource,
    ServerAction, SubmitButton, icon, use_dialog, use_toasts,
};

type Found = Resource<Result<SubscriptionDetail>>;

/// The verb that fits: to pause, or to come back.
pub fn verb(of: &SubscriptionDetail, resource: Found) -> AnyView {
    match of.pause {
        Some(pause) => resume(of, pause, resource),
        None => pause(of, resource),
    }
}

fn pause(of: &SubscriptionDetail, resource: Found) -> AnyView {
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let action = ServerAction::<PauseSubscription>::new();
    let done = move |(): ()| {
        dialog.close();
        toasts.say("Subscription paused");
        resource.refetch();
    };
    let id = of.subscription.id;
    let (on_change, effect) = preview(id, PauseForm::pause);
    let times = vec![
        Choice::new("now", "Now", "Today is the first day without service."),
        Choice::new("period_end", "When the billing period ends", of.period_ends_on.map(long_day).unwrap_or_default()),
        Choice::new("date", "On a day", "The first day without service."),
    ];
    view! {
        <DialogButton of=dialog icon=icon::PAUSE>"Pause"</DialogButton>
        <Dialog of=dialog title="Pause subscription" wide=true>
            <Form action on_change on_ok=done>
                <p>"In a pause there is no service and nothing to pay. What is paid for days in it is credited."</p>
                <HiddenField name="id" value=id.to_string()/>
                <RadioField name="at" label="When" choices=times value="now"/>
                <DateField name="on" label="Day" hint="Where it is to be on a day."/>
                <DateField name="resumes_on" label="Comes back on" hint="The first day with service again. Blank: when somebody resumes it."/>
                <EffectView effect/>
                <DialogActions>
                    <CancelButton/>
                    <SubmitButton>"Pause subscription"</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
    .into_any()
}

fn resume(of: &SubscriptionDetail, pause: Pause, resource: Found) -> AnyView {
    let (dialog, toasts) = (use_dialog(), use_toasts());
    let action = ServerAction::<ResumeSubscription>::new();
    let begun = pause.from <= of.today;
    let (label, title, now, said) = if begun {
        ("Resume", "Resume subscription", "Today is the first day with service again.", "Subscription resumed")
    } else {
        ("Change pause", "Change pause", "The pause is taken back.", "Pause changed")
    };
    let done = move |(): ()| {
        dialog.close();
        toasts.say(said);
        resource.refetch();
    };
    let id = of.subscription.id;
    let (on_change, effect) = preview(id, PauseForm::resume);
    let times = vec![
        Choice::new("now", if begun { "Now" } else { "No pause at all" }, now),
        Choice::new("date", "On a day", "The first day with service again."),
    ];
    view! {
        <DialogButton of=dialog icon=icon::PLAY>{label}</DialogButton>
        <Dialog of=dialog title wide=true>
            <Form action on_change on_ok=done>
                <HiddenField name="id" value=id.to_string()/>
                <RadioField name="at" label="When" choices=times value="now"/>
                <DateField name="on" label="Day" hint="Where it is to be on a day."/>
                <EffectView effect/>
                <DialogActions>
                    <CancelButton/>
                    <SubmitButton>{title}</SubmitButton>
                </DialogActions>
            </Form>
        </Dialog>
    }
    .into_any()
}

type Preview = (Callback<(FormValues,)>, Signal<Option<Result<Previewed>>>);

/// Asks what the verb of a form would do whenever the form changes and says one.
fn preview(id: SubscriptionId, read: fn(&PauseForm) -> Result<Verb>) -> Preview {
    let action = ServerAction::<PreviewVerb>::new();
    let on_change = Callback::from(move |values: FormValues| {
        if let Ok(verb) = read(&typed(&values)) {
            action.ask(PreviewVerb { id, verb });
        }
    });
    (on_change, Signal::derive(move || action.value().get().map(|answer| answer.map(Ok))))
}

fn typed(values: &FormValues) -> PauseForm {
    let value = |key: &str| values.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone()).unwrap_or_default();
    PauseForm { at: value("at"), on: value("on"), resumes_on: value("resumes_on") }
}

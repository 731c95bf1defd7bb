//! What can be done with a case, each in a dialog that says what will happen.

use leptos::prelude::*;

use super::api::{CloseDunningCase, CollectAgain, PauseDunningCase, PromisePayment, ResumeDunningCase, TakeNextStep};
use super::model::{CaseDetail, CaseStatus, StepAction};
use crate::kit::Result;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Ask, DateField, Form, FormDialog, HiddenField, Kind, LinkButton, Resource, ServerAction, SubmitButton, TextField, icon, use_toasts,
};

/// The case on the page.
pub type Found = Resource<Result<CaseDetail>>;

/// What can be done with it now.
pub fn actions(of: &CaseDetail, resource: Found) -> AnyView {
    let viewer = use_viewer();
    if !of.case.status.is_live() || !viewer.can(Permission::WriteInvoices) {
        return ().into_any();
    }
    let pay = viewer.can(Permission::WritePayments).then(|| {
        let href = format!("/payments/new?invoice={}", of.case.invoice);
        view! { <LinkButton href icon=icon::PLUS>"Record payment"</LinkButton> }
    });
    let collect = viewer.can(Permission::WritePayments).then(|| collect(of, resource));
    if of.case.status == CaseStatus::Paused {
        return view! { {close(of, resource)} {pay} {collect} {resume(of, resource)} }.into_any();
    }
    let step = of.case.next.map(|next| step(of, next, resource));
    view! { {close(of, resource)} {pause(of, resource)} {pay} {collect} {step} {promise(of, resource)} }.into_any()
}

fn promise(of: &CaseDetail, resource: Found) -> AnyView {
    let action = ServerAction::<PromisePayment>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.case.id.to_string();
    let value = of.case.promised_on.map(|day| day.to_string()).unwrap_or_default();
    let ask =
        Ask::new("Promise to pay", "Promise to pay", "Record promise").button(Kind::Primary).icon(icon::CALENDAR).said("Promise recorded");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <p>"Steps wait until that day. If nothing has come by then, they go on and keep their distances."</p>
            <DateField name="promised_on" label="Will pay by" value required=true/>
            <TextField name="note" label="Note" hint="Who promised it, and how."/>
        </FormDialog>
    }
    .into_any()
}

fn pause(of: &CaseDetail, resource: Found) -> AnyView {
    let action = ServerAction::<PauseDunningCase>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.case.id.to_string();
    let ask = Ask::new("Pause", "Pause case?", "Pause case").icon(icon::PAUSE).said("Case paused");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <p>"Nothing happens until somebody resumes it; the calendar stands still meanwhile."</p>
            <TextField name="reason" label="Reason" required=true hint="Such as: the invoice is disputed."/>
        </FormDialog>
    }
    .into_any()
}

fn resume(of: &CaseDetail, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<ResumeDunningCase>::new();
    let done = move |(): ()| {
        toasts.say("Case resumed");
        resource.refetch();
    };
    let id = of.case.id.to_string();
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton icon=icon::PLAY>"Resume"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn step(of: &CaseDetail, next: StepAction, resource: Found) -> AnyView {
    let action = ServerAction::<TakeNextStep>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.case.id.to_string();
    let what = match next {
        StepAction::Email => format!("{} is reminded of {} by e-mail.", of.case.customer_name, of.case.number),
        StepAction::Retry => format!("{} is collected from the customer's payment method.", of.case.due),
        StepAction::Throttle => format!("The service of {} is slowed down until the invoice is paid.", of.case.customer_name),
        StepAction::Suspend => format!("The service of {} is withheld until the invoice is paid.", of.case.customer_name),
        StepAction::Cancel => "The subscription ends today. The customer may lose its prices and settings.".to_owned(),
        StepAction::WriteOff => format!("{} is given up, and the case is lost.", of.case.due),
        StepAction::Sms => "It cannot be done here yet, and is skipped.".to_owned(),
    };
    let ask = Ask::new("Take next step", format!("{} now?", next.label()), next.label()).icon(icon::ARROW_RIGHT).said("Step taken");
    let ask = if next.is_harsh() { ask.danger() } else { ask };
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <p>{what}</p>
        </FormDialog>
    }
    .into_any()
}

fn collect(of: &CaseDetail, resource: Found) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<CollectAgain>::new();
    let done = move |(): ()| {
        toasts.say("The payment gateway is asked");
        resource.refetch();
    };
    let id = of.case.id.to_string();
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton kind=Kind::Secondary icon=icon::REFRESH_CW>"Collect now"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn close(of: &CaseDetail, resource: Found) -> AnyView {
    let action = ServerAction::<CloseDunningCase>::new();
    let done = move |(): ()| resource.refetch();
    let id = of.case.id.to_string();
    let text = format!("{} stays owed and is left alone from now on; what was withheld for it is given back.", of.case.number);
    let ask =
        Ask::new("Leave alone", "Leave this invoice alone?", "Leave alone").icon(icon::BAN).cancel("Go on").danger().said("Case closed");
    view! {
        <FormDialog of=ask action on_ok=done>
            <HiddenField name="id" value=id/>
            <p>{text}</p>
            <TextField name="reason" label="Reason" required=true hint="Such as: agreed to pay in parts."/>
        </FormDialog>
    }
    .into_any()
}

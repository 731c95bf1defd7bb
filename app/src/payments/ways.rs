//! The card of the ways a customer pays: for the seller on the customer's page, and for the customer's own staff.

use leptos::prelude::*;

use super::methods::{MethodKind, MethodStatus, PaymentMethod};
use crate::kit::Result;
use crate::kit::period::short_day;
use crate::ui::{
    Ask, Badge, Card, Choice, Form, FormDialog, Head, HiddenField, Kind, Posted, RadioField, Resource, ServerAction, SimpleTable,
    SubmitButton, TextField, Tone, icon, use_toasts,
};

/// Where the methods come from.
pub type Ways = Resource<Result<Vec<PaymentMethod>>>;

/// `A`, `P` and `R` add one, make one primary and remove one; who may not sees them only. `customer` is whose they are,
/// where the viewer's own do not go without saying.
pub fn card<A: Posted, P: Posted, R: Posted>(of: Vec<PaymentMethod>, ways: Ways, may: bool, customer: Option<String>) -> AnyView {
    let add = may.then(|| add::<A>(customer, ways));
    let body = if of.is_empty() {
        view! { <p class="muted pad">"None yet. Add a bank account or a debit order; cards come from a gateway."</p> }.into_any()
    } else {
        let heads = vec![Head::text("Method"), Head::text("Status"), Head::text("Good until"), Head::text("")];
        let rows = of.into_iter().map(|method| row::<P, R>(method, ways, may)).collect();
        view! { <SimpleTable caption="Payment methods" heads rows/> }.into_any()
    };
    view! {
        <Card title="Payment methods" flush=true actions=add.into_any()>
            {body}
        </Card>
    }
    .into_any()
}

fn row<P: Posted, R: Posted>(of: PaymentMethod, ways: Ways, may: bool) -> Vec<AnyView> {
    let tone = match of.status {
        MethodStatus::Usable => Tone::Good,
        MethodStatus::Pending => Tone::Info,
        MethodStatus::Failed | MethodStatus::Expired => Tone::Bad,
    };
    let primary = of.primary.then(|| view! { <Badge tone=Tone::Info text="Primary"/> });
    let until = of.expires_on.and_then(|day| day.pred_opt()).map(short_day).unwrap_or_default();
    let verbs = may.then(|| {
        let prefer = (!of.primary).then(|| prefer::<P>(&of, ways));
        view! { <div class="row-actions">{prefer} {remove::<R>(&of, ways)}</div> }
    });
    vec![
        view! { {of.label} " " {primary} }.into_any(),
        view! { <Badge tone text=of.status.label()/> }.into_any(),
        until.into_any(),
        verbs.into_any(),
    ]
}

fn prefer<P: Posted>(of: &PaymentMethod, ways: Ways) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<P>::new();
    let done = move |_: P::Output| {
        toasts.say("Primary method changed");
        ways.refetch();
    };
    let id = of.id.to_string();
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton kind=Kind::Ghost>"Make primary"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn remove<R: Posted>(of: &PaymentMethod, ways: Ways) -> AnyView {
    let action = ServerAction::<R>::new();
    let (id, text) = (of.id.to_string(), format!("Nothing is collected from {} any more. What it paid stays.", of.label));
    let ask = Ask::new("Remove", "Remove payment method?", "Remove payment method")
        .button(Kind::Ghost)
        .icon(icon::TRASH)
        .cancel("Keep it")
        .danger()
        .said("Payment method removed");
    view! {
        <FormDialog of=ask action on_ok=move |_: R::Output| ways.refetch()>
            <p>{text}</p>
            <HiddenField name="id" value=id/>
        </FormDialog>
    }
    .into_any()
}

fn add<A: Posted>(customer: Option<String>, ways: Ways) -> AnyView {
    let action = ServerAction::<A>::new();
    let kinds = vec![
        Choice::new(MethodKind::BankAccount.word(), "Bank account", "Transfers come from it, and money is paid back to it."),
        Choice::new(MethodKind::DebitOrder.word(), "Debit order", "A mandate to collect from it was signed."),
    ];
    let ask = Ask::new("Add method", "Add payment method", "Add payment method").icon(icon::PLUS).said("Payment method added");
    let whose = customer.map(|value| view! { <HiddenField name="customer" value/> });
    view! {
        <FormDialog of=ask action on_ok=move |_: A::Output| ways.refetch()>
            {whose}
            <RadioField name="kind" label="What" choices=kinds value=MethodKind::BankAccount.word()/>
            <TextField name="holder" label="Account holder" required=true/>
            <TextField name="bank" label="Bank" required=true/>
            <TextField name="account" label="Account number" required=true hint="Sealed; only its last digits are shown."/>
            <TextField name="mandate" label="Mandate" hint="Required of a debit order."/>
        </FormDialog>
    }
    .into_any()
}

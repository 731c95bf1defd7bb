//! The card that charges what is open to the customer's primary method: on the customer's payments, and where a payment
//! is recorded.

use leptos::prelude::*;

use super::api::ChargeInvoice;
use super::gateway::api::start_collection;
use super::gateway::model::CollectStart;
use super::model::{OpenInvoice, PaymentId};
use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::Result;
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Bone, Card, Form, Head, HiddenField, Kind, Loaded, Resource, ServerAction, SimpleTable, SubmitButton, icon, use_live,
    use_toasts,
};

/// What can be charged, where anything can.
pub type Start = Resource<Result<Option<CollectStart>>>;

/// Asks what of a customer, or of an invoice's, can be charged. For the page itself: a resource that is made within what
/// another one shows is not the same on the server and in the browser.
pub fn use_collection(asked: impl Fn() -> (Option<CustomerId>, Option<InvoiceId>) + Send + Sync + 'static) -> Start {
    let start: Start = Resource::new(asked, |(customer, invoice)| async move {
        if customer.is_none() && invoice.is_none() {
            return Ok(None);
        }
        start_collection(customer, invoice).await
    });
    use_live(&["payment", "invoice", "payment_method"], move |_| start.refetch());
    start
}

/// See the module. Shows nothing where nothing can be charged.
#[component]
pub fn Collect(of: Start) -> impl IntoView {
    let may = use_viewer().can(Permission::WritePayments);
    view! {
        <Loaded of skeleton=Bone::Lines(2) part=true let:found>
            {found.filter(|_| may).map(|found| table(found, of))}
        </Loaded>
    }
}

fn table(of: CollectStart, resource: Start) -> AnyView {
    let CollectStart { method, invoices, under_way } = of;
    let heads = vec![Head::text("Invoice"), Head::text("Due"), Head::number("Still to pay"), Head::text("")];
    let row = |open: OpenInvoice| {
        let href = format!("/invoices/{}", open.id);
        let payment = under_way.iter().find(|(id, _)| *id == open.id).map(|(_, payment)| *payment);
        let verb = match payment {
            Some(payment) => view! { <a class="link" href=format!("/payments/{payment}")>"On its way"</a> }.into_any(),
            None => charge(&open, resource),
        };
        vec![
            view! { <a class="link" href=href>{open.number}</a> }.into_any(),
            short_day(open.due_on).into_any(),
            view! { <Amount of=open.due/> }.into_any(),
            verb,
        ]
    };
    let rows = invoices.into_iter().map(row).collect();
    view! {
        <Card title=format!("Charge {method}") subtitle="The gateway is asked at once; its answer shows here" flush=true>
            <SimpleTable caption="Invoices to charge" heads rows/>
        </Card>
    }
    .into_any()
}

fn charge(of: &OpenInvoice, resource: Start) -> AnyView {
    let toasts = use_toasts();
    let action = ServerAction::<ChargeInvoice>::new();
    let number = of.number.clone();
    let done = move |_: PaymentId| {
        toasts.say(format!("{number} is being charged"));
        resource.refetch();
    };
    let (id, label) = (of.id.to_string(), format!("Charge {} now", of.due));
    view! {
        <Form action on_ok=done class="inline-form">
            <HiddenField name="id" value=id/>
            <SubmitButton kind=Kind::Secondary icon=icon::CREDIT_CARD>{label}</SubmitButton>
        </Form>
    }
    .into_any()
}

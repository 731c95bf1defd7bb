//! `/payments/new?customer=…` or `?invoice=…`: recording a payment that has come.

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::api::{RecordPayment, start_payment};
use super::collect::{Collect, use_collection};
use super::model::{OpenInvoice, PaidBy, PaymentId, PaymentStart};
use crate::customers::choose::{ChooseCustomer, use_customer_choice};
use crate::kit::period::short_day;
use crate::kit::{Error, Result};
use crate::ui::{
    Amount, Bone, Card, Crumb, DateField, Form, Head, HiddenField, LinkButton, Loaded, MoneyField, PageHeader, Resource, SelectField,
    ServerAction, SimpleTable, SubmitButton, TextArea, TextField,
};

/// See the module.
pub struct PaymentNewPage;

#[lazy_route]
impl LazyRoute for PaymentNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| {
            let map = map.read();
            let value = |key: &str| map.get(key).unwrap_or_default();
            (value("customer"), value("invoice"))
        });
        let start = Resource::new_blocking(move || asked.get(), |(customer, invoice)| start(customer, invoice));
        let choice = use_customer_choice(move || asked.with(|(customer, invoice)| !(customer.is_empty() && invoice.is_empty())));
        let collection = use_collection(move || {
            let (customer, invoice) = asked.get();
            (customer.parse().ok(), invoice.parse().ok())
        });
        view! {
            <PageHeader title="Record payment" crumbs=vec![Crumb::new("Payments", "/payments")]/>
            <Loaded of=start skeleton=Bone::Card(360) whole=true let:start>
                {match start {
                    Some(start) => view! { <div class="stack">{fields(start)}</div> }.into_any(),
                    None => view! { <ChooseCustomer of=choice path="/payments/new"/> }.into_any(),
                }}
            </Loaded>
            <Collect of=collection/>
        }
        .into_any()
    }
}

async fn start(customer: String, invoice: String) -> Result<Option<PaymentStart>> {
    if customer.is_empty() && invoice.is_empty() {
        return Ok(None);
    }
    let customer = if customer.is_empty() { None } else { Some(customer.parse().map_err(|_| Error::NotFound)?) };
    let invoice = if invoice.is_empty() { None } else { Some(invoice.parse().map_err(|_| Error::NotFound)?) };
    start_payment(customer, invoice).await.map(Some)
}

fn fields(start: PaymentStart) -> AnyView {
    let PaymentStart { customer, customer_name, currency, due, today, invoices, chosen } = start;
    let action = ServerAction::<RecordPayment>::new();
    let navigate = use_navigate();
    let methods = PaidBy::ALL.iter().map(|m| (m.word().to_owned(), m.label().to_owned())).collect::<Vec<_>>();
    let mut targets = vec![(String::new(), "What is due first".to_owned()), ("credit".to_owned(), "None: keep it as credit".to_owned())];
    targets.extend(invoices.iter().map(|i| (i.id.to_string(), format!("{}, {} due {}", i.number, i.due, short_day(i.due_on)))));
    let chosen = chosen.map(|id| id.to_string()).unwrap_or_default();
    let parts = split(&invoices);
    let cancel = format!("/customers/{customer}/payments");
    let value = (!due.is_zero()).then_some(due);
    let amount = match value {
        Some(value) => view! { <MoneyField name="amount" label="Amount" currency value required=true/> }.into_any(),
        None => view! { <MoneyField name="amount" label="Amount" currency required=true/> }.into_any(),
    };
    view! {
        <Card title=format!("From {customer_name}")>
            <Form action on_ok=move |id: PaymentId| navigate(&format!("/payments/{id}"), Default::default())>
                <HiddenField name="customer" value=customer.to_string()/>
                <HiddenField name="currency" value=currency.to_string()/>
                {amount}
                <SelectField name="paid_by" label="Method" options=methods value=PaidBy::BankTransfer.word() required=true/>
                <DateField name="paid_on" label="Paid on" value=today.to_string()/>
                <SelectField
                    name="invoice"
                    label="Pays"
                    options=targets
                    value=chosen
                    hint="What is left over becomes credit, which later invoices use."
                />
                {parts}
                <TextField name="reference" label="Reference" hint="As on the bank statement."/>
                <TextArea name="note" label="Note" rows=2/>
                <div class="form-actions">
                    <LinkButton href=cancel>"Cancel"</LinkButton>
                    <SubmitButton>"Record payment"</SubmitButton>
                </div>
            </Form>
        </Card>
        {open(invoices)}
    }
    .into_any()
}

/// Amounts by invoice, where there are several to spread a payment over.
fn split(invoices: &[OpenInvoice]) -> AnyView {
    if invoices.len() < 2 {
        return ().into_any();
    }
    let fields = invoices.iter().map(|i| {
        let (name, label) = (format!("split[{}]", i.id), format!("Of it for {}", i.number));
        view! { <MoneyField name label currency=i.due.currency() hint=format!("Wants {}.", i.due)/> }
    });
    let fields = fields.collect::<Vec<_>>();
    view! {
        <details>
            <summary>"Split it over several invoices"</summary>
            <div class="stack">
                <p class="muted">"Where an amount is filled in here, the payment pays these and no other; the rest is credit."</p>
                {fields}
            </div>
        </details>
    }
    .into_any()
}

fn open(invoices: Vec<OpenInvoice>) -> AnyView {
    if invoices.is_empty() {
        return ().into_any();
    }
    let heads = vec![Head::text("Invoice"), Head::text("Due"), Head::number("Still to pay")];
    let row = |i: OpenInvoice| {
        let href = format!("/invoices/{}", i.id);
        vec![
            view! { <a class="link" href=href>{i.number}</a> }.into_any(),
            short_day(i.due_on).into_any(),
            view! { <Amount of=i.due/> }.into_any(),
        ]
    };
    let rows = invoices.into_iter().map(row).collect();
    view! {
        <Card title="Open invoices" subtitle="What is due first before the others" flush=true>
            <SimpleTable caption="Open invoices" heads rows/>
        </Card>
    }
    .into_any()
}

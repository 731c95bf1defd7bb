//! `/invoices/new?customer=…` and `/invoices/ID/edit`: writing an invoice by hand, with what it comes to beside it.

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

use super::api::{CreateInvoice, EditInvoice, PreviewNewInvoice, start_invoice};
use super::document;
use super::model::{InvoiceId, Preview};
use super::written::{InvoiceForm, InvoiceStart, LineForm};
use crate::customers::choose::{ChooseCustomer, use_customer_choice};
use crate::kit::Error;
use crate::kit::period::long_day;
use crate::ui::{
    Bone, Button, Card, Crumb, DateField, Form, FormValues, HiddenField, Input, LinkButton, Loaded, PageHeader, Resource, ServerAction,
    SubmitButton, TextArea, TextField, icon, use_param,
};

/// Lines that are there without JavaScript, beside those that the draft has.
const BLANK_LINES: usize = 3;

/// See the module.
pub struct InvoiceNewPage;

#[lazy_route]
impl LazyRoute for InvoiceNewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let map = use_query_map();
        let asked = Memo::new(move |_| map.read().get("customer").unwrap_or_default());
        let start = Resource::new_blocking(
            move || asked.get(),
            |customer| async move {
                if customer.is_empty() {
                    return Ok(None);
                }
                let customer = customer.parse().map_err(|_| Error::NotFound)?;
                start_invoice(Some(customer), None).await.map(Some)
            },
        );
        let choice = use_customer_choice(move || !asked.get().is_empty());
        view! {
            <PageHeader title="New invoice" crumbs=vec![Crumb::new("Invoices", "/invoices")]/>
            <Loaded of=start skeleton=Bone::Card(360) whole=true let:start>
                {match start {
                    Some(start) => fields(start),
                    None => view! { <ChooseCustomer of=choice path="/invoices/new"/> }.into_any(),
                }}
            </Loaded>
        }
        .into_any()
    }
}

/// `/invoices/ID/edit`.
pub struct InvoiceEditPage;

#[lazy_route]
impl LazyRoute for InvoiceEditPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let start = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: InvoiceId = id.parse().map_err(|_| Error::NotFound)?;
                start_invoice(None, Some(id)).await
            },
        );
        view! {
            <PageHeader title="Edit draft" crumbs=vec![Crumb::new("Invoices", "/invoices")]/>
            <Loaded of=start skeleton=Bone::Card(360) whole=true let:start>
                {fields(start)}
            </Loaded>
        }
        .into_any()
    }
}

fn fields(start: InvoiceStart) -> AnyView {
    let preview = ServerAction::<PreviewNewInvoice>::new();
    let typing = move |values: FormValues| {
        preview.ask(PreviewNewInvoice { form: InvoiceForm::of(&values) });
    };
    let form = match start.draft {
        Some(id) => change(id, &start, typing),
        None => create(&start, typing),
    };
    let shown = move || preview.value().get().map(|answer| answer.map_or_else(|_| pending(), sums));
    view! {
        <div class="split">
            <Card title=format!("For {}", start.customer_name)>{form}</Card>
            <Card title="What it comes to" subtitle="By the code that writes it; nothing is kept yet" flush=true>
                {move || shown().unwrap_or_else(pending)}
            </Card>
        </div>
    }
    .into_any()
}

fn create(start: &InvoiceStart, typing: impl Fn(FormValues) + Send + Sync + 'static) -> AnyView {
    let action = ServerAction::<CreateInvoice>::new();
    let navigate = use_navigate();
    let on_ok = move |id: InvoiceId| navigate(&format!("/invoices/{id}"), Default::default());
    let cancel = format!("/customers/{}/invoices", start.customer);
    let inputs = inputs(start);
    view! {
        <Form action on_ok on_change=typing>
            {inputs}
            <div class="form-actions">
                <LinkButton href=cancel>"Cancel"</LinkButton>
                <SubmitButton>"Save draft"</SubmitButton>
            </div>
        </Form>
    }
    .into_any()
}

fn change(id: InvoiceId, start: &InvoiceStart, typing: impl Fn(FormValues) + Send + Sync + 'static) -> AnyView {
    let action = ServerAction::<EditInvoice>::new();
    let navigate = use_navigate();
    let on_ok = move |(): ()| navigate(&format!("/invoices/{id}"), Default::default());
    let inputs = inputs(start);
    view! {
        <Form action on_ok on_change=typing>
            <HiddenField name="id" value=id.to_string()/>
            {inputs}
            <div class="form-actions">
                <LinkButton href=format!("/invoices/{id}")>"Cancel"</LinkButton>
                <SubmitButton>"Save draft"</SubmitButton>
            </div>
        </Form>
    }
    .into_any()
}

fn inputs(start: &InvoiceStart) -> AnyView {
    let InvoiceForm { customer, currency, due_on, note, lines } = start.form.clone();
    let count = RwSignal::new(lines.len() + if start.draft.is_some() { 1 } else { BLANK_LINES });
    let lines = StoredValue::new(lines);
    let line = move |at: usize| line(at, lines.with_value(|lines| lines.get(at).cloned()).unwrap_or_default());
    let hint = format!("Leave blank for the terms: {}, if it is issued today.", long_day(start.by_terms));
    view! {
        <HiddenField name="customer" value=customer/>
        <TextField name="currency" label="Currency" value=currency required=true hint="Three letters, such as USD."/>
        <fieldset class="invoice-lines">
            <legend>"Lines"</legend>
            <For each=move || 0..count.get() key=|at| *at let:at>
                {line(at)}
            </For>
        </fieldset>
        <div class="needs-script">
            <Button icon=icon::PLUS on:click=move |_| count.update(|count| *count = (*count + 1).min(200))>"Add line"</Button>
        </div>
        <DateField name="due_on" label="Due on" value=due_on hint/>
        <TextArea name="note" label="Note" value=note rows=2 hint="Printed on the invoice."/>
    }
    .into_any()
}

fn line(at: usize, of: LineForm) -> AnyView {
    let (name, nth) = (|field: &str| format!("lines[{at}][{field}]"), at + 1);
    let quantity = if of.quantity.is_empty() { "1".to_owned() } else { of.quantity };
    view! {
        <div class="invoice-line" role="group" aria-label=format!("Line {nth}")>
            <TextField name=name("description") label=format!("Description {nth}") value=of.description/>
            <TextField name=name("quantity") label=format!("Quantity {nth}") value=quantity input=Input::Number/>
            <TextField name=name("amount") label=format!("Unit price {nth}") value=of.amount/>
        </div>
    }
    .into_any()
}

fn pending() -> AnyView {
    view! { <p class="muted pad">"Subtotal, tax and total appear here once the lines are complete."</p> }.into_any()
}

fn sums(of: Preview) -> AnyView {
    let lines = document::lines(of.lines.clone());
    view! { {lines} {document::preview_sums(of)} }.into_any()
}

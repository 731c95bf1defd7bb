//! `/receipts/ID`: the file, what it is for, and the decision.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::api::{ApproveReceipt, LinkReceipt, RejectReceipt, get_receipt};
use super::model::{Receipt, ReceiptId, ReceiptStatus};
use super::page::ReceiptBadge;
use crate::kit::permission::Permission;
use crate::kit::{Error, Result};
use crate::payments::PaidBy;
use crate::shell::use_viewer;
use crate::ui::{
    Amount, Ask, Bone, Callout, Card, Crumb, DateField, Exactly, Fact, Facts, Form, FormDialog, HiddenField, Kind, LinkButton, Loaded,
    MoneyField, PageHeader, Resource, SelectField, ServerAction, SubmitButton, TextField, Tone, icon, use_live, use_param, use_toasts,
};

type Found = Resource<Result<Receipt>>;

/// See the module.
pub struct ReceiptPage;

#[lazy_route]
impl LazyRoute for ReceiptPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id = use_param("id");
        let receipt = Resource::new_blocking(
            move || id.get(),
            |id| async move {
                let id: ReceiptId = id.parse().map_err(|_| Error::NotFound)?;
                get_receipt(id).await
            },
        );
        use_live(&["receipt", "payment"], move |_| receipt.refetch());
        view! {
            <Loaded of=receipt skeleton=Bone::Detail whole=true let:found>
                {body(found, receipt)}
            </Loaded>
        }
        .into_any()
    }
}

fn body(of: Receipt, resource: Found) -> AnyView {
    let crumbs = vec![Crumb::new("Payments", "/payments"), Crumb::new("Receipts", "/receipts")];
    let open = of.status == ReceiptStatus::Waiting && use_viewer().can(Permission::WritePayments);
    let decide = open.then(|| decide(&of, resource));
    let actions = open.then(|| reject(&of, resource)).into_any();
    let (preview, facts) = (preview(&of), facts(&of));
    let rejected = of.reject_reason.clone();
    view! {
        <PageHeader
            title=of.file_name.clone()
            crumbs
            badge=view! { <ReceiptBadge of=of.status/> }.into_any()
            actions
        />
        <div class="stack">
            {rejected.map(|why| view! { <Callout tone=Tone::Bad title="It was rejected">{why}</Callout> })}
            {decide}
            <Card title="Details">
                <Facts of=facts/>
            </Card>
            {preview}
        </div>
    }
    .into_any()
}

fn facts(of: &Receipt) -> Vec<Fact> {
    let dash = || "\u{2013}".into_any();
    let customer = of.customer.clone().map(|(id, name)| view! { <a class="link" href=format!("/customers/{id}")>{name}</a> }.into_any());
    let invoice = of.invoice.clone().map(|i| view! { <a class="link" href=format!("/invoices/{}", i.id)>{i.number}</a> }.into_any());
    let mut facts = vec![
        Fact::new("Customer", customer.unwrap_or_else(dash)),
        Fact::new("Invoice", invoice.unwrap_or_else(dash)),
        Fact::new("File", format!("{}, {} KB", of.kind.label(), of.size_bytes.div_ceil(1024))),
        Fact::new("Uploaded by", of.uploaded_by.clone()),
        Fact::new("Uploaded", view! { <Exactly at=of.uploaded.clone()/> }),
    ];
    if let Some(due) = of.invoice.as_ref().map(|i| i.due) {
        facts.insert(2, Fact::new("Still to pay", view! { <Amount of=due/> }));
    }
    if let Some((by, at)) = of.reviewed_by.clone().zip(of.reviewed.clone()) {
        facts.extend([Fact::new("Reviewed by", by), Fact::new("Reviewed", view! { <Exactly at/> })]);
    }
    if let Some(payment) = of.payment {
        facts.push(Fact::new("Payment", view! { <a class="link" href=format!("/payments/{payment}")>"Show payment"</a> }));
    }
    facts
}

fn preview(of: &Receipt) -> AnyView {
    let href = format!("/receipts/{}/file", of.id);
    let save = view! { <LinkButton href icon=icon::DOWNLOAD download=true>"Download"</LinkButton> }.into_any();
    let (what, note) = if of.kind.is_image() {
        ("The receipt", None)
    } else {
        ("The first page of the receipt", Some("Its first page, drawn: the PDF itself, which could hold a program, is not opened in here."))
    };
    let (alt, src) = (format!("{what} {}", of.file_name), format!("/receipts/{}/preview", of.id));
    view! {
        <Card title="File" actions=save>
            <img class="receipt-preview" src=src alt=alt/>
            {note.map(|note| view! { <p class="muted">{note}</p> })}
        </Card>
    }
    .into_any()
}

fn decide(of: &Receipt, resource: Found) -> AnyView {
    let link = link(of, resource);
    let approve = of.invoice.as_ref().map(|_| approve(of, resource));
    view! { {approve} {link} }.into_any()
}

fn link(of: &Receipt, resource: Found) -> AnyView {
    let action = ServerAction::<LinkReceipt>::new();
    let id = of.id.to_string();
    let toasts = use_toasts();
    let done = move |(): ()| {
        toasts.say("Receipt linked");
        resource.refetch();
    };
    let number = of.invoice.as_ref().map(|i| i.number.clone()).unwrap_or_default();
    let title = if number.is_empty() { "Which invoice is it for?" } else { "For another invoice?" };
    view! {
        <Card title>
            <Form action on_ok=done>
                <HiddenField name="id" value=id/>
                <TextField name="number" label="Invoice number" value=number required=true/>
                <div class="form-actions">
                    <SubmitButton kind=Kind::Secondary>"Link invoice"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

fn approve(of: &Receipt, resource: Found) -> AnyView {
    let Some((invoice, (customer, name))) = of.invoice.clone().zip(of.customer.clone()) else { return ().into_any() };
    let action = ServerAction::<ApproveReceipt>::new();
    let id = of.id.to_string();
    let toasts = use_toasts();
    let done = move |_: crate::payments::PaymentId| {
        toasts.say("Receipt approved, payment recorded");
        resource.refetch();
    };
    let methods = PaidBy::ALL.iter().map(|m| (m.word().to_owned(), m.label().to_owned())).collect::<Vec<_>>();
    let target = if invoice.due.is_zero() { String::new() } else { invoice.id.to_string() };
    let hint = format!("{} wants {}; more becomes credit of {name}.", invoice.number, invoice.due);
    view! {
        <Card title="Approve" subtitle="Records the payment that the receipt proves">
            <Form action on_ok=done>
                <HiddenField name="id" value=id/>
                <HiddenField name="customer" value=customer.to_string()/>
                <HiddenField name="currency" value=invoice.due.currency().to_string()/>
                <HiddenField name="invoice" value=target/>
                <MoneyField name="amount" label="Amount" currency=invoice.due.currency() value=invoice.due hint required=true/>
                <SelectField name="paid_by" label="Method" options=methods value=PaidBy::BankTransfer.word() required=true/>
                <DateField name="paid_on" label="Paid on" hint="Blank: today."/>
                <TextField name="reference" label="Reference"/>
                <div class="form-actions">
                    <SubmitButton icon=icon::CHECK>"Approve receipt"</SubmitButton>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

fn reject(of: &Receipt, resource: Found) -> AnyView {
    let action = ServerAction::<RejectReceipt>::new();
    let told = format!("{} is told why; nothing is recorded.", of.uploaded_by);
    let id = of.id.to_string();
    let done = move |(): ()| resource.refetch();
    let ask =
        Ask::new("Reject", "Reject receipt?", "Reject receipt").icon(icon::CIRCLE_X).cancel("Keep it").danger().said("Receipt rejected");
    view! {
        <FormDialog of=ask action on_ok=done>
            <p>{told}</p>
            <HiddenField name="id" value=id/>
            <TextField name="reason" label="Reason" required=true hint="Such as: cannot be read, is for another account."/>
        </FormDialog>
    }
    .into_any()
}

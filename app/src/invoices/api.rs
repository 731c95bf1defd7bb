//! What the pages ask the server.

use std::collections::BTreeMap;

use leptos::server_fn::codec::Json;

use super::billing::Billing;
use super::credit_notes::CreditNoteDetail;
use super::model::{BillingAlertId, CreditNote, CreditNoteId, Foreseen, Invoice, InvoiceId, Preview};
use super::sheet::{CreditEffect, CreditForm, InvoiceSheet, InvoiceStats};
use super::written::{InvoiceForm, InvoiceStart, LineForm};
use crate::audit::Activity;
use crate::customers::CustomerId;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};
use crate::subscriptions::SubscriptionId;

#[server(protocol = Wired<Json>)]
pub async fn list_invoices(query: ListQuery) -> Result<Page<Invoice>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::list(&scope::scope::<can::ReadInvoices>()?, &query).await)
}

#[server]
pub async fn read_invoice_stats() -> Result<InvoiceStats> {
    use crate::kit::{permission::can, scope};
    crate::invoices::store::stats(&scope::scope::<can::ReadInvoices>()?).await
}

#[server]
pub async fn get_invoice(id: InvoiceId) -> Result<InvoiceSheet> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::sheet(&scope::scope::<can::ReadInvoices>()?, id).await)
}

#[server(protocol = Wired<Json>)]
pub async fn list_invoice_activity(id: InvoiceId, query: ListQuery) -> Result<Page<Activity>> {
    use crate::kit::{permission::can, scope};
    let page = crate::invoices::store::activity(&scope::scope::<can::ReadAudit>()?, id, &query).await;
    scope::answer_with_status(page.map(|page| page.map(|row| Activity::of(&row, "invoice"))))
}

#[server]
pub async fn list_customer_invoices(customer: CustomerId) -> Result<Vec<Invoice>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::of_customer(&scope::scope::<can::ReadInvoices>()?, customer).await)
}

#[server]
pub async fn finalize_invoice(id: InvoiceId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer_with_status(crate::invoices::store::finalize(&scope, id).await)?;
    scope::redirect_page(&format!("/invoices/{id}"));
    Ok(())
}

/// Issues the drafts among these; says how many.
#[server]
pub async fn finalize_invoices(ids: String) -> Result<u64> {
    use crate::kit::{paging::picked, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let done = scope::answer(async { crate::invoices::store::finalize_all(&scope, &picked(&ids)?).await }).await?;
    scope::redirect_page("/invoices");
    Ok(done)
}

#[server]
pub async fn void_invoice(id: InvoiceId, #[server(default)] reason: String) -> Result<()> {
    use crate::kit::{form, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer(async { crate::invoices::store::void(&scope, id, Some(form::reason(&reason)?)).await }).await?;
    scope::redirect_page(&format!("/invoices/{id}"));
    Ok(())
}

/// Takes an invoice back and bills the same anew; gives what takes its place, or the invoice itself where nothing is due.
#[server]
pub async fn replace_invoice(id: InvoiceId, #[server(default)] reason: String) -> Result<InvoiceId> {
    use crate::kit::{form, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let placed = scope::answer(async { crate::invoices::store::replace(&scope, id, Some(form::reason(&reason)?)).await }).await?;
    let next = placed.first().copied().unwrap_or(id);
    scope::redirect_page(&format!("/invoices/{next}"));
    Ok(next)
}

#[server]
pub async fn mark_invoice_uncollectible(id: InvoiceId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer_with_status(crate::invoices::store::mark_uncollectible(&scope, id).await)?;
    scope::redirect_page(&format!("/invoices/{id}"));
    Ok(())
}

#[server]
pub async fn discard_invoice(id: InvoiceId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer_with_status(crate::invoices::store::discard(&scope, id).await)?;
    scope::redirect_page("/invoices");
    Ok(())
}

/// Writes a credit note: whole, or an amount for each line by its id.
#[server]
pub async fn credit_invoice(
    id: InvoiceId,
    settlement: String,
    #[server(default)] reason: String,
    #[server(default)] amounts: BTreeMap<String, String>,
) -> Result<CreditNoteId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let form = CreditForm { settlement, reason, amounts };
    let note = scope::answer_with_status(crate::invoices::store::credit_typed(&scope, id, &form).await)?;
    scope::redirect_page(&format!("/invoices/{id}"));
    Ok(note)
}

/// What the credit note would come to, by the code that writes it.
#[server(protocol = Wired<Json>)]
pub async fn preview_credit_note(id: InvoiceId, form: CreditForm) -> Result<CreditEffect> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::foresee_credit(&scope::scope::<can::WriteInvoices>()?, id, &form).await)
}

/// What the form to write an invoice starts from: a customer, or a draft to change.
#[server]
pub async fn start_invoice(
    #[server(default)] customer: Option<CustomerId>,
    #[server(default)] draft: Option<InvoiceId>,
) -> Result<InvoiceStart> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::start(&scope::scope::<can::WriteInvoices>()?, customer, draft).await)
}

/// Writes a draft and goes to its page.
#[server]
pub async fn create_invoice(
    customer: String,
    currency: String,
    #[server(default)] due_on: String,
    #[server(default)] note: String,
    #[server(default)] lines: Vec<LineForm>,
) -> Result<InvoiceId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let form = InvoiceForm { customer, currency, due_on, note, lines };
    let id = scope::answer(async { crate::invoices::store::create(&scope, form.parse()?).await }).await?;
    scope::redirect_page(&format!("/invoices/{id}"));
    Ok(id)
}

/// Writes a person's draft anew.
#[server]
pub async fn edit_invoice(
    id: InvoiceId,
    customer: String,
    currency: String,
    #[server(default)] due_on: String,
    #[server(default)] note: String,
    #[server(default)] lines: Vec<LineForm>,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let form = InvoiceForm { customer, currency, due_on, note, lines };
    scope::answer(async { crate::invoices::store::edit(&scope, id, form.parse()?).await }).await?;
    scope::redirect_page(&format!("/invoices/{id}"));
    Ok(())
}

/// What the draft would say.
#[server(protocol = Wired<Json>)]
pub async fn preview_new_invoice(form: InvoiceForm) -> Result<Preview> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer(async { crate::invoices::store::preview_new(&scope, form.parse()?).await }).await
}

/// The next invoice of a customer with all it has, or of one subscription; with those of its day in other currencies.
#[server]
pub async fn preview_next_invoice(
    #[server(default)] customer: Option<CustomerId>,
    #[server(default)] subscription: Option<SubscriptionId>,
) -> Result<Foreseen> {
    use crate::kit::{Error, permission::can, scope};
    let scope = scope::scope::<can::ReadInvoices>()?;
    scope::answer_with_status(match (customer, subscription) {
        (_, Some(subscription)) => crate::invoices::store::preview(&scope, subscription, None, None).await,
        (Some(customer), None) => crate::invoices::store::preview_next(&scope, customer).await,
        (None, None) => Err(Error::NotFound),
    })
}

/// Bills a customer up to today; gives what was issued.
#[server]
pub async fn bill_customer(customer: CustomerId) -> Result<Vec<InvoiceId>> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let made = scope::answer_with_status(crate::invoices::store::bill_now(&scope, customer).await)?;
    scope::redirect_page(&format!("/customers/{customer}/invoices"));
    Ok(made)
}

#[server]
pub async fn read_billing() -> Result<Billing> {
    use crate::kit::{permission::can, scope};
    crate::invoices::store::billing(&scope::scope::<can::ReadInvoices>()?).await
}

/// Starts a run in the background. Blank: as far ahead as the settings say.
#[server]
pub async fn start_billing_run(#[server(default)] until: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer_with_status(crate::invoices::store::start_run_typed(&scope, &until).await)?;
    scope::redirect_page("/billing");
    Ok(())
}

/// The customer is billed again from the next run on.
#[server]
pub async fn resolve_billing_alert(id: BillingAlertId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer_with_status(crate::invoices::store::resolve_alert(&scope, id).await)?;
    scope::redirect_page("/billing");
    Ok(())
}

#[server(protocol = Wired<Json>)]
pub async fn list_credit_notes(query: ListQuery) -> Result<Page<CreditNote>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::list_credit_notes(&scope::scope::<can::ReadInvoices>()?, &query).await)
}

#[server]
pub async fn get_credit_note(id: CreditNoteId) -> Result<CreditNoteDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::get_credit_note(&scope::scope::<can::ReadInvoices>()?, id).await)
}

//! What the pages ask the server.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::model::{CreditNoteId, Invoice, InvoiceId};
use super::sheet::{CreditEffect, CreditForm, InvoiceSheet, InvoiceStats};
use crate::audit::AuditRow;
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::paging::{ListQuery, Page};

#[server(input = Json)]
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

#[server(input = Json)]
pub async fn list_invoice_activity(id: InvoiceId, query: ListQuery) -> Result<Page<AuditRow>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::activity(&scope::scope::<can::ReadAudit>()?, id, &query).await)
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
    let done = scope::answer_with_status(match picked(&ids) {
        Ok(ids) => crate::invoices::store::finalize_all(&scope, &ids).await,
        Err(error) => Err(error),
    })?;
    scope::redirect_page("/invoices");
    Ok(done)
}

#[server]
pub async fn void_invoice(id: InvoiceId, #[server(default)] reason: String) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let mut check = Check::default();
    let reason = check.text("reason", &reason, 200);
    scope::answer_with_status(match check.done(|| reason) {
        Ok(reason) => crate::invoices::store::void(&scope, id, Some(reason)).await,
        Err(error) => Err(error),
    })?;
    scope::redirect_page(&format!("/invoices/{id}"));
    Ok(())
}

/// Takes an invoice back and bills the same anew; gives what takes its place, or the invoice itself where nothing is due.
#[server]
pub async fn replace_invoice(id: InvoiceId, #[server(default)] reason: String) -> Result<InvoiceId> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let mut check = Check::default();
    let reason = check.text("reason", &reason, 200);
    let placed = scope::answer_with_status(match check.done(|| reason) {
        Ok(reason) => crate::invoices::store::replace(&scope, id, Some(reason)).await,
        Err(error) => Err(error),
    })?;
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
#[server(input = Json)]
pub async fn preview_credit_note(id: InvoiceId, form: CreditForm) -> Result<CreditEffect> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::foresee_credit(&scope::scope::<can::WriteInvoices>()?, id, &form).await)
}

//! The lists of invoices and of credit notes as CSV files.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::{CreditNote, Invoice};
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/invoices/export.csv", get(export)).route("/credit-notes/export.csv", get(export_credit_notes))
}

const HEAD: [&str; 17] = [
    "id",
    "number",
    "customer_id",
    "customer",
    "status",
    "currency",
    "subtotal",
    "discount",
    "tax",
    "total",
    "amount_due",
    "issued_on",
    "due_on",
    "period_start",
    "period_end",
    "paid_on",
    "created_at",
];

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadInvoices>(), pairs, "invoices.csv", &HEAD, chunk, line)
}

fn line(of: Invoice) -> Result<Vec<u8>> {
    download::line([
        of.id.to_string(),
        of.number.unwrap_or_default(),
        of.customer.to_string(),
        of.customer_name,
        of.status.word().to_owned(),
        of.total.currency().to_string(),
        of.subtotal.to_major(),
        of.discount.to_major(),
        of.tax.to_major(),
        of.total.to_major(),
        of.due.to_major(),
        of.issued_on.to_string(),
        of.due_on.to_string(),
        of.period.map(|p| p.start.to_string()).unwrap_or_default(),
        of.period.map(|p| p.end.to_string()).unwrap_or_default(),
        of.paid_on.map(|day| day.to_string()).unwrap_or_default(),
        of.created.iso,
    ])
}

async fn export_credit_notes(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = [
        "id",
        "number",
        "invoice_id",
        "invoice",
        "customer_id",
        "customer",
        "settlement",
        "reason",
        "currency",
        "subtotal",
        "tax",
        "total",
        "issued_on",
        "created_at",
    ];
    let chunk = |scope, query, size| async move { store::chunk_credit_notes(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadInvoices>(), pairs, "credit-notes.csv", &head, chunk, note_line)
}

fn note_line(of: CreditNote) -> Result<Vec<u8>> {
    download::line([
        of.id.to_string(),
        of.number,
        of.invoice.to_string(),
        of.invoice_number,
        of.customer.to_string(),
        of.customer_name,
        of.settlement.word().to_owned(),
        of.reason,
        of.total.currency().to_string(),
        of.subtotal.to_major(),
        of.tax.to_major(),
        of.total.to_major(),
        of.issued_on.to_string(),
        of.created.iso,
    ])
}

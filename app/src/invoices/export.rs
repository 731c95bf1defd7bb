//! The lists of invoices and of credit notes as CSV files.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::{CreditNote, Invoice};
use super::store;
use crate::kit::Result;
use crate::kit::download;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/invoices/export.csv", get(export)).route("/credit-notes/export.csv", get(export_credit_notes))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
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

fn file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadInvoices>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    download::csv("invoices.csv", &HEAD, move |place| {
        let (scope, query) = (scope.clone(), ListQuery { after: place.unwrap_or_default(), ..query.clone() });
        async move {
            let (rows, next) = store::chunk(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(line).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
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

async fn export_credit_notes(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    credit_notes(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
}

fn credit_notes(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadInvoices>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
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
    download::csv("credit-notes.csv", &head, move |place| {
        let (scope, query) = (scope.clone(), ListQuery { after: place.unwrap_or_default(), ..query.clone() });
        async move {
            let (rows, next) = store::chunk_credit_notes(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(note_line).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
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

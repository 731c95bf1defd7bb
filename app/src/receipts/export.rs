//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::Receipt;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/receipts/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = [
        "id",
        "file",
        "status",
        "customer",
        "invoice",
        "still_to_pay",
        "currency",
        "uploaded_by",
        "uploaded_at",
        "reviewed_by",
        "reviewed_at",
        "reject_reason",
    ];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadPayments>(), pairs, "receipts.csv", &head, chunk, line)
}

fn line(of: Receipt) -> Result<Vec<u8>> {
    download::line([
        of.id.to_string(),
        of.file_name,
        of.status.to_string(),
        of.customer.map(|c| c.1).unwrap_or_default(),
        of.invoice.as_ref().map(|i| i.number.clone()).unwrap_or_default(),
        of.invoice.as_ref().map(|i| i.due.to_major()).unwrap_or_default(),
        of.invoice.map(|i| i.due.currency().to_string()).unwrap_or_default(),
        of.uploaded_by,
        of.uploaded.iso,
        of.reviewed_by.unwrap_or_default(),
        of.reviewed.map(|at| at.iso).unwrap_or_default(),
        of.reject_reason.unwrap_or_default(),
    ])
}

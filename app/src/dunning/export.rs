//! The list as a CSV file.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::Case;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/dunning/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = [
        "id",
        "customer_id",
        "customer",
        "invoice_id",
        "invoice",
        "status",
        "stage",
        "currency",
        "still_to_pay",
        "at_risk",
        "recovered",
        "due_on",
        "days_overdue",
        "next_on",
        "next",
        "promised_on",
        "opened_at",
        "closed_at",
    ];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadInvoices>(), pairs, "dunning.csv", &head, chunk, line)
}

fn line(case: Case) -> Result<Vec<u8>> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
    download::line([
        case.id.to_string(),
        case.customer.to_string(),
        case.customer_name,
        case.invoice.to_string(),
        case.number,
        case.status.word().to_owned(),
        case.stage.word().to_owned(),
        case.due.currency().to_string(),
        case.due.to_major(),
        case.at_risk.to_major(),
        case.recovered.to_major(),
        case.due_on.to_string(),
        case.days_overdue.to_string(),
        day(case.next_on),
        case.next.map(|n| n.word().to_owned()).unwrap_or_default(),
        day(case.promised_on),
        case.opened.iso,
        case.closed.map(|at| at.iso).unwrap_or_default(),
    ])
}

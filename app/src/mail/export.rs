//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::Mail;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/mails/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = [
        "id",
        "written_at",
        "subject",
        "customer_id",
        "customer",
        "to",
        "status",
        "about",
        "language",
        "tries",
        "queued_by",
        "sent_at",
        "error",
    ];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadInvoices>(), pairs, "letters.csv", &head, chunk, line)
}

fn line(of: Mail) -> Result<Vec<u8>> {
    download::line([
        of.id.to_string(),
        of.created.iso,
        of.subject,
        of.customer.to_string(),
        of.customer_name,
        of.to,
        of.status.to_string(),
        of.template.to_string(),
        of.language.to_string(),
        of.tries.to_string(),
        of.queued_by,
        of.sent.map(|at| at.iso).unwrap_or_default(),
        of.error.unwrap_or_default(),
    ])
}

//! The log as a CSV file: exactly what is filtered, in the list's order, streamed.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::AuditEntryId;
use super::store::{self, Entry};
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/audit/export.csv", get(export))
}

const HEAD: [&str; 13] = [
    "id",
    "at",
    "level",
    "actor_kind",
    "actor",
    "action",
    "subject_kind",
    "subject_id",
    "subject",
    "address",
    "request_id",
    "seller",
    "details",
];

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let scope = caller.scope::<can::ReadAudit>();
    let seller = scope.as_ref().map_or_else(|_| String::new(), |scope| scope.seller().slug.clone());
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(scope, pairs, "audit-log.csv", &HEAD, chunk, move |entry| line(entry, &seller))
}

fn line(entry: Entry, seller: &str) -> Result<Vec<u8>> {
    download::line([
        AuditEntryId(entry.id).to_string(),
        entry.at.to_rfc3339(),
        entry.level.word().to_owned(),
        entry.actor_kind,
        entry.actor_name,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.subject_label,
        entry.address.unwrap_or_default(),
        entry.request_id.unwrap_or_default(),
        seller.to_owned(),
        entry.details.to_string(),
    ])
}

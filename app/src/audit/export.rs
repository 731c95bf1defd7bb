//! The log as a CSV file: exactly what is filtered, in the list's order, streamed.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::AuditEntryId;
use super::store::{self, Entry};
use crate::kit::Result;
use crate::kit::download;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/audit/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
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

fn file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadAudit>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    let seller = scope.seller().slug.clone();
    download::csv("audit-log.csv", &HEAD, move |place| {
        let (scope, seller) = (scope.clone(), seller.clone());
        let query = ListQuery { after: place.unwrap_or_default(), ..query.clone() };
        async move {
            let (rows, next) = store::chunk(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(|entry| line(entry, &seller)).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
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

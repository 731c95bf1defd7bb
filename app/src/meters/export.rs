//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::Meter;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/meters/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = ["id", "key", "name", "unit", "aggregation", "state", "created_at"];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadPlans>(), pairs, "meters.csv", &head, chunk, line)
}

fn line(of: Meter) -> Result<Vec<u8>> {
    download::line([
        of.id.to_string(),
        of.key,
        of.name,
        of.unit,
        of.aggregation.to_string(),
        if of.archived { "archived" } else { "active" }.to_owned(),
        of.created.iso,
    ])
}

//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::NotificationRow;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/notifications/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = ["id", "at", "event", "priority", "title", "text", "read"];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::UseConsole>(), pairs, "notifications.csv", &head, chunk, line)
}

fn line(of: NotificationRow) -> Result<Vec<u8>> {
    download::line([
        of.id.to_string(),
        of.at.iso,
        of.event,
        of.priority.to_string(),
        of.title,
        of.body,
        if of.read { "yes" } else { "no" }.to_owned(),
    ])
}

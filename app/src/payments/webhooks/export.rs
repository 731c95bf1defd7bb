//! The list of events as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::GatewayEvent;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;
use crate::payments::store::events as store;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/webhook-events/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = ["id", "gateway", "event_id", "type", "status", "happened_at", "received_at", "replays", "error"];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadPayments>(), pairs, "webhook-events.csv", &head, chunk, line)
}

fn line(event: GatewayEvent) -> Result<Vec<u8>> {
    download::line([
        event.id.to_string(),
        event.gateway.word().to_owned(),
        event.event_id,
        event.kind,
        event.status.word().to_owned(),
        event.happened.iso,
        event.received.iso,
        event.replays.to_string(),
        event.error.unwrap_or_default(),
    ])
}

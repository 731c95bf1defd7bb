//! The list of events as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::GatewayEvent;
use crate::kit::Result;
use crate::kit::download;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;
use crate::payments::store::events as store;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/webhook-events/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
}

fn file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadPayments>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    let head = ["id", "gateway", "event_id", "type", "status", "happened_at", "received_at", "replays", "error"];
    download::csv("webhook-events.csv", &head, move |place| {
        let (scope, query) = (scope.clone(), ListQuery { after: place.unwrap_or_default(), ..query.clone() });
        async move {
            let (rows, next) = store::chunk(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(line).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
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

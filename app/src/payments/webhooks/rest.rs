//! `/api/v1/webhook-events` for machines.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{EventStatus, GatewayEvent, GatewayEventDetail, GatewayEventId};
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Id, ListParams, Listing, Params};
use crate::payments::gateway::GatewayKind;
use crate::payments::store::events as store;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(replay))
}

/// Something that a gateway told us.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = WebhookEventSummary)]
pub struct EventJson {
    pub id: GatewayEventId,
    pub gateway: GatewayKind,
    /// The gateway's own id of it.
    pub event_id: String,
    /// `payment_intent.succeeded`.
    #[serde(rename = "type")]
    pub kind: String,
    pub status: EventStatus,
    /// RFC 3339.
    pub happened_at: String,
    /// RFC 3339.
    pub received_at: String,
    /// How often it was replayed.
    pub replays: i32,
    pub error: Option<String>,
}

impl From<GatewayEvent> for EventJson {
    fn from(event: GatewayEvent) -> Self {
        let GatewayEvent { id, gateway, event_id, kind, status, happened, received, replays, error } = event;
        Self { id, gateway, event_id, kind, status, happened_at: happened.iso, received_at: received.iso, replays, error }
    }
}

/// An event with all that it said.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = WebhookEvent)]
pub struct DetailJson {
    #[serde(flatten)]
    pub event: EventJson,
    /// As it came.
    pub payload: serde_json::Value,
}

impl From<GatewayEventDetail> for DetailJson {
    fn from(detail: GatewayEventDetail) -> Self {
        Self { event: detail.event.into(), payload: serde_json::from_str(&detail.payload).unwrap_or_default() }
    }
}

/// Which events.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventParams {
    #[serde(default)]
    pub status: Option<EventStatus>,
    /// `payment_intent.succeeded`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub gateway: Option<GatewayKind>,
}

/// Lists what gateways told us, the latest first.
#[utoipa::path(get, path = "/webhook-events", operation_id = "list_webhook_events", tag = "payments", params(ListParams, EventParams), responses((status = 200, body = Listing<EventJson>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadPayments>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<EventParams>,
) -> Answer<Listing<EventJson>> {
    let mut query: ListQuery = params.query()?;
    let (status, gateway) = (narrow.status.map(|s| s.to_string()), narrow.gateway.map(|g| g.to_string()));
    for (key, value) in [("status", status), ("kind", narrow.kind), ("gateway", gateway)] {
        if let Some(value) = value {
            query.filters.insert(key.to_owned(), vec![value]);
        }
    }
    Ok(Json(store::list(&scope, &query).await?.map(EventJson::from).into()))
}

/// One event with its payload.
#[utoipa::path(get, path = "/webhook-events/{id}", operation_id = "get_webhook_event", tag = "payments", params(("id" = GatewayEventId, Path)), responses((status = 200, body = DetailJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadPayments>, Id(id): Id<GatewayEventId>) -> Answer<DetailJson> {
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Applies an event once more. What it does is done once: an applied one changes nothing.
#[utoipa::path(post, path = "/webhook-events/{id}/replay", operation_id = "replay_webhook_event", tag = "payments", params(("id" = GatewayEventId, Path)), responses((status = 200, body = DetailJson)))]
async fn replay(Authorized(scope, _): Authorized<can::WritePayments>, Id(id): Id<GatewayEventId>) -> Answer<DetailJson> {
    store::replay(&scope, id).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

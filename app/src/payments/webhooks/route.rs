//! `POST /api/webhooks/GATEWAY` for the platform and `POST /api/webhooks/GATEWAY/ORGANIZATION` for others: where gateways
//! tell us things. Believed is only what the seller's own endpoint secret has signed.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::inbound::Inbound;
use crate::kit::db::Db;
use crate::kit::scope::Scope;
use crate::kit::{Error, clock, seller};
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::signature::{self, Distrust};
use crate::payments::store::accounts;
use crate::payments::store::events::{self, Taken};

/// The largest event; Stripe's are a few kilobytes.
pub const BODY_LIMIT: usize = 512 * 1024;
/// The seller whose events come without a name.
const PLATFORM: &str = "platform";

/// Every path that gateways post to. No session, no key: the signature is what is believed.
pub fn routes(db: Db) -> Router {
    Router::new()
        .route("/api/webhooks/{gateway}", post(platform))
        .route("/api/webhooks/{gateway}/{organization}", post(organization))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(db)
}

/// The header that a gateway signs in.
pub const fn header(gateway: GatewayKind) -> &'static str {
    match gateway {
        GatewayKind::Demo => "demo-signature",
        GatewayKind::Stripe => "stripe-signature",
    }
}

async fn platform(State(db): State<Db>, Path(gateway): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    answer(receive(&db, &gateway, PLATFORM, &headers, &body).await)
}

async fn organization(State(db): State<Db>, Path((gateway, slug)): Path<(String, String)>, headers: HeaderMap, body: Bytes) -> Response {
    answer(receive(&db, &gateway, &slug, &headers, &body).await)
}

/// Why an event was not taken.
enum Refusal {
    NotFound,
    Distrusted(Distrust),
    NoEvent,
    /// It is ours to mend: sent again, it is tried again.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

async fn receive(db: &Db, gateway: &str, slug: &str, headers: &HeaderMap, body: &[u8]) -> Result<Taken, Refusal> {
    let gateway: GatewayKind = gateway.parse().map_err(|_| Refusal::NotFound)?;
    let seller = seller::by_slug(db, slug).await?.ok_or(Refusal::NotFound)?;
    let scope = Scope::system(db.clone(), "gateway", seller, clock::now());
    let secrets = accounts::secrets(&scope.read().await?, gateway).await?.ok_or(Refusal::NotFound)?;
    let signature = headers.get(header(gateway)).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // A gateway signs by the clock on the wall, whatever a sandbox believes.
    if let Err(why) = signature::verify(&secrets.webhook, signature, body, scope.real_now()) {
        metrics::counter!("tenantry_gateway_events_refused_total", "gateway" => gateway.word()).increment(1);
        tracing::warn!(?why, %gateway, slug, "an event was not believed");
        return Err(Refusal::Distrusted(why));
    }
    let event = Inbound::read(gateway, body, scope.now()).ok_or(Refusal::NoEvent)?;
    Ok(events::take(&scope, &event).await?)
}

fn answer(result: Result<Taken, Refusal>) -> Response {
    let refuse = |status: StatusCode, why: &str| (status, axum::Json(json!({ "error": why }))).into_response();
    match result {
        Ok(taken) => axum::Json(json!({ "received": true, "status": taken.word() })).into_response(),
        Err(Refusal::NotFound) => refuse(StatusCode::NOT_FOUND, "No such endpoint, or it is not in use."),
        Err(Refusal::Distrusted(Distrust::Malformed)) => refuse(StatusCode::BAD_REQUEST, "The signature is missing or malformed."),
        Err(Refusal::Distrusted(Distrust::Forged)) => refuse(StatusCode::BAD_REQUEST, "The signature does not fit the body."),
        Err(Refusal::Distrusted(Distrust::Stale)) => refuse(StatusCode::BAD_REQUEST, "The signature is too old."),
        Err(Refusal::NoEvent) => refuse(StatusCode::BAD_REQUEST, "This is no event."),
        Err(Refusal::Failed(Error::Unavailable)) => refuse(StatusCode::SERVICE_UNAVAILABLE, "Send it again later."),
        Err(Refusal::Failed(_)) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "It is kept, but could not be applied."),
    }
}

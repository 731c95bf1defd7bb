//! What machines ask to know how the program fares: `/healthz` (the process lives), `/readyz` (the database answers and
//! has the schema that this program knows), `/metrics` (Prometheus; behind a bearer token where one is set).
//!
//! Names: `tenantry_http_request_duration_seconds` by method, route and status; `tenantry_job_runs_total`; gauges
//! `tenantry_jobs`, `tenantry_jobs_oldest_due_seconds`, `tenantry_outbox_waiting`, `tenantry_db_connections`, read from the
//! database when asked. None names a seller.

mod store;

use std::sync::OnceLock;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use subtle::ConstantTimeEq;

use crate::kit::db::Db;

/// Upper ends of the buckets of durations, in seconds.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

#[derive(Clone)]
struct Watched {
    db: Db,
    token: Option<String>,
    handle: Option<PrometheusHandle>,
}

/// Makes the recorder of metrics, once for the process; `None` where another one is in place.
pub fn install() -> Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let make = || {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), BUCKETS);
        let handle = builder.and_then(PrometheusBuilder::install_recorder);
        handle.inspect_err(|error| tracing::warn!(%error, "no metrics are recorded")).ok()
    };
    HANDLE.get_or_init(make).clone()
}

/// The three paths. `token`: what `/metrics` asks for, as `Authorization: Bearer TOKEN`.
pub fn routes(db: Db, token: Option<String>) -> Router {
    let watched = Watched { db, token, handle: install() };
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(watched)
}

async fn ready(State(watched): State<Watched>) -> Response {
    match store::readiness(&watched.db).await {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn metrics_text(State(watched): State<Watched>, headers: HeaderMap) -> Response {
    if let Some(token) = &watched.token {
        let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
        if !given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(token.as_bytes()))) {
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], "TENANTRY_METRICS_TOKEN is asked for\n")
                .into_response();
        }
    }
    let Some(handle) = &watched.handle else {
        return (StatusCode::SERVICE_UNAVAILABLE, "no metrics are recorded\n").into_response();
    };
    let measured = store::measure(&watched.db).await;
    handle.run_upkeep();
    let text = match measured {
        Ok(()) => handle.render(),
        Err(error) => {
            tracing::warn!(%error, "the database's gauges are left out");
            without_gauges(&handle.render())
        }
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Gauges that are read from the database.
const GAUGES: &[&str] = &["tenantry_jobs", "tenantry_jobs_oldest_due_seconds", "tenantry_outbox_waiting", "tenantry_db_connections"];

/// What is told while the database is away: not what it said when it was last there.
fn without_gauges(text: &str) -> String {
    let name = |line: &str| {
        let line = line.strip_prefix("# TYPE ").or_else(|| line.strip_prefix("# HELP ")).unwrap_or(line);
        line.split([' ', '{']).next().unwrap_or_default().to_owned()
    };
    text.lines().filter(|line| !GAUGES.contains(&name(line).as_str())).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests;

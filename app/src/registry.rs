//! What the features contribute to the running program, one line each: job handlers and schedules, sinks of events,
//! plain routes of the console, REST routes.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::kit::event::Sink;
use crate::kit::job::Registry;

/// Every kind of background job.
pub fn jobs() -> Registry {
    let mut registry = Registry::default();
    crate::api::jobs::register(&mut registry);
    crate::auth::jobs::register(&mut registry);
    crate::dunning::jobs::register(&mut registry);
    crate::documents::jobs::register(&mut registry);
    crate::imports::jobs::register(&mut registry);
    crate::invoices::jobs::register(&mut registry);
    crate::jobs::housekeeping::register(&mut registry);
    crate::mail::jobs::register(&mut registry);
    crate::payments::jobs::register(&mut registry);
    crate::sandbox::jobs::register(&mut registry);
    crate::subscriptions::jobs::register(&mut registry);
    crate::usage::jobs::register(&mut registry);
    registry
}

/// Everything that is told about events.
pub fn sinks() -> Vec<Sink> {
    vec![crate::notifications::sink::sink, crate::payments::sink::sink, crate::dunning::jobs::sink, crate::documents::jobs::sink]
}

/// Every route of the console that is no page: downloads, uploads.
pub fn console() -> Router {
    Router::new()
        .merge(crate::audit::export::routes())
        .merge(crate::billing::export::routes())
        .merge(crate::billing::logo::routes())
        .merge(crate::customers::export::routes())
        .merge(crate::dunning::export::routes())
        .merge(crate::documents::rest::console())
        .merge(crate::imports::export::routes())
        .merge(crate::imports::upload::routes())
        .merge(crate::invoices::export::routes())
        .merge(crate::jobs::export::routes())
        .merge(crate::mail::export::routes())
        .merge(crate::mail::rest::console())
        .merge(crate::meters::export::routes())
        .merge(crate::notifications::export::routes())
        .merge(crate::plans::export::routes())
        .merge(crate::payments::attachment::routes())
        .merge(crate::payments::export::routes())
        .merge(crate::payments::webhooks::export::routes())
        .merge(crate::portal::upload::routes())
        .merge(crate::receipts::export::routes())
        .merge(crate::receipts::upload::routes())
        .merge(crate::reports::export::routes())
        .merge(crate::revenue::export::routes())
        .merge(crate::subscriptions::export::routes())
        .merge(crate::usage::export::routes())
        .merge(crate::usage::upload::routes())
}

/// Every route of `/api/v1`.
pub fn rest() -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(crate::audit::rest::router())
        .merge(crate::billing::rest::router())
        .merge(crate::customers::rest::router())
        .merge(crate::dunning::rest::router())
        .merge(crate::documents::rest::router())
        .merge(crate::imports::rest::router())
        .merge(crate::invoices::rest::router())
        .merge(crate::mail::rest::router())
        .merge(crate::meters::rest::router())
        .merge(crate::payments::rest::router())
        .merge(crate::plans::rest::router())
        .merge(crate::portal::rest::router())
        .merge(crate::receipts::rest::router())
        .merge(crate::reports::rest::router())
        .merge(crate::revenue::rest::router())
        .merge(crate::sandbox::rest::router())
        .merge(crate::subscriptions::rest::router())
        .merge(crate::usage::rest::router())
}

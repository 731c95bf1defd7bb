//! The REST API `/api/v1` as a whole: the features' routes under one roof, the OpenAPI document at
//! `/api/v1/openapi.json`, readable docs at `/api/docs`, `Idempotency-Key` on POST. A query parameter that the document does
//! not know is refused.
//!
//! Table: `idempotency_keys`. Invariants: whatever is asked under `/api/v1`, an error is a problem document with the
//! request's id; a key is the seller's own and holds for a day.

mod docs;
mod document;
mod idempotency;
pub mod jobs;
mod parameters;
mod spool;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::{StatusCode, header};

use crate::kit::headers::REQUEST_ID;
use crate::kit::rest::{refusal, with_request_id};

/// The largest body of a call without a file.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;
/// More than any call with a file takes; each has a limit of its own.
const FILE_LIMIT: u64 = 600_000_000;

/// The API. The layer that puts the `Caller` into a request's extensions goes around it.
pub fn router() -> Router {
    let (routes, paths) = crate::registry::rest().split_for_parts();
    let document = document::whole(paths);
    let (json, page) = (document::json(&document), docs::page(&document));
    let v1 = routes
        .route("/openapi.json", get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json) }))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(parameters::known(&document), parameters::refuse_unknown))
        .layer(from_fn(idempotency::keep))
        .layer(from_fn(name_request));
    Router::new()
        .nest("/api/v1", v1)
        .route("/api/v1/", any(unknown).layer(from_fn(name_request)))
        .route("/api/docs", get(move || async move { docs::answer(page) }))
        .route("/api/docs.css", get(docs::style))
}

/// Problem documents name the request they answer.
async fn name_request(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    with_request_id(id, next.run(request)).await
}

async fn unknown() -> Response {
    refusal(StatusCode::NOT_FOUND, "Not found", "There is no such path. /api/docs lists all.").into_response()
}

async fn wrong_method() -> Response {
    let detail = "This path does not take this method; the header Allow lists those it takes.";
    refusal(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail).into_response()
}

#[cfg(test)]
mod tests;

//! What every answer carries and every request passes: an id, security headers, a time limit, protection against
//! forged requests, a measurement; and the policy of scripts, whose nonce is the one leptos writes into the page.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::RequestId;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tracing::Instrument;

use super::wire;

/// The request's id, in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A request that has not begun to answer by then is given up.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The same for requests that carry a file.
const UPLOAD_TIME_LIMIT: Duration = Duration::from_secs(15 * 60);
/// A body that stands still for so long is given up.
const BODY_PAUSE: Duration = Duration::from_secs(30);

/// How the program is reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// People reach it by https: browsers are told never to come by http again.
    pub tls: bool,
}

/// Puts the layers of the module around everything that answers.
pub fn secure(router: Router, options: Options) -> Router {
    let csrf = CsrfLayer::new()
        // Machines have keys in place of cookies, so nothing can be forged in their name.
        .with_insecure_bypass(|_, uri| uri.path().starts_with("/api/v1/"))
        .with_rejection_response(|_| (StatusCode::FORBIDDEN, "This request came from another site.").into_response());
    router
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(from_fn(limit_time))
        .layer(csrf)
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(from_fn(measure))
        .layer(from_fn_with_state(options, frame))
}

/// A call from a page of another build could neither send what is wanted here nor read the answer.
pub async fn refuse_other_builds(request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_none_or(wire::is_understood) {
        return next.run(request).await;
    }
    (StatusCode::NOT_ACCEPTABLE, wire::OF_ANOTHER_BUILD).into_response()
}

/// In the context of a page's rendering (`leptos_routes_with_context`): the policy with the nonce of this page.
pub fn provide_policy() {
    let Some((nonce, options)) = use_nonce().zip(use_context::<ResponseOptions>()) else { return };
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce)) {
        options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Styles in attributes are allowed: charts place their tooltips by them. Scripts need the nonce or come from us.
fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// For what is no page: nothing may run in it.
const BARE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The request's id, in its headers and extensions from here on: the caller's where it is a sensible one, else a new one.
fn take_id(request: &mut Request) -> HeaderValue {
    let sensible = |v: &&HeaderValue| {
        let bytes = v.as_bytes();
        (8..=128).contains(&bytes.len()) && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    };
    let id = request.headers().get(&REQUEST_ID).filter(sensible).cloned();
    let id = id.or_else(|| HeaderValue::from_str(&uuid::Uuid::now_v7().simple().to_string()).ok());
    let id = id.unwrap_or_else(|| HeaderValue::from_static("unknown"));
    request.headers_mut().insert(REQUEST_ID, id.clone());
    request.extensions_mut().insert(RequestId::new(id.clone()));
    id
}

async fn frame(State(options): State<Options>, mut request: Request, next: Next) -> Response {
    let id = take_id(&mut request);
    let span =
        tracing::info_span!("request", id = id.to_str().unwrap_or_default(), method = %request.method(), path = request.uri().path());
    let mut response = next.run(request).instrument(span).await;
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
        ),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(BARE_POLICY));
    if options.tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    response
}

/// Measures by route, never by path: paths are without number. `tenantry_http_request_duration_seconds`.
async fn measure(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = Instant::now();
    let response = next.run(request).await;
    let (elapsed, status) = (started.elapsed(), response.status());
    let labels = [("method", method.to_string()), ("route", route), ("status", status.as_str().to_owned())];
    metrics::histogram!("tenantry_http_request_duration_seconds", &labels).record(elapsed);
    if status.is_server_error() {
        tracing::warn!(%method, path, status = status.as_u16(), ?elapsed, "answered");
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), ?elapsed, "answered");
    }
    response
}

async fn limit_time(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let upload = path.starts_with("/uploads/") || path.starts_with("/api/v1/imports");
    let limit = if upload { UPLOAD_TIME_LIMIT } else { TIME_LIMIT };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "This took too long and was given up. Try again in a moment.").into_response(),
    }
}

fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let what = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let error = super::db::bug(format!("a panic: {}", what.unwrap_or("of unknown kind")));
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::{get, post};
    use tower::ServiceExt;

    use super::*;

    async fn ask(request: http::request::Builder) -> Response {
        let routes = Router::new()
            .route("/page", get(|| async { "hello" }).post(|| async { "done" }))
            .route("/broken", get(|| async { panic!("on purpose") as StatusCode }))
            .route("/api/v1/things", post(|| async { "made" }));
        let request = request.body(Body::empty()).expect("a request");
        secure(routes, Options { tls: true }).oneshot(request).await.expect("an answer")
    }

    #[tokio::test]
    async fn every_answer_is_framed() {
        let given = ask(Request::get("/page").header("x-request-id", "trace-0001")).await;
        assert_eq!(given.headers()["x-request-id"], "trace-0001");
        assert_eq!(given.headers()["x-content-type-options"], "nosniff");
        assert!(given.headers()["content-security-policy"].to_str().is_ok_and(|p| p.contains("frame-ancestors 'none'")));
        assert!(given.headers().contains_key("strict-transport-security"));
        let forged = ask(Request::get("/page").header("x-request-id", "a b\"c{}<>")).await;
        assert_eq!(forged.headers()["x-request-id"].len(), 32);
    }

    #[tokio::test]
    async fn another_site_cannot_post_as_the_person_and_a_panic_is_an_answer() {
        let post = |path: &str| Request::post(path).header("host", "here.example").header("sec-fetch-site", "cross-site");
        assert_eq!(ask(post("/page")).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(ask(post("/api/v1/things")).await.status(), StatusCode::OK);
        assert_eq!(ask(Request::post("/page").header("sec-fetch-site", "same-origin")).await.status(), StatusCode::OK);
        let broken = ask(Request::get("/broken")).await;
        assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(broken.headers().contains_key("x-request-id"));
    }

    #[test]
    fn the_policy_has_the_nonce_and_no_loophole_for_scripts() {
        let policy = page_policy("abc");
        let scripts = policy.split(';').find(|p| p.trim().starts_with("script-src")).unwrap_or_default();
        assert!(scripts.contains("'nonce-abc'") && !scripts.contains("unsafe-inline") && !scripts.contains("'unsafe-eval'"));
    }
}

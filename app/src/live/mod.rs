//! Live updates to browsers: `GET /live` streams what happens at the caller's seller as server-sent events, names and ids
//! only, for as long as the session lasts. `?since=` is when the page was made (milliseconds since 1970): what happened
//! between that and the first connection comes first. Who misses something is told to look again at everything. `?build=`
//! is the build that the page is of (`kit::wire`): a page of another one is refused with 406, and loads itself again.
//!
//! Invariants: an event of another seller never leaves; what concerns one person alone (`notification.read`, whose subject
//! is a `usr_…`) goes to that person alone.

mod stream;

use axum::extract::Query;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use chrono::DateTime;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::auth::Here;
use crate::kit::Error;
use crate::kit::permission::can::UseConsole;
use crate::kit::scope::Caller;
use crate::kit::wire::{BUILD, OF_ANOTHER_BUILD};

/// `/live`; the streams end when `stop` is cancelled, so that the server can.
pub fn routes(stop: CancellationToken) -> Router {
    Router::new().route("/live", get(listen)).layer(Extension(stop))
}

#[derive(Deserialize)]
struct Asked {
    since: Option<i64>,
    build: Option<String>,
}

async fn listen(
    Query(asked): Query<Asked>,
    Extension(stop): Extension<CancellationToken>,
    caller: Option<Extension<Caller>>,
    here: Option<Extension<Here>>,
) -> Response {
    if asked.build.is_some_and(|build| build != BUILD) {
        return (StatusCode::NOT_ACCEPTABLE, OF_ANOTHER_BUILD).into_response();
    }
    let session = here.and_then(|here| here.session().map(|session| session.id).ok());
    let allowed = match (caller, session) {
        (Some(Extension(caller @ Caller::Member(..))), Some(session)) => caller.scope::<UseConsole>().map(|scope| (scope, session)),
        _ => Err(Error::SignedOut),
    };
    let (scope, session) = match allowed {
        Ok(both) => both,
        // A stream that ends reconnects; one that is refused with this status does not.
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            return (status, error.to_string()).into_response();
        }
    };
    let since = asked.since.and_then(DateTime::from_timestamp_millis);
    let events = stream::events(scope, session, stop, since);
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that collect answers before passing them on must not do so here.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

//! `Idempotency-Key` on POST: a request sent again under its key has its first answer, and its effect once.
//!
//! The key is claimed before the handler runs, under a lease; the commit of the handler's change marks it in the same
//! transaction (`Tx::commit`); the answer is kept after. So a crash leaves one of two states that tell themselves apart:
//! not committed, and the next try takes over when the lease ends; or committed with the answer lost, and a retry is told
//! so instead of doing it twice.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use sea_orm::FromQueryResult;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::spool::{self, Digester};
use super::{BODY_LIMIT, FILE_LIMIT};
use crate::kit::clock;
use crate::kit::db::{Sql, bug};
use crate::kit::error::{Error, Result};
use crate::kit::rest::{Problem, request_id, with_request_id};
use crate::kit::scope::{Caller, Scope};

pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// A key holds for so long.
pub(super) const LIFE: TimeDelta = TimeDelta::hours(24);
/// A claim without a sign of life holds for so long.
const LEASE: TimeDelta = TimeDelta::seconds(30);
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);
/// The largest answer that is kept.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// The layer.
pub async fn keep(request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(&KEY).cloned().filter(|_| request.method() == Method::POST) else {
        return next.run(request).await;
    };
    // Who has no scope is refused by the handler.
    let Some(Caller::Machine(scope)) = request.extensions().get::<Caller>().cloned() else { return next.run(request).await };
    let Some(key) = readable(&key) else {
        return Problem(Error::field("Idempotency-Key", "must be 1 to 255 printable characters")).into_response();
    };
    let (request, hash) = match fingerprint(request).await {
        Ok(both) => both,
        Err(refused) => return refused,
    };
    match claim(&scope, &key, &hash).await {
        Ok(Claim::Mine) => run(scope, key, request, next).await,
        Ok(Claim::Answered(kept)) => kept.replay(),
        Ok(Claim::Refused(why)) => Problem(Error::Conflict(why.into())).into_response(),
        Err(error) => Problem(error).into_response(),
    }
}

fn readable(key: &HeaderValue) -> Option<String> {
    let text = key.to_str().ok()?.trim();
    let printable = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    ((1..=255).contains(&text.len()) && printable).then(|| text.to_owned())
}

/// What makes two requests the same: method, path, query, type and content of the body. A file's boundary text, which a
/// client invents anew each time, does not count.
async fn fingerprint(request: Request) -> Result<(Request, String), Response> {
    let (parts, body) = request.into_parts();
    let full = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut hash = Sha256::new();
    hash.update(format!("{} {}\n{kind}\n", parts.method, parts.uri));
    let file = !kind.ends_with("json");
    let boundary = boundary(full).filter(|_| kind == "multipart/form-data").unwrap_or_default();
    let (body, hash) = spool::spool(body, if file { FILE_LIMIT } else { BODY_LIMIT as u64 }, Digester::new(hash, boundary)).await?;
    Ok((Request::from_parts(parts, body), hash))
}

/// What parts the parts of a form.
fn boundary(kind: &str) -> Option<&str> {
    kind.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })
}

enum Claim {
    /// Run it.
    Mine,
    Answered(Kept),
    Refused(&'static str),
}

#[derive(FromQueryResult)]
struct Row {
    request_hash: String,
    status: Option<i32>,
    body: Option<String>,
    location: Option<String>,
    applied_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// An answer given before.
struct Kept {
    status: i32,
    body: String,
    location: Option<String>,
}

impl Kept {
    fn replay(self) -> Response {
        let status = u16::try_from(self.status).ok().and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
        let empty = self.body.is_empty();
        let mut response = (status, if status.as_u16() >= 400 { renamed(self.body) } else { self.body }).into_response();
        let kind = if status.as_u16() >= 400 { "application/problem+json" } else { "application/json" };
        if empty {
            response.headers_mut().remove(header::CONTENT_TYPE);
        } else {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some(location) = self.location.and_then(|l| HeaderValue::from_str(&l).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}

/// A problem document that names the request at hand instead of the one it was first made for.
fn renamed(body: String) -> String {
    match (serde_json::from_str::<Json>(&body), request_id()) {
        (Ok(Json::Object(mut problem)), Some(id)) => {
            problem.insert("request_id".into(), id.into());
            Json::Object(problem).to_string()
        }
        _ => body,
    }
}

async fn claim(scope: &Scope, key: &str, hash: &str) -> Result<Claim> {
    let (tx, now) = (scope.write().await?, clock::now());
    let seller = tx.seller_id().0;
    tx.run(
        "DELETE FROM idempotency_keys WHERE seller_id = $1 AND key = $2 AND (created_at < $3 \
         OR (status IS NULL AND applied_at IS NULL AND lease_until < $4))",
        [seller.into(), key.into(), (now - LIFE).into(), now.into()],
    )
    .await?;
    let inserted = tx
        .run(
            "INSERT INTO idempotency_keys (seller_id, key, request_hash, created_at, lease_until) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (seller_id, key) DO NOTHING",
            [seller.into(), key.into(), hash.into(), now.into(), (now + LEASE).into()],
        )
        .await?;
    let row: Option<Row> = tx
        .one(
            "SELECT request_hash, status, body, location, applied_at FROM idempotency_keys WHERE seller_id = $1 AND key = $2",
            [seller.into(), key.into()],
        )
        .await?;
    tx.commit_quietly().await?;
    let row = row.ok_or_else(|| bug("a key just claimed is gone"))?;
    Ok(match row {
        _ if inserted == 1 => Claim::Mine,
        row if row.request_hash != hash => Claim::Refused("This Idempotency-Key was used for another request."),
        Row { status: Some(status), body, location, .. } => Claim::Answered(Kept { status, body: body.unwrap_or_default(), location }),
        Row { applied_at: Some(_), .. } => {
            Claim::Refused("This request was carried out, but its answer was lost. Read what it made instead of sending it again.")
        }
        _ => Claim::Refused("A request with this Idempotency-Key is in progress."),
    })
}

/// Runs the handler to its end even if the caller goes away: that is the case the key is for.
async fn run(scope: Scope, key: String, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Caller::Machine(scope.with_idempotency_key(key.clone())));
    let id = request_id().unwrap_or_default();
    let task = tokio::spawn(with_request_id(id, async move {
        let mut handler = std::pin::pin!(next.run(request));
        let response = loop {
            tokio::select! {
                response = &mut handler => break response,
                () = tokio::time::sleep(SIGN_OF_LIFE) => {}
            }
            let renewal = renew(&scope, &key);
            tokio::select! {
                response = &mut handler => break response,
                renewed = renewal => if let Err(error) = renewed { tracing::warn!(%error, "the lease of an idempotency key was not renewed") },
            }
        };
        remember(&scope, &key, response).await
    }));
    task.await.unwrap_or_else(|e| Problem(bug(format!("a request with an idempotency key broke off: {e}"))).into_response())
}

async fn renew(scope: &Scope, key: &str) -> Result<()> {
    let tx = scope.write().await?;
    let values = [tx.seller_id().0.into(), key.into(), (clock::now() + LEASE).into()];
    tx.run("UPDATE idempotency_keys SET lease_until = $3 WHERE seller_id = $1 AND key = $2", values).await?;
    tx.commit_quietly().await
}

/// Whether the answer is the request's, rather than the moment's.
fn lasting(status: StatusCode) -> bool {
    use StatusCode as S;
    !(status.is_server_error() || [S::UNAUTHORIZED, S::FORBIDDEN, S::REQUEST_TIMEOUT, S::TOO_MANY_REQUESTS].contains(&status))
}

async fn remember(scope: &Scope, key: &str, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = match to_bytes(body, ANSWER_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return Problem(bug(format!("an answer to a POST that cannot be kept: {error}"))).into_response(),
    };
    let location = parts.headers.get(header::LOCATION).and_then(|l| l.to_str().ok()).map(str::to_owned);
    let kept = match std::str::from_utf8(&bytes) {
        Ok(text) if lasting(parts.status) => write(scope, key, parts.status, text, location).await,
        _ => release(scope, key).await,
    };
    if let Err(error) = kept {
        tracing::error!(%error, "the answer of a request with an idempotency key was not kept");
    }
    Response::from_parts(parts, Body::from(bytes))
}

async fn write(scope: &Scope, key: &str, status: StatusCode, body: &str, location: Option<String>) -> Result<()> {
    let tx = scope.write().await?;
    let values = [tx.seller_id().0.into(), key.into(), i32::from(status.as_u16()).into(), body.into(), location.into()];
    tx.run("UPDATE idempotency_keys SET status = $3, body = $4, location = $5 WHERE seller_id = $1 AND key = $2", values).await?;
    tx.commit_quietly().await
}

/// Forgets a claim that had no effect, so that the next try runs at once.
async fn release(scope: &Scope, key: &str) -> Result<()> {
    let tx = scope.write().await?;
    let values = [tx.seller_id().0.into(), key.into()];
    tx.run("DELETE FROM idempotency_keys WHERE seller_id = $1 AND key = $2 AND applied_at IS NULL", values).await?;
    tx.commit_quietly().await
}

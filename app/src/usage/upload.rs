//! The console's plain route: the file of events that a form sends.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Multipart};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode, header};

use super::model::UsageUploadId;
use super::store::uploads::{self, LIMITS};
use crate::kit::files::PutError;
use crate::kit::paging::escape;
use crate::kit::permission::can;
use crate::kit::scope::{Caller, Scope};
use crate::kit::{Error, Result};

/// The file and the words around it.
const BODY_MAX: usize = 26_000_000;

pub fn routes() -> Router {
    Router::new().route("/usage/upload", post(upload).layer(DefaultBodyLimit::max(BODY_MAX)))
}

/// Takes a file. A script is told where the upload is, in JSON; a plain form is led there.
async fn upload(
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let script = headers.get(header::ACCEPT).is_some_and(|a| a.to_str().is_ok_and(|a| a.starts_with("application/json")));
    let scope = match caller {
        Some(Extension(caller @ Caller::Member(..))) => caller.scope::<can::WriteSubscriptions>(),
        _ => Err(Error::SignedOut),
    };
    let taken = match (scope, form) {
        (Ok(scope), Ok(form)) => take(&scope, form).await,
        (Err(error), _) => Err(error),
        (_, Err(rejection)) => Err(Error::field("file", rejection.body_text())),
    };
    match taken {
        Ok(id) if script => axum::Json(format!("/usage-uploads/{id}")).into_response(),
        Ok(id) => Redirect::to(&format!("/usage-uploads/{id}")).into_response(),
        Err(error) if script || matches!(error, Error::SignedOut | Error::Forbidden(_)) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, axum::Json(error)).into_response()
        }
        Err(error) => Redirect::to(&format!("/usage?refused={}", escape(&error.to_string()))).into_response(),
    }
}

async fn take(scope: &Scope, mut form: Multipart) -> Result<UsageUploadId> {
    while let Some(field) = form.next_field().await.map_err(|e| Error::field("file", e.body_text()))? {
        if field.name() != Some("file") {
            continue;
        }
        let name = shown_name(field.file_name().unwrap_or_default());
        let key = format!("usage/{}/{}", scope.seller().id, uuid::Uuid::now_v7().simple());
        let kept = scope.db().files()?.put(&key, field, LIMITS.bytes).await;
        let size = kept.map_err(|error| match error {
            PutError::Store(error) => error,
            PutError::TooLarge => Error::field("file", "is larger than 25 MB"),
            PutError::BrokenOff(_) => Error::field("file", "did not arrive whole; send it again"),
        })?;
        let made = uploads::create(scope, name, key.clone(), size).await;
        if made.is_err() {
            scope.db().files()?.delete(&key).await?;
        }
        return made;
    }
    Err(Error::field("file", "is required"))
}

/// The last part of a path, without what does not show.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if name.trim().is_empty() { "usage.csv".to_owned() } else { name }
}

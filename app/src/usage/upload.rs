//! The console's plain route: the file of events that a form sends.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Multipart};
use axum::response::Response;
use axum::routing::post;
use http::HeaderMap;

use super::model::UsageUploadId;
use super::store::uploads::{self, LIMITS};
use crate::kit::files::PutError;
use crate::kit::permission::can;
use crate::kit::scope::{Caller, Scope, member};
use crate::kit::upload::answer;
use crate::kit::{Error, Result};

/// The file and the words around it.
const BODY_MAX: usize = 26_000_000;

pub fn routes() -> Router {
    Router::new().route("/usage/upload", post(upload).layer(DefaultBodyLimit::max(BODY_MAX)))
}

/// Takes a file, and leads to the upload.
async fn upload(
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let taken = match (member::<can::WriteSubscriptions>(caller), form) {
        (Ok(scope), Ok(form)) => take(&scope, form).await,
        (Err(error), _) => Err(error),
        (_, Err(rejection)) => Err(Error::field("file", rejection.body_text())),
    };
    answer(&headers, taken.map(|id| format!("/usage-uploads/{id}")), "/usage")
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

//! The console's two plain routes: the file that a form sends, and the file as it was sent.

use std::io::Read;

use axum::Router;
use axum::extract::multipart::Field;
use axum::extract::{DefaultBodyLimit, Extension, Multipart, Path};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use futures::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::model::{BYTES_MAX, FileKind, ReceiptId, disposition, shown_name};
use super::store::{self, NewReceipt};
use crate::invoices::InvoiceId;
use crate::kit::db::bug;
use crate::kit::files::PutError;
use crate::kit::paging::escape;
use crate::kit::permission::{Can, can};
use crate::kit::rest::Problem;
use crate::kit::scope::{Caller, Scope};
use crate::kit::{Error, Result};

/// The file and the words around it.
const BODY_MAX: usize = 6 * 1024 * 1024;
/// Nothing in it may run, load or be framed.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

pub fn routes() -> Router {
    Router::new().route("/receipts/upload", post(upload).layer(DefaultBodyLimit::max(BODY_MAX))).route("/receipts/{id}/file", get(file))
}

fn member<P: Can>(caller: Option<Extension<Caller>>) -> Result<Scope> {
    match caller {
        Some(Extension(caller @ Caller::Member(..))) => caller.scope::<P>(),
        _ => Err(Error::SignedOut),
    }
}

/// Takes a file. A script is told where the receipt is, in JSON; a plain form is led there.
async fn upload(
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let script = headers.get(header::ACCEPT).is_some_and(|a| a.to_str().is_ok_and(|a| a.starts_with("application/json")));
    let taken = match (member::<can::WritePayments>(caller), form) {
        (Ok(scope), Ok(form)) => take(&scope, form).await,
        (Err(error), _) => Err(error),
        (_, Err(rejection)) => Err(Error::field("file", rejection.body_text())),
    };
    match taken {
        Ok(id) if script => axum::Json(format!("/receipts/{id}")).into_response(),
        Ok(id) => Redirect::to(&format!("/receipts/{id}")).into_response(),
        Err(error) if script || matches!(error, Error::SignedOut | Error::Forbidden(_)) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, axum::Json(error)).into_response()
        }
        Err(error) => Redirect::to(&format!("/receipts?refused={}", escape(&error.to_string()))).into_response(),
    }
}

async fn take(scope: &Scope, mut form: Multipart) -> Result<ReceiptId> {
    let mut invoice = None;
    while let Some(field) = form.next_field().await.map_err(|e| Error::field("file", e.body_text()))? {
        match field.name() {
            Some("invoice") => {
                let id = field.text().await.map_err(|e| Error::field("invoice", e.body_text()))?;
                invoice = if id.is_empty() { None } else { Some(id.parse().map_err(|_| Error::NotFound)?) };
            }
            Some("file") => return keep(scope, field, invoice).await,
            _ => {}
        }
    }
    Err(Error::field("file", "is required"))
}

/// Looks at a file and keeps it. One that is refused leaves nothing behind.
async fn keep(scope: &Scope, mut field: Field<'_>, invoice: Option<InvoiceId>) -> Result<ReceiptId> {
    let file_name = shown_name(field.file_name().unwrap_or_default());
    let mut bytes = Vec::new();
    while let Some(part) = field.chunk().await.map_err(|e| Error::field("file", e.body_text()))? {
        if (bytes.len() + part.len()) as u64 > BYTES_MAX {
            return Err(Error::field("file", "is larger than 5 MB"));
        }
        bytes.extend_from_slice(&part);
    }
    let kind = FileKind::of(&bytes).ok_or_else(|| Error::field("file", "is no PDF, PNG or JPG, whatever its name says"))?;
    let sha256: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    let file_key = format!("receipts/{}/{}", scope.seller().id, uuid::Uuid::now_v7().simple());
    let size_bytes = bytes.len() as u64;
    let files = scope.db().files()?;
    let kept = files.put(&file_key, stream::iter([Ok::<_, std::convert::Infallible>(bytes)]), BYTES_MAX).await;
    kept.map_err(|error| match error {
        PutError::Store(error) => error,
        PutError::TooLarge => Error::field("file", "is larger than 5 MB"),
        PutError::BrokenOff(_) => Error::field("file", "did not arrive whole; send it again"),
    })?;
    let new = NewReceipt { file_key: file_key.clone(), file_name, kind, size_bytes, sha256, invoice };
    let made = store::create(scope, new).await;
    if made.is_err() {
        files.delete(&file_key).await?;
    }
    made
}

/// The file as it was sent: a picture to look at, a PDF to save, neither able to do anything.
async fn file(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    match content(caller, &id).await {
        Ok(response) => response,
        Err(error) => Problem(error).into_response(),
    }
}

async fn content(caller: Option<Extension<Caller>>, id: &str) -> Result<Response> {
    let scope = member::<can::ReadPayments>(caller)?;
    let id: ReceiptId = id.parse().map_err(|_| Error::NotFound)?;
    let (name, kind, key) = store::file(&scope, id).await?;
    let mut file = scope.db().files()?.open(&key).await?;
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = read.await.map_err(bug)?.map_err(bug)?;
    let disposition = HeaderValue::from_str(&disposition(kind, &name)).map_err(bug)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.word())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}

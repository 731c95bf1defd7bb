//! The console's plain routes: the file that a form sends, the file as it was sent, and a picture of it.

use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Extension, Multipart, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::HeaderMap;

use super::model::ReceiptId;
use super::store::{self, NewReceipt};
use crate::invoices::InvoiceId;
use crate::kit::id::OrganizationId;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::{Caller, Scope, member};
use crate::kit::upload::{self, BODY_MAX};
use crate::kit::{Error, Result};

pub fn routes() -> Router {
    Router::new()
        .route("/receipts/upload", post(send).layer(DefaultBodyLimit::max(BODY_MAX)))
        .route("/receipts/{id}/file", get(file))
        .route("/receipts/{id}/preview", get(preview))
}

async fn send(caller: Option<Extension<Caller>>, headers: HeaderMap, form: Result<Multipart, MultipartRejection>) -> Response {
    let taken = match (member::<can::WritePayments>(caller), form) {
        (Ok(scope), Ok(form)) => take(&scope, form).await,
        (Err(error), _) => Err(error),
        (_, Err(rejection)) => Err(upload::rejected(rejection)),
    };
    upload::answer(&headers, taken.map(|id| format!("/receipts/{id}")), "/receipts")
}

/// Takes a file, for the invoice in the field `invoice` if there is one. One that is refused leaves nothing behind.
pub async fn take(scope: &Scope, form: Multipart) -> Result<ReceiptId> {
    let (document, invoice) = upload::receive(form, "invoice").await?;
    let invoice = if invoice.is_empty() { None } else { Some(invoice.parse().map_err(|_| Error::NotFound)?) };
    put(scope, document, invoice, None).await
}

/// Keeps a file as a receipt; `from` is the organization of who sends it from the customer's side.
pub async fn put(scope: &Scope, document: upload::Document, invoice: Option<InvoiceId>, from: Option<OrganizationId>) -> Result<ReceiptId> {
    let (sha256, size_bytes) = (document.sha256(), document.bytes.len() as u64);
    let file_key = upload::keep(scope, "receipts", document.bytes).await?;
    let (file_name, kind, uploader_organization) = (document.name, document.kind, from);
    let new = NewReceipt { file_key: file_key.clone(), file_name, kind, size_bytes, sha256, invoice, uploader_organization };
    let made = store::create(scope, new).await;
    if made.is_err() {
        scope.db().files()?.delete(&file_key).await?;
    }
    made
}

async fn file(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    match content(caller, &id).await {
        Ok(response) => response,
        Err(error) => Problem(error).into_response(),
    }
}

/// The file as a picture: its first page, where it is a PDF.
async fn preview(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    let shown = async {
        let scope = member::<can::ReadPayments>(caller)?;
        let (name, kind, key) = store::file(&scope, id.parse().map_err(|_| Error::NotFound)?).await?;
        if kind.is_image() {
            return upload::download(&name, kind, upload::bytes(&scope, &key).await?);
        }
        super::preview::picture(&scope, &name, &key).await
    };
    shown.await.unwrap_or_else(|error| Problem(error).into_response())
}

async fn content(caller: Option<Extension<Caller>>, id: &str) -> Result<Response> {
    let scope = member::<can::ReadPayments>(caller)?;
    let id: ReceiptId = id.parse().map_err(|_| Error::NotFound)?;
    let (name, kind, key) = store::file(&scope, id).await?;
    upload::download(&name, kind, upload::bytes(&scope, &key).await?)
}

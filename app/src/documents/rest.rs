//! The PDFs, for browsers and machines, and sending for machines.

use axum::extract::{Extension, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::get as route_get;
use axum::{Json, Router};
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::{self, Pdf};
use crate::invoices::{CreditNoteId, InvoiceId};
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Id, Problem};
use crate::kit::scope::{Caller, Scope};
use crate::kit::{Error, Result};
use crate::mail::MailId;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(invoice)).routes(routes!(credit_note)).routes(routes!(send))
}

/// The console's plain routes.
pub fn console() -> Router {
    Router::new().route("/invoices/{id}/pdf", route_get(invoice_file)).route("/credit-notes/{id}/pdf", route_get(credit_note_file))
}

/// An invoice as PDF, in the customer's language. What is issued never changes.
#[utoipa::path(get, path = "/invoices/{id}/pdf", operation_id = "get_invoice_pdf", tag = "invoices", params(("id" = InvoiceId, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
async fn invoice(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<InvoiceId>) -> Result<Response, Problem> {
    Ok(file(store::invoice_pdf(&scope, id).await?))
}

/// A credit note as PDF.
#[utoipa::path(get, path = "/credit-notes/{id}/pdf", operation_id = "get_credit_note_pdf", tag = "invoices", params(("id" = CreditNoteId, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
async fn credit_note(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<CreditNoteId>) -> Result<Response, Problem> {
    Ok(file(store::credit_note_pdf(&scope, id).await?))
}

/// The letter that was queued.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SentJson {
    pub mail_id: MailId,
}

/// Sends an invoice to its customer by e-mail, with the PDF; each call sends it once more.
#[utoipa::path(post, path = "/invoices/{id}/send", operation_id = "send_invoice", tag = "invoices", params(("id" = InvoiceId, Path)), responses((status = 200, body = SentJson)))]
async fn send(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<InvoiceId>) -> Answer<SentJson> {
    Ok(Json(SentJson { mail_id: store::send_invoice(&scope, id).await? }))
}

fn reader(caller: Option<Extension<Caller>>) -> Result<Scope> {
    match caller {
        Some(Extension(caller @ Caller::Member(..))) => caller.scope::<can::ReadInvoices>(),
        _ => Err(Error::SignedOut),
    }
}

async fn invoice_file(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    let made = async {
        let scope = reader(caller)?;
        store::invoice_pdf(&scope, id.parse().map_err(|_| Error::NotFound)?).await
    };
    made.await.map_or_else(|error| Problem(error).into_response(), file)
}

async fn credit_note_file(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    let made = async {
        let scope = reader(caller)?;
        store::credit_note_pdf(&scope, id.parse().map_err(|_| Error::NotFound)?).await
    };
    made.await.map_or_else(|error| Problem(error).into_response(), file)
}

/// To save, not to open in here.
pub fn file(pdf: Pdf) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", pdf.name));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, disposition.unwrap_or_else(|_| HeaderValue::from_static("attachment"))),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, pdf.bytes).into_response()
}

//! The customer's files: a proof of payment for one of their invoices, and the invoice as PDF.

use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Extension, Multipart, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::HeaderMap;

use super::scope::CustomerScope;
use super::store;
use crate::documents::rest::file;
use crate::invoices::InvoiceId;
use crate::kit::paging::escape;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::{Caller, member};
use crate::kit::upload::{self, BODY_MAX};
use crate::kit::{Error, Result};
use crate::receipts::ReceiptId;
use crate::receipts::upload::put;

/// Routes of the portal that are no pages.
pub fn routes() -> Router {
    Router::new()
        .route("/account/invoices/{id}/receipt", post(send).layer(DefaultBodyLimit::max(BODY_MAX)))
        .route("/account/invoices/{id}/pdf", get(pdf))
}

async fn pdf(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    let made = async {
        let who = CustomerScope::of(&member::<can::ReadAccount>(caller)?).await?;
        store::pdf(&who, id.parse().map_err(|_| Error::NotFound)?).await
    };
    made.await.map_or_else(|error| Problem(error).into_response(), file)
}

async fn send(
    caller: Option<Extension<Caller>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let page = format!("/account/invoices/{}", escape(&id));
    upload::answer(&headers, take(caller, &id, form).await.map(|_| page.clone()), &page)
}

async fn take(caller: Option<Extension<Caller>>, id: &str, form: Result<Multipart, MultipartRejection>) -> Result<ReceiptId> {
    let own = member::<can::WriteAccount>(caller)?;
    let who = CustomerScope::of(&own).await?;
    let id: InvoiceId = id.parse().map_err(|_| Error::NotFound)?;
    store::check_invoice(&who, id).await?;
    let (document, _) = upload::receive(form.map_err(upload::rejected)?, "").await?;
    put(who.seller(), document, Some(id), Some(own.seller().id)).await
}

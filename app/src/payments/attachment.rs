//! `/payments/ID/attachment`: the document of a payment, sent and given back.

use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Extension, Multipart, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::HeaderMap;

use super::model::PaymentId;
use super::store;
use crate::kit::document::FileKind;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::{Caller, Scope, member};
use crate::kit::upload::{self, BODY_MAX};
use crate::kit::{Error, Result};

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/payments/{id}/attachment", get(file).post(send).layer(DefaultBodyLimit::max(BODY_MAX)))
}

async fn send(
    caller: Option<Extension<Caller>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let taken = match (member::<can::WritePayments>(caller), id.parse(), form) {
        (Err(error), ..) => Err(error),
        (_, Err(_), _) => Err(Error::NotFound),
        (Ok(scope), Ok(id), Ok(form)) => take(&scope, id, form).await,
        (_, _, Err(rejection)) => Err(upload::rejected(rejection)),
    };
    let page = format!("/payments/{id}");
    upload::answer(&headers, taken.map(|()| page.clone()), &page)
}

/// Attaches the document in a form. One that is refused leaves nothing behind, one that is replaced is deleted.
pub async fn take(scope: &Scope, id: PaymentId, form: Multipart) -> Result<()> {
    store::get(scope, id).await?;
    let (document, _) = upload::receive(form, "").await?;
    let key = upload::keep(scope, "payments", document.bytes).await?;
    let attached = store::attach(scope, id, &key, &document.name).await;
    let gone = match &attached {
        Ok(replaced) => replaced.as_deref(),
        Err(_) => Some(key.as_str()),
    };
    if let Some(gone) = gone {
        scope.db().files()?.delete(gone).await?;
    }
    attached.map(|_| ())
}

async fn file(caller: Option<Extension<Caller>>, Path(id): Path<String>) -> Response {
    let given = match (member::<can::ReadPayments>(caller), id.parse()) {
        (Err(error), _) => Err(error),
        (_, Err(_)) => Err(Error::NotFound),
        (Ok(scope), Ok(id)) => give(&scope, id).await,
    };
    given.unwrap_or_else(|error| Problem(error).into_response())
}

/// The document of a payment.
pub async fn give(scope: &Scope, id: PaymentId) -> Result<Response> {
    let bytes = upload::bytes(scope, &store::attachment(scope, id).await?).await?;
    let kind = FileKind::of(&bytes).ok_or(Error::NotFound)?;
    upload::download(&format!("{id}.{}", kind.ending()), kind, bytes)
}

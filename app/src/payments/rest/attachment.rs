//! The document of a payment.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::DetailJson;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Id, Problem};
use crate::kit::upload::{BODY_MAX, rejected};
use crate::payments::model::PaymentId;
use crate::payments::{attachment, store};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(give, attach)).layer(DefaultBodyLimit::max(BODY_MAX))
}

/// The form of a document, sent as `multipart/form-data`.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct DocumentForm {
    /// PDF, PNG or JPG, up to 5 MB.
    #[schema(format = Binary)]
    file: String,
}

/// Attaches a document to a payment; one that it had is replaced.
#[utoipa::path(post, path = "/payments/{id}/attachment", operation_id = "attach_to_payment", tag = "payments", params(("id" = PaymentId, Path)), request_body(content = DocumentForm, content_type = "multipart/form-data"), responses((status = 200, body = DetailJson), (status = 422, description = "Not such a file", content_type = "application/problem+json")))]
async fn attach(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(id): Id<PaymentId>,
    form: Result<Multipart, MultipartRejection>,
) -> Answer<DetailJson> {
    store::get(&scope, id).await?;
    attachment::take(&scope, id, form.map_err(rejected)?).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// The document of a payment, as it was sent.
#[utoipa::path(get, path = "/payments/{id}/attachment", operation_id = "get_payment_attachment", tag = "payments", params(("id" = PaymentId, Path)), responses((status = 200, description = "PDF, PNG or JPG"), (status = 404, description = "It has none", content_type = "application/problem+json")))]
async fn give(Authorized(scope, _): Authorized<can::ReadPayments>, Id(id): Id<PaymentId>) -> Result<Response, Problem> {
    Ok(attachment::give(&scope, id).await?)
}

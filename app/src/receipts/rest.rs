//! `/api/v1/receipts`: the queue for machines.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart};
use axum::response::Response;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Receipt, ReceiptId, ReceiptStatus};
use super::{store, upload};
use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::document::FileKind;
use crate::kit::form::Check;
use crate::kit::money::Money;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params, Problem, Reason, created};
use crate::kit::upload::{BODY_MAX, rejected};
use crate::payments::PaymentId;
use crate::payments::model::{NewAllocation, NewPayment, PaidBy};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// A proof of payment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptJson {
    pub id: ReceiptId,
    pub status: ReceiptStatus,
    pub file_name: String,
    pub content_type: FileKind,
    pub size_bytes: u64,
    pub customer_id: Option<CustomerId>,
    pub invoice_id: Option<InvoiceId>,
    /// Recorded when it was approved.
    pub payment_id: Option<PaymentId>,
    pub reject_reason: Option<String>,
    pub uploaded_by: String,
    /// RFC 3339.
    pub uploaded_at: String,
    pub reviewed_by: Option<String>,
    pub reviewed_at: Option<String>,
}

impl From<Receipt> for ReceiptJson {
    fn from(receipt: Receipt) -> Self {
        let Receipt { id, status, file_name, kind, size_bytes, customer, invoice, payment, reject_reason, .. } = receipt;
        Self {
            id,
            status,
            file_name,
            content_type: kind,
            size_bytes,
            customer_id: customer.map(|(id, _)| id),
            invoice_id: invoice.map(|i| i.id),
            payment_id: payment,
            reject_reason,
            uploaded_by: receipt.uploaded_by,
            uploaded_at: receipt.uploaded.iso,
            reviewed_by: receipt.reviewed_by,
            reviewed_at: receipt.reviewed.map(|at| at.iso),
        }
    }
}

/// Which receipts.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReceiptParams {
    #[serde(default)]
    pub status: Option<ReceiptStatus>,
}

/// Lists receipts, the latest first.
#[utoipa::path(get, path = "/receipts", operation_id = "list_receipts", tag = "payments", params(ListParams, ReceiptParams), responses((status = 200, body = Listing<ReceiptJson>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadPayments>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<ReceiptParams>,
) -> Answer<Listing<ReceiptJson>> {
    let mut query = params.query()?;
    if let Some(status) = narrow.status {
        query.filters.insert("status".into(), vec![status.to_string()]);
    }
    Ok(Json(store::list(&scope, &query).await?.map(ReceiptJson::from).into()))
}

/// The form of a receipt, sent as `multipart/form-data`.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct ReceiptForm {
    /// The invoice it is for; before the file. Otherwise the number in the file's name tells.
    invoice: Option<String>,
    /// PDF, PNG or JPG, up to 5 MB.
    #[schema(format = Binary)]
    file: String,
}

/// Puts a proof of payment into the queue.
#[utoipa::path(post, path = "/receipts", operation_id = "create_receipt", tag = "payments", request_body(content = ReceiptForm, content_type = "multipart/form-data"), responses((status = 201, body = ReceiptJson), (status = 422, description = "Not such a file", content_type = "application/problem+json")))]
async fn create(
    Authorized(scope, _): Authorized<can::WritePayments>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let id = upload::take(&scope, form.map_err(rejected)?).await?;
    Ok(created(format!("/api/v1/receipts/{id}"), ReceiptJson::from(store::get(&scope, id).await?)))
}

/// One receipt.
#[utoipa::path(get, path = "/receipts/{id}", operation_id = "get_receipt", tag = "payments", params(("id" = ReceiptId, Path)), responses((status = 200, body = ReceiptJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadPayments>, Id(id): Id<ReceiptId>) -> Answer<ReceiptJson> {
    Ok(Json(store::get(&scope, id).await?.into()))
}

/// The payment that a receipt proves.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveJson {
    pub customer_id: CustomerId,
    pub amount: Money,
    /// `bank_transfer` unless given.
    #[serde(default)]
    pub method: Option<PaidBy>,
    /// Today unless given; never ahead.
    #[serde(default)]
    pub paid_on: Option<NaiveDate>,
    #[serde(default)]
    pub reference: Option<String>,
    /// What is due first unless given.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
}

/// Approves a receipt: the payment is recorded with it.
#[utoipa::path(post, path = "/receipts/{id}/approve", operation_id = "approve_receipt", tag = "payments", params(("id" = ReceiptId, Path)), request_body = ApproveJson, responses((status = 200, body = ReceiptJson)))]
async fn approve(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(id): Id<ReceiptId>,
    Body(body): Body<ApproveJson>,
) -> Answer<ReceiptJson> {
    let mut check = Check::default();
    let reference = check.optional_text("reference", body.reference.as_deref().unwrap_or_default(), 100);
    let paid_on = body.paid_on.and_then(|day| check.optional_day("paid_on", &day.to_string()));
    let allocations = body.invoice_id.map(|invoice| vec![NewAllocation { invoice, amount: None }]);
    let (customer, amount, paid_by) = (body.customer_id, body.amount, body.method.unwrap_or(PaidBy::BankTransfer));
    let payment = check.done(|| NewPayment { customer, amount, paid_by, paid_on, reference, note: None, allocations })?;
    store::approve(&scope, id, payment).await?;
    Ok(Json(store::get(&scope, id).await?.into()))
}

/// Rejects a receipt; whoever uploaded it is told why.
#[utoipa::path(post, path = "/receipts/{id}/reject", operation_id = "reject_receipt", tag = "payments", params(("id" = ReceiptId, Path)), request_body = Reason, responses((status = 200, body = ReceiptJson)))]
async fn reject(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(id): Id<ReceiptId>,
    Body(why): Body<Reason>,
) -> Answer<ReceiptJson> {
    store::reject(&scope, id, why.checked()?).await?;
    Ok(Json(store::get(&scope, id).await?.into()))
}

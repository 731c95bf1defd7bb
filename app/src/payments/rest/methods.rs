//! Payment methods for machines.

use axum::Json;
use axum::response::Response;
use chrono::NaiveDate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, Listing, Problem, created};
use crate::payments::methods::{MethodForm, MethodKind, MethodStatus, PaymentMethod, PaymentMethodId};
use crate::payments::store::methods as store;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(get, remove)).routes(routes!(make_primary))
}

/// A payment method, masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PaymentMethod)]
pub struct MethodJson {
    pub id: PaymentMethodId,
    pub customer_id: CustomerId,
    pub kind: MethodKind,
    pub gateway: String,
    /// `Bank ***1234`.
    pub label: String,
    /// The first day it is no good any more.
    pub expires_on: Option<NaiveDate>,
    pub primary: bool,
    pub status: MethodStatus,
    /// RFC 3339.
    pub created_at: String,
}

impl From<PaymentMethod> for MethodJson {
    fn from(method: PaymentMethod) -> Self {
        let PaymentMethod { id, customer, kind, gateway, label, expires_on, primary, status, created } = method;
        Self { id, customer_id: customer, kind, gateway, label, expires_on, primary, status, created_at: created.iso }
    }
}

/// A payment method to add: of a card gateway, token, last digits and expiry; of an account holder, bank and account.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewMethodJson {
    /// `card`, `bank_account` or `debit_order`.
    pub kind: String,
    pub gateway: String,
    pub token: String,
    pub last_digits: String,
    /// The last month, `YYYY-MM`.
    pub expires: String,
    pub holder: String,
    pub bank: String,
    pub account: String,
    /// Required of a debit order.
    pub mandate: String,
}

/// The payment methods of a customer, the primary one first.
#[utoipa::path(get, path = "/customers/{id}/payment-methods", operation_id = "list_payment_methods", tag = "payments", params(("id" = CustomerId, Path)), responses((status = 200, body = Listing<MethodJson>)))]
async fn list(Authorized(scope, _): Authorized<can::ReadPayments>, Id(id): Id<CustomerId>) -> Answer<Listing<MethodJson>> {
    let data = store::of_customer(&scope, id).await?.into_iter().map(Into::into).collect();
    Ok(Json(Listing { data, next: None }))
}

/// Adds a payment method; the first is the primary one. Its details are sealed and never given out.
#[utoipa::path(post, path = "/customers/{id}/payment-methods", operation_id = "add_payment_method", tag = "payments", params(("id" = CustomerId, Path)), request_body = NewMethodJson, responses((status = 201, body = MethodJson)))]
async fn add(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(customer): Id<CustomerId>,
    Body(new): Body<NewMethodJson>,
) -> Result<Response, Problem> {
    let NewMethodJson { kind, gateway, token, last_digits, expires, holder, bank, account, mandate } = new;
    let form = MethodForm { kind, gateway, token, last_digits, expires, holder, bank, account, mandate };
    let id = store::add(&scope, customer, form.parse()?).await?;
    Ok(created(format!("/api/v1/payment-methods/{id}"), MethodJson::from(store::get(&scope, id).await?)))
}

/// One payment method.
#[utoipa::path(get, path = "/payment-methods/{id}", operation_id = "get_payment_method", tag = "payments", params(("id" = PaymentMethodId, Path)), responses((status = 200, body = MethodJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadPayments>, Id(id): Id<PaymentMethodId>) -> Answer<MethodJson> {
    Ok(Json(store::get(&scope, id).await?.into()))
}

/// Makes it the customer's primary one.
#[utoipa::path(post, path = "/payment-methods/{id}/primary", operation_id = "make_payment_method_primary", tag = "payments", params(("id" = PaymentMethodId, Path)), responses((status = 200, body = MethodJson)))]
async fn make_primary(Authorized(scope, _): Authorized<can::WritePayments>, Id(id): Id<PaymentMethodId>) -> Answer<MethodJson> {
    store::make_primary(&scope, id).await?;
    Ok(Json(store::get(&scope, id).await?.into()))
}

/// Takes it away.
#[utoipa::path(delete, path = "/payment-methods/{id}", operation_id = "remove_payment_method", tag = "payments", params(("id" = PaymentMethodId, Path)), responses((status = 204)))]
async fn remove(Authorized(scope, _): Authorized<can::WritePayments>, Id(id): Id<PaymentMethodId>) -> Result<StatusCode, Problem> {
    store::remove(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `/api/v1/payments`, `/api/v1/payment-methods` and the methods of a customer.

mod attachment;
mod disputes;
pub mod methods;

use axum::Json;
use axum::response::Response;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{
    Allocation, Destination, NewAllocation, NewPayment, NewRefund, PaidBy, Payment, PaymentDetail, PaymentId, PaymentStatus, Refund,
    RefundId, RefundStatus,
};
use super::store;
use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::form::{self, Check};
use crate::kit::money::Money;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params, Problem, Reason, created};
use crate::kit::{Error, Result};
use crate::payments::PaymentMethodId;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .routes(routes!(refund))
        .routes(routes!(reverse))
        .routes(routes!(cancel))
        .merge(attachment::router())
        .routes(routes!(charge))
        .merge(methods::router())
        .merge(super::gateway::rest::router())
        .merge(super::webhooks::rest::router())
}

/// A payment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PaymentSummary)]
pub struct PaymentJson {
    pub id: PaymentId,
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub status: PaymentStatus,
    pub method: PaidBy,
    pub amount: Money,
    /// Kept by the gateway.
    pub fee: Money,
    /// Paid back of it.
    pub refunded: Money,
    /// What of it pays invoices; the rest, less what was paid back, went to the customer's credit.
    pub allocated: Money,
    pub paid_on: NaiveDate,
    pub reference: Option<String>,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Payment> for PaymentJson {
    fn from(payment: Payment) -> Self {
        let Payment { id, customer, customer_name, status, paid_by, amount, fee, refunded, allocated, paid_on, reference, .. } = payment;
        let created_at = payment.created.iso;
        let customer_id = customer;
        Self { id, customer_id, customer_name, status, method: paid_by, amount, fee, refunded, allocated, paid_on, reference, created_at }
    }
}

/// A part of a payment that pays an invoice.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Allocation)]
pub struct AllocationJson {
    pub invoice_id: InvoiceId,
    pub invoice_number: String,
    pub amount: Money,
    /// What of it refunds took back, so that the invoice wants it again.
    pub released: Money,
}

impl From<Allocation> for AllocationJson {
    fn from(part: Allocation) -> Self {
        Self { invoice_id: part.invoice, invoice_number: part.number, amount: part.amount, released: part.released }
    }
}

/// Money that went back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Refund)]
pub struct RefundJson {
    pub id: RefundId,
    /// `pending`: the gateway has not answered yet.
    pub status: RefundStatus,
    pub to: Destination,
    pub amount: Money,
    pub reason: String,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Refund> for RefundJson {
    fn from(refund: Refund) -> Self {
        let Refund { id, status, destination, amount, reason, created_by: _, created } = refund;
        Self { id, status, to: destination, amount, reason, created_at: created.iso }
    }
}

/// A payment with where it went.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Payment)]
pub struct DetailJson {
    #[serde(flatten)]
    pub payment: PaymentJson,
    pub note: Option<String>,
    /// Whether there is a document to fetch at `/attachment`.
    pub attached: bool,
    pub allocations: Vec<AllocationJson>,
    pub refunds: Vec<RefundJson>,
    pub disputes: Vec<disputes::DisputeJson>,
    /// What can still be paid back.
    pub refundable: Money,
    /// Of a failed one: why, in the gateway's words.
    pub failure: Option<String>,
    /// `insufficient_funds`.
    pub failure_code: Option<String>,
    /// No use to try again with this payment method.
    pub hard_decline: bool,
    /// Of one that needs action: where the customer confirms it.
    pub action_url: Option<String>,
}

impl From<PaymentDetail> for DetailJson {
    fn from(detail: PaymentDetail) -> Self {
        Self {
            payment: detail.payment.into(),
            note: detail.note,
            attached: detail.attached,
            allocations: detail.allocations.into_iter().map(Into::into).collect(),
            refunds: detail.refunds.into_iter().map(Into::into).collect(),
            disputes: detail.disputes.into_iter().map(Into::into).collect(),
            refundable: detail.refundable,
            failure: detail.failure,
            failure_code: detail.failure_code,
            hard_decline: detail.hard_decline,
            action_url: detail.action_url,
        }
    }
}

/// Which payments.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentParams {
    /// Of one customer.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// That pay one invoice.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    #[serde(default)]
    pub status: Option<PaymentStatus>,
    /// `paid`, `amount` or `created`; with `-` the other way round. The latest first unless given.
    #[serde(default)]
    pub sort: Option<String>,
}

/// Lists payments, the latest first.
#[utoipa::path(get, path = "/payments", operation_id = "list_payments", tag = "payments", params(ListParams, PaymentParams), responses((status = 200, body = Listing<PaymentJson>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadPayments>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<PaymentParams>,
) -> Answer<Listing<PaymentJson>> {
    let mut query: ListQuery = params.query()?;
    let status = narrow.status.map(|s| s.to_string());
    let (customer, invoice) = (narrow.customer_id.map(|id| id.to_string()), narrow.invoice_id.map(|id| id.to_string()));
    for (key, value) in [("customer", customer), ("invoice", invoice), ("status", status)] {
        if let Some(value) = value {
            query.filters.insert(key.to_owned(), vec![value]);
        }
    }
    query.sort = narrow.sort.unwrap_or_default();
    Ok(Json(store::list(&scope, &query).await?.map(PaymentJson::from).into()))
}

/// A part of the payment for an invoice.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAllocationJson {
    pub invoice_id: InvoiceId,
    /// As much as it wants unless given.
    #[serde(default)]
    pub amount: Option<Money>,
}

/// A payment that has come.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaymentJson {
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
    #[serde(default)]
    pub note: Option<String>,
    /// What is due first unless given; with an empty list all goes to the customer's credit.
    #[serde(default)]
    pub allocations: Option<Vec<NewAllocationJson>>,
}

impl NewPaymentJson {
    fn parse(self) -> Result<NewPayment> {
        let mut check = Check::default();
        let reference = check.optional_text("reference", self.reference.as_deref().unwrap_or_default(), 100);
        let note = check.optional_text("note", self.note.as_deref().unwrap_or_default(), 1000);
        let paid_on = self.paid_on.and_then(|day| check.optional_day("paid_on", &day.to_string()));
        let part = |a: NewAllocationJson| NewAllocation { invoice: a.invoice_id, amount: a.amount };
        let allocations = self.allocations.map(|all| all.into_iter().map(part).collect());
        let (customer, amount, paid_by) = (self.customer_id, self.amount, self.method.unwrap_or(PaidBy::BankTransfer));
        check.done(|| NewPayment { customer, amount, paid_by, paid_on, reference, note, allocations })
    }
}

/// Records a payment over the invoices named, or over what is due first; the rest is the customer's credit.
#[utoipa::path(post, path = "/payments", operation_id = "record_payment", tag = "payments", request_body = NewPaymentJson, responses((status = 201, body = DetailJson)))]
async fn create(Authorized(scope, _): Authorized<can::WritePayments>, Body(new): Body<NewPaymentJson>) -> Result<Response, Problem> {
    let id = store::record(&scope, new.parse()?).await?;
    Ok(created(format!("/api/v1/payments/{id}"), DetailJson::from(store::detail(&scope, id).await?)))
}

/// One payment with where it went.
#[utoipa::path(get, path = "/payments/{id}", operation_id = "get_payment", tag = "payments", params(("id" = PaymentId, Path)), responses((status = 200, body = DetailJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadPayments>, Id(id): Id<PaymentId>) -> Answer<DetailJson> {
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// A refund to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRefundJson {
    /// All that can go back unless given.
    #[serde(default)]
    pub amount: Option<Money>,
    /// `method`, the way it came, unless given; or `credit`.
    #[serde(default)]
    pub to: Option<Destination>,
    pub reason: String,
}

/// Pays back a payment or a part of it. What credit notes promised is used first, then the customer's credit; for the rest
/// its latest invoices are owed again.
#[utoipa::path(post, path = "/payments/{id}/refunds", operation_id = "refund_payment", tag = "payments", params(("id" = PaymentId, Path)), request_body = NewRefundJson, responses((status = 201, body = RefundJson)))]
async fn refund(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(id): Id<PaymentId>,
    Body(new): Body<NewRefundJson>,
) -> Result<Response, Problem> {
    let new = NewRefund { amount: new.amount, to: new.to.unwrap_or(Destination::Method), reason: form::reason(&new.reason)? };
    let refund = store::refund(&scope, id, new).await?;
    let refunds = store::detail(&scope, id).await?.refunds;
    let body = refunds.into_iter().find(|r| r.id == refund).map(RefundJson::from).ok_or(Error::NotFound)?;
    Ok(created(format!("/api/v1/payments/{id}"), body))
}

/// Takes back a payment that was a mistake or bounced: its invoices are owed again.
#[utoipa::path(post, path = "/payments/{id}/reverse", operation_id = "reverse_payment", tag = "payments", params(("id" = PaymentId, Path)), request_body = Reason, responses((status = 200, body = DetailJson)))]
async fn reverse(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(id): Id<PaymentId>,
    Body(why): Body<Reason>,
) -> Answer<DetailJson> {
    store::reverse(&scope, id, why.checked()?).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Takes a charge back at the gateway that the customer has not confirmed. It is `cancelled` once the gateway has answered;
/// where the customer is faster, it has succeeded.
#[utoipa::path(post, path = "/payments/{id}/cancel", operation_id = "cancel_payment", tag = "payments", params(("id" = PaymentId, Path)), responses((status = 200, body = DetailJson)))]
async fn cancel(Authorized(scope, _): Authorized<can::WritePayments>, Id(id): Id<PaymentId>) -> Answer<DetailJson> {
    store::call_off(&scope, id).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// How to charge.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChargeJson {
    /// The customer's primary method unless given.
    pub payment_method_id: Option<PaymentMethodId>,
}

/// Charges what an invoice wants to the customer's primary payment method, or to the one named. The payment is pending
/// until the gateway has answered; where a charge of the invoice is under way, it is that one.
#[utoipa::path(post, path = "/invoices/{id}/charge", operation_id = "charge_invoice", tag = "payments", params(("id" = InvoiceId, Path)), request_body = ChargeJson, responses((status = 201, body = DetailJson)))]
async fn charge(
    Authorized(scope, _): Authorized<can::WritePayments>,
    Id(invoice): Id<InvoiceId>,
    Body(how): Body<ChargeJson>,
) -> Result<Response, Problem> {
    let id = store::charges::charge_with(&scope, invoice, how.payment_method_id, store::charges::Origin::Manual).await?;
    Ok(created(format!("/api/v1/payments/{id}"), DetailJson::from(store::detail(&scope, id).await?)))
}

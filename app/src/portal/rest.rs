//! The customer's side for machines: what the platform bills the organization that the API key belongs to.

use axum::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{OwnInvoice, OwnPayment, OwnSubscription};
use super::scope::CustomerScope;
use super::store;
use crate::invoices::rest::json::{InvoiceJson, InvoiceWithLines};
use crate::invoices::{InvoiceId, InvoiceStatus};
use crate::kit::money::Money;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Id, ListParams, Listing, Params};
use crate::payments::rest::methods::MethodJson;
use crate::payments::{PaidBy, PaymentStatus};
use crate::subscriptions::model::Service;
use crate::subscriptions::rest::SubscriptionJson;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(invoices))
        .routes(routes!(invoice))
        .routes(routes!(subscriptions))
        .routes(routes!(payment_methods))
        .routes(routes!(balance))
}

/// Which invoices.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountInvoiceParams {
    /// With one status.
    #[serde(default)]
    pub status: Option<InvoiceStatus>,
}

/// The organization's own invoices with their lines, the latest first; drafts are not issued yet and not among them.
#[utoipa::path(get, path = "/account/invoices", operation_id = "list_account_invoices", tag = "account", params(ListParams, AccountInvoiceParams), responses((status = 200, body = Listing<InvoiceWithLines>)))]
async fn invoices(
    Authorized(scope, _): Authorized<can::ReadAccount>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<AccountInvoiceParams>,
) -> Answer<Listing<InvoiceWithLines>> {
    let who = CustomerScope::of(&scope).await?;
    let mut query = params.query()?;
    query.filters.extend(narrow.status.map(|status| ("status".to_owned(), vec![status.to_string()])));
    let page = store::list_with_lines(&who, &query).await?;
    Ok(Json(page.map(|(invoice, lines)| InvoiceWithLines::of(invoice, lines)).into()))
}

/// One of the organization's own invoices, with what was paid on it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AccountInvoice)]
pub struct AccountInvoiceJson {
    #[serde(flatten)]
    pub invoice: InvoiceJson,
    pub payments: Vec<AccountPaymentJson>,
}

/// A payment, as the customer sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AccountPayment)]
pub struct AccountPaymentJson {
    pub paid_on: NaiveDate,
    pub amount: Money,
    pub method: PaidBy,
    pub status: PaymentStatus,
    /// Where to confirm it, while the bank wants that.
    pub action_url: Option<String>,
}

impl From<OwnInvoice> for AccountInvoiceJson {
    fn from(of: OwnInvoice) -> Self {
        let payment = |p: OwnPayment| {
            let OwnPayment { paid_on, amount, paid_by, status, action_url } = p;
            AccountPaymentJson { paid_on, amount, method: paid_by, status, action_url }
        };
        Self { invoice: of.detail.into(), payments: of.payments.into_iter().map(payment).collect() }
    }
}

/// One of the organization's own invoices with all it says.
#[utoipa::path(get, path = "/account/invoices/{id}", operation_id = "get_account_invoice", tag = "account", params(("id" = InvoiceId, Path)), responses((status = 200, body = AccountInvoiceJson)))]
async fn invoice(Authorized(scope, _): Authorized<can::ReadAccount>, Id(id): Id<InvoiceId>) -> Answer<AccountInvoiceJson> {
    Ok(Json(store::invoice(&CustomerScope::of(&scope).await?, id).await?.into()))
}

/// One of the organization's own subscriptions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AccountSubscription)]
pub struct AccountSubscriptionJson {
    #[serde(flatten)]
    pub subscription: SubscriptionJson,
    pub service: Service,
    /// Why service is not given in full; null: it is.
    pub withheld: Option<String>,
}

/// The organization's own subscriptions, the latest first.
#[utoipa::path(get, path = "/account/subscriptions", operation_id = "list_account_subscriptions", tag = "account", responses((status = 200, body = Listing<AccountSubscriptionJson>)))]
async fn subscriptions(Authorized(scope, _): Authorized<can::ReadAccount>) -> Answer<Listing<AccountSubscriptionJson>> {
    let shown =
        |of: OwnSubscription| AccountSubscriptionJson { subscription: of.subscription.into(), service: of.service, withheld: of.withheld };
    let found = store::subscriptions(&CustomerScope::of(&scope).await?).await?;
    Ok(Json(Listing { data: found.into_iter().map(shown).collect(), next: None }))
}

/// The ways the organization pays, the primary one first.
#[utoipa::path(get, path = "/account/payment-methods", operation_id = "list_account_payment_methods", tag = "account", responses((status = 200, body = Listing<MethodJson>)))]
async fn payment_methods(Authorized(scope, _): Authorized<can::ReadAccount>) -> Answer<Listing<MethodJson>> {
    let found = store::methods(&CustomerScope::of(&scope).await?).await?;
    Ok(Json(Listing { data: found.into_iter().map(MethodJson::from).collect(), next: None }))
}

/// What the organization owes and has to the good, in one currency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AccountBalance)]
pub struct AccountBalanceJson {
    pub owed: Money,
    /// For invoices to come.
    pub credit: Money,
}

/// What the organization owes and has to the good, by currency; those where there is any.
#[utoipa::path(get, path = "/account/balance", operation_id = "get_account_balance", tag = "account", responses((status = 200, body = Listing<AccountBalanceJson>)))]
async fn balance(Authorized(scope, _): Authorized<can::ReadAccount>) -> Answer<Listing<AccountBalanceJson>> {
    let balances = store::balances(&CustomerScope::of(&scope).await?).await?;
    let data = balances.into_iter().map(|(owed, credit)| AccountBalanceJson { owed, credit }).collect();
    Ok(Json(Listing { data, next: None }))
}

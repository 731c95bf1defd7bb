//! `/api/v1/billing/settings`, and how a customer is billed.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::customers::CustomerId;
use crate::invoices::catalogue::AccountForm;
use crate::invoices::store::accounts::{self, Account, AccountChange, TaxStatus};
use crate::invoices::store::settings::{self, Settings};
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, or_cleared};
use crate::subscriptions::model::Proration;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(get, update)).routes(routes!(account, change_account))
}

/// How a seller bills.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = BillingSettings)]
pub struct SettingsJson {
    pub invoice_prefix: String,
    pub credit_note_prefix: String,
    pub account_prefix: String,
    /// Days from the issue of an invoice until it is due.
    pub terms_days: i32,
    /// Days of the month that new subscriptions may be anchored at; none: the anniversary alone is offered.
    pub anchor_days: Vec<u32>,
    pub proration: Proration,
    /// Days ahead that drafts are made.
    pub draft_days: i32,
    /// What new tax rates start from.
    pub tax_inclusive: bool,
    /// An invoice of more (major units) is not issued: its customer waits for a person.
    pub bound_major: i64,
    pub bound_lines: i32,
    /// The same for more invoices of a customer in one run.
    pub bound_invoices: i32,
    /// The colour of documents.
    pub accent: Option<String>,
    /// What documents end with.
    pub footer: Option<String>,
    pub language: String,
}

impl From<Settings> for SettingsJson {
    fn from(s: Settings) -> Self {
        Self {
            anchor_days: s.anchors(),
            invoice_prefix: s.invoice_prefix,
            credit_note_prefix: s.credit_note_prefix,
            account_prefix: s.account_prefix,
            terms_days: s.terms_days,
            proration: s.proration,
            draft_days: s.draft_days,
            tax_inclusive: s.tax_inclusive,
            bound_major: s.bound_major,
            bound_lines: s.bound_lines,
            bound_invoices: s.bound_invoices,
            accent: s.accent,
            footer: s.footer,
            language: s.language,
        }
    }
}

/// Settings to change; what is left out stays. Null takes the accent or the footer away.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    pub invoice_prefix: Option<String>,
    pub credit_note_prefix: Option<String>,
    pub account_prefix: Option<String>,
    pub terms_days: Option<i32>,
    pub anchor_days: Option<Vec<u32>>,
    pub proration: Option<Proration>,
    pub draft_days: Option<i32>,
    pub tax_inclusive: Option<bool>,
    pub bound_major: Option<i64>,
    pub bound_lines: Option<i32>,
    pub bound_invoices: Option<i32>,
    #[serde(deserialize_with = "or_cleared")]
    pub accent: Option<String>,
    #[serde(deserialize_with = "or_cleared")]
    pub footer: Option<String>,
    pub language: Option<String>,
}

impl SettingsChange {
    fn over(self, s: Settings) -> Settings {
        let text = |given: Option<String>, is| given.map_or(is, |given| Some(given).filter(|text| !text.is_empty()));
        Settings {
            invoice_prefix: self.invoice_prefix.unwrap_or(s.invoice_prefix),
            credit_note_prefix: self.credit_note_prefix.unwrap_or(s.credit_note_prefix),
            account_prefix: self.account_prefix.unwrap_or(s.account_prefix),
            terms_days: self.terms_days.unwrap_or(s.terms_days),
            anchor_days: self.anchor_days.map_or(s.anchor_days, |days| serde_json::json!(days)),
            proration: self.proration.unwrap_or(s.proration),
            draft_days: self.draft_days.unwrap_or(s.draft_days),
            tax_inclusive: self.tax_inclusive.unwrap_or(s.tax_inclusive),
            bound_major: self.bound_major.unwrap_or(s.bound_major),
            bound_lines: self.bound_lines.unwrap_or(s.bound_lines),
            bound_invoices: self.bound_invoices.unwrap_or(s.bound_invoices),
            // A blank one is none.
            accent: text(self.accent, s.accent),
            footer: text(self.footer, s.footer),
            language: self.language.unwrap_or(s.language),
        }
    }
}

/// How the seller bills.
#[utoipa::path(get, path = "/billing/settings", operation_id = "get_billing_settings", tag = "billing", responses((status = 200, body = SettingsJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadInvoices>) -> Answer<SettingsJson> {
    Ok(Json(settings::settings(&scope.read().await?).await?.into()))
}

/// Changes how the seller bills, from now on.
#[utoipa::path(patch, path = "/billing/settings", operation_id = "update_billing_settings", tag = "billing", request_body = SettingsChange, responses((status = 200, body = SettingsJson)))]
async fn update(Authorized(scope, _): Authorized<can::WriteInvoices>, Body(change): Body<SettingsChange>) -> Answer<SettingsJson> {
    let present = settings::settings(&scope.read().await?).await?;
    settings::update(&scope, change.over(present)).await?;
    Ok(Json(settings::settings(&scope.read().await?).await?.into()))
}

/// How a customer is billed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CustomerAccount)]
pub struct AccountJson {
    pub customer_id: CustomerId,
    /// The account number.
    pub number: String,
    pub tax_status: TaxStatus,
    /// Printed where no tax is charged.
    pub tax_reason: Option<String>,
    pub tax_number: Option<String>,
    pub legal_name: Option<String>,
    pub address: Option<String>,
    pub billing_email: Option<String>,
    pub language: Option<String>,
    /// The seller's unless set.
    pub terms_days: Option<i32>,
}

impl From<Account> for AccountJson {
    fn from(a: Account) -> Self {
        let Account { customer_id, number, tax_status, tax_reason, tax_number, legal_name, address, billing_email, language, terms_days } =
            a;
        Self { customer_id, number, tax_status, tax_reason, tax_number, legal_name, address, billing_email, language, terms_days }
    }
}

/// How a customer is to be billed: all of it.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccountFields {
    /// `taxed` unless given.
    pub tax_status: Option<TaxStatus>,
    pub tax_reason: Option<String>,
    pub tax_number: Option<String>,
    pub legal_name: Option<String>,
    pub address: Option<String>,
    pub billing_email: Option<String>,
    pub language: Option<String>,
    pub terms_days: Option<i32>,
}

impl AccountFields {
    fn parse(self) -> crate::kit::Result<AccountChange> {
        let text = |value: Option<String>| value.unwrap_or_default();
        AccountForm {
            tax_status: text(self.tax_status.map(|status| status.word().to_owned())),
            tax_reason: text(self.tax_reason),
            tax_number: text(self.tax_number),
            legal_name: text(self.legal_name),
            address: text(self.address),
            billing_email: text(self.billing_email),
            language: text(self.language),
            terms_days: text(self.terms_days.map(|days| days.to_string())),
        }
        .parse()
    }
}

/// How a customer is billed.
#[utoipa::path(get, path = "/customers/{id}/account", operation_id = "get_customer_account", tag = "billing", params(("id" = CustomerId, Path)), responses((status = 200, body = AccountJson)))]
async fn account(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<CustomerId>) -> Answer<AccountJson> {
    Ok(Json(accounts::get(&scope, id).await?.into()))
}

/// Changes how a customer is billed, for invoices to come.
#[utoipa::path(put, path = "/customers/{id}/account", operation_id = "update_customer_account", tag = "billing", params(("id" = CustomerId, Path)), request_body = AccountFields, responses((status = 200, body = AccountJson)))]
async fn change_account(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<CustomerId>,
    Body(fields): Body<AccountFields>,
) -> Answer<AccountJson> {
    accounts::update(&scope, id, fields.parse()?).await?;
    Ok(Json(accounts::get(&scope, id).await?.into()))
}

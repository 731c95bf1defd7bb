//! Runs and the ledger.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::day;
use super::json::InvoiceJson;
use crate::customers::CustomerId;
use crate::invoices::billing::{AlertReason, RunStatus};
use crate::invoices::ledger::{Account, EntryKind};
use crate::invoices::model::{Balance, BillingAlertId, BillingRunId};
use crate::invoices::store::money::{StatementLine, TrialRow};
use crate::invoices::{jobs, store};
use crate::kit::Error;
use crate::kit::form::Check;
use crate::kit::id::JobId;
use crate::kit::money::{Currency, Money};
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, Listing, Params, Problem};
use crate::kit::scope::Scope;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_runs, run))
        .routes(routes!(alerts))
        .routes(routes!(resolve))
        .routes(routes!(bill_customer))
        .routes(routes!(balance))
        .routes(routes!(use_credit))
        .routes(routes!(statement))
        .routes(routes!(trial_balance))
}

/// A run to start.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// What is due by then: by today it is issued, what comes later is drafted. At most a year ahead; as far ahead as the
    /// settings say unless given.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Answer when it is done, with counts; otherwise it is a background job.
    #[serde(default)]
    pub wait: bool,
}

/// A run that was started, or is done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RunJson {
    /// Null where it is still to begin.
    pub id: Option<BillingRunId>,
    pub job_id: Option<JobId>,
    pub until: NaiveDate,
    pub status: RunStatus,
    /// Customers looked at.
    pub customers: i64,
    /// Invoices issued.
    pub finalized: i64,
    /// Invoices drafted.
    pub drafted: i64,
    /// Customers left for a person to look at; see the alerts.
    pub parked: i64,
}

/// Bills what is due, now or in the background. Whatever is billed already is not billed again.
#[utoipa::path(post, path = "/billing/runs", operation_id = "run_billing", tag = "billing", request_body = RunRequest, responses((status = 200, body = RunJson), (status = 202, body = RunJson)))]
async fn run(Authorized(scope, _): Authorized<can::WriteInvoices>, Body(request): Body<RunRequest>) -> Result<Response, Problem> {
    let mut check = Check::default();
    let until = day(&mut check, "until", request.until);
    let until = check.done(|| until)?;
    until.map_or(Ok(()), |until| store::check_until(&scope, until))?;
    let until = if let Some(until) = until { until } else { jobs::horizon(&scope).await? };
    if !request.wait {
        return Ok((StatusCode::ACCEPTED, Json(enqueue(&scope, until).await?)).into_response());
    }
    let (id, counts) = store::run(&scope, until).await?;
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let body = RunJson {
        id: Some(id),
        job_id: None,
        until,
        status: RunStatus::Done,
        customers: count(counts.customers),
        finalized: count(counts.finalized),
        drafted: count(counts.drafted),
        parked: count(counts.parked),
    };
    Ok(Json(body).into_response())
}

async fn enqueue(scope: &Scope, until: NaiveDate) -> crate::kit::Result<RunJson> {
    let id = store::start_run(scope, until).await?;
    Ok(RunJson { id: None, job_id: Some(id), until, status: RunStatus::Queued, customers: 0, finalized: 0, drafted: 0, parked: 0 })
}

/// The latest runs, the latest first.
#[utoipa::path(get, path = "/billing/runs", operation_id = "list_billing_runs", tag = "billing", responses((status = 200, body = Listing<RunJson>)))]
async fn list_runs(Authorized(scope, _): Authorized<can::ReadInvoices>) -> Answer<Listing<RunJson>> {
    let shown = |row: store::RunRow| RunJson {
        id: Some(row.id),
        job_id: None,
        until: row.until,
        status: row.status,
        customers: row.customers,
        finalized: row.finalized,
        drafted: row.drafted,
        parked: row.parked,
    };
    Ok(Json(Listing { data: store::runs(&scope).await?.into_iter().map(shown).collect(), next: None }))
}

/// Something that a run would not guess about; its customer is not billed until it is resolved.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AlertJson {
    pub id: BillingAlertId,
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub reason: AlertReason,
    pub details: serde_json::Value,
}

/// Alerts that wait for a person.
#[utoipa::path(get, path = "/billing/alerts", operation_id = "list_billing_alerts", tag = "billing", responses((status = 200, body = Listing<AlertJson>)))]
async fn alerts(Authorized(scope, _): Authorized<can::ReadInvoices>) -> Answer<Listing<AlertJson>> {
    let shown = |row: store::AlertRow| AlertJson {
        id: row.id,
        customer_id: row.customer_id,
        customer_name: row.customer_name,
        reason: row.reason,
        details: row.details,
    };
    Ok(Json(Listing { data: store::alerts(&scope).await?.into_iter().map(shown).collect(), next: None }))
}

/// Resolves an alert: the customer is billed again from the next run on.
#[utoipa::path(post, path = "/billing/alerts/{id}/resolve", operation_id = "resolve_billing_alert", tag = "billing", params(("id" = BillingAlertId, Path)), responses((status = 204)))]
async fn resolve(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<BillingAlertId>) -> Result<StatusCode, Problem> {
    store::resolve_alert(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bills a customer now, up to today. Where an invoice would exceed a bound of the settings, nothing is issued: the answer
/// is a conflict that says which, and an alert waits for a person.
#[utoipa::path(post, path = "/customers/{id}/bill", operation_id = "bill_customer", tag = "billing", params(("id" = CustomerId, Path)), responses((status = 200, body = Listing<InvoiceJson>)))]
async fn bill_customer(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<CustomerId>) -> Answer<Listing<InvoiceJson>> {
    let mut data = Vec::new();
    for id in store::bill_now(&scope, id).await? {
        data.push(store::detail(&scope, id).await?.into());
    }
    Ok(Json(Listing { data, next: None }))
}

/// What a customer owes and has, in one currency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BalanceJson {
    pub receivable: Money,
    /// Theirs, for invoices to come.
    pub credit: Money,
}

/// What a customer owes and has, from the ledger.
#[utoipa::path(get, path = "/customers/{id}/balance", operation_id = "get_customer_balance", tag = "ledger", params(("id" = CustomerId, Path)), responses((status = 200, body = Listing<BalanceJson>)))]
async fn balance(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<CustomerId>) -> Answer<Listing<BalanceJson>> {
    let shown = |b: Balance| BalanceJson { receivable: b.receivable, credit: b.credit };
    Ok(Json(Listing { data: store::money::balances(&scope, id).await?.into_iter().map(shown).collect(), next: None }))
}

/// What was used.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UsedJson {
    pub used: Vec<Money>,
}

/// Uses a customer's credit for what it owes, the invoice that was due first before the others.
#[utoipa::path(post, path = "/customers/{id}/use-credit", operation_id = "use_customer_credit", tag = "ledger", params(("id" = CustomerId, Path)), responses((status = 200, body = UsedJson)))]
async fn use_credit(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<CustomerId>) -> Answer<UsedJson> {
    Ok(Json(UsedJson { used: store::use_credit(&scope, id).await? }))
}

/// Which statement.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatementParams {
    /// The seller's own unless given.
    #[serde(default)]
    pub currency: Option<String>,
}

/// A line of a statement.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StatementLineJson {
    pub day: NaiveDate,
    pub kind: EntryKind,
    /// The number of the document.
    pub label: String,
    /// Its id.
    pub source: String,
    /// Above zero: owed by the customer.
    pub amount: Money,
    /// After it.
    pub balance: Money,
}

impl From<StatementLine> for StatementLineJson {
    fn from(line: StatementLine) -> Self {
        let StatementLine { day, kind, label, source, amount, balance } = line;
        Self { day, kind, label, source, amount, balance }
    }
}

/// What happened between seller and customer in one currency, the earliest first.
#[utoipa::path(get, path = "/customers/{id}/statement", operation_id = "get_customer_statement", tag = "ledger", params(("id" = CustomerId, Path), StatementParams), responses((status = 200, body = Listing<StatementLineJson>)))]
async fn statement(
    Authorized(scope, _): Authorized<can::ReadInvoices>,
    Id(id): Id<CustomerId>,
    Params(params): Params<StatementParams>,
) -> Answer<Listing<StatementLineJson>> {
    let mut check = Check::default();
    let currency = params.currency.and_then(|code| check.parse::<Currency>("currency", &code)).unwrap_or(scope.currency());
    let currency = check.done(|| currency)?;
    let lines = store::money::statement(&scope, id, currency).await?;
    Ok(Json(Listing { data: lines.into_iter().map(StatementLineJson::from).collect(), next: None }))
}

/// Up to when.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TrialParams {
    /// Up to and including that day; everything unless given.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// An account in one currency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrialRowJson {
    pub account: Account,
    pub currency: Currency,
    pub debit: Money,
    pub credit: Money,
    /// Debit less credit.
    pub balance: Money,
}

/// Both sides of one currency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrialTotalJson {
    pub currency: Currency,
    pub debit: Money,
    pub credit: Money,
    /// Whether debits equal credits, as they must.
    pub balanced: bool,
}

/// All accounts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrialBalanceJson {
    pub data: Vec<TrialRowJson>,
    pub totals: Vec<TrialTotalJson>,
    /// Whether debits equal credits in every currency.
    pub balanced: bool,
}

impl TryFrom<Vec<TrialRow>> for TrialBalanceJson {
    type Error = Error;

    /// Added up without a bound; what cannot be shown is an error, for a sum that was cut short would balance.
    fn try_from(rows: Vec<TrialRow>) -> Result<Self, Error> {
        let mut sums: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
        let mut data = Vec::with_capacity(rows.len());
        for TrialRow { account, debit, credit } in rows {
            let currency = debit.currency();
            let (debits, credits) = sums.entry(currency).or_default();
            let (left, right) = (i128::from(debit.minor()), i128::from(credit.minor()));
            (*debits, *credits) = (*debits + left, *credits + right);
            data.push(TrialRowJson { account, currency, debit, credit, balance: shown(left - right, currency)? });
        }
        let total = |(currency, (debit, credit)): (Currency, (i128, i128))| {
            let balanced = debit == credit;
            Ok(TrialTotalJson { currency, debit: shown(debit, currency)?, credit: shown(credit, currency)?, balanced })
        };
        let totals: Vec<TrialTotalJson> = sums.into_iter().map(total).collect::<Result<_, Error>>()?;
        Ok(Self { data, balanced: totals.iter().all(|t| t.balanced), totals })
    }
}

fn shown(minor: i128, currency: Currency) -> Result<Money, Error> {
    let minor =
        i64::try_from(minor).map_err(|_| Error::Conflict(format!("The accounts in {currency} add up to more than can be shown.")))?;
    Ok(Money::new(minor, currency))
}

/// The accounts of the ledger, by currency; debits equal credits.
#[utoipa::path(get, path = "/ledger/trial-balance", operation_id = "get_trial_balance", tag = "ledger", params(TrialParams), responses((status = 200, body = TrialBalanceJson)))]
async fn trial_balance(
    Authorized(scope, _): Authorized<can::ReadInvoices>,
    Params(params): Params<TrialParams>,
) -> Answer<TrialBalanceJson> {
    Ok(Json(store::money::trial_balance(&scope, params.until).await?.try_into()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_is_never_one_of_sums_cut_short() {
        let usd = |minor| Money::new(minor, Currency::USD);
        let row = |account, debit, credit| TrialRow { account, debit: usd(debit), credit: usd(credit) };
        let balance = TrialBalanceJson::try_from(vec![row(Account::Receivable, 5, 2), row(Account::Revenue, 0, 3)]).expect("fits");
        assert!(balance.balanced);
        // Cut short, both sides would be the largest number there is.
        let large = vec![row(Account::Receivable, i64::MAX, 0), row(Account::Cash, 5, i64::MAX), row(Account::Revenue, 0, 9)];
        assert!(TrialBalanceJson::try_from(large).is_err());
    }
}

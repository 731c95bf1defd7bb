//! `/api/v1/dunning/…`: cases and what is done with them; the policies and exclusions are in the folder.

mod policies;

use axum::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Case, CaseDetail, CaseId, CaseStatus, Deed, Entry, PlannedStep, PolicyId, Stage, StepAction, StepOutcome, Summary};
use super::{forms, store};
use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params, Reason};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(summary))
        .routes(routes!(promise))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(next_step))
        .routes(routes!(collect))
        .routes(routes!(close))
        .merge(policies::router())
}

/// An invoice that is not paid in time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DunningCaseSummary)]
pub struct CaseJson {
    pub id: CaseId,
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub invoice_id: InvoiceId,
    pub invoice_number: String,
    pub status: CaseStatus,
    /// The last step that was taken.
    pub stage: Stage,
    /// What the invoice still wants.
    pub amount_due: Money,
    /// What it wanted when the case was opened, and what of that has come.
    pub at_risk: Money,
    pub recovered: Money,
    pub due_on: NaiveDate,
    pub days_overdue: i64,
    pub next_on: Option<NaiveDate>,
    pub next_step: Option<StepAction>,
    pub promised_on: Option<NaiveDate>,
    /// The present payment method was declined for good.
    pub hard_decline: bool,
    pub close_reason: Option<String>,
    /// RFC 3339.
    pub opened_at: String,
    pub closed_at: Option<String>,
}

impl From<Case> for CaseJson {
    fn from(case: Case) -> Self {
        Self {
            id: case.id,
            customer_id: case.customer,
            customer_name: case.customer_name,
            invoice_id: case.invoice,
            invoice_number: case.number,
            status: case.status,
            stage: case.stage,
            amount_due: case.due,
            at_risk: case.at_risk,
            recovered: case.recovered,
            due_on: case.due_on,
            days_overdue: case.days_overdue,
            next_on: case.next_on,
            next_step: case.next,
            promised_on: case.promised_on,
            hard_decline: case.hard_decline,
            close_reason: case.close_reason,
            opened_at: case.opened.iso,
            closed_at: case.closed.map(|at| at.iso),
        }
    }
}

/// A step of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DunningPlannedStep)]
pub struct PlannedJson {
    /// Days after due.
    pub day: i32,
    pub action: StepAction,
    /// The day it is planned for, or was taken on.
    pub on: Option<NaiveDate>,
    /// Null while it is to come.
    pub outcome: Option<StepOutcome>,
}

impl From<PlannedStep> for PlannedJson {
    fn from(planned: PlannedStep) -> Self {
        Self { day: planned.step.day, action: planned.step.action, on: planned.on, outcome: planned.outcome }
    }
}

/// An entry of a case's log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DunningEntry)]
pub struct EntryJson {
    pub deed: Deed,
    pub outcome: StepOutcome,
    pub note: String,
    pub by: String,
    /// RFC 3339.
    pub at: String,
}

impl From<Entry> for EntryJson {
    fn from(entry: Entry) -> Self {
        Self { deed: entry.deed, outcome: entry.outcome, note: entry.note, by: entry.by, at: entry.at.iso }
    }
}

/// A case with its plan and its log, the latest entry first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DunningCase)]
pub struct CaseDetailJson {
    #[serde(flatten)]
    pub case: CaseJson,
    pub policy_id: PolicyId,
    pub policy_name: String,
    pub paused_on: Option<NaiveDate>,
    pub steps: Vec<PlannedJson>,
    pub log: Vec<EntryJson>,
}

impl From<CaseDetail> for CaseDetailJson {
    fn from(of: CaseDetail) -> Self {
        Self {
            case: of.case.into(),
            policy_id: of.policy,
            policy_name: of.policy_name,
            paused_on: of.paused_on,
            steps: of.steps.into_iter().map(Into::into).collect(),
            log: of.log.into_iter().map(Into::into).collect(),
        }
    }
}

/// Which cases.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CaseParams {
    /// Those that are not over unless given; `all`: whatever they are.
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub stage: Option<Stage>,
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    #[serde(default)]
    pub currency: Option<String>,
    /// `opened`, `next`, `overdue` or `due`; with `-` the other way round. The latest opened first unless given.
    #[serde(default)]
    pub sort: Option<String>,
}

/// Lists cases.
#[utoipa::path(get, path = "/dunning/cases", operation_id = "list_dunning_cases", tag = "dunning", params(ListParams, CaseParams), responses((status = 200, body = Listing<CaseJson>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadInvoices>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<CaseParams>,
) -> Answer<Listing<CaseJson>> {
    let mut query: ListQuery = params.query()?;
    let stage = narrow.stage.map(|s| s.to_string());
    let filters = [
        ("status", narrow.status),
        ("stage", stage),
        ("customer", narrow.customer_id.map(|id| id.to_string())),
        ("invoice", narrow.invoice_id.map(|id| id.to_string())),
        ("currency", narrow.currency),
    ];
    for (key, value) in filters {
        if let Some(value) = value {
            query.filters.insert(key.to_owned(), vec![value]);
        }
    }
    query.sort = narrow.sort.unwrap_or_default();
    Ok(Json(store::list(&scope, &query).await?.map(CaseJson::from).into()))
}

/// One case with its plan and its log.
#[utoipa::path(get, path = "/dunning/cases/{id}", operation_id = "get_dunning_case", tag = "dunning", params(("id" = CaseId, Path)), responses((status = 200, body = CaseDetailJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<CaseId>) -> Answer<CaseDetailJson> {
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Cases of one stage.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DunningStage)]
pub struct StageJson {
    pub stage: Stage,
    pub cases: u64,
    pub amount_due: Money,
}

/// How dunning does in one currency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DunningSummary)]
pub struct SummaryJson {
    /// ISO 4217.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// Cases that are not over, and what their invoices want.
    pub cases: u64,
    pub at_risk: Money,
    pub promised: Money,
    pub paused: u64,
    /// In the last 90 days.
    pub recovered: Money,
    pub lost: Money,
    /// Parts per million of recovered over recovered and lost; null where nothing ended.
    pub recovery_rate_ppm: Option<u32>,
    pub stages: Vec<StageJson>,
}

impl From<Summary> for SummaryJson {
    fn from(of: Summary) -> Self {
        let stage = |s: super::model::StageSum| StageJson { stage: s.stage, cases: s.cases, amount_due: s.due };
        Self {
            currency: of.currency,
            cases: of.cases,
            at_risk: of.at_risk,
            promised: of.promised,
            paused: of.paused,
            recovered: of.recovered,
            lost: of.lost,
            recovery_rate_ppm: of.recovery_ppm,
            stages: of.stages.into_iter().map(stage).collect(),
        }
    }
}

/// Of which currency.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryParams {
    /// The seller's unless given.
    #[serde(default)]
    pub currency: Option<String>,
}

/// Money at risk, recovered and lost.
#[utoipa::path(get, path = "/dunning/summary", operation_id = "get_dunning_summary", tag = "dunning", params(SummaryParams), responses((status = 200, body = SummaryJson)))]
async fn summary(Authorized(scope, _): Authorized<can::ReadInvoices>, Params(asked): Params<SummaryParams>) -> Answer<SummaryJson> {
    Ok(Json(store::summary(&scope, asked.currency.as_deref().unwrap_or_default()).await?.into()))
}

/// A promise to pay.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DunningPromise)]
pub struct PromiseJson {
    pub promised_on: NaiveDate,
    #[serde(default)]
    pub note: Option<String>,
}

/// Records a promise to pay: steps wait for it.
#[utoipa::path(post, path = "/dunning/cases/{id}/promise", operation_id = "promise_dunning_case", tag = "dunning", params(("id" = CaseId, Path)), request_body = PromiseJson, responses((status = 200, body = CaseDetailJson)))]
async fn promise(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<CaseId>,
    Body(new): Body<PromiseJson>,
) -> Answer<CaseDetailJson> {
    let (by, note) = forms::promise(&new.promised_on.to_string(), new.note.as_deref().unwrap_or_default())?;
    store::promise(&scope, id, by, note).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Pauses a case: nothing happens until it is resumed.
#[utoipa::path(post, path = "/dunning/cases/{id}/pause", operation_id = "pause_dunning_case", tag = "dunning", params(("id" = CaseId, Path)), request_body = Reason, responses((status = 200, body = CaseDetailJson)))]
async fn pause(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<CaseId>,
    Body(why): Body<Reason>,
) -> Answer<CaseDetailJson> {
    store::pause(&scope, id, why.checked()?).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Resumes a paused case: its calendar stood still meanwhile.
#[utoipa::path(post, path = "/dunning/cases/{id}/resume", operation_id = "resume_dunning_case", tag = "dunning", params(("id" = CaseId, Path)), responses((status = 200, body = CaseDetailJson)))]
async fn resume(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<CaseId>) -> Answer<CaseDetailJson> {
    store::resume(&scope, id).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Takes the next step now, whenever it was planned for.
#[utoipa::path(post, path = "/dunning/cases/{id}/next-step", operation_id = "take_dunning_step", tag = "dunning", params(("id" = CaseId, Path)), responses((status = 200, body = CaseDetailJson)))]
async fn next_step(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<CaseId>) -> Answer<CaseDetailJson> {
    store::take_now(&scope, id).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Tries to collect from the customer's payment method now; the log of the case says what comes of it.
#[utoipa::path(post, path = "/dunning/cases/{id}/collect", operation_id = "collect_dunning_case", tag = "dunning", params(("id" = CaseId, Path)), responses((status = 200, body = CaseDetailJson)))]
async fn collect(Authorized(scope, _): Authorized<can::WritePayments>, Id(id): Id<CaseId>) -> Answer<CaseDetailJson> {
    store::retry_now(&scope, id).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Leaves the invoice alone: the case is closed, and no new one is opened.
#[utoipa::path(post, path = "/dunning/cases/{id}/close", operation_id = "close_dunning_case", tag = "dunning", params(("id" = CaseId, Path)), request_body = Reason, responses((status = 200, body = CaseDetailJson)))]
async fn close(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<CaseId>,
    Body(why): Body<Reason>,
) -> Answer<CaseDetailJson> {
    store::close(&scope, id, why.checked()?).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

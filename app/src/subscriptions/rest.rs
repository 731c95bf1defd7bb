//! `/api/v1/subscriptions`.

mod exchange_rates;
mod pauses;
mod switches;
mod trial;

use axum::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{PhaseView, Proration, Subscription, SubscriptionDetail, SubscriptionId, SubscriptionStatus, Verb, When};
use super::store;
use crate::customers::CustomerId;
use crate::kit::form::Check;
use crate::kit::money::Money;
use crate::kit::paging::ListQuery;
use crate::kit::period::IntervalUnit;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params};
use crate::plans::PlanId;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(change))
        .routes(routes!(cancel))
        .routes(routes!(reactivate))
        .merge(pauses::router())
        .merge(switches::router())
        .merge(trial::router())
        .merge(exchange_rates::router())
}

/// A subscription.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionJson {
    pub id: SubscriptionId,
    /// The seller's own number for it.
    pub external_id: Option<String>,
    pub customer_id: CustomerId,
    /// Of the latest phase.
    pub plan_id: PlanId,
    pub plan_name: String,
    pub status: SubscriptionStatus,
    pub started_on: NaiveDate,
    pub trial_ends_on: Option<NaiveDate>,
    /// The first day without service, past or to come.
    pub ended_on: Option<NaiveDate>,
    pub cancel_reason: Option<String>,
    pub payment_method: Option<String>,
    /// What the latest phase comes to in a month, in the seller's currency.
    pub monthly: Money,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Subscription> for SubscriptionJson {
    fn from(s: Subscription) -> Self {
        Self {
            id: s.id,
            external_id: s.external_id,
            customer_id: s.customer_id,
            plan_id: s.plan_id,
            plan_name: s.plan_name,
            status: s.status,
            started_on: s.started_on,
            trial_ends_on: s.trial_ends_on,
            ended_on: s.ended_on,
            cancel_reason: s.cancel_reason,
            payment_method: s.payment_method,
            monthly: s.monthly,
            created_at: s.created.iso,
        }
    }
}

/// A stretch of a subscription at one plan, price and quantity.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Phase {
    pub plan_id: PlanId,
    pub plan_name: String,
    pub quantity: i64,
    /// Of one unit for one interval.
    pub price: Money,
    pub interval: IntervalUnit,
    pub interval_count: u32,
    pub starts_on: NaiveDate,
    /// The first day after it.
    pub ends_on: Option<NaiveDate>,
    /// The first day in MRR.
    pub pays_from: NaiveDate,
    /// In the seller's currency, at the exchange rate kept with the phase.
    pub monthly: Money,
}

impl From<PhaseView> for Phase {
    fn from(p: PhaseView) -> Self {
        Self {
            plan_id: p.plan_id,
            plan_name: p.plan_name,
            quantity: p.quantity,
            price: p.price,
            interval: p.interval.unit,
            interval_count: p.interval.count,
            starts_on: p.starts_on,
            ends_on: p.ends_on,
            pays_from: p.pays_from,
            monthly: p.monthly,
        }
    }
}

/// A subscription with its phases, the latest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SubscriptionWithPhases {
    #[serde(flatten)]
    pub subscription: SubscriptionJson,
    pub phases: Vec<Phase>,
    /// Under way, or the next to come.
    pub pause: Option<pauses::PauseDays>,
}

impl From<SubscriptionDetail> for SubscriptionWithPhases {
    fn from(detail: SubscriptionDetail) -> Self {
        let phases = detail.phases.into_iter().map(Phase::from).collect();
        Self { subscription: detail.subscription.into(), phases, pause: detail.pause.map(Into::into) }
    }
}

/// What changes; what is left out stays.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeJson {
    #[serde(default)]
    pub plan_id: Option<PlanId>,
    #[serde(default)]
    pub quantity: Option<i64>,
    /// An own price of one unit, in the plan's currency.
    #[serde(default)]
    pub price: Option<Money>,
    /// `now`, `period_end` or a day. Unless given: now where it costs more by the day, the period's end where less.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-03-01")]
    pub at: Option<When>,
    /// How the running period is billed; as the seller's settings say unless given.
    #[serde(default)]
    pub proration: Option<Proration>,
}

/// How a subscription ends.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelJson {
    /// `now` (unless given), `period_end`, or the first day without service.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "period_end")]
    pub at: Option<When>,
    #[serde(default)]
    pub reason: Option<String>,
    /// How the running period is billed; as the seller's settings say unless given.
    #[serde(default)]
    pub proration: Option<Proration>,
}

/// When a subscription starts again.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactivateJson {
    /// `now` (unless given), or a day from its end to today. Ignored while the end is still to come.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "now")]
    pub at: Option<When>,
}

/// Which subscriptions.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubscriptionParams {
    /// Of one customer.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// On one plan.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
    /// With one status.
    #[serde(default)]
    pub status: Option<SubscriptionStatus>,
}

impl SubscriptionParams {
    fn narrow(self, mut query: ListQuery) -> ListQuery {
        let (customer, plan) = (self.customer_id.map(|id| id.to_string()), self.plan_id.map(|id| id.to_string()));
        for (key, value) in [("customer", customer), ("plan", plan), ("status", self.status.map(|s| s.to_string()))] {
            if let Some(value) = value {
                query.filters.insert(key.to_owned(), vec![value]);
            }
        }
        query
    }
}

/// Lists subscriptions, the latest first.
#[utoipa::path(get, path = "/subscriptions", operation_id = "list_subscriptions", tag = "subscriptions", params(ListParams, SubscriptionParams), responses((status = 200, body = Listing<SubscriptionJson>)))]
async fn list(
    Authorized(scope, _): Authorized<can::ReadSubscriptions>,
    Params(params): Params<ListParams>,
    Params(narrow): Params<SubscriptionParams>,
) -> Answer<Listing<SubscriptionJson>> {
    let page = store::list(&scope, &narrow.narrow(params.query()?)).await?;
    Ok(Json(page.map(SubscriptionJson::from).into()))
}

/// One subscription with its phases.
#[utoipa::path(get, path = "/subscriptions/{id}", operation_id = "get_subscription", tag = "subscriptions", params(("id" = SubscriptionId, Path)), responses((status = 200, body = SubscriptionWithPhases)))]
async fn get(Authorized(scope, _): Authorized<can::ReadSubscriptions>, Id(id): Id<SubscriptionId>) -> Answer<SubscriptionWithPhases> {
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Changes plan, price or quantity from a day on. A change on the day of another replaces it.
#[utoipa::path(post, path = "/subscriptions/{id}/change", operation_id = "change_subscription", tag = "subscriptions", params(("id" = SubscriptionId, Path)), request_body = ChangeJson, responses((status = 200, body = SubscriptionWithPhases)))]
async fn change(
    Authorized(scope, _): Authorized<can::WriteSubscriptions>,
    Id(id): Id<SubscriptionId>,
    Body(change): Body<ChangeJson>,
) -> Answer<SubscriptionWithPhases> {
    let ChangeJson { plan_id, quantity, price, at, proration } = change;
    let at = if let Some(at) = at { at } else { store::natural_day(&scope, id, plan_id, quantity, price).await? };
    let verb = Verb::Change { plan_id, quantity, price, at };
    store::perform_prorated(&scope, id, verb, proration).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Ends service now, at the end of the billing period, or on a day.
#[utoipa::path(post, path = "/subscriptions/{id}/cancel", operation_id = "cancel_subscription", tag = "subscriptions", params(("id" = SubscriptionId, Path)), request_body = CancelJson, responses((status = 200, body = SubscriptionWithPhases)))]
async fn cancel(
    Authorized(scope, _): Authorized<can::WriteSubscriptions>,
    Id(id): Id<SubscriptionId>,
    Body(cancel): Body<CancelJson>,
) -> Answer<SubscriptionWithPhases> {
    let mut check = Check::default();
    let reason = check.optional_text("reason", cancel.reason.as_deref().unwrap_or_default(), 200);
    let verb = check.done(|| Verb::Cancel { at: cancel.at.unwrap_or_default(), reason })?;
    store::perform_prorated(&scope, id, verb, cancel.proration).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Takes a cancellation to come back, or starts service again.
#[utoipa::path(post, path = "/subscriptions/{id}/reactivate", operation_id = "reactivate_subscription", tag = "subscriptions", params(("id" = SubscriptionId, Path)), request_body = ReactivateJson, responses((status = 200, body = SubscriptionWithPhases)))]
async fn reactivate(
    Authorized(scope, _): Authorized<can::WriteSubscriptions>,
    Id(id): Id<SubscriptionId>,
    Body(reactivate): Body<ReactivateJson>,
) -> Answer<SubscriptionWithPhases> {
    store::perform(&scope, id, Verb::Reactivate { at: reactivate.at.unwrap_or_default() }).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

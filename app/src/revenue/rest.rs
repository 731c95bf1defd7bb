//! `/api/v1/revenue`: the same figures for machines. Rates are decimal numbers, absent ones are null.
#![allow(unused_qualifications, reason = "in what the API document's macros write")]

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Metrics, MonthMovements, PlanMonth};
use super::ratio::Ratio;
use super::store;
use crate::kit::money::Money;
use crate::kit::period::Month;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Params, Problem};
use crate::kit::{Error, Result};
use crate::movements::MovementKind;

/// The routes.
pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(movements)).routes(routes!(metrics)).routes(routes!(by_plan))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Range {
    /// The first month, such as `2025-11`.
    from: String,
    /// The last month; up to 240 months, none still to come.
    to: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct One {
    /// Such as `2026-10`.
    month: String,
}

fn read(field: &str, text: &str) -> Result<Month> {
    text.parse().map_err(|e: String| Error::field(field, e))
}

/// Something with a list of months or plans.
#[derive(Serialize, ToSchema)]
struct Data<T> {
    data: Vec<T>,
}

/// A month: end = start + new + expansion + reactivation − contraction − churn.
#[derive(Serialize, ToSchema)]
struct MovementsOut {
    month: Month,
    /// MRR at the end of the day before the month.
    start: Money,
    new: Money,
    expansion: Money,
    reactivation: Money,
    /// A positive amount.
    contraction: Money,
    /// A positive amount.
    churn: Money,
    /// MRR at the end of the month; of today in the month that is not over.
    end: Money,
    customers: CustomersOut,
}

/// Paying customers: end = start + new + reactivated − churned.
#[derive(Serialize, ToSchema)]
struct CustomersOut {
    start: i64,
    new: i64,
    reactivated: i64,
    churned: i64,
    end: i64,
}

impl From<MonthMovements> for MovementsOut {
    fn from(m: MonthMovements) -> Self {
        let customers = CustomersOut {
            start: m.start_customers,
            new: m.flow.new_customers,
            reactivated: m.flow.reactivated_customers,
            churned: m.flow.churned_customers,
            end: m.end_customers(),
        };
        Self {
            month: m.month,
            start: m.start(),
            new: m.amount(MovementKind::New),
            expansion: m.amount(MovementKind::Expansion),
            reactivation: m.amount(MovementKind::Reactivation),
            contraction: m.amount(MovementKind::Contraction),
            churn: m.amount(MovementKind::Churn),
            end: m.end(),
            customers,
        }
    }
}

/// MRR and its movements month by month.
///
/// Per customer and day in the seller's time zone, MRR at the end of the day is compared with the end of the day before:
/// from nothing to something is new (or reactivation, if the customer paid before), more is expansion, less is
/// contraction, nothing is churn.
#[utoipa::path(get, path = "/revenue/movements", tag = "revenue", params(Range), responses(
    (status = 200, body = Data<MovementsOut>),
    (status = 422, description = "A month is missing, malformed, still to come, or out of order")))]
async fn movements(Authorized(scope, ..): Authorized<can::ReadRevenue>, Params(range): Params<Range>) -> Answer<Data<MovementsOut>> {
    let months = store::movements(&scope, read("from", &range.from)?, read("to", &range.to)?).await?;
    Ok(Json(Data { data: months.into_iter().map(MovementsOut::from).collect() }))
}

/// The figures of a month. What cannot be worked out for want of a base is null.
#[derive(Serialize, ToSchema)]
struct MetricsOut {
    month: Month,
    /// At the end of the month, or of today.
    mrr: Money,
    /// 12 × MRR.
    arr: Money,
    /// MRR / paying customers.
    arpa: Option<Money>,
    /// Paying customers at the end.
    customers: i64,
    /// Customers churned who were paying at the start / customers paying at the start.
    customer_churn_rate: Option<Rate>,
    /// (churn + contraction) / MRR start.
    gross_mrr_churn: Option<Rate>,
    /// (churn + contraction − expansion − reactivation) / MRR start.
    net_mrr_churn: Option<Rate>,
    /// (MRR start + expansion − contraction − churn) / MRR start, of the customers paying at the start.
    nrr: Option<Rate>,
    /// The same without expansion; losses capped at each customer's start amount.
    grr: Option<Rate>,
    /// (new + expansion + reactivation) / (churn + contraction); null where nothing was lost.
    quick_ratio: Option<Rate>,
    /// ARPA × gross margin / customer churn rate; null where nobody churned.
    ltv: Option<Money>,
    /// MRR end / MRR start − 1.
    growth: Option<Rate>,
    /// MRR end / MRR at the end of the same month a year before − 1.
    year_on_year: Option<Rate>,
}

/// A ratio's decimal text as a JSON number.
#[derive(Serialize)]
#[serde(transparent)]
struct Rate(serde_json::Number);

impl PartialSchema for Rate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).description(Some("A ratio: 0.05 is 5 %")).examples([0.05]).into()
    }
}

impl ToSchema for Rate {}

fn number(ratio: Option<Ratio>) -> Option<Rate> {
    ratio.and_then(|r| r.decimal().parse().ok()).map(Rate)
}

impl From<Metrics> for MetricsOut {
    fn from(m: Metrics) -> Self {
        Self {
            month: m.movements.month,
            mrr: m.movements.end(),
            arr: m.arr,
            arpa: m.arpa,
            customers: m.movements.end_customers(),
            customer_churn_rate: number(m.customer_churn),
            gross_mrr_churn: number(m.gross_churn),
            net_mrr_churn: number(m.net_churn),
            nrr: number(m.nrr),
            grr: number(m.grr),
            quick_ratio: number(m.quick_ratio),
            ltv: m.ltv,
            growth: number(m.growth),
            year_on_year: number(m.year_on_year),
        }
    }
}

/// The figures of a month: MRR, ARR, ARPA, churn, retention, quick ratio, LTV.
#[utoipa::path(get, path = "/revenue/metrics", tag = "revenue", params(One), responses(
    (status = 200, body = MetricsOut),
    (status = 422, description = "The month is missing, malformed or still to come")))]
async fn metrics(Authorized(scope, ..): Authorized<can::ReadRevenue>, Params(one): Params<One>) -> Answer<MetricsOut> {
    let month = read("month", &one.month)?;
    Ok(Json(store::metrics(&scope, month).await?.into()))
}

/// A plan in a month. Moving from one plan to another is contraction on one and expansion on the other.
#[derive(Serialize, ToSchema)]
struct PlanOut {
    plan_id: String,
    name: String,
    /// `month`, `3 months`.
    interval: String,
    /// Of the plan's price; the amounts here are in the seller's currency.
    currency: String,
    start: Money,
    new: Money,
    expansion: Money,
    reactivation: Money,
    contraction: Money,
    churn: Money,
    /// MRR on the plan at the end.
    mrr: Money,
    /// Customers paying on the plan at the end.
    customers: i64,
}

impl From<PlanMonth> for PlanOut {
    fn from(p: PlanMonth) -> Self {
        let m = p.movements;
        Self {
            plan_id: p.plan.id,
            name: p.plan.name,
            interval: p.plan.interval.label(),
            currency: p.plan.currency.to_string(),
            start: m.start(),
            new: m.amount(MovementKind::New),
            expansion: m.amount(MovementKind::Expansion),
            reactivation: m.amount(MovementKind::Reactivation),
            contraction: m.amount(MovementKind::Contraction),
            churn: m.amount(MovementKind::Churn),
            mrr: m.end(),
            customers: p.customers,
        }
    }
}

/// MRR and its movements by plan; the plans add up to the total.
#[utoipa::path(get, path = "/revenue/by-plan", tag = "revenue", params(One), responses(
    (status = 200, body = Data<PlanOut>),
    (status = 422, description = "The month is missing, malformed or still to come")))]
async fn by_plan(Authorized(scope, ..): Authorized<can::ReadRevenue>, Params(one): Params<One>) -> Result<Json<Data<PlanOut>>, Problem> {
    let month = read("month", &one.month)?;
    let plans = store::by_plan(&scope, month).await?;
    Ok(Json(Data { data: plans.into_iter().map(PlanOut::from).collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_json_number() {
        let json = |part: i64, whole: i64| serde_json::to_string(&number(Ratio::of(part, whole))).expect("json");
        assert_eq!(json(1869, 7032), "0.265784983");
        assert_eq!(json(1, 0), "null");
        assert_eq!(json(-1, 2), "-0.5");
        assert_eq!(json(1, 1), "1");
    }
}

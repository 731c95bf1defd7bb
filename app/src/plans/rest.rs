//! `/api/v1/plans`.

mod charges;

use axum::Json;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::charges::NewCharge;
use super::model::{NewPlan, Plan, PlanId, TRIAL_DAYS_MAX};
use super::store;
use crate::kit::form::Check;
use crate::kit::money::Money;
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params, Problem, created};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get)).merge(charges::router())
}

/// A plan at its present price.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Plan)]
pub struct PlanJson {
    pub id: PlanId,
    pub name: String,
    pub interval: IntervalUnit,
    pub interval_count: u32,
    /// Of one unit for one interval.
    pub price: Money,
    /// Counts the prices it has had, from 1.
    pub version: i32,
    pub trial_days: i32,
    pub archived: bool,
    /// Customers that pay for it today.
    pub customers: u64,
    /// What they pay a month, in the seller's currency; left out for a key that may not see revenue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mrr: Option<Money>,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Plan> for PlanJson {
    fn from(plan: Plan) -> Self {
        let Plan { id, name, interval, price, version: _, version_number, trial_days, archived, created, customers, mrr } = plan;
        Self {
            id,
            name,
            interval: interval.unit,
            interval_count: interval.count,
            price,
            version: version_number,
            trial_days,
            archived,
            customers,
            mrr,
            created_at: created.iso,
        }
    }
}

/// A new plan.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlanJson {
    pub name: String,
    pub interval: IntervalUnit,
    /// "Every so many intervals"; 1 unless given.
    #[serde(default)]
    pub interval_count: Option<i64>,
    pub price: Money,
    /// Days before a new subscription pays; 0 unless given.
    #[serde(default)]
    pub trial_days: Option<i64>,
    /// What it charges beside its price.
    #[serde(default)]
    pub charges: Vec<charges::NewChargeJson>,
}

impl NewPlanJson {
    fn parse(self) -> crate::kit::Result<(NewPlan, Vec<NewCharge>)> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, 120);
        let count = self.interval_count.unwrap_or(1);
        if !(1..=i64::from(Interval::MAX_COUNT)).contains(&count) {
            check.refuse("interval_count", format!("must be from 1 to {}", Interval::MAX_COUNT));
        }
        let trial_days = self.trial_days.unwrap_or(0);
        if !(0..=TRIAL_DAYS_MAX).contains(&trial_days) {
            check.refuse("trial_days", format!("must be from 0 to {TRIAL_DAYS_MAX}"));
        }
        if self.price.is_negative() {
            check.refuse("price", "must not be below zero");
        }
        let plan = check.done(|| NewPlan {
            name,
            interval: Interval { unit: self.interval, count: u32::try_from(count).unwrap_or(1) },
            price: self.price,
            trial_days: i32::try_from(trial_days).unwrap_or(0),
        })?;
        let charges = self.charges.into_iter().map(charges::NewChargeJson::parse).collect::<crate::kit::Result<_>>()?;
        Ok((plan, charges))
    }
}

/// Lists plans by name, archived ones included.
#[utoipa::path(get, path = "/plans", operation_id = "list_plans", tag = "plans", params(ListParams), responses((status = 200, body = Listing<PlanJson>)))]
async fn list(Authorized(scope, _): Authorized<can::ReadPlans>, Params(params): Params<ListParams>) -> Answer<Listing<PlanJson>> {
    let page = store::list(&scope, &params.query()?).await?;
    Ok(Json(page.map(PlanJson::from).into()))
}

/// Makes a plan.
#[utoipa::path(post, path = "/plans", operation_id = "create_plan", tag = "plans", request_body = NewPlanJson, responses((status = 201, body = PlanJson)))]
async fn create(Authorized(scope, _): Authorized<can::WritePlans>, Body(new): Body<NewPlanJson>) -> Result<Response, Problem> {
    let (new, charges) = new.parse()?;
    let id = store::charges::create_with(&scope, new, charges).await?;
    let plan = PlanJson::from(store::get(&scope, id).await?);
    Ok(created(format!("/api/v1/plans/{id}"), plan))
}

/// One plan.
#[utoipa::path(get, path = "/plans/{id}", operation_id = "get_plan", tag = "plans", params(("id" = PlanId, Path)), responses((status = 200, body = PlanJson)))]
async fn get(Authorized(scope, _): Authorized<can::ReadPlans>, Id(id): Id<PlanId>) -> Answer<PlanJson> {
    Ok(Json(store::get(&scope, id).await?.into()))
}

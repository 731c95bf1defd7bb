//! What a plan charges beside its price, and its new prices.

use axum::Json;
use axum::response::Response;
use chrono::NaiveDate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::PlanJson;
use crate::kit::form::Check;
use crate::kit::money::Money;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, Listing, Params, Problem, created};
use crate::kit::{Error, Result};
use crate::plans::charges::{Charge, ChargeId, ChargeType, NewCharge};
use crate::plans::model::{NewPrice, PlanId};
use crate::plans::store;
use crate::plans::tiers::{PriceModel, Tier};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_charges, add_charge)).routes(routes!(remove_charge)).routes(routes!(change_price))
}

/// A tier of a price.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierJson {
    /// The last unit in it; null in the last.
    pub up_to: Option<i64>,
    /// Minor units of the plan's currency.
    pub unit_minor: i64,
    /// Once, where any unit falls in it.
    #[serde(default)]
    pub flat_minor: i64,
}

/// What a plan charges beside its price.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Charge)]
pub struct ChargeJson {
    pub id: ChargeId,
    pub kind: ChargeType,
    pub name: String,
    pub model: PriceModel,
    /// Of one unit, of one package, or as it is; minor units of the plan's currency.
    pub amount_minor: i64,
    pub package_size: i64,
    /// Units free in each period.
    pub included: i64,
    pub tiers: Vec<TierJson>,
    /// The key of the meter of a usage charge.
    pub meter: Option<String>,
}

impl From<Charge> for ChargeJson {
    fn from(c: Charge) -> Self {
        let tiers = c.tiers.into_iter().map(|t| TierJson { up_to: t.up_to, unit_minor: t.unit_minor, flat_minor: t.flat_minor });
        Self {
            id: c.id,
            kind: c.kind,
            name: c.name,
            model: c.model,
            amount_minor: c.amount_minor,
            package_size: c.package_size,
            included: c.included,
            tiers: tiers.collect(),
            meter: c.meter,
        }
    }
}

/// A charge to add to a plan.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChargeJson {
    pub kind: ChargeType,
    pub name: String,
    pub model: PriceModel,
    #[serde(default)]
    pub amount_minor: i64,
    /// 1 unless given.
    #[serde(default)]
    pub package_size: Option<i64>,
    #[serde(default)]
    pub included: i64,
    #[serde(default)]
    pub tiers: Vec<TierJson>,
    #[serde(default)]
    pub meter: Option<String>,
}

impl NewChargeJson {
    pub(super) fn parse(self) -> Result<NewCharge> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, 120);
        let tiers = self.tiers.iter().map(|t| Tier { up_to: t.up_to, unit_minor: t.unit_minor, flat_minor: t.flat_minor }).collect();
        let new = check.done(|| NewCharge {
            kind: self.kind,
            name,
            model: self.model,
            amount_minor: self.amount_minor,
            package_size: self.package_size.unwrap_or(1),
            included: self.included,
            tiers,
            meter: self.meter,
        })?;
        new.checked()
    }
}

/// What the present version of a plan charges beside its price.
#[utoipa::path(get, path = "/plans/{id}/charges", operation_id = "list_plan_charges", tag = "plans", params(("id" = PlanId, Path)), responses((status = 200, body = Listing<ChargeJson>)))]
async fn list_charges(Authorized(scope, _): Authorized<can::ReadPlans>, Id(id): Id<PlanId>) -> Answer<Listing<ChargeJson>> {
    let charges = store::charges::of_plan(&scope, id).await?;
    Ok(Json(Listing { data: charges.into_iter().map(ChargeJson::from).collect(), next: None }))
}

/// Whether existing subscriptions move to a new version.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MoveParams {
    /// The day, today or later, from which existing subscriptions at the plan's own prices are on the new version; they
    /// stay unless given.
    #[serde(default)]
    pub move_from: Option<NaiveDate>,
}

/// Adds a charge to a plan. Where subscriptions are on the present version, that makes a new one, and they stay.
#[utoipa::path(post, path = "/plans/{id}/charges", operation_id = "add_plan_charge", tag = "plans", params(("id" = PlanId, Path), MoveParams), request_body = NewChargeJson, responses((status = 201, body = ChargeJson)))]
async fn add_charge(
    Authorized(scope, _): Authorized<can::WritePlans>,
    Id(plan): Id<PlanId>,
    Params(which): Params<MoveParams>,
    Body(new): Body<NewChargeJson>,
) -> Result<Response, Problem> {
    let id = store::charges::add(&scope, plan, new.parse()?, which.move_from).await?;
    let charges = store::charges::of_plan(&scope, plan).await?;
    let body = charges.into_iter().find(|c| c.id == id).map(ChargeJson::from).ok_or(Error::NotFound)?;
    Ok(created(format!("/api/v1/plans/{plan}/charges"), body))
}

/// Takes a charge off a plan's present version. Where subscriptions are on it, that makes a new one, and they stay.
#[utoipa::path(delete, path = "/plan-charges/{id}", operation_id = "remove_plan_charge", tag = "plans", params(("id" = ChargeId, Path), MoveParams), responses((status = 204)))]
async fn remove_charge(
    Authorized(scope, _): Authorized<can::WritePlans>,
    Id(id): Id<ChargeId>,
    Params(which): Params<MoveParams>,
) -> Result<StatusCode, Problem> {
    store::charges::remove(&scope, id, which.move_from).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new price of a plan.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPriceJson {
    pub price: Money,
    /// The day, today or later, from which existing subscriptions at the plan's own prices pay it; they stay unless given.
    #[serde(default)]
    pub move_from: Option<NaiveDate>,
}

/// Gives a plan a new price, as a new version with the same charges.
#[utoipa::path(post, path = "/plans/{id}/prices", operation_id = "change_plan_price", tag = "plans", params(("id" = PlanId, Path)), request_body = NewPriceJson, responses((status = 200, body = PlanJson)))]
async fn change_price(
    Authorized(scope, _): Authorized<can::WritePlans>,
    Id(id): Id<PlanId>,
    Body(new): Body<NewPriceJson>,
) -> Answer<PlanJson> {
    if new.price.is_negative() {
        return Err(Error::field("price", "must not be below zero").into());
    }
    store::change_price(&scope, id, NewPrice { price: new.price, move_from: new.move_from }).await?;
    Ok(Json(store::get(&scope, id).await?.into()))
}

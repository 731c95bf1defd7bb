//! How a seller bills: rates of tax, coupons.

use axum::Json;
use axum::response::Response;
use chrono::NaiveDate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::day;
use crate::customers::CustomerId;
use crate::invoices::catalogue::{CouponDuration, CouponId, CouponState, NewCoupon, PromotionCodeId, Redeemed};
use crate::invoices::model::{RedemptionId, TaxRateId};
use crate::invoices::store;
use crate::invoices::store::coupons::{CouponView, NewCode, Redeem};
use crate::kit::Error;
use crate::kit::form::Check;
use crate::kit::money::Money;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id, ListParams, Listing, Params, Problem, created};
use crate::kit::scope::Scope;
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_rates, add_rate))
        .routes(routes!(end_rate))
        .routes(routes!(list_coupons, create_coupon))
        .routes(routes!(get_coupon, archive_coupon))
        .routes(routes!(add_code))
        .routes(routes!(archive_code))
        .routes(routes!(list_redeemed, redeem))
        .routes(routes!(end_redemption))
}

/// A rate of tax.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TaxRate)]
pub struct TaxRateJson {
    pub id: TaxRateId,
    pub name: String,
    /// Parts per million: 150000 is 15 percent.
    pub rate_ppm: i64,
    /// Whether prices include it.
    pub inclusive: bool,
    /// Of customers there; null: of all for whom there is none of their country.
    pub country: Option<String>,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
}

/// A rate of tax to add.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaxRateJson {
    pub name: String,
    /// Parts per million: 150000 is 15 percent.
    pub rate_ppm: i32,
    #[serde(default)]
    pub inclusive: bool,
    #[serde(default)]
    pub country: Option<String>,
    /// Today unless given.
    #[serde(default)]
    pub starts_on: Option<NaiveDate>,
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
}

async fn rates_of(scope: &Scope) -> crate::kit::Result<Vec<TaxRateJson>> {
    let rates = store::settings::rates(&scope.read().await?).await?;
    let shown = rates.into_iter().map(|dated| TaxRateJson {
        id: dated.rate.id,
        name: dated.rate.name,
        rate_ppm: dated.rate.ppm,
        inclusive: dated.rate.inclusive,
        country: dated.country,
        starts_on: dated.starts_on,
        ends_on: dated.ends_on,
    });
    Ok(shown.collect())
}

/// Every rate of tax that there is or was.
#[utoipa::path(get, path = "/tax-rates", operation_id = "list_tax_rates", tag = "billing", responses((status = 200, body = Listing<TaxRateJson>)))]
async fn list_rates(Authorized(scope, _): Authorized<can::ReadInvoices>) -> Answer<Listing<TaxRateJson>> {
    Ok(Json(Listing { data: rates_of(&scope).await?, next: None }))
}

/// Adds a rate of tax, for invoices to come.
#[utoipa::path(post, path = "/tax-rates", operation_id = "add_tax_rate", tag = "billing", request_body = NewTaxRateJson, responses((status = 201, body = TaxRateJson)))]
async fn add_rate(Authorized(scope, _): Authorized<can::WriteInvoices>, Body(new): Body<NewTaxRateJson>) -> Result<Response, Problem> {
    let mut check = Check::default();
    let name = check.text("name", &new.name, 80);
    let country = check.optional_country("country", new.country.as_deref().unwrap_or_default());
    let starts_on = day(&mut check, "starts_on", new.starts_on).unwrap_or(scope.today());
    let ends_on = day(&mut check, "ends_on", new.ends_on);
    let (ppm, inclusive) = (new.rate_ppm, new.inclusive);
    let new = check.done(|| store::settings::NewTaxRate { name, ppm, inclusive, country, starts_on, ends_on })?;
    let id = store::settings::add_tax_rate(&scope, new).await?;
    let body = rates_of(&scope).await?.into_iter().find(|r| r.id == id).ok_or(Error::NotFound)?;
    Ok(created(format!("/api/v1/tax-rates/{id}"), body))
}

/// A coupon.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Coupon)]
pub struct CouponJson {
    pub id: CouponId,
    pub name: String,
    /// Parts per million off.
    pub percent_ppm: Option<i32>,
    /// Or an amount off.
    pub amount: Option<Money>,
    pub duration: CouponDuration,
    /// Invoices that a repeating one counts for.
    pub times: Option<i32>,
    pub redemptions: i32,
    pub max_redemptions: Option<i32>,
    /// The last day it is given out.
    pub expires_on: Option<NaiveDate>,
    pub state: CouponState,
    pub archived: bool,
    /// Codes it is given out by.
    pub codes: Vec<String>,
}

impl From<CouponView> for CouponJson {
    fn from(c: CouponView) -> Self {
        let CouponView { id, name, percent_ppm, amount, duration, times, redemptions, max_redemptions, expires_on, state, codes } = c;
        let archived = state == CouponState::Archived;
        Self { id, name, percent_ppm, amount, duration, times, redemptions, max_redemptions, expires_on, state, archived, codes }
    }
}

/// A coupon to make: a part or an amount off.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCouponJson {
    pub name: String,
    /// Parts per million: 250000 is a quarter off.
    #[serde(default)]
    pub percent_ppm: Option<i32>,
    #[serde(default)]
    pub amount: Option<Money>,
    pub duration: CouponDuration,
    #[serde(default)]
    pub times: Option<i32>,
    #[serde(default)]
    pub max_redemptions: Option<i32>,
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
    /// Good for these alone; for all unless given.
    #[serde(default)]
    pub plan_ids: Vec<PlanId>,
}

/// Coupons, the latest first; found by name and code.
#[utoipa::path(get, path = "/coupons", operation_id = "list_coupons", tag = "coupons", params(ListParams), responses((status = 200, body = Listing<CouponJson>)))]
async fn list_coupons(Authorized(scope, _): Authorized<can::ReadPlans>, Params(list): Params<ListParams>) -> Answer<Listing<CouponJson>> {
    Ok(Json(store::coupons::page(&scope, &list.query()?).await?.map(CouponJson::from).into()))
}

async fn coupon(scope: &Scope, id: CouponId) -> crate::kit::Result<CouponJson> {
    Ok(store::coupons::detail(scope, id).await?.coupon.into())
}

/// Makes a coupon.
#[utoipa::path(post, path = "/coupons", operation_id = "create_coupon", tag = "coupons", request_body = NewCouponJson, responses((status = 201, body = CouponJson)))]
async fn create_coupon(Authorized(scope, _): Authorized<can::WritePlans>, Body(new): Body<NewCouponJson>) -> Result<Response, Problem> {
    let mut check = Check::default();
    let name = check.text("name", &new.name, 120);
    let expires_on = day(&mut check, "expires_on", new.expires_on);
    let new = check.done(|| NewCoupon {
        name,
        percent_ppm: new.percent_ppm,
        amount: new.amount,
        duration: new.duration,
        times: new.times,
        max_redemptions: new.max_redemptions,
        expires_on,
        plans: new.plan_ids,
    })?;
    let id = store::coupons::create(&scope, new.checked()?).await?;
    Ok(created(format!("/api/v1/coupons/{id}"), coupon(&scope, id).await?))
}

/// A coupon is given out no more; customers who have it keep it.
#[utoipa::path(delete, path = "/coupons/{id}", operation_id = "archive_coupon", tag = "coupons", params(("id" = CouponId, Path)), responses((status = 204)))]
async fn archive_coupon(Authorized(scope, _): Authorized<can::WritePlans>, Id(id): Id<CouponId>) -> Result<StatusCode, Problem> {
    store::coupons::archive(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A code to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCodeJson {
    /// In any case of letters; no two coupons share one.
    pub code: String,
    #[serde(default)]
    pub max_redemptions: Option<i32>,
    /// The last day it can be used.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
    /// Only for customers who had no invoice yet.
    #[serde(default)]
    pub first_time_only: bool,
}

/// Makes a code that a coupon is given out by.
#[utoipa::path(post, path = "/coupons/{id}/codes", operation_id = "create_promotion_code", tag = "coupons", params(("id" = CouponId, Path)), request_body = NewCodeJson, responses((status = 201, body = CouponJson)))]
async fn add_code(
    Authorized(scope, _): Authorized<can::WritePlans>,
    Id(id): Id<CouponId>,
    Body(new): Body<NewCodeJson>,
) -> Result<Response, Problem> {
    let mut check = Check::default();
    let code = check.text("code", &new.code, 40);
    let expires_on = day(&mut check, "expires_on", new.expires_on);
    if new.max_redemptions.is_some_and(|most| most < 1) {
        check.refuse("max_redemptions", "must be above zero");
    }
    let code = check.done(|| code)?;
    let new = NewCode { code, max: new.max_redemptions, expires_on, first_time_only: new.first_time_only };
    store::coupons::add_code(&scope, id, new).await?;
    Ok(created(format!("/api/v1/coupons/{id}"), coupon(&scope, id).await?))
}

/// What a customer redeems: a coupon, or its code.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemJson {
    #[serde(default)]
    pub coupon_id: Option<CouponId>,
    #[serde(default)]
    pub code: Option<String>,
    /// For this one alone; for all the customer has unless given.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
}

/// A coupon that a customer has.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RedemptionJson {
    pub id: RedemptionId,
    pub customer_id: CustomerId,
}

/// Gives a customer a coupon; it counts from the next invoice on.
#[utoipa::path(post, path = "/customers/{id}/coupons", operation_id = "redeem_coupon", tag = "coupons", params(("id" = CustomerId, Path)), request_body = RedeemJson, responses((status = 201, body = RedemptionJson)))]
async fn redeem(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(customer_id): Id<CustomerId>,
    Body(redeem): Body<RedeemJson>,
) -> Result<Response, Problem> {
    let by = match (redeem.coupon_id, redeem.code) {
        (Some(id), None) => Redeem::Coupon(id),
        (None, Some(code)) => Redeem::Code(code),
        _ => return Err(Error::field("coupon_id", "or code is required, and not both").into()),
    };
    let id = store::coupons::redeem(&scope, customer_id, by, redeem.subscription_id).await?;
    Ok(created(format!("/api/v1/customers/{customer_id}/coupons/{id}"), RedemptionJson { id, customer_id }))
}

/// The day that a rate ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndRateJson {
    /// The first day without it, today or later.
    pub ends_on: NaiveDate,
}

/// Ends a rate of tax; nothing else of one changes.
#[utoipa::path(patch, path = "/tax-rates/{id}", operation_id = "end_tax_rate", tag = "billing", params(("id" = TaxRateId, Path)), request_body = EndRateJson, responses((status = 200, body = TaxRateJson)))]
async fn end_rate(
    Authorized(scope, _): Authorized<can::WriteInvoices>,
    Id(id): Id<TaxRateId>,
    Body(end): Body<EndRateJson>,
) -> Answer<TaxRateJson> {
    store::settings::end_tax_rate(&scope, id, end.ends_on).await?;
    Ok(Json(rates_of(&scope).await?.into_iter().find(|r| r.id == id).ok_or(Error::NotFound)?))
}

/// One coupon.
#[utoipa::path(get, path = "/coupons/{id}", operation_id = "get_coupon", tag = "coupons", params(("id" = CouponId, Path)), responses((status = 200, body = CouponJson)))]
async fn get_coupon(Authorized(scope, _): Authorized<can::ReadPlans>, Id(id): Id<CouponId>) -> Answer<CouponJson> {
    Ok(Json(coupon(&scope, id).await?))
}

/// A code is given out no more.
#[utoipa::path(delete, path = "/promotion-codes/{id}", operation_id = "archive_promotion_code", tag = "coupons", params(("id" = inline(PromotionCodeId), Path)), responses((status = 204)))]
async fn archive_code(Authorized(scope, _): Authorized<can::WritePlans>, Id(id): Id<PromotionCodeId>) -> Result<StatusCode, Problem> {
    store::coupons::archive_code(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A coupon that a customer has or had.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RedeemedJson {
    pub id: RedemptionId,
    pub coupon_id: CouponId,
    pub coupon_name: String,
    pub customer_id: CustomerId,
    /// Only of this one; null: of all the customer has.
    pub subscription_id: Option<SubscriptionId>,
    pub code: Option<String>,
    pub starts_on: NaiveDate,
    pub ended: bool,
}

impl From<Redeemed> for RedeemedJson {
    fn from(r: Redeemed) -> Self {
        let Redeemed { id, coupon, coupon_name, customer, subscription, code, starts_on, ended, .. } = r;
        Self { id, coupon_id: coupon, coupon_name, customer_id: customer, subscription_id: subscription, code, starts_on, ended }
    }
}

/// The coupons that a customer has or had, the latest first.
#[utoipa::path(get, path = "/customers/{id}/coupons", operation_id = "list_customer_coupons", tag = "coupons", params(("id" = CustomerId, Path)), responses((status = 200, body = Listing<RedeemedJson>)))]
async fn list_redeemed(Authorized(scope, _): Authorized<can::ReadInvoices>, Id(id): Id<CustomerId>) -> Answer<Listing<RedeemedJson>> {
    let found = store::coupons::of_customer(&scope, id).await?;
    Ok(Json(Listing { data: found.into_iter().map(RedeemedJson::from).collect(), next: None }))
}

/// A customer has a coupon no more; what it took off stays.
#[utoipa::path(delete, path = "/coupon-redemptions/{id}", operation_id = "end_coupon", tag = "coupons", params(("id" = RedemptionId, Path)), responses((status = 204)))]
async fn end_redemption(Authorized(scope, _): Authorized<can::WriteInvoices>, Id(id): Id<RedemptionId>) -> Result<StatusCode, Problem> {
    store::coupons::end_redemption(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

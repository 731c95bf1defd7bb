//! `POST /api/v1/subscriptions`: it stands above `subscriptions`, because a coupon can come with it.

use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::customers::CustomerId;
use crate::invoices::catalogue::CouponId;
use crate::invoices::store::coupons::Redeem;
use crate::kit::Result;
use crate::kit::form::Check;
use crate::kit::money::Money;
use crate::kit::permission::can;
use crate::kit::rest::{Authorized, Body, Problem, created};
use crate::plans::PlanId;
use crate::subscriptions::model::NewSubscription;
use crate::subscriptions::rest::SubscriptionWithPhases;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(create))
}

/// A subscription to begin.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubscriptionJson {
    pub customer_id: CustomerId,
    pub plan_id: PlanId,
    /// Today unless given.
    #[serde(default)]
    pub started_on: Option<NaiveDate>,
    /// The first day that is paid for; unless given, after the plan's days of trial.
    #[serde(default)]
    pub trial_ends_on: Option<NaiveDate>,
    /// The first day without service, where the end is known already.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
    /// 1 unless given.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// Its own price of one unit, in the plan's currency; the plan's price unless given.
    #[serde(default)]
    pub price: Option<Money>,
    /// The seller's own number for it; no two subscriptions share one.
    #[serde(default)]
    pub external_id: Option<String>,
    #[serde(default)]
    pub payment_method: Option<String>,
    /// The day of the month that billing periods begin on, 1 to 31; the 29th to 31st are a shorter month's last day. The
    /// anniversary of the first paid day unless given.
    #[serde(default)]
    pub anchor_day: Option<u32>,
    /// A coupon that takes something off this subscription from its first invoice on.
    #[serde(default)]
    pub coupon: Option<CouponId>,
    /// The same by a code that a coupon is given out by; one of both.
    #[serde(default)]
    pub promotion_code: Option<String>,
}

impl NewSubscriptionJson {
    fn parse(self, today: NaiveDate) -> Result<(NewSubscription, Option<Redeem>)> {
        let mut check = Check::default();
        let by = match (self.coupon, self.promotion_code) {
            (Some(_), Some(_)) => {
                check.refuse("promotion_code", "and coupon are two ways to say the same: give one");
                None
            }
            (coupon, code) => coupon.map(Redeem::Coupon).or(code.map(Redeem::Code)),
        };
        let external_id = check.optional_text("external_id", self.external_id.as_deref().unwrap_or_default(), 100);
        let payment_method = check.optional_text("payment_method", self.payment_method.as_deref().unwrap_or_default(), 100);
        let started_on = self.started_on.unwrap_or(today);
        for (field, day) in [("started_on", Some(started_on)), ("trial_ends_on", self.trial_ends_on), ("ends_on", self.ends_on)] {
            if let Some(day) = day {
                check.optional_day(field, &day.to_string());
            }
        }
        if self.anchor_day.is_some_and(|day| !(1..=31).contains(&day)) {
            check.refuse("anchor_day", "must be from 1 to 31");
        }
        let new = check.done(|| NewSubscription {
            customer_id: self.customer_id,
            plan_id: self.plan_id,
            started_on,
            trial_ends_on: self.trial_ends_on,
            ends_on: self.ends_on,
            quantity: self.quantity.unwrap_or(1),
            price: self.price,
            external_id,
            payment_method,
            anchor_day: self.anchor_day,
        })?;
        Ok((new, by))
    }
}

/// Begins a subscription.
#[utoipa::path(post, path = "/subscriptions", operation_id = "create_subscription", tag = "subscriptions", request_body = NewSubscriptionJson, responses((status = 201, body = SubscriptionWithPhases)))]
async fn create(
    Authorized(scope, _): Authorized<can::WriteSubscriptions>,
    Body(new): Body<NewSubscriptionJson>,
) -> Result<Response, Problem> {
    let (new, by) = new.parse(scope.today())?;
    let id = super::store::subscribe(&scope, new, by).await?;
    let body = SubscriptionWithPhases::from(crate::subscriptions::store::detail(&scope, id).await?);
    Ok(created(format!("/api/v1/subscriptions/{id}"), body))
}

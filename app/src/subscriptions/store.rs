//! Subscriptions in the database.

mod activity;
pub mod billing;
pub mod bulk;
mod list;
mod many;
pub mod metering;
mod phases;
pub mod priced;
pub mod rates;
mod refresh;
pub mod switches;
#[cfg(test)]
mod tests;
mod told;
mod verbs;

pub use activity::{activity, customer_activity};
pub use list::{chunk, detail, filters, get, list, of_customer, start};
pub use many::{cancel_many, preview_cancel_many};
pub use refresh::{rebuild, refresh_customers, stretches};
pub use verbs::{
    change_as_typed, create, create_in, foresee, move_batch, natural_day, perform, perform_in, perform_prorated, preview, preview_as_typed,
    preview_new, typed,
};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;

use super::api::Previewed;
use super::course;
use super::model::{Effect, Subscription, SubscriptionId};
use crate::customers::CustomerId;
use crate::kit::db::bug;
use crate::kit::money::Money;
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};
use crate::plans::PlanId;

/// A subscription with the names that its list shows.
#[derive(FromQueryResult)]
struct SubscriptionRow {
    id: SubscriptionId,
    external_id: Option<String>,
    customer_id: CustomerId,
    customer_name: String,
    plan_id: PlanId,
    plan_name: String,
    interval_unit: IntervalUnit,
    interval_count: i32,
    currency: String,
    started_on: NaiveDate,
    trial_ends_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    cancel_reason: Option<String>,
    payment_method: Option<String>,
    mrr_minor: i64,
    created_at: DateTime<Utc>,
    in_service: i32,
}

impl SubscriptionRow {
    fn subscription(self, scope: &Scope) -> Result<Subscription> {
        let status = course::status(self.started_on, self.trial_ends_on, self.ended_on, self.in_service > 0, scope.today());
        Ok(Subscription {
            id: self.id,
            external_id: self.external_id,
            customer_id: self.customer_id,
            customer_name: self.customer_name,
            plan_id: self.plan_id,
            plan_name: self.plan_name,
            interval: Interval { unit: self.interval_unit, count: u32::try_from(self.interval_count).unwrap_or(1) },
            currency: self.currency.parse().map_err(bug)?,
            status,
            started_on: self.started_on,
            trial_ends_on: self.trial_ends_on,
            ended_on: self.ended_on,
            cancel_reason: self.cancel_reason,
            payment_method: self.payment_method,
            monthly: Money::new(self.mrr_minor, scope.currency()),
            created: scope.moment(self.created_at),
        })
    }
}

/// `SELECT` this `FROM` [`TABLES`]; the day is the scope's today. Whether a phase is under way is asked with a LIMIT, row
/// by row: of an EXISTS, PostgreSQL makes a table of all phases of all subscriptions, for a page of fifty.
fn columns(today: NaiveDate) -> String {
    format!(
        "s.id, s.external_id, s.customer_id, c.name AS customer_name, s.plan_id, p.name AS plan_name, p.interval_unit, p.interval_count, \
         p.currency, s.started_on, s.trial_ends_on, s.ended_on, s.cancel_reason, s.payment_method, s.mrr_minor, s.created_at, \
         COALESCE((SELECT 1 FROM subscription_phases h WHERE h.seller_id = s.seller_id AND h.subscription_id = s.id \
         AND h.starts_on <= '{today}' AND (h.ends_on IS NULL OR h.ends_on > '{today}') LIMIT 1), 0) AS in_service"
    )
}

/// The joins are outer ones so that counting and ordering need neither.
const TABLES: &str = "subscriptions s LEFT JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id \
     LEFT JOIN plans p ON p.seller_id = s.seller_id AND p.id = s.plan_id";

/// The identifier as a value of a statement.
fn id(subscription: SubscriptionId) -> sea_orm::Value {
    subscription.0.into()
}

/// An answer to what is typed: it may not be whole yet, which is an answer like another and no failed call. What is chosen was
/// on offer.
pub fn previewed(effect: Result<Effect>) -> Result<Previewed> {
    match effect {
        Err(Error::Invalid(fields)) if !fields.0.keys().any(|name| name.ends_with("_id")) => Ok(Err(fields)),
        other => crate::kit::scope::answer_with_status(other.map(Ok)),
    }
}

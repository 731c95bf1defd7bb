//! What the forms of subscriptions hold, as typed, and what it means.

use serde::{Deserialize, Serialize};

use super::model::{NewSubscription, QUANTITY_MAX, Verb, When};
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::form::Check;
use crate::kit::money::{Currency, Money};
use crate::plans::PlanId;

/// A new subscription as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionForm {
    pub customer_id: String,
    pub plan_id: String,
    pub started_on: String,
    pub trial_ends_on: String,
    pub quantity: String,
    /// Major units of the plan's currency; blank: the plan's price.
    pub price: String,
    /// The day of the month that periods begin on; blank: the anniversary.
    #[serde(default)]
    pub anchor_day: String,
}

impl SubscriptionForm {
    /// The checked fields, or what is wrong with which; `currency` is that of the plan.
    pub fn parse(&self, currency: Currency) -> Result<NewSubscription> {
        let mut check = Check::default();
        let customer_id: Option<CustomerId> = check.parse("customer_id", &self.customer_id);
        let plan_id: Option<PlanId> = check.parse("plan_id", &self.plan_id);
        let started_on = check.day("started_on", &self.started_on);
        let trial_ends_on = check.optional_day("trial_ends_on", &self.trial_ends_on);
        let quantity = quantity(&mut check, &self.quantity).unwrap_or(1);
        let price = price(&mut check, &self.price, currency);
        let anchor = self.anchor_day.trim();
        let anchor_day = if anchor.is_empty() { None } else { u32::try_from(check.whole("anchor_day", anchor, 1, 31)).ok() };
        let new = customer_id.zip(plan_id).zip(started_on).map(|((customer_id, plan_id), started_on)| NewSubscription {
            customer_id,
            plan_id,
            started_on,
            trial_ends_on,
            ends_on: None,
            quantity,
            price,
            external_id: None,
            payment_method: None,
            anchor_day,
        });
        check.done_with(new)
    }
}

/// A change as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeForm {
    pub plan_id: String,
    pub quantity: String,
    /// Major units of the plan's currency; blank: as it is, or the plan's where the plan is another.
    pub price: String,
    /// `now`, `period_end`, `date`, or `natural`: now where it costs more by the day, at the period's end where less.
    pub at: String,
    /// The day, where `at` is `date`.
    pub on: String,
}

impl ChangeForm {
    /// The verb, or what is wrong with which field; `currency` is that of the plan chosen.
    pub fn parse(&self, currency: Currency) -> Result<Verb> {
        let mut check = Check::default();
        let plan_id: Option<PlanId> = check.parse("plan_id", &self.plan_id);
        let quantity = quantity(&mut check, &self.quantity);
        let price = price(&mut check, &self.price, currency);
        let at = when(&mut check, &self.at, &self.on);
        check.done(|| Verb::Change { plan_id, quantity, price, at })
    }
}

/// `at` of a form: `now`, `period_end`, or `date` with the day in the field `on`.
pub fn when(check: &mut Check, at: &str, on: &str) -> When {
    match at {
        "date" => check.day("on", on).map_or(When::Now, When::On),
        "" => When::Now,
        other => check.parse("at", other).unwrap_or_default(),
    }
}

fn quantity(check: &mut Check, raw: &str) -> Option<i64> {
    (!raw.trim().is_empty()).then(|| check.whole("quantity", raw, 1, QUANTITY_MAX))
}

fn price(check: &mut Check, raw: &str, currency: Currency) -> Option<Money> {
    (!raw.trim().is_empty()).then(|| check.money("price", raw, currency))
}

/// A pause as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseForm {
    /// `now`, `period_end` or `date`.
    pub at: String,
    /// The day, where `at` is `date`.
    pub on: String,
    /// The day it comes back by itself; blank: when somebody resumes it.
    pub resumes_on: String,
}

impl PauseForm {
    /// The verb, or what is wrong with which field.
    pub fn pause(&self) -> Result<Verb> {
        let mut check = Check::default();
        let at = when(&mut check, &self.at, &self.on);
        let resumes_on = check.optional_day("resumes_on", &self.resumes_on);
        check.done(|| Verb::Pause { at, resumes_on })
    }

    /// The verb of a form that asks for a day to come back, or what is wrong with which field.
    pub fn resume(&self) -> Result<Verb> {
        let mut check = Check::default();
        let at = when(&mut check, &self.at, &self.on);
        check.done(|| Verb::Resume { at })
    }
}

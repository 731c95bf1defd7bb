//! Subscriptions as pages and stores know them, and what can be asked of them.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::customers::{Customer, CustomerId};
use crate::kit::Result;
use crate::kit::moment::Moment;
use crate::kit::money::{Currency, Money};
use crate::kit::period::{self, Interval};
use crate::movements::{MovementKind, Rate};
use crate::plans::model::PlanChoice;
use crate::plans::{PlanId, PlanVersionId};
use crate::{id, text_enum};

pub use super::typed::{ChangeForm, PauseForm, SubscriptionForm, when};

id!(
    /// Something a customer has bought.
    SubscriptionId,
    "sub"
);
id!(
    /// A stretch of a subscription.
    PhaseId,
    "phs"
);

/// The most units of one subscription.
pub const QUANTITY_MAX: i64 = 1_000_000_000;

text_enum!(
    /// Where a subscription stands today.
    pub enum SubscriptionStatus {
        /// Starts on a day to come.
        Scheduled = "scheduled" => "Scheduled",
        /// In service, and pays later.
        Trial = "trial" => "On trial",
        /// In service, with no end.
        Active = "active" => "Active",
        /// In service, with an end to come.
        Cancelling = "cancelling" => "Cancelling",
        /// Between two stretches of service.
        Paused = "paused" => "Paused",
        /// Out of service.
        Ended = "ended" => "Ended",
    }
);

/// A subscription: a row of the list and the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub id: SubscriptionId,
    /// The seller's own number for it.
    pub external_id: Option<String>,
    pub customer_id: CustomerId,
    pub customer_name: String,
    /// Of the latest phase.
    pub plan_id: PlanId,
    pub plan_name: String,
    pub interval: Interval,
    /// In which it is paid.
    pub currency: Currency,
    pub status: SubscriptionStatus,
    pub started_on: NaiveDate,
    pub trial_ends_on: Option<NaiveDate>,
    /// The first day without service, past or to come.
    pub ended_on: Option<NaiveDate>,
    pub cancel_reason: Option<String>,
    pub payment_method: Option<String>,
    /// What its latest phase comes to in a month, in the seller's currency.
    pub monthly: Money,
    pub created: Moment,
}

/// A stretch of a subscription, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseView {
    pub id: PhaseId,
    pub plan_id: PlanId,
    pub plan_name: String,
    /// The plan's version whose price it has; `None` where the price is its own.
    pub version: Option<PlanVersionId>,
    pub quantity: i64,
    /// Of one unit for one interval.
    pub price: Money,
    pub interval: Interval,
    pub starts_on: NaiveDate,
    /// The first day after it.
    pub ends_on: Option<NaiveDate>,
    /// The first day in MRR.
    pub pays_from: NaiveDate,
    pub monthly: Money,
    pub rate: Rate,
    pub end_reason: Option<String>,
}

/// A subscription with all its phases, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionDetail {
    pub subscription: Subscription,
    pub phases: Vec<PhaseView>,
    pub today: NaiveDate,
    /// When the present billing period ends; `None` out of service.
    pub period_ends_on: Option<NaiveDate>,
    /// Under way, or the next to come.
    pub pause: Option<Pause>,
}

/// Days without service after which it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The first day without service.
    pub from: NaiveDate,
    /// The day it comes back by itself; `None`: when somebody resumes it.
    pub until: Option<NaiveDate>,
}

impl Pause {
    pub fn covers(self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// What the filters of the list offer beyond the statuses and intervals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFilters {
    /// Id and name.
    pub plans: Vec<(String, String)>,
    pub currencies: Vec<String>,
}

/// What the form of a new subscription starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionStart {
    pub customer: Customer,
    pub plans: Vec<PlanChoice>,
    pub today: NaiveDate,
    /// Days of the month that the seller offers as anchors; none: the anniversary alone.
    pub anchor_days: Vec<u32>,
}

/// A day that a verb takes effect on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Today.
    #[default]
    Now,
    /// When the present billing period (or trial) ends.
    PeriodEnd,
    On(NaiveDate),
}

impl FromStr for When {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "now" | "today" => Ok(Self::Now),
            "period_end" => Ok(Self::PeriodEnd),
            day => period::day(day).map(Self::On).map_err(|_| "must be now, period_end or a date written YYYY-MM-DD".into()),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::PeriodEnd => f.write_str("period_end"),
            Self::On(day) => write!(f, "{day}"),
        }
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A subscription to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSubscription {
    pub customer_id: CustomerId,
    pub plan_id: PlanId,
    pub started_on: NaiveDate,
    /// `None`: after the plan's days of trial.
    pub trial_ends_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub quantity: i64,
    /// Its own price of one unit; `None`: the plan's.
    pub price: Option<Money>,
    pub external_id: Option<String>,
    pub payment_method: Option<String>,
    /// The day of the month, 1 to 31, that billing periods begin on; `None`: the anniversary.
    pub anchor_day: Option<u32>,
}

text_enum!(
    /// How much of its service a subscription is given, the least last; billing goes on all the same.
    pub enum Service {
        Full = "full" => "In service",
        Throttled = "throttled" => "Slowed down",
        Suspended = "suspended" => "Suspended",
    }
);

text_enum!(
    /// What happens to a period that service or a price does not cover whole.
    pub enum Proration {
        /// Charged, and credited, by the day.
        Prorate = "prorate" => "By the day",
        /// Neither credited nor charged: the new price counts from the next period, and a first part is free.
        None = "none" => "None",
        /// What begins is charged whole, what ends is given back whole.
        Full = "full" => "In full",
    }
);

/// What is to become of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    /// Another plan, price or quantity; what is `None` stays.
    Change { plan_id: Option<PlanId>, quantity: Option<i64>, price: Option<Money>, at: When },
    /// No service from that day on.
    Cancel { at: When, reason: Option<String> },
    /// Takes a cancellation to come back, or starts again after the end.
    Reactivate { at: When },
    /// The trial ends on that day instead.
    Trial { ends_on: NaiveDate },
    /// No service and nothing to pay from that day until `resumes_on`, or until it is resumed.
    Pause { at: When, resumes_on: Option<NaiveDate> },
    /// Service again from that day; a pause that has not begun by then is taken back.
    Resume { at: When },
}

/// What a verb does to MRR, in the seller's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The day it takes effect.
    pub on: NaiveDate,
    /// The subscription's MRR at the end of that day without and with it.
    pub before: Money,
    pub after: Money,
    /// The same of the customer.
    pub customer_before: Money,
    pub customer_after: Money,
    /// What the customer's day is recorded as.
    pub movement: Option<MovementKind>,
    /// What happens later that is set already: a trial that starts to pay, an end.
    pub later: Vec<LaterEffect>,
}

/// A day to come on which MRR changes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterEffect {
    pub on: NaiveDate,
    pub customer_after: Money,
}

/// What cancelling several subscriptions at the ends of their periods does to MRR, in the seller's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelEffect {
    /// Subscriptions that end.
    pub cancelled: u64,
    /// Subscriptions that stay as they are: they have an end already.
    pub left: u64,
    /// MRR that is gone once all have ended.
    pub loses: Money,
    /// Customers who pay nothing any more then.
    pub customers_lost: u64,
    /// The first and the last day on which one ends; `None` where none does.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// An exchange rate of a seller, from that day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeRate {
    pub currency: Currency,
    pub starts_on: NaiveDate,
    pub rate: Rate,
}

/// `1.0834`: what one unit of a currency is worth in the seller's.
pub fn rate_label(rate: Rate) -> String {
    let digits = format!("{:010}", rate.nano());
    let (whole, fraction) = digits.split_at(digits.len() - 9);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// Reads what [`rate_label`] writes, up to nine decimals.
pub fn parse_rate(text: &str) -> Result<Rate, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || fraction.len() > 9 || !digits(whole) || !digits(fraction) {
        return Err("must be a number above zero with at most 9 decimals, such as 1.0834".into());
    }
    let nano = format!("{whole}{fraction:0<9}").parse().ok();
    nano.and_then(Rate::from_nano).ok_or_else(|| "must be above zero".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_exactly_and_shown_short() {
        for (text, nano) in [("1.0834", 1_083_400_000), ("0.000000001", 1), ("160", 160_000_000_000)] {
            let rate = parse_rate(text).expect("a rate");
            assert_eq!((rate.nano(), rate_label(rate).as_str()), (nano, text));
        }
        for bad in ["", "0", "-1", "1.0000000001", "1e3", ".5", "9999999999"] {
            assert!(parse_rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_of_a_verb_is_a_word_or_a_date() {
        assert_eq!("now".parse(), Ok(When::Now));
        assert_eq!("period_end".parse(), Ok(When::PeriodEnd));
        assert_eq!("2026-03-01".parse::<When>().map(|w| w.to_string()).as_deref(), Ok("2026-03-01"));
        assert!("tomorrow".parse::<When>().is_err());
    }
}

//! Plans as pages and stores know them, and the rules of their fields.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::charges::Charge;
use crate::id;
use crate::kit::form::Check;
use crate::kit::moment::Moment;
use crate::kit::money::{Currency, Money};
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::{Error, Result};
use crate::meters::model::MeterChoice;
use crate::movements::{Rate, monthly_minor};

id!(
    /// Something that is sold again and again.
    PlanId,
    "pln"
);
id!(
    /// A plan at one price.
    PlanVersionId,
    "plv"
);

/// The longest trial, in days.
pub const TRIAL_DAYS_MAX: i64 = 730;

/// A plan at its present price: a row of the list and the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub id: PlanId,
    pub name: String,
    pub interval: Interval,
    /// Of one unit for one interval.
    pub price: Money,
    /// The version that has this price.
    pub version: PlanVersionId,
    pub version_number: i32,
    pub trial_days: i32,
    pub archived: bool,
    pub created: Moment,
    /// Customers that pay for it today.
    pub customers: u64,
    /// What they pay a month, in the seller's currency; `None`: not for this reader.
    pub mrr: Option<Money>,
}

impl Plan {
    /// `$49.00 per month`.
    pub fn price_label(&self) -> String {
        format!("{} per {}", self.price, self.interval.label())
    }
}

/// A price that a plan has or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanVersion {
    pub id: PlanVersionId,
    pub number: i32,
    pub price: Money,
    pub created: Moment,
}

/// A plan with all its versions, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDetail {
    pub plan: Plan,
    pub versions: Vec<PlanVersion>,
    /// Of the present version.
    pub charges: Vec<Charge>,
    /// Meters that a new charge may count.
    pub meters: Vec<MeterChoice>,
}

/// A plan to choose: what a form's list needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanChoice {
    pub id: PlanId,
    /// `Pro, $49.00 per month`.
    pub label: String,
    pub price: Money,
    pub interval: Interval,
    pub trial_days: i32,
}

/// A plan's fields as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanForm {
    pub name: String,
    pub interval: String,
    pub interval_count: String,
    /// Major units.
    pub price: String,
    pub currency: String,
    pub trial_days: String,
}

/// A plan's fields, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPlan {
    pub name: String,
    pub interval: Interval,
    pub price: Money,
    pub trial_days: i32,
}

impl PlanForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self) -> Result<NewPlan> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, 120);
        let unit: Option<IntervalUnit> = check.parse("interval", &self.interval);
        let count = check.whole("interval_count", or(&self.interval_count, "1"), 1, i64::from(Interval::MAX_COUNT));
        let currency: Option<Currency> = check.parse("currency", &self.currency);
        let price = currency.map(|currency| check.money("price", &self.price, currency));
        let trial_days = check.whole("trial_days", or(&self.trial_days, "0"), 0, TRIAL_DAYS_MAX);
        let plan = unit.zip(price).map(|(unit, price)| NewPlan {
            name,
            interval: Interval { unit, count: u32::try_from(count).unwrap_or(1) },
            price,
            trial_days: i32::try_from(trial_days).unwrap_or(0),
        });
        check.done_with(plan)
    }
}

/// A new price as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceForm {
    /// Major units of the plan's currency.
    pub price: String,
    /// Whether existing subscriptions move, too.
    pub move_existing: bool,
    /// The day they move on.
    pub move_from: String,
}

/// A new price, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPrice {
    pub price: Money,
    /// The day from which existing subscriptions at the plan's own prices pay it; `None`: they stay as they are.
    pub move_from: Option<NaiveDate>,
}

impl PriceForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self, currency: Currency) -> Result<NewPrice> {
        let mut check = Check::default();
        let price = check.money("price", &self.price, currency);
        let move_from = if self.move_existing { check.day("move_from", &self.move_from) } else { None };
        check.done(|| NewPrice { price, move_from })
    }
}

/// Refuses a price that nobody could subscribe to: one unit of it already comes to too much a month.
pub fn bearable(price: Money, interval: Interval) -> Result<()> {
    let monthly = monthly_minor(price, 1, interval, Rate::ONE, price.currency());
    monthly.map(|_| ()).map_err(|_| Error::field("price", "is too large"))
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.trim().is_empty() { default } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_needs_a_name_an_interval_and_a_price_in_its_currency() {
        let form =
            PlanForm { name: "Pro".into(), interval: "month".into(), price: "49".into(), currency: "USD".into(), ..Default::default() };
        let plan = form.parse().expect("valid");
        assert_eq!((plan.price, plan.interval.count, plan.trial_days), (Money::new(4900, Currency::USD), 1, 0));
        let wrong = PlanForm { interval: "fortnight".into(), currency: "USD".into(), price: "1.001".into(), ..Default::default() };
        assert_eq!(wrong.parse().expect_err("refused").fields().0.keys().collect::<Vec<_>>(), ["interval", "name", "price"]);
    }

    #[test]
    fn a_day_to_move_on_is_asked_for_only_where_subscriptions_move() {
        let form = PriceForm { price: "5".into(), move_existing: true, ..Default::default() };
        assert!(form.parse(Currency::USD).expect_err("refused").fields().first("move_from").is_some());
        let form = PriceForm { move_existing: false, ..form };
        assert_eq!(form.parse(Currency::USD).expect("valid").move_from, None);
    }
}

//! The rules of METRICS, "Subscriptions to MRR" and "Movements": pure, the same in the browser and on the server.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kit::money::{Currency, Money, divide_half_away};
use crate::kit::period::Interval;
use crate::kit::{Error, Result};
use crate::text_enum;

text_enum!(
    /// What a customer's MRR did on a day.
    pub enum MovementKind {
        /// From nothing, never paid before.
        New = "new" => "New",
        /// From something to more.
        Expansion = "expansion" => "Expansion",
        /// From nothing, paid before.
        Reactivation = "reactivation" => "Reactivation",
        /// From something to less, but not nothing.
        Contraction = "contraction" => "Contraction",
        /// From something to nothing.
        Churn = "churn" => "Churn",
    }
);

impl MovementKind {
    /// It takes MRR away.
    pub fn is_loss(self) -> bool {
        matches!(self, Self::Contraction | Self::Churn)
    }
}

/// The most that one subscription may come to in a month, in minor units: sums of nine thousand of them still fit 64 bits.
pub const MONTHLY_MAX: i64 = 1_000_000_000_000_000;

/// The reason of an end that dunning brought about: churn with it is *involuntary* in the terms of METRICS.
pub const INVOLUNTARY: &str = "involuntary: not paid";

/// The reason of an end that a pause brought about.
pub const PAUSED: &str = "paused";

/// An exchange rate: major units of the seller's currency for one major unit of the other, in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rate {
    nano: i64,
}

impl Rate {
    /// Between a currency and itself.
    pub const ONE: Rate = Rate { nano: 1_000_000_000 };

    /// `nano` billionths; `None` unless above zero.
    pub fn from_nano(nano: i64) -> Option<Self> {
        (nano > 0).then_some(Self { nano })
    }

    /// In billionths.
    pub fn nano(self) -> i64 {
        self.nano
    }
}

/// What `quantity` units at `unit_amount` per `interval` come to in a month, in minor units of `into`: computed exactly
/// and rounded half away from zero once. Source: METRICS, "Monthly amount". An error where it exceeds [`MONTHLY_MAX`].
pub fn monthly_minor(unit_amount: Money, quantity: i64, interval: Interval, rate: Rate, into: Currency) -> Result<i64> {
    let (months_up, months_down) = interval.monthly_ratio();
    let mut up =
        [i128::from(unit_amount.minor()), i128::from(quantity), months_up, i128::from(rate.nano), i128::from(into.minor_per_major())];
    let mut down = [months_down, i128::from(Rate::ONE.nano), i128::from(unit_amount.currency().minor_per_major())];
    for u in &mut up {
        for d in &mut down {
            let common = greatest_common_divisor(*u, *d);
            *u /= common;
            *d /= common;
        }
    }
    let numerator = up.iter().try_fold(1i128, |product, n| product.checked_mul(*n));
    numerator
        .and_then(|n| divide_half_away(n, down.iter().product()))
        .filter(|n| n.unsigned_abs() <= MONTHLY_MAX as u128)
        .and_then(|n| i64::try_from(n).ok())
        .ok_or_else(|| Error::field("amount", "is too large"))
}

fn greatest_common_divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// A stretch of days over which a customer pays for something: a phase of a subscription from the day it counts in MRR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidStretch {
    pub plan: Uuid,
    /// The first day in MRR. Where it is not before `until`, the stretch never paid.
    pub from: NaiveDate,
    /// The first day no longer in MRR; `None` while open.
    pub until: Option<NaiveDate>,
    /// The monthly amount in the seller's currency; never below zero.
    pub mrr_minor: i64,
    /// Why it ended, where someone said so.
    pub reason: Option<String>,
}

/// A customer's MRR at the end of a day, against the end of the day before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    pub day: NaiveDate,
    pub kind: MovementKind,
    pub before_minor: i64,
    pub after_minor: i64,
    /// The first day of the unbroken run of paying that this begins, changes or ends.
    pub paid_since: NaiveDate,
    /// The first day that the customer ever paid: its month is the customer's cohort.
    pub first_paid_on: NaiveDate,
    /// Of a loss: why the largest stretch that ended on the day did.
    pub reason: Option<String>,
}

impl Movement {
    /// Dunning ended it, not the customer.
    pub fn is_involuntary(&self) -> bool {
        self.reason.as_deref() == Some(INVOLUNTARY)
    }

    /// How much, as a number that is never below zero.
    pub fn amount_minor(&self) -> i64 {
        (self.after_minor - self.before_minor).abs()
    }
}

/// A customer's MRR on one plan at the end of a day, against the end of the day before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanMovement {
    pub day: NaiveDate,
    pub plan: Uuid,
    pub kind: MovementKind,
    pub before_minor: i64,
    pub after_minor: i64,
}

/// All movements of one customer, by day; those of the plans by day and plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    pub total: Vec<Movement>,
    pub plans: Vec<PlanMovement>,
}

impl Derived {
    /// MRR at the end of `day`, in minor units.
    pub fn at(&self, day: NaiveDate) -> i64 {
        self.total.iter().take_while(|m| m.day <= day).last().map_or(0, |m| m.after_minor)
    }

    /// The first day it paid; may lie ahead.
    pub fn first_paid_on(&self) -> Option<NaiveDate> {
        self.total.first().map(|m| m.day)
    }
}

/// What happens to a customer's MRR at the start of one day.
struct Change<'a> {
    day: NaiveDate,
    plan: Uuid,
    minor: i64,
    reason: Option<&'a str>,
}

/// Derives a customer's movements from everything it ever paid for, days to come included. Changes of one day net out.
///
/// On a plan, a gain is *new* or *reactivation* where the customer paid nothing at all before and *expansion* otherwise;
/// a loss is *churn* where it pays nothing at all afterwards and *contraction* otherwise. So moving from one plan to
/// another is contraction here and expansion there, and new, reactivation and churn add up over the plans to the total.
pub fn derive(stretches: &[PaidStretch]) -> Derived {
    let changes = changes(stretches);
    let mut derived = Derived::default();
    let mut on_plan: BTreeMap<Uuid, i64> = BTreeMap::new();
    let (mut total, mut paid_since) = (0, NaiveDate::MIN);
    for today in changes.chunk_by(|a, b| a.day == b.day) {
        let (day, before) = (today[0].day, total);
        let touched: BTreeSet<Uuid> = today.iter().map(|c| c.plan).collect();
        let before_on: Vec<(Uuid, i64)> = touched.iter().map(|p| (*p, on_plan.get(p).copied().unwrap_or(0))).collect();
        for change in today {
            *on_plan.entry(change.plan).or_default() += change.minor;
            total += change.minor;
        }
        let paid_before = !derived.total.is_empty();
        for (plan, before_minor) in before_on {
            let after_minor = on_plan.get(&plan).copied().unwrap_or(0);
            if let Some(kind) = kind(before, total, after_minor - before_minor, paid_before) {
                derived.plans.push(PlanMovement { day, plan, kind, before_minor, after_minor });
            }
        }
        if let Some(kind) = kind(before, total, total - before, paid_before) {
            paid_since = if before == 0 { day } else { paid_since };
            let reason = if kind.is_loss() { reason(today) } else { None };
            let first_paid_on = derived.first_paid_on().unwrap_or(day);
            derived.total.push(Movement { day, kind, before_minor: before, after_minor: total, paid_since, first_paid_on, reason });
        }
    }
    derived
}

/// Starts and ends of all stretches that pay anything, by day.
fn changes(stretches: &[PaidStretch]) -> Vec<Change<'_>> {
    let mut changes = Vec::with_capacity(stretches.len() * 2);
    for stretch in stretches {
        if stretch.mrr_minor <= 0 || stretch.until.is_some_and(|until| until <= stretch.from) {
            continue;
        }
        changes.push(Change { day: stretch.from, plan: stretch.plan, minor: stretch.mrr_minor, reason: None });
        if let Some(day) = stretch.until {
            changes.push(Change { day, plan: stretch.plan, minor: -stretch.mrr_minor, reason: stretch.reason.as_deref() });
        }
    }
    changes.sort_by_key(|c| c.day);
    changes
}

/// What a change by `delta` is to a customer that goes from `before` to `after` in all.
fn kind(before: i64, after: i64, delta: i64, paid_before: bool) -> Option<MovementKind> {
    match delta {
        0 => None,
        1.. if before == 0 => Some(if paid_before { MovementKind::Reactivation } else { MovementKind::New }),
        1.. => Some(MovementKind::Expansion),
        _ if after == 0 => Some(MovementKind::Churn),
        _ => Some(MovementKind::Contraction),
    }
}

/// The reason of the largest stretch that ended with one; of equals, the first by the alphabet.
fn reason(today: &[Change<'_>]) -> Option<String> {
    let reasons = today.iter().filter_map(|c| c.reason.map(|r| (c.minor, r)));
    reasons.min().map(|(_, reason)| reason.to_owned())
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;

//! What is charged after the fact: usage, and what is missing to a minimum. Each day is billed once, by the charges that it
//! had: a change parts a period for the charges that it changes.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Charge, ChargeKind, Line, SubscriptionBook, days};
use crate::invoices::due::{Ended, Rules, ended};
use crate::invoices::model::LineKind;
use crate::invoices::prorate::share;
use crate::kit::money::{Currency, Money, MoneyError};
use crate::kit::period::Period;
use crate::meters::Aggregation;
use crate::plans::tiers::PriceModel;
use crate::subscriptions::Proration;

/// What was billed of what is charged in arrears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrears {
    /// Days that lines are for.
    pub billed: Vec<Period>,
    /// Days that are to be billed again.
    pub again: Vec<Period>,
    /// Days before this one were invoiced, even where they came to nothing.
    pub closed: Option<NaiveDate>,
}

impl Arrears {
    /// What is left to bill of some days.
    fn left(&self, days: Period) -> Option<Period> {
        let within = |p: &&Period| p.start < days.end && days.start < p.end;
        let closed = self.closed.filter(|_| !self.again.iter().any(|p| within(&p)));
        let from = self.billed.iter().filter(within).map(|p| p.end).chain(closed).max();
        Period::new(from.map_or(days.start, |from| from.max(days.start)), days.end)
    }
}

impl Charge {
    /// Whether it charges the same; a version of a plan has the charges of the one before anew.
    fn is_like(&self, other: &Self) -> bool {
        let what = |of: &Self| (of.kind, of.name.clone(), of.pricing.clone(), of.meter);
        what(self) == what(other)
    }

    /// Whether what it counts is measured, not summed up: in a part of a period it costs that part.
    fn measures(&self) -> bool {
        self.meter.is_some_and(|(_, how)| matches!(how, Aggregation::Max | Aggregation::Last | Aggregation::Unique))
    }
}

impl Rules {
    /// The days that a part of a period is charged for: to the end of it where an end gives nothing back.
    pub fn paid(&self, part: Period, whole: Period) -> Period {
        let stays = part.end < whole.end && self.proration(part.end) == Proration::None;
        Period { end: if stays { whole.end } else { part.end }, ..part }
    }

    /// What a part of a period is to come to at least, of what a whole one is: cut as its price is.
    pub fn least(&self, minimum: Money, part: Period, whole: Period) -> Result<Money, MoneyError> {
        let begins = Some(self.proration(part.start)).filter(|_| part.start > whole.start);
        let all_back = part.end < whole.end && self.proration(part.end) == Proration::Full;
        match begins {
            // The first part is free.
            Some(Proration::None) => Ok(Money::zero(minimum.currency())),
            _ if all_back => Ok(Money::zero(minimum.currency())),
            Some(Proration::Full) => Ok(minimum),
            _ => share(minimum, whole, self.paid(part, whole), true),
        }
    }
}

impl SubscriptionBook {
    /// The end of the latest days that are billed in arrears when all up to `until` is.
    pub fn usage_billed_until(&self, until: NaiveDate) -> Option<NaiveDate> {
        let floor = self.next.filter(|next| *next <= until)?;
        self.ended(floor, until).into_iter().map(|(ended, _)| ended.part.end).max()
    }

    /// What is to be billed in arrears: each charge with its days of a period that ended. A change parts a period for the
    /// charges that it changes; for all of them where one is a minimum, which is topped up part by part.
    pub fn ended(&self, floor: NaiveDate, until: NaiveDate) -> Vec<(Ended, Charge)> {
        let mut found: Vec<(Ended, Charge)> = Vec::new();
        for ended in ended(&self.stretches, &self.rules, floor, until) {
            for charge in self.in_arrears(ended.at) {
                let goes_on = |(before, of): &&mut (Ended, Charge)| {
                    let adjoins = before.period == ended.period && before.part.end == ended.part.start;
                    adjoins && of.is_like(charge) && self.may_go_on(before.at, ended.at)
                };
                match found.iter_mut().find(goes_on) {
                    Some((before, of)) => {
                        (before.at, before.part.end) = (ended.at, ended.part.end);
                        *of = charge.clone();
                    }
                    None => found.push((ended, charge.clone())),
                }
            }
        }
        found.into_iter().filter_map(|(ended, charge)| Some((Ended { part: self.arrears.left(ended.part)?, ..ended }, charge))).collect()
    }

    fn in_arrears(&self, at: usize) -> impl Iterator<Item = &Charge> {
        self.charges[at].iter().filter(|c| c.kind != ChargeKind::Setup)
    }

    /// Whether a charge that two stretches have may be billed for both at once.
    fn may_go_on(&self, one: usize, other: usize) -> bool {
        let currency = |at: usize| self.sold(at).map(|(_, currency)| currency);
        let no_minimum = |at: usize| self.in_arrears(at).all(|c| c.kind != ChargeKind::Minimum);
        let alike = || self.in_arrears(one).count() == self.in_arrears(other).count();
        let all_alike = || alike() && self.in_arrears(one).zip(self.in_arrears(other)).all(|(a, b)| a.is_like(b));
        currency(one) == currency(other) && (no_minimum(one) && no_minimum(other) || all_alike())
    }

    /// What was used in the periods that ended, and what is missing to the minimum.
    pub(super) fn arrears(&mut self, floor: NaiveDate, day: NaiveDate) -> Result<Vec<(Currency, Line)>, MoneyError> {
        let mut lines = Vec::new();
        if self.charges.iter().flatten().all(|c| c.kind == ChargeKind::Setup) {
            return Ok(lines);
        }
        let mut used_up: BTreeMap<(NaiveDate, NaiveDate), i64> = BTreeMap::new();
        for (Ended { at, part, period, whole }, charge) in self.ended(floor, day) {
            let Some((plan, currency)) = self.sold(at) else { continue };
            // Of a period that a change parts, each part costs its days, where days are what counts.
            let of_days = |minor: i64| share(Money::new(minor, currency), period, part, false).map(Money::minor);
            let spent = used_up.entry((part.start, part.end)).or_insert_with(|| self.cover.charged(part, whole));
            let (quantity, amount) = match charge.kind {
                ChargeKind::Setup => continue,
                ChargeKind::Usage => {
                    let used = self.used.get(&(charge.item.clone(), part.start, part.end)).copied().unwrap_or(0);
                    let amount = charge.pricing.price(used)?;
                    (used, if charge.measures() { of_days(amount)? } else { amount })
                }
                ChargeKind::Minimum => {
                    // Cut as the price is where service does not last a whole period, and then by the days of the part.
                    let least = self.rules.least(Money::new(charge.pricing.amount_minor, currency), period, whole)?;
                    (1, share(least, period, part, false)?.minor().saturating_sub(*spent).max(0))
                }
            };
            *spent = spent.saturating_add(amount);
            if amount == 0 {
                continue;
            }
            let unit = if charge.pricing.model == PriceModel::PerUnit { charge.pricing.amount_minor } else { 0 };
            let description = format!("{}, {}", charge.name, days(part));
            let line = self.line(&charge.item, plan, part, quantity, unit, amount);
            lines.push((currency, Line { kind: LineKind::Usage, description, whole: Some(whole), ..line }));
            self.arrears.billed.push(part);
        }
        Ok(lines)
    }
}

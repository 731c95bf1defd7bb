//! What is charged after the fact: usage, and what is missing to a minimum. Each day is billed once, by the charges that it
//! had: a change parts a period, unless it leaves the charges as they are.

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
        let charges = |at: usize| self.charges[at].iter().any(|c| c.kind != ChargeKind::Setup);
        self.ended(floor, until).into_iter().filter(|ended| charges(ended.at)).map(|ended| ended.part.end).max()
    }

    /// The days of the periods that ended which are to be billed in arrears: a change of price or quantity that leaves the
    /// charges as they are does not part a period.
    pub fn ended(&self, floor: NaiveDate, until: NaiveDate) -> Vec<Ended> {
        let mut found: Vec<Ended> = Vec::new();
        for ended in ended(&self.stretches, &self.rules, floor, until) {
            match found.last_mut() {
                Some(before) if before.period == ended.period && self.charge_alike(before.at, ended.at) => {
                    (before.at, before.part.end) = (ended.at, ended.part.end);
                }
                _ => found.push(ended),
            }
        }
        found.into_iter().filter_map(|ended| Some(Ended { part: self.arrears.left(ended.part)?, ..ended })).collect()
    }

    /// Whether two stretches charge the same in arrears; a version of a plan has the charges of the one before anew.
    fn charge_alike(&self, one: usize, other: usize) -> bool {
        let currency = |at: usize| self.sold(at).map(|(_, currency)| currency);
        let charges = |at: usize| {
            let of = self.charges[at].iter().filter(|c| c.kind != ChargeKind::Setup);
            of.map(|c| (c.kind, &c.name, &c.pricing, &c.meter))
        };
        currency(one) == currency(other) && charges(one).eq(charges(other))
    }

    /// What was used in the periods that ended, and what is missing to the minimum.
    pub(super) fn arrears(&mut self, floor: NaiveDate, day: NaiveDate) -> Result<Vec<(Currency, Line)>, MoneyError> {
        let mut lines = Vec::new();
        if self.charges.iter().flatten().all(|c| c.kind == ChargeKind::Setup) {
            return Ok(lines);
        }
        for Ended { at, part, period, whole } in self.ended(floor, day) {
            let Some((plan, currency)) = self.sold(at) else { continue };
            // Of a period that a change parts, each part costs its days, where days are what counts.
            let of_days = |minor: i64| share(Money::new(minor, currency), period, part, false).map(Money::minor);
            let (mut spent, before) = (self.cover.charged(part, whole), lines.len());
            for charge in self.charges[at].clone() {
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
                        (1, share(least, period, part, false)?.minor().saturating_sub(spent).max(0))
                    }
                };
                spent = spent.saturating_add(amount);
                if amount == 0 {
                    continue;
                }
                let unit = if charge.pricing.model == PriceModel::PerUnit { charge.pricing.amount_minor } else { 0 };
                let description = format!("{}, {}", charge.name, days(part));
                let line = self.line(&charge.item, plan, part, quantity, unit, amount);
                lines.push((currency, Line { kind: LineKind::Usage, description, whole: Some(whole), ..line }));
            }
            if lines.len() > before {
                self.arrears.billed.push(part);
            }
        }
        Ok(lines)
    }
}

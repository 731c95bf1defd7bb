//! What is to be billed: what a subscription's phases want covered, less what invoices cover already. Pure, and the same
//! code for a run and a preview; billing what it says and asking again gives nothing.
//!
//! Time is walked through day by day as it was lived: a change counts from its own day, so a period that began before
//! it is charged whole, then credited and charged anew, whether the run came daily or months later. An end is known
//! ahead, so the last period is charged only as far as service goes.

mod ended;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::cover::{Cover, Surplus, Terms};
use super::model::TaxRateId;
use super::prorate::{Proration, rest, share};
use crate::kit::money::{Money, MoneyError};
use crate::kit::period::{Interval, Period};
use crate::subscriptions::schedule::Grid;

pub use ended::{Ended, ended};

/// A stretch of a subscription at one set of prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    /// The first day that is paid for.
    pub pays_from: NaiveDate,
    pub interval: Interval,
    /// What recurs, each for a whole period.
    pub prices: Vec<Terms>,
}

/// How a subscription is billed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    pub anchor_day: Option<u32>,
    /// Periods that began before are another's.
    pub bills_from: Option<NaiveDate>,
    /// Periods that begin in one of these are skipped.
    pub pauses: Vec<(NaiveDate, Option<NaiveDate>)>,
    pub proration: Option<Proration>,
    /// Of the start, change or end on a day, where another.
    pub proration_on: BTreeMap<NaiveDate, Proration>,
}

impl Rules {
    pub fn proration(&self, day: NaiveDate) -> Proration {
        self.proration_on.get(&day).copied().or(self.proration).unwrap_or(Proration::Prorate)
    }

    fn skips(&self, start: NaiveDate) -> bool {
        let paused = self.pauses.iter().any(|(from, until)| *from <= start && until.is_none_or(|until| start < until));
        paused || self.bills_from.is_some_and(|from| start < from)
    }
}

/// A line to bill: a charge, or with an amount below zero a credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The day it belongs on an invoice of.
    pub on: NaiveDate,
    pub terms: Terms,
    pub period: Period,
    pub whole: Period,
    pub amount: Money,
    /// Of a credit: what a coupon had taken off the charge, below zero.
    pub discount: Money,
    /// Of a credit: the tax that the charge bore. A charge bears that of its day.
    pub tax: Option<TaxRateId>,
    /// The number of a charge. Of a credit: that of the charge it takes back, where no invoice has that yet; its discount
    /// and tax are not known before that one's.
    pub charge: Option<usize>,
}

impl Due {
    pub fn is_credit(&self) -> bool {
        self.amount.is_negative()
    }
}

/// Stretches without a gap at one interval: what one grid of periods covers.
#[derive(Clone, Debug)]
struct Run<'a> {
    stretches: &'a [Stretch],
    grid: Grid,
    paid_from: NaiveDate,
    /// When service ends with it: not where another run follows without a gap.
    service_ends: Option<NaiveDate>,
    /// The first day after it, where it has one.
    ends_on: Option<NaiveDate>,
    /// The first paid day of the run after it.
    next_from: Option<NaiveDate>,
}

/// See the module. `cover` is what is billed already, and afterwards what will be; days after `until` are not looked at,
/// nor are those before `floor`.
pub fn due(stretches: &[Stretch], rules: &Rules, cover: &mut Cover, floor: NaiveDate, until: NaiveDate) -> Result<Vec<Due>, MoneyError> {
    let runs = runs(stretches, rules);
    let mut lines = Vec::new();
    for day in event_days(&runs, floor, until) {
        for run in &runs {
            look((run, &runs), rules, cover, (day, until), &mut lines)?;
        }
    }
    lines.sort_by_key(|line: &Due| line.on);
    Ok(lines)
}

/// The first day after `until` on which there may be something to bill; `None`: never again.
pub fn next_day(stretches: &[Stretch], rules: &Rules, until: NaiveDate) -> Option<NaiveDate> {
    let mut next: Option<NaiveDate> = None;
    let mut offer = |day: NaiveDate| {
        if day > until && next.is_none_or(|n| day < n) {
            next = Some(day);
        }
    };
    for run in runs(stretches, rules) {
        let boundary = run.grid.boundary(run.grid.number(until.max(run.paid_from)) + 1);
        if run.ends_on.is_none_or(|end| boundary < end) {
            offer(boundary);
        }
        offer(run.paid_from);
        for stretch in run.stretches {
            offer(stretch.starts_on);
            stretch.ends_on.into_iter().for_each(&mut offer);
        }
    }
    next
}

fn runs<'a>(stretches: &'a [Stretch], rules: &Rules) -> Vec<Run<'a>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut from = 0;
    while from < stretches.len() {
        let mut to = from + 1;
        while to < stretches.len() && follows(stretches, to) && stretches[to].interval == stretches[from].interval {
            to += 1;
        }
        let taken_over = to < stretches.len() && follows(stretches, to);
        let paid_from = stretches[from].pays_from.max(stretches[from].starts_on);
        runs.push(Run {
            stretches: &stretches[from..to],
            grid: Grid::new(paid_from, stretches[from].interval, rules.anchor_day),
            paid_from,
            service_ends: stretches[to - 1].ends_on.filter(|_| !taken_over),
            ends_on: stretches[to - 1].ends_on,
            next_from: stretches.get(to).map(|next| next.starts_on.max(next.pays_from)),
        });
        from = to;
    }
    runs
}

fn follows(stretches: &[Stretch], at: usize) -> bool {
    stretches[at - 1].ends_on == Some(stretches[at].starts_on)
}

fn event_days(runs: &[Run], floor: NaiveDate, until: NaiveDate) -> BTreeSet<NaiveDate> {
    let mut days = BTreeSet::new();
    for run in runs {
        let end = run.ends_on.unwrap_or(NaiveDate::MAX).min(until);
        let mut n = run.grid.number(run.paid_from.max(floor));
        while run.grid.boundary(n).max(run.paid_from) <= end {
            days.insert(run.grid.boundary(n).max(run.paid_from));
            n += 1;
        }
        for stretch in run.stretches {
            days.insert(stretch.starts_on.max(run.paid_from));
            days.extend(stretch.ends_on);
        }
    }
    days.retain(|day| *day >= floor && *day <= until);
    days
}

/// A part of a period at one set of prices, as it is wanted.
struct Wanted<'a> {
    part: Period,
    prices: &'a [Terms],
    whole_price: bool,
    /// What it was charged at is given back whole.
    free: bool,
    service_ends: bool,
    /// Where another interval takes over that gives nothing back: what is charged up to then stays, and no more is charged.
    gives_way: Option<NaiveDate>,
}

impl Wanted<'_> {
    /// The days to charge, where something of the period is charged already or not. What was charged for less than all of it,
    /// for an end that was known, is not charged for the rest by an interval that takes over.
    fn to_charge(&self, charged: bool) -> Period {
        let end = self.gives_way.filter(|_| charged).unwrap_or(self.part.end);
        Period { end, ..self.part }
    }
}

/// One run on one day: credits what is covered and no longer wanted, charges what is wanted and not covered.
fn look(
    (run, runs): (&Run, &[Run]),
    rules: &Rules,
    cover: &mut Cover,
    (day, until): (NaiveDate, NaiveDate),
    lines: &mut Vec<Due>,
) -> Result<(), MoneyError> {
    let end = run.ends_on.unwrap_or(NaiveDate::MAX);
    if day < run.paid_from.min(end) || day > end {
        return Ok(());
    }
    // On the day that service ends, the period is the one that it ends in.
    let within = if day == end { day.pred_opt().unwrap_or(day).max(run.paid_from) } else { day };
    let whole = run.grid.around(within);
    if rules.skips(whole.start.max(run.paid_from)) {
        return Ok(());
    }
    // What is billed already was billed knowing of the changes up to the latest that was.
    let wanted = wanted(run, rules, whole, cover.latest().map_or(day, |latest| latest.min(until).max(day)));
    let over = Period { start: whole.start.max(run.paid_from), end: whole.end };
    // What is of no period of this grid is of a run that gave way to this one on its first day: none of it is wanted.
    let window = |of: Period| {
        let to_the_end = day == end || run.grid.around(of.start) != of;
        if to_the_end { Period { end: NaiveDate::MAX, ..over } } else { over }
    };
    credit((run, runs), rules, cover, (&wanted, whole), window, (day, until), lines)?;
    charge((run, rules), cover, (&wanted, whole), (day, until), lines)
}

/// What the period wants, as far as was known on `day`.
fn wanted<'a>(run: &Run<'a>, rules: &Rules, whole: Period, day: NaiveDate) -> Vec<Wanted<'a>> {
    let mut list: Vec<Wanted> = Vec::new();
    let known = run.stretches.iter().enumerate().filter(|(at, s)| *at == 0 || s.starts_on <= day);
    for (at, stretch) in known {
        let opens = stretch.starts_on.max(run.paid_from);
        let next_known = run.stretches.get(at + 1).is_some_and(|next| next.starts_on <= day);
        // The interval changes on this very day: a later run takes over.
        let taken_over = at + 1 == run.stretches.len() && run.ends_on.is_some_and(|end| end <= day);
        let closes = if next_known || taken_over { stretch.ends_on } else { run.service_ends };
        let part = Period { start: opens.max(whole.start), end: closes.unwrap_or(NaiveDate::MAX).min(whole.end) };
        if part.start >= part.end {
            continue;
        }
        let service_ends = part.end < whole.end && run.service_ends == Some(part.end);
        let gives_way = Some(part.end).filter(|_| taken_over);
        let mut next = Wanted { part, prices: &stretch.prices, whole_price: false, free: false, service_ends, gives_way };
        if part.start > whole.start {
            match (rules.proration(part.start), list.last_mut()) {
                // The first part of a subscription is free; a new price waits for the next period.
                (Proration::None, None) => continue,
                (Proration::None, Some(before)) => {
                    before.part.end = part.end;
                    (before.service_ends, before.gives_way) = (service_ends, gives_way);
                    continue;
                }
                (Proration::Full, before) => {
                    next.whole_price = true;
                    before.into_iter().for_each(|before| before.free = true);
                }
                (Proration::Prorate, _) => {}
            }
        }
        list.push(next);
    }
    close(&mut list, rules, whole);
    list
}

/// What the end of service, or of the interval, makes of the last part.
fn close(list: &mut [Wanted], rules: &Rules, whole: Period) {
    let Some(last) = list.last_mut().filter(|w| w.part.end < whole.end) else { return };
    match rules.proration(last.part.end) {
        Proration::None => (last.part.end, last.service_ends) = (whole.end, false),
        // What ends is given back whole, by the credit of what follows.
        Proration::Full => last.free = true,
        Proration::Prorate => {}
    }
}

fn credit(
    (run, runs): (&Run, &[Run]),
    rules: &Rules,
    cover: &mut Cover,
    (wanted, whole): (&[Wanted], Period),
    window: impl Fn(Period) -> Period,
    (day, until): (NaiveDate, NaiveDate),
    lines: &mut Vec<Due>,
) -> Result<(), MoneyError> {
    let kept = |terms: &Terms, of: Period| -> Vec<Period> {
        wanted.iter().filter(|w| of == whole && w.prices.contains(terms)).map(|w| w.part).collect()
    };
    for surplus in cover.surplus(&window, kept) {
        let on = day.max(surplus.period.start);
        // Nobody will look at the days to come any more: what was issued ahead for them goes back at once.
        let on = if window(surplus.whole).end == NaiveDate::MAX { on.min(until) } else { on };
        // What began before this run, or after it, is the business of another.
        let own = surplus.began_on >= run.paid_from && run.next_from.is_none_or(|next| surplus.began_on < next);
        if on > until || !own || stays_paid(run, runs, rules, &surplus) {
            continue;
        }
        let whole_back = rules.proration(surplus.period.start) == Proration::Full;
        let back = cover.take(&surplus, whole_back, |price, from| rest(price, surplus.whole, from))?;
        if !back.amount.is_zero() {
            let zero = Money::zero(back.amount.currency());
            let (amount, discount) = (zero.minus(back.amount)?, zero.minus(back.discount)?);
            let Surplus { terms, period, whole, .. } = surplus;
            lines.push(Due { on, terms, period, whole, amount, discount, tax: back.tax, charge: back.charge });
        }
    }
    Ok(())
}

/// Whether days are of the run before this one, which a change of interval without proration left paid to their end.
fn stays_paid(run: &Run, runs: &[Run], rules: &Rules, surplus: &Surplus) -> bool {
    let of = |before: &Run| {
        let whole = before.grid.around(surplus.whole.start) == surplus.whole;
        whole && before.stretches.iter().any(|stretch| stretch.prices.contains(&surplus.terms))
    };
    rules.proration(run.paid_from) == Proration::None && runs.iter().any(|before| before.ends_on == Some(run.paid_from) && of(before))
}

fn charge(
    (run, rules): (&Run, &Rules),
    cover: &mut Cover,
    (wanted, whole): (&[Wanted], Period),
    (day, until): (NaiveDate, NaiveDate),
    lines: &mut Vec<Due>,
) -> Result<(), MoneyError> {
    for want in wanted.iter().filter(|want| !want.free) {
        // Nobody else has a share of this period that its own would have to add up with.
        let alone = want.service_ends && wanted.len() == 1;
        for terms in want.prices {
            let part = want.to_charge(cover.covers(terms, whole));
            let missing = cover.missing(terms, whole, part);
            let Some(last) = missing.len().checked_sub(1) else { continue };
            let full = if want.whole_price {
                terms.price.minus(rest(terms.price, whole, part.end)?)?
            } else {
                share(terms.price, whole, part, alone)?
            };
            let mut left = full.minus(cover.nominal(terms, whole, part))?;
            for (at, part) in missing.into_iter().enumerate() {
                let on = day.max(part.start);
                let amount = if at == last { left } else { share(terms.price, whole, part, false)? };
                let amount = Money::new(amount.minor().max(0), amount.currency());
                left = left.minus(amount)?;
                if on > until || on > day && !still_wanted(run, rules, (terms, part, whole), on) {
                    continue;
                }
                let (discount, terms) = (Money::zero(amount.currency()), terms.clone());
                let number = Some(cover.charge(terms.clone(), part, whole, amount));
                lines.push(Due { on, terms, period: part, whole, amount, discount, tax: None, charge: number });
            }
        }
    }
    Ok(())
}

/// Whether days that come after the day that is looked at are wanted of this run when they come.
fn still_wanted(run: &Run, rules: &Rules, (terms, part, whole): (&Terms, Period, Period), on: NaiveDate) -> bool {
    let holds = |of: Period| of.start <= part.start && part.end <= of.end;
    wanted(run, rules, whole, on).iter().any(|want| want.prices.contains(terms) && holds(want.to_charge(true)))
}

#[cfg(test)]
mod tests;

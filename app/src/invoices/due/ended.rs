//! The periods that ended, in parts of one set of charges each: what is charged in arrears is charged for these.

use chrono::NaiveDate;

use super::{Rules, Stretch, runs};
use crate::invoices::prorate::Proration;
use crate::kit::period::Period;

/// A part of a period that ended, at one set of charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The stretch whose charges count.
    pub at: usize,
    pub part: Period,
    /// Of the whole period, the days that were served.
    pub period: Period,
    pub whole: Period,
}

/// The periods that ended by `until` and have not before `floor`, each in as many parts as it had prices: what is charged
/// in arrears is charged for these. A change without proration counts from the next period.
pub fn ended(stretches: &[Stretch], rules: &Rules, floor: NaiveDate, until: NaiveDate) -> Vec<Ended> {
    let mut found = Vec::new();
    for run in runs(stretches, rules) {
        let first = run.grid.number(run.paid_from.max(floor)) - 1;
        for n in first.max(run.grid.number(run.paid_from)).. {
            let whole = run.grid.period(n);
            let start = whole.start.max(run.paid_from);
            let end = run.ends_on.map_or(whole.end, |end| end.min(whole.end));
            if start >= end || end > until {
                break;
            }
            if end >= floor && !rules.skips(start) {
                found.extend(parts(stretches, rules, Period { start, end }, whole));
            }
        }
    }
    found
}

/// The parts of a period that ended.
fn parts(stretches: &[Stretch], rules: &Rules, period: Period, whole: Period) -> Vec<Ended> {
    let mut parts: Vec<Ended> = Vec::new();
    for (at, stretch) in stretches.iter().enumerate().filter(|(_, s)| s.starts_on < period.end) {
        let part = Period { start: stretch.starts_on.max(period.start), ..period };
        if stretch.ends_on.is_some_and(|end| end <= part.start) {
            continue;
        }
        match parts.last_mut() {
            Some(_) if rules.proration(part.start) == Proration::None => continue,
            Some(before) => before.part.end = part.start,
            None => {}
        }
        parts.push(Ended { at, part, period, whole });
    }
    parts
}

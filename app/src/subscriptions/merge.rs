//! What stretches from a file make of a subscription that may be known already. Pure.

use chrono::{DateTime, NaiveDate, Utc};

use super::course::{Phase, Priced, Terms};
use super::model::SubscriptionId;
use crate::customers::CustomerId;

/// A stretch as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStretch {
    /// Where the file has it.
    pub line: u64,
    /// The seller's own number of the subscription.
    pub subscription: String,
    pub customer: CustomerId,
    pub priced: Priced,
    pub starts_on: NaiveDate,
    /// The first day without service, where the file says so.
    pub ends_on: Option<NaiveDate>,
    /// When the file's next stretch of the subscription begins.
    pub next_on: Option<NaiveDate>,
    pub trial_ends_on: Option<NaiveDate>,
    pub reason: Option<String>,
    pub payment_method: Option<String>,
}

/// A stretch that the books do not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    pub line: u64,
    /// The field of the import format.
    pub field: &'static str,
    pub message: String,
}

/// A subscription as it is stored.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: SubscriptionId,
    pub customer_id: CustomerId,
    pub trial_ends_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub payment_method: Option<String>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// By their start.
    pub phases: Vec<Phase>,
}

impl Known {
    /// Its last stretch was ended by a pause that nobody ended yet: it has no end.
    pub fn waits(&self, last: &Phase) -> bool {
        self.ended_on.is_none() && last.ends_on.is_some() && self.phases.last().is_some_and(|known| known.ends_on == last.ends_on)
    }
}

/// What has to be written.
#[derive(Clone, Debug)]
pub struct Merged {
    pub id: SubscriptionId,
    pub customer: CustomerId,
    /// New and different ones.
    pub phases: Vec<Phase>,
    pub started_on: NaiveDate,
    pub trial_ends_on: Option<NaiveDate>,
    pub payment_method: Option<String>,
    /// The latest phase, different or not.
    pub last: Phase,
    /// Stretches of the file that were there just so.
    pub rows_unchanged: u64,
    pub clashes: Vec<Clash>,
    head_changed: bool,
}

impl Merged {
    /// Nothing has to be written.
    pub fn is_unchanged(&self) -> bool {
        self.phases.is_empty() && !self.head_changed
    }
}

/// Puts `stretches` of one subscription (at least one) into what is known of it. Phases are told apart by their start; a
/// stretch without an end runs until the next one, wherever that comes from.
pub fn merge(known: Option<&Known>, mut stretches: Vec<NewStretch>) -> Merged {
    stretches.sort_by_key(|s| s.starts_on);
    let mut clashes = Vec::new();
    let mut phases = known.map(|k| k.phases.clone()).unwrap_or_default();
    stretches.retain(|stretch| match clash(known, &phases, stretch) {
        Some((field, message)) => {
            clashes.push(Clash { line: stretch.line, field, message });
            false
        }
        None => {
            put(&mut phases, stretch);
            true
        }
    });
    let trial_ends_on = trial(known, &phases, &stretches);
    for phase in &mut phases {
        phase.pays_from = trial_ends_on.map_or(phase.starts_on, |end| phase.starts_on.max(end));
    }
    finish(known, phases, stretches, trial_ends_on, clashes)
}

fn finish(
    known: Option<&Known>,
    phases: Vec<Phase>,
    stretches: Vec<NewStretch>,
    trial_ends_on: Option<NaiveDate>,
    clashes: Vec<Clash>,
) -> Merged {
    let before = known.map(|k| k.phases.as_slice()).unwrap_or_default();
    let rows_unchanged =
        stretches.iter().filter(|s| before.iter().any(|p| p.starts_on == s.starts_on && phases.contains(p))).count() as u64;
    let last = phases[phases.len() - 1].clone();
    let latest = stretches.iter().rev().find(|s| s.starts_on == last.starts_on);
    let payment_method = latest.and_then(|s| s.payment_method.clone()).or_else(|| known.and_then(|k| k.payment_method.clone()));
    let head_changed = known.is_none_or(|k| k.payment_method != payment_method || k.trial_ends_on != trial_ends_on);
    Merged {
        id: known.map_or_else(SubscriptionId::new, |k| k.id),
        customer: known.map_or_else(|| stretches[0].customer, |k| k.customer_id),
        started_on: phases[0].starts_on,
        trial_ends_on,
        payment_method,
        rows_unchanged,
        clashes,
        head_changed,
        phases: phases.into_iter().filter(|phase| !before.contains(phase)).collect(),
        last,
    }
}

/// What the books have against a stretch.
fn clash(known: Option<&Known>, phases: &[Phase], stretch: &NewStretch) -> Option<(&'static str, String)> {
    let known = known?;
    if known.customer_id != stretch.customer {
        return Some(("customer_id", "is another customer than the one that has this subscription in the books".into()));
    }
    let currency = stretch.priced.terms.unit_amount.currency();
    if let Some(other) = known.phases.iter().map(|p| p.priced.terms.unit_amount.currency()).find(|other| *other != currency) {
        return Some(("currency", format!("is another currency than the subscription has in the books ({other})")));
    }
    let next = next_after(phases, stretch.starts_on)?;
    let overlaps = stretch.ends_on.is_some_and(|end| end > next);
    overlaps.then(|| ("ended_on", format!("overlaps a stretch in the books, which begins on {next}")))
}

fn next_after(phases: &[Phase], day: NaiveDate) -> Option<NaiveDate> {
    phases.iter().map(|p| p.starts_on).find(|start| *start > day)
}

/// Puts one stretch among the phases; the one before it ends where it begins, at the latest.
fn put(phases: &mut Vec<Phase>, stretch: &NewStretch) {
    let start = stretch.starts_on;
    let next = [stretch.next_on, next_after(phases, start)].into_iter().flatten().min();
    let ends_on = stretch.ends_on.or(next);
    // Where the next stretch goes on at once, service does not end, and there is no reason for an end.
    let end_reason = if ends_on.is_some() && ends_on != next { stretch.reason.clone() } else { None };
    let at = phases.partition_point(|p| p.starts_on < start);
    if let Some(before) = at.checked_sub(1).map(|at| &mut phases[at])
        && before.ends_on.is_none_or(|end| end > start)
    {
        (before.ends_on, before.end_reason) = (Some(start), None);
    }
    match phases.get_mut(at) {
        Some(phase) if phase.starts_on == start => {
            // The rate and the version are those it was sold at; a file that says the same changes neither.
            if !same(&phase.priced.terms, &stretch.priced.terms) {
                phase.priced = stretch.priced;
            }
            (phase.ends_on, phase.end_reason) = (ends_on, end_reason);
        }
        _ => phases.insert(at, Phase { id: None, priced: stretch.priced, starts_on: start, ends_on, pays_from: start, end_reason }),
    }
}

fn same(a: &Terms, b: &Terms) -> bool {
    Terms { version: None, ..*a } == Terms { version: None, ..*b }
}

/// The end of the trial: the file's where it has the row with which the subscription starts, else what is known.
fn trial(known: Option<&Known>, phases: &[Phase], stretches: &[NewStretch]) -> Option<NaiveDate> {
    let start = phases.first()?.starts_on;
    match stretches.iter().find(|s| s.starts_on == start) {
        Some(first) => first.trial_ends_on.filter(|end| *end > start),
        None => known?.trial_ends_on,
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;

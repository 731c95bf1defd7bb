//! What stretches from a file make of a subscription that may be known already. Pure.
//!
//! A row is news only where it says something else than the last import said of the same stretch: what has been done to the
//! subscription since (cancelled, paused, changed, another trial) stays. Of a stretch that the books have, a row that is
//! news changes what it states; an end or a trial that it leaves empty stays as the books have it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

impl NewStretch {
    /// What the row says, short enough to be kept.
    fn words(&self) -> String {
        let Terms { plan, version: _, unit_amount, interval, quantity } = self.priced.terms;
        let day = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let said = [
            format!("{plan} {} {}", unit_amount.minor(), unit_amount.currency()),
            format!("{} {} {quantity}", interval.unit, interval.count),
            day(self.ends_on),
            day(self.trial_ends_on),
            text(&self.reason),
            text(&self.payment_method),
        ];
        Sha256::digest(said.join("\n")).iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
}

/// What the last import said of each stretch, by its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Said(BTreeMap<NaiveDate, String>);

impl Said {
    fn has(&self, stretch: &NewStretch) -> bool {
        self.0.get(&stretch.starts_on).is_some_and(|words| *words == stretch.words())
    }

    fn note(&mut self, stretch: &NewStretch) {
        self.0.insert(stretch.starts_on, stretch.words());
    }
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
    pub said: Said,
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
    /// For the next import.
    pub said: Said,
    /// Something was said that the last import did not say, whether or not it changes anything.
    pub has_news: bool,
    head_changed: bool,
}

impl Merged {
    /// The books have it just so.
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
    let mut said = known.map(|k| k.said.clone()).unwrap_or_default();
    let customer = known.map_or_else(|| stretches[0].customer, |k| k.customer_id);
    let all = stretches.len();
    stretches.retain(|stretch| known.is_none_or(|k| k.customer_id != stretch.customer) || !said.has(stretch));
    let repeated = (all - stretches.len()) as u64;
    stretches.retain(|stretch| match clash(known, &phases, stretch) {
        Some((field, message)) => {
            clashes.push(Clash { line: stretch.line, field, message });
            false
        }
        None => {
            put(&mut phases, stretch);
            said.note(stretch);
            true
        }
    });
    let trial_ends_on = trial(known, &phases, &stretches);
    for phase in &mut phases {
        phase.pays_from = trial_ends_on.map_or(phase.starts_on, |end| phase.starts_on.max(end));
    }
    let before = known.map(|k| k.phases.as_slice()).unwrap_or_default();
    let last = phases[phases.len() - 1].clone();
    let payment_method = payment_method(known, &last, &stretches);
    Merged {
        id: known.map_or_else(SubscriptionId::new, |k| k.id),
        customer,
        started_on: phases[0].starts_on,
        head_changed: known.is_none_or(|k| k.payment_method != payment_method || k.trial_ends_on != trial_ends_on),
        trial_ends_on,
        payment_method,
        rows_unchanged: repeated + unchanged(before, &phases, &stretches),
        clashes,
        said,
        has_news: !stretches.is_empty(),
        phases: phases.into_iter().filter(|phase| !before.contains(phase)).collect(),
        last,
    }
}

/// Rows that are news and come to what was there before.
fn unchanged(before: &[Phase], phases: &[Phase], news: &[NewStretch]) -> u64 {
    news.iter().filter(|s| before.iter().any(|p| p.starts_on == s.starts_on && phases.contains(p))).count() as u64
}

/// The file's where it has the latest phase, else what is known.
fn payment_method(known: Option<&Known>, last: &Phase, news: &[NewStretch]) -> Option<String> {
    let latest = news.iter().rev().find(|s| s.starts_on == last.starts_on);
    latest.and_then(|s| s.payment_method.clone()).or_else(|| known.and_then(|k| k.payment_method.clone()))
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
            (phase.ends_on, phase.end_reason) = end(stretch, Some(phase), next);
        }
        _ => {
            let (ends_on, end_reason) = end(stretch, None, next);
            phases.insert(at, Phase { id: None, priced: stretch.priced, starts_on: start, ends_on, pays_from: start, end_reason });
        }
    }
}

/// When a stretch ends, and why: as the file states; where it does not, as the books have it; at the latest when the next
/// begins. Where that goes on at once, service does not end, and there is no reason for an end.
fn end(stretch: &NewStretch, known: Option<&Phase>, next: Option<NaiveDate>) -> (Option<NaiveDate>, Option<String>) {
    let kept = known.and_then(|phase| Some((phase.ends_on.filter(|end| next.is_none_or(|next| *end <= next))?, phase.end_reason.clone())));
    let (ends_on, known_reason) = match (stretch.ends_on, kept) {
        (Some(stated), Some((end, reason))) if stated == end => (Some(stated), reason),
        (Some(stated), _) => (Some(stated), None),
        (None, Some((end, reason))) => return (Some(end), reason),
        (None, None) => (next, None),
    };
    let over = ends_on.is_some() && ends_on != next;
    (ends_on, if over { stretch.reason.clone().or(known_reason) } else { None })
}

fn same(a: &Terms, b: &Terms) -> bool {
    Terms { version: None, ..*a } == Terms { version: None, ..*b }
}

/// The end of the trial: as the row states with which the subscription starts; where it does not, or the file has no such
/// row that is news, as the books have it.
fn trial(known: Option<&Known>, phases: &[Phase], news: &[NewStretch]) -> Option<NaiveDate> {
    let start = phases.first()?.starts_on;
    let first = news.iter().find(|s| s.starts_on == start);
    match first {
        Some(NewStretch { trial_ends_on: Some(end), .. }) => Some(*end).filter(|end| *end > start),
        Some(_) if known.is_none_or(|k| k.phases.first().is_none_or(|phase| phase.starts_on != start)) => None,
        _ => known?.trial_ends_on,
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;

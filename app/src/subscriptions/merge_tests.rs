//! Files over files: what a second one makes of the first.

use super::*;
use crate::kit::money::{Currency, Money};
use crate::kit::period::{Interval, IntervalUnit, day};
use crate::movements::Rate;
use crate::plans::PlanId;

fn d(text: &str) -> NaiveDate {
    day(text).expect("a day")
}

fn customer() -> CustomerId {
    CustomerId(uuid::Uuid::from_u128(7))
}

fn priced(minor: i64) -> Priced {
    let interval = Interval { unit: IntervalUnit::Month, count: 1 };
    let terms = Terms {
        plan: PlanId(uuid::Uuid::from_u128(1)),
        version: None,
        unit_amount: Money::new(minor, Currency::USD),
        interval,
        quantity: 1,
    };
    Priced { terms, rate: Rate::ONE, mrr_minor: minor }
}

fn row(line: u64, from: &str, until: Option<&str>, minor: i64) -> NewStretch {
    NewStretch {
        line,
        subscription: "s-1".into(),
        customer: customer(),
        priced: priced(minor),
        starts_on: d(from),
        ends_on: until.map(d),
        next_on: None,
        trial_ends_on: None,
        reason: None,
        payment_method: None,
    }
}

/// Rows as they come out of a checked file: each knows where the next begins.
fn file(mut rows: Vec<NewStretch>) -> Vec<NewStretch> {
    let starts: Vec<NaiveDate> = rows.iter().map(|r| r.starts_on).collect();
    for row in &mut rows {
        row.next_on = starts.iter().copied().filter(|s| *s > row.starts_on).min();
    }
    rows
}

/// What the books hold after `merged` is written.
fn written(known: Option<&Known>, merged: &Merged) -> Known {
    let mut phases = known.map(|k| k.phases.clone()).unwrap_or_default();
    for phase in &merged.phases {
        phases.retain(|p| p.starts_on != phase.starts_on);
        phases.push(Phase { id: Some(phase.id.unwrap_or_else(super::super::model::PhaseId::new)), ..phase.clone() });
    }
    phases.sort_by_key(|p| p.starts_on);
    Known {
        id: merged.id,
        customer_id: merged.customer,
        trial_ends_on: merged.trial_ends_on,
        ended_on: merged.last.ends_on,
        payment_method: merged.payment_method.clone(),
        cancelled_at: None,
        created_at: DateTime::UNIX_EPOCH,
        phases,
        said: merged.said.clone(),
    }
}

fn course(known: &Known) -> Vec<(String, Option<String>, i64)> {
    known.phases.iter().map(|p| (p.starts_on.to_string(), p.ends_on.map(|d| d.to_string()), p.priced.mrr_minor)).collect()
}

#[test]
fn changes_follow_each_other_and_a_second_time_nothing_happens() {
    let rows = file(vec![row(3, "2026-03-01", None, 1500), row(2, "2026-01-01", None, 1000)]);
    let known = written(None, &merge(None, rows.clone()));
    let want = [("2026-01-01", Some("2026-03-01"), 1000), ("2026-03-01", None, 1500)];
    assert_eq!(course(&known), want.map(|(a, b, c)| (a.to_owned(), b.map(str::to_owned), c)));
    let again = merge(Some(&known), rows.clone());
    assert!(again.is_unchanged());
    // The same file in two parts, the later part first.
    let first = written(None, &merge(None, vec![rows[0].clone()]));
    let second = written(Some(&first), &merge(Some(&first), vec![rows[1].clone()]));
    assert_eq!(course(&second), course(&known));
    assert!(merge(Some(&second), vec![rows[0].clone()]).is_unchanged());
}

#[test]
fn a_later_file_changes_price_and_end_and_keeps_what_was_added_meanwhile() {
    let known = written(None, &merge(None, vec![row(2, "2026-01-01", None, 1000)]));
    let dearer = merge(Some(&known), vec![row(2, "2026-01-01", Some("2026-09-01"), 1200)]);
    assert_eq!((dearer.phases.len(), dearer.last.ends_on), (1, Some(d("2026-09-01"))));
    // A change that the books have and the file does not know of.
    let changed = written(Some(&known), &merge(Some(&known), vec![row(2, "2026-05-01", None, 2000)]));
    assert!(merge(Some(&changed), vec![row(2, "2026-01-01", None, 1000)]).is_unchanged());
    let clash = merge(Some(&changed), vec![row(9, "2026-01-01", Some("2026-06-01"), 1000)]);
    assert_eq!(clash.clashes.iter().map(|c| (c.line, c.field)).collect::<Vec<_>>(), [(9, "ended_on")]);
    assert!(clash.is_unchanged());
}

#[test]
fn another_customer_or_currency_clashes() {
    let known = written(None, &merge(None, vec![row(2, "2026-01-01", None, 1000)]));
    let stranger = NewStretch { customer: CustomerId(uuid::Uuid::from_u128(8)), ..row(4, "2026-02-01", None, 1000) };
    let mut euro = row(5, "2026-02-01", None, 1000);
    euro.priced.terms.unit_amount = Money::new(1000, "EUR".parse().expect("a currency"));
    let merged = merge(Some(&known), vec![stranger, euro]);
    assert_eq!(merged.clashes.iter().map(|c| c.field).collect::<Vec<_>>(), ["customer_id", "currency"]);
    assert!(merged.is_unchanged());
}

#[test]
fn a_trial_holds_over_changes_and_a_gap_keeps_its_reason() {
    let trial = |r: NewStretch| NewStretch { trial_ends_on: Some(d("2026-02-01")), ..r };
    let rows = file(vec![trial(row(2, "2026-01-01", None, 1000)), row(3, "2026-01-15", None, 1500)]);
    let known = written(None, &merge(None, rows));
    assert!(known.phases.iter().all(|p| p.pays_from == d("2026-02-01")));
    assert_eq!(known.trial_ends_on, Some(d("2026-02-01")));

    let left = |r: NewStretch| NewStretch { reason: Some("moved away".into()), ..r };
    let rows = file(vec![left(row(2, "2026-01-01", Some("2026-03-01"), 1000)), left(row(3, "2026-05-01", None, 1000))]);
    let reasons: Vec<_> = merge(None, rows).phases.into_iter().map(|p| p.end_reason).collect();
    assert_eq!(reasons, [Some("moved away".to_owned()), None]);
}

#[test]
fn what_was_done_since_the_last_import_stays_until_the_file_says_something_new() {
    let trial = |r: NewStretch| NewStretch { trial_ends_on: Some(d("2026-02-01")), ..r };
    let rows = vec![trial(row(2, "2026-01-01", Some("2026-12-01"), 1000))];
    let mut known = written(None, &merge(None, rows.clone()));
    // The trial ended sooner, the end was taken back, the price is another since the first day.
    (known.trial_ends_on, known.ended_on) = (Some(d("2026-01-10")), None);
    known.phases[0] = Phase { ends_on: None, pays_from: d("2026-01-10"), priced: priced(1200), ..known.phases[0].clone() };
    let again = merge(Some(&known), rows);
    assert!(again.is_unchanged() && !again.has_news);
    assert_eq!(again.rows_unchanged, 1);
    let later = merge(Some(&known), vec![trial(row(2, "2026-01-01", Some("2026-11-01"), 1000))]);
    assert_eq!((later.last.ends_on, later.last.priced.mrr_minor), (Some(d("2026-11-01")), 1000));
    assert_eq!(later.trial_ends_on, Some(d("2026-02-01")));
    assert_eq!(later.last.pays_from, d("2026-02-01"));
}

#[test]
fn what_a_row_leaves_empty_says_nothing_of_a_stretch_that_is_known() {
    let mut known = written(None, &merge(None, vec![row(2, "2026-01-01", None, 1000)]));
    known.ended_on = Some(d("2026-05-01"));
    known.trial_ends_on = Some(d("2026-01-10"));
    let cancelled =
        Phase { ends_on: known.ended_on, end_reason: Some("too dear".into()), pays_from: d("2026-01-10"), ..known.phases[0].clone() };
    known.phases[0] = cancelled;
    let dearer = merge(Some(&known), vec![row(2, "2026-01-01", None, 1200)]);
    assert_eq!((dearer.last.priced.mrr_minor, dearer.last.ends_on), (1200, Some(d("2026-05-01"))));
    assert_eq!((dearer.last.end_reason.as_deref(), dearer.trial_ends_on), (Some("too dear"), Some(d("2026-01-10"))));
    // Nothing has been said of it since books were begun without files: nor does that end it anew.
    let unheard = Known { said: Said::default(), ..known.clone() };
    let same = merge(Some(&unheard), vec![row(2, "2026-01-01", None, 1000)]);
    assert!(same.is_unchanged() && same.has_news);
    // A later stretch in the file is service again.
    let back = merge(Some(&known), file(vec![row(2, "2026-01-01", None, 1000), row(3, "2026-08-01", None, 1000)]));
    let course = course(&written(Some(&known), &back));
    assert_eq!(
        course.iter().map(|(from, until, _)| (from.as_str(), until.as_deref())).collect::<Vec<_>>(),
        [("2026-01-01", Some("2026-05-01")), ("2026-08-01", None)]
    );
}

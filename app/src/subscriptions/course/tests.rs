//! The rules one by one, and any sequence of them.

use proptest::prelude::*;

use super::*;
use crate::kit::money::Currency;
use crate::kit::period::{IntervalUnit, day as parse};
use crate::movements::derive;
use crate::subscriptions::model::Pause;

fn d(text: &str) -> NaiveDate {
    parse(text).expect("a day")
}

fn plan(n: u128) -> PlanId {
    PlanId(uuid::Uuid::from_u128(n))
}

fn priced(plan_number: u128, minor: i64) -> Priced {
    let interval = Interval { unit: IntervalUnit::Month, count: 1 };
    let terms = Terms { plan: plan(plan_number), version: None, unit_amount: Money::new(minor, Currency::USD), interval, quantity: 1 };
    Priced { terms, rate: Rate::ONE, mrr_minor: minor }
}

fn started() -> Course {
    Course::start(priced(1, 1000), d("2026-01-10"), None, None).expect("started")
}

fn stretches(course: &Course) -> Vec<(String, Option<String>, i64)> {
    course.phases.iter().map(|p| (p.starts_on.to_string(), p.ends_on.map(|e| e.to_string()), p.priced.mrr_minor)).collect()
}

fn row(start: &str, end: &str, minor: i64) -> (String, Option<String>, i64) {
    (start.into(), (!end.is_empty()).then(|| end.into()), minor)
}

#[test]
fn a_change_splits_and_one_of_the_same_day_replaces() {
    let today = d("2026-03-01");
    let once = started().change(priced(2, 2000), today, today).expect("changed");
    assert_eq!(stretches(&once), [row("2026-01-10", "2026-03-01", 1000), row("2026-03-01", "", 2000)]);
    let twice = once.change(priced(2, 3000), today, today).expect("changed");
    assert_eq!(stretches(&twice), [row("2026-01-10", "2026-03-01", 1000), row("2026-03-01", "", 3000)]);
    assert!(matches!(twice.change(priced(2, 3000), today, today), Err(Error::Invalid(_))));
}

#[test]
fn a_change_to_come_gives_way_to_a_later_word_and_keeps_the_end() {
    let today = d("2026-03-01");
    let course = started().cancel(d("2026-06-10"), Some("moved".into()), today).expect("cancelled");
    let course = course.change(priced(2, 2000), d("2026-05-10"), today).expect("changed");
    let course = course.change(priced(3, 500), d("2026-04-10"), today).expect("changed");
    assert_eq!(stretches(&course), [row("2026-01-10", "2026-04-10", 1000), row("2026-04-10", "2026-06-10", 500)]);
    assert_eq!(course.last().end_reason.as_deref(), Some("moved"));
    assert_eq!(course.phases[0].end_reason, None);
    // Back to what it is: the change to come is dropped.
    let course = course.change(priced(1, 1000), d("2026-03-05"), today).expect("changed");
    assert_eq!(stretches(&course), [row("2026-01-10", "2026-06-10", 1000)]);
}

#[test]
fn what_has_happened_is_not_undone() {
    let today = d("2026-03-01");
    let course = started().change(priced(2, 2000), d("2026-02-10"), today).expect("changed");
    assert!(course.change(priced(3, 1), d("2026-02-09"), today).expect_err("refused").fields().first("at").is_some());
    assert!(course.cancel(d("2026-02-09"), None, today).expect_err("refused").fields().first("at").is_some());
    assert!(course.cancel(d("2025-12-31"), None, today).expect_err("refused").fields().first("at").is_some());
}

#[test]
fn a_cancellation_to_come_is_taken_back_and_one_past_starts_again() {
    let today = d("2026-03-01");
    let pending = started().cancel(d("2026-03-10"), Some("price".into()), today).expect("cancelled");
    assert_eq!(pending.status(today), SubscriptionStatus::Cancelling);
    assert_eq!(pending.reactivate(priced(1, 1000), today, today).expect("back"), started());
    let gone = started().cancel(today, Some("price".into()), today).expect("cancelled");
    assert_eq!(gone.status(today), SubscriptionStatus::Ended);
    assert!(matches!(gone.change(priced(2, 1), today, today), Err(Error::Conflict(_))));
    let later = d("2026-05-01");
    let back = gone.reactivate(priced(1, 1100), later, later).expect("back");
    assert_eq!(stretches(&back), [row("2026-01-10", "2026-03-01", 1000), row("2026-05-01", "", 1100)]);
    assert_eq!(back.phases[0].end_reason.as_deref(), Some("price"), "why it once ended stays known");
    assert!(
        gone.reactivate(priced(1, 1), d("2026-02-01"), later).is_err() && gone.reactivate(priced(1, 1), d("2026-05-02"), later).is_err()
    );
}

#[test]
fn an_end_on_the_day_of_a_change_ends_what_was_before() {
    let today = d("2026-03-01");
    let course =
        started().change(priced(2, 2000), today, today).expect("changed").cancel(today, Some("no".into()), today).expect("cancelled");
    assert_eq!(stretches(&course), [row("2026-01-10", "2026-03-01", 1000)]);
    assert_eq!(course.last().end_reason.as_deref(), Some("no"));
    let same_day = Course::start(priced(1, 1000), today, None, None).expect("started").cancel(today, None, today).expect("cancelled");
    assert!(same_day.is_sound() && derive(&[same_day.last().stretch()]).total.is_empty());
}

#[test]
fn a_trial_pays_later_and_ends_on_another_day_if_so_wished() {
    let today = d("2026-01-12");
    let trial = Course::start(priced(1, 1000), d("2026-01-10"), Some(d("2026-01-24")), None).expect("started");
    assert_eq!(trial.status(today), SubscriptionStatus::Trial);
    assert_eq!((trial.mrr_on(d("2026-01-23")), trial.mrr_on(d("2026-01-24"))), (0, 1000));
    assert_eq!(trial.period_end(today), Some(d("2026-01-24")));
    assert_eq!(trial.period_end(d("2026-02-24")), Some(d("2026-03-24")));
    let changed = trial.change(priced(2, 2000), today, today).expect("changed");
    assert_eq!(changed.last().pays_from, d("2026-01-24"));
    let now = changed.end_trial_on(today, today).expect("ended");
    assert_eq!((now.status(today), now.mrr_on(today)), (SubscriptionStatus::Active, 2000));
    assert_eq!(trial.end_trial_on(d("2026-02-01"), today).expect("longer").last().pays_from, d("2026-02-01"));
    assert!(now.end_trial_on(d("2026-02-01"), today).is_err());
}

#[test]
fn a_period_counts_from_the_interval_that_is_paid() {
    let today = d("2026-03-15");
    assert_eq!(started().period_end(today), Some(d("2026-04-10")));
    let anchored = Course { anchor_day: Some(13), ..started() };
    assert_eq!([d("2026-01-12"), d("2026-01-13")].map(|day| anchored.period_end(day)), [Some(d("2026-01-13")), Some(d("2026-02-13"))]);
    let same = started().change(priced(2, 2000), d("2026-02-20"), today).expect("changed");
    assert_eq!(same.period_end(today), Some(d("2026-04-10")));
    let mut yearly = priced(2, 2000);
    yearly.terms.interval = Interval { unit: IntervalUnit::Year, count: 1 };
    let other = started().change(yearly, d("2026-02-20"), today).expect("changed");
    assert_eq!(other.period_end(today), Some(d("2027-02-20")));
    let scheduled = Course::start(priced(1, 1), d("2026-04-01"), None, None).expect("started");
    assert_eq!((scheduled.period_end(today), scheduled.status(today)), (None, SubscriptionStatus::Scheduled));
    assert_eq!(scheduled.cancel(today, None, today).expect("cancelled").ended_on(), Some(d("2026-04-01")));
}

#[test]
fn a_pause_is_a_gap_and_coming_back_is_what_it_was() {
    let today = d("2026-03-01");
    let course = started().paused(d("2026-03-05"), Some(d("2026-03-20")), today).expect("paused");
    assert_eq!(stretches(&course), [row("2026-01-10", "2026-03-05", 1000), row("2026-03-20", "", 1000)]);
    assert_eq!(course.phases[0].end_reason.as_deref(), Some("paused"));
    let on = |day: &str| (course.status(d(day)), course.mrr_on(d(day)));
    assert_eq!(on("2026-03-04"), (SubscriptionStatus::Active, 1000));
    assert_eq!([on("2026-03-05"), on("2026-03-19")], [(SubscriptionStatus::Paused, 0); 2]);
    assert_eq!(on("2026-03-20"), (SubscriptionStatus::Active, 1000));
    assert_eq!(course.resumed(today, today).expect("taken back"), started());
    // Come back sooner, and later.
    let then = d("2026-03-10");
    assert_eq!(stretches(&course.resumed(then, then).expect("back"))[1], row("2026-03-10", "", 1000));
    assert_eq!(stretches(&course.resumed(d("2026-04-02"), then).expect("later"))[1], row("2026-04-02", "", 1000));
    let kinds: Vec<_> = derive(&course.phases.iter().map(Phase::stretch).collect::<Vec<_>>()).total;
    let words: Vec<_> = kinds.iter().map(|m| (m.day.to_string(), m.kind.word(), m.reason.as_deref())).collect();
    let want = [("2026-01-10", "new", None), ("2026-03-05", "churn", Some("paused")), ("2026-03-20", "reactivation", None)];
    assert_eq!(words, want.map(|(day, kind, reason)| (day.to_owned(), kind, reason)));
}

#[test]
fn a_pause_without_a_day_waits_and_is_no_end() {
    let today = d("2026-03-01");
    let course = started().paused(today, None, today).expect("paused");
    let later = d("2026-09-01");
    assert_eq!((course.status(later), course.ended_on(), course.mrr_on(later)), (SubscriptionStatus::Paused, None, 0));
    assert_eq!(course.period_end(later), None);
    assert!(matches!(course.change(priced(2, 2000), later, later), Err(Error::Conflict(_))));
    assert!(matches!(course.paused(later, None, later), Err(Error::Conflict(_))));
    assert!(matches!(course.reactivate(priced(1, 1), later, later), Err(Error::Conflict(_))));
    let back = course.resumed(later, later).expect("back");
    assert_eq!(stretches(&back), [row("2026-01-10", "2026-03-01", 1000), row("2026-09-01", "", 1000)]);
    assert_eq!(course.resumed(today, today).expect("undone on its day"), started());
    // Cancelled while paused: over since it began, and lost to the pause.
    let gone = course.cancel(later, Some("moved".into()), later).expect("cancelled");
    assert_eq!((gone.status(later), gone.ended_on()), (SubscriptionStatus::Ended, Some(today)));
    assert_eq!(gone.last().end_reason.as_deref(), Some("paused"));
    assert!(matches!(gone.resumed(later, later), Err(Error::Conflict(_))));
}

#[test]
fn a_pause_is_refused_where_it_makes_no_sense() {
    let today = d("2026-03-01");
    let refused = |course: &Course, on: &str, until: Option<&str>| {
        course.paused(d(on), until.map(d), today).expect_err("refused").fields().first("at").map(str::to_owned).unwrap_or_default()
    };
    assert!(refused(&started(), "2026-02-28", None).contains("past"));
    let scheduled = Course::start(priced(1, 1000), d("2026-03-05"), None, None).expect("started");
    assert!(refused(&scheduled, "2026-03-05", None).contains("must lie after"));
    let ending = started().cancel(d("2026-04-10"), None, today).expect("cancelled");
    assert!(refused(&ending, "2026-04-10", Some("2026-05-01")).contains("when service ends"));
    for until in [None, Some(d("2026-04-10")), Some(d("2026-03-05"))] {
        let error = ending.paused(d("2026-03-05"), until, today).expect_err("refused");
        assert!(error.fields().first("resumes_on").is_some(), "{until:?}");
    }
    let changing = started().change(priced(2, 2000), d("2026-03-10"), today).expect("changed");
    assert!(refused(&changing, "2026-03-05", None).contains("a change takes effect"));
    let over = changing.paused(d("2026-03-05"), Some(d("2026-03-11")), today).expect_err("refused");
    assert!(over.fields().first("resumes_on").is_some());
    assert!(matches!(started().resumed(today, today), Err(Error::Conflict(_))));
    let gone = started().cancel(today, None, today).expect("cancelled");
    assert!(matches!(gone.paused(today, None, today), Err(Error::Conflict(_))));
}

#[test]
fn a_change_and_a_pause_leave_each_other() {
    let today = d("2026-03-01");
    let pause = started().paused(d("2026-03-05"), Some(d("2026-03-20")), today).expect("paused");
    let before = pause.change(priced(2, 2000), today, today).expect("changed");
    assert_eq!(stretches(&before)[1..], [row("2026-03-01", "2026-03-05", 2000), row("2026-03-20", "", 2000)]);
    let within = pause.change(priced(2, 2000), d("2026-03-10"), today).expect_err("refused");
    assert!(within.fields().first("at").is_some_and(|why| why.contains("paused until")));
    let after = pause.change(priced(2, 2000), d("2026-03-20"), today).expect("changed");
    assert_eq!(stretches(&after)[1], row("2026-03-20", "", 2000));
    // Changed and paused on one day: what it comes back with is the change.
    let both = started().change(priced(2, 2000), today, today).expect("changed").paused(today, None, today).expect("paused");
    assert!(both.is_sound());
    let then = d("2026-04-01");
    assert_eq!(both.mrr_on(then), 0);
    assert_eq!(stretches(&both.resumed(then, then).expect("back")), [row("2026-01-10", "2026-03-01", 1000), row("2026-04-01", "", 2000)]);
    let hold = started().paused(d("2026-03-05"), None, today).expect("paused").change(priced(2, 2000), today, today).expect("changed");
    assert_eq!(
        (hold.pause(today), stretches(&hold)[1].clone()),
        (pause.pause(today).map(|p| Pause { until: None, ..p }), row("2026-03-01", "2026-03-05", 2000))
    );
}

/// A verb, the days from the day before until it is done, and the days from then to when it takes effect.
type Step = (u8, u64, i64, i64);

fn apply(course: &Course, (verb, _, ahead, minor): Step, today: NaiveDate) -> Result<Course> {
    let on = today + chrono::Duration::days(ahead);
    let terms = priced(u128::from(minor.unsigned_abs() % 3), minor);
    match verb {
        0 | 1 => course.change(terms, on, today),
        2 => course.cancel(on, Some("why".into()), today),
        3 => course.reactivate(terms, on.min(today), today),
        5 => course.paused(on, (minor % 2 == 0).then(|| on + chrono::Duration::days(minor * 3)), today),
        6 => course.resumed(on, today),
        _ => course.end_trial_on(on, today),
    }
}

proptest! {
    #[test]
    fn any_sequence_leaves_phases_that_never_overlap(trial in 0u64..40, steps in prop::collection::vec((0u8..7, 0u64..25, -10i64..40, 0i64..9), 0..25)) {
        let start = d("2026-01-31");
        let mut today = start;
        let trial_ends_on = start.checked_add_days(chrono::Days::new(trial));
        let mut course = Course::start(priced(0, 7), start, trial_ends_on, None).expect("started");
        for step in steps {
            today = today.checked_add_days(chrono::Days::new(step.1)).expect("a day");
            let Ok(next) = apply(&course, step, today) else { continue };
            prop_assert!(next.is_sound(), "{step:?} of {course:?} gave {next:?}");
            // A phase never pays before the trial is over, and what the log derives is what the course says.
            let stretches: Vec<_> = next.phases.iter().map(Phase::stretch).collect();
            let derived = derive(&stretches);
            for days in 0..120 {
                let day = start + chrono::Duration::days(days);
                prop_assert_eq!(derived.at(day), next.mrr_on(day), "{} of {:?}", day, &next);
            }
            // Up to the day before the earlier of today and the day of effect, nothing is rewritten but by a backdated verb.
            let settled = today.min(today + chrono::Duration::days(step.2));
            for back in 1..40 {
                let day = settled - chrono::Duration::days(back);
                prop_assert_eq!(course.mrr_on(day), next.mrr_on(day), "{} by {:?} of {:?}", day, step, &course);
            }
            course = next;
        }
    }
}

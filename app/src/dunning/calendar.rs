//! The rules of the calendar: which step comes next and when. Pure.
//!
//! Steps are taken in order, each on its day after due. What was missed is taken late, once: of several reminders that
//! are late only the last is sent, and so with attempts to collect. What takes something away from the customer never
//! comes sooner after the last thing they noticed than the policy leaves between the two, so that a warning is a warning
//! however late it went out.

use chrono::{Days, NaiveDate};

use super::model::Step;

/// A step that was done and that the customer noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noticed {
    /// Which of the policy's.
    pub position: usize,
    pub on: NaiveDate,
}

/// What to do about the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Take(usize),
    /// A later one of its kind is due as well.
    Skip(usize),
}

fn plus(day: NaiveDate, days: i32) -> NaiveDate {
    u64::try_from(days).ok().and_then(|days| day.checked_add_days(Days::new(days))).unwrap_or(day)
}

/// The day of a step. `start` is the day the invoice was due, moved by what pauses and promises moved it; `noticed` are
/// the steps before that the customer noticed, in order.
pub fn day_of(steps: &[Step], position: usize, start: NaiveDate, noticed: &[Noticed]) -> Option<NaiveDate> {
    let step = steps.get(position)?;
    let planned = plus(start, step.day);
    let last = noticed.iter().rfind(|n| n.position < position).filter(|_| step.action.is_harsh());
    let warned = last.and_then(|n| steps.get(n.position).map(|before| plus(n.on, step.day - before.day)));
    Some(warned.map_or(planned, |day| day.max(planned)))
}

/// What is to be done today about the step at `position`, the first that was not taken yet; `None`: nothing yet.
pub fn next(steps: &[Step], position: usize, start: NaiveDate, noticed: &[Noticed], today: NaiveDate) -> Option<Next> {
    if day_of(steps, position, start, noticed)? > today {
        return None;
    }
    let step = steps.get(position)?;
    let late = steps[position + 1..].iter().take_while(|s| !s.action.is_harsh() && plus(start, s.day) <= today);
    let superseded = !step.action.is_harsh() && late.into_iter().any(|s| s.action == step.action);
    Some(if superseded { Next::Skip(position) } else { Next::Take(position) })
}

/// By how much the calendar moves so that a step planned for `planned` comes on `on` at the earliest.
pub fn shift(planned: Option<NaiveDate>, on: NaiveDate) -> i32 {
    planned.map_or(0, |planned| i32::try_from((on - planned).num_days().max(0)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dunning::model::{SHIPPED, StepAction};

    fn d(text: &str) -> NaiveDate {
        crate::kit::period::day(text).expect("a day")
    }

    /// Takes the steps on these days; gives what was done when.
    fn course(steps: &[Step], due: NaiveDate, days: impl IntoIterator<Item = NaiveDate>) -> Vec<(NaiveDate, usize, bool)> {
        let (mut position, mut noticed, mut log) = (0, Vec::new(), Vec::new());
        for today in days {
            while let Some(next) = next(steps, position, due, &noticed, today) {
                let taken = matches!(next, Next::Take(_));
                if taken && steps[position].action.is_notice() {
                    noticed.push(Noticed { position, on: today });
                }
                log.push((today, position, taken));
                position += 1;
            }
        }
        log
    }

    fn every_day(from: &str, days: u64) -> impl Iterator<Item = NaiveDate> {
        let from = d(from);
        (0..days).map(move |n| from + Days::new(n))
    }

    #[test]
    fn each_step_is_taken_on_its_day() {
        let due = d("2026-03-01");
        let log = course(SHIPPED, due, every_day("2026-03-01", 90));
        let days: Vec<i64> = log.iter().map(|(on, _, _)| (*on - due).num_days()).collect();
        assert_eq!(days, [1, 3, 7, 10, 14, 30, 60]);
        assert!(log.iter().all(|(_, _, taken)| *taken));
    }

    #[test]
    fn reminders_do_not_pile_up_and_a_warning_keeps_its_time() {
        // Down from the day it was due until the 20th day.
        let due = d("2026-03-01");
        let log = course(SHIPPED, due, every_day("2026-03-21", 90));
        let said: Vec<(i64, usize, bool)> = log.iter().map(|(on, at, taken)| ((*on - due).num_days(), *at, *taken)).collect();
        // One reminder and one attempt at once; suspended seven days after it, cancelled 16 days after that.
        assert_eq!(said, [(20, 0, false), (20, 1, false), (20, 2, true), (20, 3, true), (27, 4, true), (43, 5, true), (73, 6, true)]);
    }

    #[test]
    fn a_week_down_between_two_steps_loses_nothing() {
        let due = d("2026-03-01");
        let days = every_day("2026-03-01", 9).chain(every_day("2026-03-17", 80));
        let log = course(SHIPPED, due, days);
        let said: Vec<(i64, usize, bool)> = log.iter().map(|(on, at, taken)| ((*on - due).num_days(), *at, *taken)).collect();
        assert_eq!(said, [(1, 0, true), (3, 1, true), (7, 2, true), (16, 3, true), (16, 4, true), (32, 5, true), (62, 6, true)]);
    }

    #[test]
    fn nothing_harsh_happens_twice_on_a_day_however_late() {
        let steps = [
            Step { day: 0, action: StepAction::Email },
            Step { day: 5, action: StepAction::Suspend },
            Step { day: 5, action: StepAction::Email },
            Step { day: 9, action: StepAction::Cancel },
        ];
        let log = course(&steps, d("2026-01-01"), every_day("2027-01-01", 40));
        let harsh: Vec<NaiveDate> = log.iter().filter(|(_, at, _)| steps[*at].action.is_harsh()).map(|(on, ..)| *on).collect();
        assert_eq!(harsh, [d("2027-01-06"), d("2027-01-10")]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_days_it_runs_on_each_step_is_taken_or_skipped_once_in_order(gaps in proptest::collection::vec(1u64..40, 1..40)) {
            let due = d("2026-01-01");
            let mut day = due;
            let days: Vec<NaiveDate> = gaps.iter().map(|gap| { day = day + Days::new(*gap); day }).collect();
            let log = course(SHIPPED, due, days.iter().copied());
            let positions: Vec<usize> = log.iter().map(|(_, at, _)| *at).collect();
            proptest::prop_assert_eq!(&positions, &(0..positions.len()).collect::<Vec<_>>());
            for (on, at, taken) in &log {
                proptest::prop_assert!(*on >= due + Days::new(SHIPPED[*at].day as u64), "too soon");
                proptest::prop_assert!(*taken || !SHIPPED[*at].action.is_harsh());
            }
            // No day sends two reminders.
            for today in &days {
                let sent = log.iter().filter(|(on, at, taken)| on == today && *taken && SHIPPED[*at].action == StepAction::Email).count();
                proptest::prop_assert!(sent <= 1);
            }
            // The gap before what is harsh is kept.
            for pair in log.iter().filter(|(_, at, taken)| *taken && SHIPPED[*at].action.is_notice()).collect::<Vec<_>>().windows(2) {
                let ((before, b, _), (after, a, _)) = (pair[0], pair[1]);
                if SHIPPED[*a].action.is_harsh() {
                    proptest::prop_assert!((*after - *before).num_days() >= i64::from(SHIPPED[*a].day - SHIPPED[*b].day));
                }
            }
        }
    }
}

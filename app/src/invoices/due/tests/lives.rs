//! What is due, whatever happens.

use chrono::Days;
use proptest::prelude::*;

use super::*;

fn modes() -> impl Strategy<Value = Option<Proration>> {
    proptest::sample::select(vec![None, Some(Proration::Prorate), Some(Proration::None), Some(Proration::Full)])
}

/// Any life: stretches of prices and quantities with or without gaps, to an end or open.
fn lives() -> impl Strategy<Value = Vec<Stretch>> {
    let piece = (0u64..12, 1u64..90, 0i64..50_000, 1i64..4, 0usize..8);
    (proptest::collection::vec(piece, 1..6), any::<bool>()).prop_map(|(pieces, open)| {
        let (mut day, mut course) = (d("2026-01-20"), Vec::new());
        let count = pieces.len();
        for (n, (gap, length, minor, quantity, unit)) in pieces.into_iter().enumerate() {
            let starts = day + Days::new(if gap > 8 { gap } else { 0 });
            let ends = starts + Days::new(length);
            let unit = [IntervalUnit::Month, IntervalUnit::Month, IntervalUnit::Month, IntervalUnit::Week][unit % 4];
            course.push(Stretch {
                starts_on: starts,
                ends_on: if open && n + 1 == count { None } else { Some(ends) },
                pays_from: starts,
                interval: Interval { unit, count: 1 },
                prices: vec![terms(minor as u128 + 1, minor, quantity)],
            });
            day = ends;
        }
        course
    })
}

proptest! {
    #[test]
    fn billing_twice_bills_once_and_in_steps_as_at_once(course in lives(), anchor in proptest::option::of(1u32..32), proration in modes(), steps in proptest::collection::vec(1u64..60, 1..12)) {
        let rules = Rules { anchor_day: anchor, proration, ..Rules::default() };
        let first = course[0].starts_on;
        let (mut until, mut cover, mut lines, mut floor) = (first, Cover::default(), Vec::new(), first);
        for step in steps {
            until = until + Days::new(step);
            lines.extend(due(&course, &rules, &mut cover, floor, until).expect("fits"));
            prop_assert_eq!(due(&course, &rules, &mut cover, first, until).expect("fits"), vec![]);
            floor = next_day(&course, &rules, until).unwrap_or(NaiveDate::MAX);
        }
        let at_once = due(&course, &rules, &mut Cover::default(), first, until).expect("fits");
        prop_assert_eq!(lines, at_once);
    }

    #[test]
    fn a_pause_leaves_the_days_of_service_paid_and_no_others(minor in 1i64..1_000_000, on in 1u64..28, length in 1u64..28, daily in any::<bool>()) {
        let rules = Rules { anchor_day: Some(1), ..Rules::default() };
        let (start, end) = (d("2026-03-01"), d("2026-04-01"));
        let (from, until) = (start + Days::new(on), (start + Days::new(on + length)).min(end));
        let open = [stretch("2026-03-01", None, terms(1, minor, 1))];
        let paused = [
            stretch("2026-03-01", Some(&from.to_string()), terms(1, minor, 1)),
            stretch(&until.to_string(), None, terms(1, minor, 1)),
        ];
        let (last, mut cover) = (end - Days::new(1), Cover::default());
        let mut lines = due(&open, &rules, &mut cover, start, start).expect("fits");
        if daily {
            for day in start.iter_days().take(31) {
                lines.extend(due(&paused, &rules, &mut cover, start, day).expect("fits"));
            }
        }
        lines.extend(due(&paused, &rules, &mut cover, start, last).expect("fits"));
        prop_assert_eq!(due(&paused, &rules, &mut cover, start, last).expect("fits"), vec![]);
        let sum: i64 = lines.iter().map(|l| l.amount.minor()).sum();
        let whole = Period { start, end };
        let days = |start, end| if start < end { share(terms(1, minor, 1).price, whole, Period { start, end }, false).expect("fits").minor() } else { 0 };
        // Each line is rounded once: with the days of the pause, the parts are the full price but for a unit a line.
        prop_assert!((sum + days(from, until) - minor).abs() <= 2, "{} and {} of {}", sum, days(from, until), minor);
        // Taken back before its day, it leaves no trace.
        let mut cover = Cover::default();
        due(&open, &rules, &mut cover, start, start).expect("fits");
        let eve = from - Days::new(1);
        prop_assert_eq!(due(&paused, &rules, &mut cover, start, eve).expect("fits"), vec![]);
        prop_assert_eq!(due(&open, &rules, &mut cover, start, last).expect("fits"), vec![]);
    }

    #[test]
    fn what_gives_way_on_its_first_day_leaves_no_trace(
        prices in [1i64..1_000_000, 1i64..1_000_000, 1i64..1_000_000],
        units in [0usize..5, 0usize..5, 0usize..5],
        on in 0u64..40,
        then in 0u64..120,
        anchor in proptest::option::of(1u32..32),
        proration in modes(),
    ) {
        let rules = Rules { anchor_day: anchor, proration, ..Rules::default() };
        let (start, day) = (d("2026-03-01"), d("2026-03-01") + Days::new(on));
        let of = |n: usize, from: NaiveDate, to: Option<NaiveDate>| {
            let one = stretch(&from.to_string(), to.map(|to| to.to_string()).as_deref(), terms(n as u128 + 1, prices[n], 1));
            every(IntervalUnit::ALL[units[n]], one)
        };
        // Changed on a day, and again on the same day; or so from its first day on.
        let course = |last: usize| match on {
            0 => vec![of(last, start, None)],
            _ => vec![of(0, start, Some(day)), of(last, day, None)],
        };
        let (mut cover, mut sum) = (Cover::default(), 0);
        let mut add = |course: &[Stretch], until| {
            let lines = due(course, &rules, &mut cover, start, until).expect("fits");
            sum += lines.iter().map(|l| l.amount.minor()).sum::<i64>();
        };
        if let Some(eve) = day.pred_opt().filter(|eve| *eve >= start) {
            add(&[of(0, start, None)], eve);
        }
        add(&course(1), day);
        add(&course(2), day + Days::new(then));
        let at_once = due(&course(2), &rules, &mut Cover::default(), start, day + Days::new(then)).expect("fits");
        let want: i64 = at_once.iter().map(|l| l.amount.minor()).sum();
        prop_assert!((sum - want).abs() <= 1, "{} instead of {}: {:?}", sum, want, at_once);
    }

    #[test]
    fn whatever_is_decided_it_is_billed_once(
        first in 0usize..5,
        turns in proptest::collection::vec((0u64..45, 0u8..10, 0usize..5, 0i64..50_000, 0usize..3), 1..8),
        anchor in proptest::option::of(1u32..32),
    ) {
        let (start, mut today) = (d("2026-01-20"), d("2026-01-20"));
        let plan = |n: usize, unit: usize, minor: i64, from: NaiveDate, to: Option<NaiveDate>| {
            let one = stretch(&from.to_string(), to.map(|to| to.to_string()).as_deref(), terms(n as u128 + 1, minor, 1));
            every(IntervalUnit::ALL[unit], one)
        };
        let mut rules = Rules { anchor_day: anchor, ..Rules::default() };
        let (mut course, mut cover) = (vec![plan(0, first, 20_000, start, None)], Cover::default());
        for (n, (days, what, unit, minor, mode)) in turns.into_iter().enumerate() {
            due(&course, &rules, &mut cover, start, today).expect("fits");
            today = today + Days::new(days);
            due(&course, &rules, &mut cover, start, today).expect("fits");
            let last = course.pop().expect("a stretch");
            let (begins, ends) = (last.starts_on, last.ends_on);
            let mut turns_on = today;
            match what {
                // Ended for good, it comes back; else it changes, or ends now or later.
                _ if ends.is_some_and(|end| end <= today) => {
                    let again = Stretch { starts_on: today, pays_from: today, ends_on: None, ..last.clone() };
                    course.extend((begins < today).then_some(last));
                    course.push(again);
                }
                0..=5 => {
                    course.extend((begins < today).then_some(Stretch { ends_on: Some(today), ..last }));
                    course.push(plan(n + 1, unit, minor, today, ends));
                }
                _ => {
                    turns_on = today + Days::new(if what > 7 { days } else { 0 });
                    let ends_on = turns_on.max(begins);
                    course.extend((begins < ends_on || course.is_empty()).then_some(Stretch { ends_on: Some(ends_on), ..last }));
                }
            }
            rules.proration_on.insert(turns_on, [Proration::Prorate, Proration::None, Proration::Full][mode]);
            due(&course, &rules, &mut cover, start, today).expect("fits");
            prop_assert_eq!(due(&course, &rules, &mut cover, start, today).expect("fits"), vec![]);
        }
    }

    #[test]
    fn changing_ones_mind_costs_nothing(minor in 1i64..1_000_000, other in 0i64..1_000_000, on in 1u64..28, until in 0u64..28, anchor in proptest::option::of(1u32..32)) {
        let rules = Rules { anchor_day: anchor, ..Rules::default() };
        let (open, mut cover) = ([stretch("2026-03-01", None, terms(1, minor, 1))], Cover::default());
        let until = d("2026-03-01") + Days::new(until.max(on));
        let first = due(&open, &rules, &mut cover, d("2026-03-01"), until).expect("fits");
        let day = (d("2026-03-01") + Days::new(on)).to_string();
        let changed = [stretch("2026-03-01", Some(&day), terms(1, minor, 1)), stretch(&day, None, terms(2, other, 2))];
        let cancelled = [stretch("2026-03-01", Some(&day), terms(1, minor, 1))];
        let mut sum = 0;
        for course in [&changed[..], &cancelled[..], &open[..]] {
            sum += due(course, &rules, &mut cover, d("2026-03-01"), until).expect("fits").iter().map(|l| l.amount.minor()).sum::<i64>();
        }
        prop_assert_eq!(sum, 0, "{:?}", first);
    }
}

//! What is due, in cases that people know and in any.

use chrono::Days;
use proptest::prelude::*;

use super::*;
use crate::kit::money::Currency;
use crate::kit::period::IntervalUnit;
use crate::plans::PlanId;

fn d(text: &str) -> NaiveDate {
    crate::kit::period::day(text).expect("a day")
}

fn terms(plan: u128, minor: i64, quantity: i64) -> Terms {
    let money = |minor| Money::new(minor, Currency::USD);
    let plan = PlanId(uuid::Uuid::from_u128(plan));
    Terms { item: "base".into(), plan, quantity, unit: money(minor), price: money(minor * quantity) }
}

fn stretch(from: &str, to: Option<&str>, terms: Terms) -> Stretch {
    let interval = Interval { unit: IntervalUnit::Month, count: 1 };
    Stretch { starts_on: d(from), ends_on: to.map(d), pays_from: d(from), interval, prices: vec![terms] }
}

fn anchored(day: u32) -> Rules {
    Rules { anchor_day: Some(day), ..Rules::default() }
}

/// Bills up to `until`: each line as `day: start..end amount`.
fn bill(stretches: &[Stretch], rules: &Rules, cover: &mut Cover, until: &str) -> Vec<String> {
    let lines = due(stretches, rules, cover, stretches[0].starts_on, d(until)).expect("fits");
    lines.iter().map(|l| format!("{}: {}..{} {}", l.on, l.period.start, l.period.end, l.amount.minor())).collect()
}

#[test]
fn a_start_in_the_past_bills_what_is_behind_it() {
    let (course, rules, mut cover) = (vec![stretch("2026-02-01", None, terms(1, 100_000, 1))], anchored(13), Cover::default());
    let want = [
        "2026-02-01: 2026-02-01..2026-02-13 38710",
        "2026-02-13: 2026-02-13..2026-03-13 100000",
        "2026-03-13: 2026-03-13..2026-04-13 100000",
        "2026-04-13: 2026-04-13..2026-05-13 100000",
    ];
    assert_eq!(bill(&course, &rules, &mut cover, "2026-04-13"), want);
    assert_eq!(bill(&course, &rules, &mut cover, "2026-04-13"), [""; 0], "once");
    assert_eq!(next_day(&course, &rules, d("2026-04-13")), Some(d("2026-05-13")));
}

#[test]
fn an_upgrade_credits_and_charges_the_days_left() {
    let (rules, mut cover) = (anchored(13), Cover::default());
    let course = [stretch("2026-02-13", None, terms(1, 100_000, 1))];
    bill(&course, &rules, &mut cover, "2026-03-13");
    let course = [stretch("2026-02-13", Some("2026-03-16"), terms(1, 100_000, 1)), stretch("2026-03-16", None, terms(2, 250_000, 1))];
    let lines = ["2026-03-16: 2026-03-16..2026-04-13 -90323", "2026-03-16: 2026-03-16..2026-04-13 225806"];
    assert_eq!(bill(&course, &rules, &mut cover, "2026-03-20"), lines);
    // It is taken back on the same day.
    let course = [stretch("2026-02-13", None, terms(1, 100_000, 1))];
    let lines = bill(&course, &rules, &mut cover, "2026-03-20");
    assert_eq!(lines.iter().map(|l| l.split(' ').next_back().expect("an amount")).collect::<Vec<_>>(), ["-225806", "90323"]);
}

#[test]
fn billing_late_is_billing_daily() {
    let rules = anchored(31);
    let course =
        [stretch("2026-01-10", Some("2026-03-16"), terms(1, 999, 1)), stretch("2026-03-16", Some("2026-05-02"), terms(2, 1_999, 3))];
    let (mut late, mut daily, mut lines) = (Cover::default(), Cover::default(), Vec::new());
    for day in 0..150 {
        let until = (d("2026-01-01") + Days::new(day)).to_string();
        lines.extend(bill(&course, &rules, &mut daily, &until));
    }
    assert_eq!(bill(&course, &rules, &mut late, "2026-05-30"), lines);
}

#[test]
fn a_cancellation_gives_the_days_left_back_and_an_end_known_ahead_is_charged_by_days() {
    let (rules, mut cover) = (anchored(1), Cover::default());
    let open = [stretch("2026-04-01", None, terms(1, 3_000, 1))];
    bill(&open, &rules, &mut cover, "2026-04-01");
    let ended = [stretch("2026-04-01", Some("2026-04-11"), terms(1, 3_000, 1))];
    assert_eq!(bill(&ended, &rules, &mut cover, "2026-04-05"), [""; 0], "not before the day");
    assert_eq!(bill(&ended, &rules, &mut cover, "2026-04-12"), ["2026-04-11: 2026-04-11..2026-05-01 -2000"]);
    assert_eq!(bill(&ended, &rules, &mut Cover::default(), "2026-06-01"), ["2026-04-01: 2026-04-01..2026-04-11 1000"]);
    assert_eq!(next_day(&ended, &rules, d("2026-04-11")), None);
    // And it is taken back.
    assert_eq!(bill(&open, &rules, &mut cover, "2026-04-12"), ["2026-04-11: 2026-04-11..2026-05-01 2000"]);
}

#[test]
fn a_pause_is_not_billed() {
    let (rules, mut cover) = (anchored(1), Cover::default());
    let course = [stretch("2026-04-01", Some("2026-04-11"), terms(1, 3_000, 1)), stretch("2026-06-16", None, terms(1, 3_000, 1))];
    let want =
        ["2026-04-01: 2026-04-01..2026-04-11 1000", "2026-06-16: 2026-06-16..2026-07-01 1500", "2026-07-01: 2026-07-01..2026-08-01 3000"];
    assert_eq!(bill(&course, &rules, &mut cover, "2026-07-02"), want);
}

#[test]
fn a_stub_that_begins_and_ends_within_its_period_is_rounded_once() {
    let course = [stretch("2026-02-01", Some("2026-02-10"), terms(1, 100_000, 1))];
    assert_eq!(bill(&course, &anchored(13), &mut Cover::default(), "2026-02-20"), ["2026-02-01: 2026-02-01..2026-02-10 29032"]);
    let course = [stretch("2026-04-15", Some("2026-05-01"), terms(1, 99, 1))];
    assert_eq!(bill(&course, &anchored(3), &mut Cover::default(), "2026-05-20"), ["2026-04-15: 2026-04-15..2026-05-01 53"]);
    // Where others have a share of the period, they add up with it.
    let course = [stretch("2026-04-03", Some("2026-04-15"), terms(1, 99, 1)), stretch("2026-04-15", Some("2026-05-01"), terms(2, 99, 1))];
    let want = ["2026-04-03: 2026-04-03..2026-05-01 92", "2026-04-15: 2026-04-15..2026-05-01 -52", "2026-04-15: 2026-04-15..2026-05-01 52"];
    assert_eq!(bill(&course, &anchored(3), &mut Cover::default(), "2026-05-20"), want);
}

#[test]
fn a_minimum_is_cut_as_the_price_is() {
    let usd = |minor| Money::new(minor, Currency::USD);
    let (whole, part) = (Period { start: d("2026-01-13"), end: d("2026-02-13") }, Period { start: d("2026-02-01"), end: d("2026-02-13") });
    let least = |proration, part| {
        let rules = Rules { proration: Some(proration), ..anchored(13) };
        (rules.least(usd(62_000), part, whole).expect("fits").minor(), rules.paid(part, whole).end)
    };
    assert_eq!(least(Proration::Prorate, part), (24_000, whole.end), "12/31");
    assert_eq!(least(Proration::Full, part), (62_000, whole.end));
    assert_eq!(least(Proration::None, part), (0, whole.end), "the first part is free");
    let ended = Period { end: d("2026-01-20"), ..whole };
    assert_eq!(least(Proration::Prorate, ended), (14_000, ended.end), "7/31");
    assert_eq!(least(Proration::Full, ended), (0, ended.end), "all is given back");
    assert_eq!(least(Proration::None, ended), (62_000, whole.end), "nothing is given back");
    assert_eq!(least(Proration::Prorate, whole), (62_000, whole.end));
}

#[test]
fn a_trial_is_free_and_the_anniversary_is_the_first_paid_day() {
    let course = [Stretch { pays_from: d("2026-01-31"), ..stretch("2026-01-17", None, terms(1, 3_000, 1)) }];
    let lines = bill(&course, &Rules::default(), &mut Cover::default(), "2026-03-31");
    let want =
        ["2026-01-31: 2026-01-31..2026-02-28 3000", "2026-02-28: 2026-02-28..2026-03-31 3000", "2026-03-31: 2026-03-31..2026-04-30 3000"];
    assert_eq!(lines, want);
}

#[test]
fn without_proration_a_new_price_waits_and_in_full_it_counts_whole() {
    let course = [stretch("2026-03-05", Some("2026-04-10"), terms(1, 3_000, 1)), stretch("2026-04-10", None, terms(2, 6_000, 1))];
    let none = Rules { proration: Some(Proration::None), ..anchored(1) };
    let want = ["2026-04-01: 2026-04-01..2026-05-01 3000", "2026-05-01: 2026-05-01..2026-06-01 6000"];
    assert_eq!(bill(&course, &none, &mut Cover::default(), "2026-05-01"), want, "and the first part is free");
    let full = Rules { proration: Some(Proration::Full), ..anchored(1) };
    let want = [
        "2026-03-05: 2026-03-05..2026-04-01 3000",
        "2026-04-01: 2026-04-01..2026-05-01 3000",
        "2026-04-10: 2026-04-10..2026-05-01 -3000",
        "2026-04-10: 2026-04-10..2026-05-01 6000",
        "2026-05-01: 2026-05-01..2026-06-01 6000",
    ];
    let mut cover = Cover::default();
    assert_eq!(bill(&course, &full, &mut cover, "2026-05-01"), want);
    assert_eq!(bill(&course, &full, &mut cover, "2026-05-01"), [""; 0]);
}

#[test]
fn a_change_from_months_to_years_begins_a_new_cycle() {
    let yearly = Interval { unit: IntervalUnit::Year, count: 1 };
    let course = [
        stretch("2026-01-01", Some("2026-02-15"), terms(1, 2_800, 1)),
        Stretch { interval: yearly, ..stretch("2026-02-15", None, terms(2, 30_000, 1)) },
    ];
    let want = [
        "2026-01-01: 2026-01-01..2026-02-01 2800",
        "2026-02-01: 2026-02-01..2026-03-01 2800",
        "2026-02-15: 2026-02-15..2026-03-01 -1400",
        "2026-02-15: 2026-02-15..2027-02-15 30000",
        "2027-02-15: 2027-02-15..2028-02-15 30000",
    ];
    assert_eq!(bill(&course, &Rules::default(), &mut Cover::default(), "2027-03-01"), want);
}

fn every(unit: IntervalUnit, of: Stretch) -> Stretch {
    Stretch { interval: Interval { unit, count: 1 }, ..of }
}

#[test]
fn an_interval_that_gives_way_on_its_first_day_is_given_back_to_its_end() {
    let (rules, mut cover) = (Rules::default(), Cover::default());
    bill(&[every(IntervalUnit::Year, stretch("2026-06-15", None, terms(1, 120_000, 1)))], &rules, &mut cover, "2026-06-15");
    let monthly = [stretch("2026-06-15", None, terms(2, 12_000, 1))];
    let want = [
        "2026-06-15: 2026-06-15..2027-06-15 -120000",
        "2026-06-15: 2026-06-15..2026-07-15 12000",
        "2026-07-15: 2026-07-15..2026-08-15 12000",
    ];
    assert_eq!(bill(&monthly, &rules, &mut cover, "2026-07-20"), want);
}

#[test]
fn what_a_change_of_interval_gives_back_in_full_stays_given_back() {
    let rules = Rules { proration_on: BTreeMap::from([(d("2026-01-20"), Proration::Full)]), ..Rules::default() };
    let quarterly = |quantity, from: &str, to| every(IntervalUnit::Quarter, stretch(from, to, terms(2, 90_000, quantity)));
    let first = |to: Option<&str>| stretch("2026-01-10", to, terms(1, 31_000, 1));
    let mut cover = Cover::default();
    bill(&[first(None)], &rules, &mut cover, "2026-01-10");
    let changed = [first(Some("2026-01-20")), quarterly(1, "2026-01-20", None)];
    let want = ["2026-01-20: 2026-01-20..2026-02-10 -31000", "2026-01-20: 2026-01-20..2026-04-20 90000"];
    assert_eq!(bill(&changed, &rules, &mut cover, "2026-01-20"), want);
    // Where an older credit does not show the day, what it gave back is not charged again either.
    let mut older = Cover::default();
    bill(&[first(None)], &rules, &mut older, "2026-01-10");
    let (period, money) = (Period { start: d("2026-01-10"), end: d("2026-02-10") }, |minor| Money::new(minor, Currency::USD));
    older.remove(&terms(1, 31_000, 1), period, money(31_000), money(0)).expect("there");
    assert_eq!(bill(&changed, &rules, &mut older, "2026-01-20"), want[1..]);
    let more = [first(Some("2026-01-20")), quarterly(1, "2026-01-20", Some("2026-02-01")), quarterly(2, "2026-02-01", None)];
    let want = ["2026-02-01: 2026-02-01..2026-04-20 -78000", "2026-02-01: 2026-02-01..2026-04-20 156000"];
    for mut cover in [cover, older] {
        assert_eq!(bill(&changed, &rules, &mut cover, "2026-01-31"), [""; 0]);
        assert_eq!(bill(&more, &rules, &mut cover, "2026-02-01"), want);
    }
}

#[test]
fn what_was_issued_ahead_goes_back_at_the_end() {
    let (rules, mut cover, open) = (Rules::default(), Cover::default(), [stretch("2026-01-10", None, terms(1, 3_100, 1))]);
    bill(&open, &rules, &mut cover, "2026-02-10");
    let ended = [stretch("2026-01-10", Some("2026-01-25"), terms(1, 3_100, 1))];
    let want = ["2026-01-25: 2026-01-25..2026-02-10 -1600", "2026-01-25: 2026-02-10..2026-03-10 -3100"];
    let mut lines = bill(&ended, &rules, &mut cover, "2026-01-25");
    lines.sort();
    assert_eq!(lines, want);
}

#[test]
fn a_period_ends_in_as_many_parts_as_it_had_prices() {
    let course = [
        stretch("2026-01-10", Some("2026-01-20"), terms(1, 100, 1)),
        stretch("2026-01-20", Some("2026-02-15"), terms(2, 100, 1)),
        stretch("2026-02-15", Some("2026-03-01"), terms(3, 100, 1)),
        every(IntervalUnit::Year, stretch("2026-03-01", None, terms(4, 100, 1))),
    ];
    let rules = Rules { proration_on: BTreeMap::from([(d("2026-02-15"), Proration::None)]), ..Rules::default() };
    let parts: Vec<String> = ended(&course, &rules, d("2026-01-10"), d("2026-03-05"))
        .iter()
        .map(|e| format!("{}: {}..{} of {}", e.at, e.part.start, e.part.end, e.period.end))
        .collect();
    let want = [
        "0: 2026-01-10..2026-01-20 of 2026-02-10",
        "1: 2026-01-20..2026-02-10 of 2026-02-10",
        // The change on 15 February waits for the next period, which is none of this interval.
        "1: 2026-02-10..2026-03-01 of 2026-03-01",
    ];
    assert_eq!(parts, want);
}

#[test]
fn skipped_and_foreign_periods_are_left_alone() {
    let course = [stretch("2026-01-01", None, terms(1, 3_000, 1))];
    let rules = Rules { bills_from: Some(d("2026-02-10")), pauses: vec![(d("2026-04-01"), Some(d("2026-05-01")))], ..Rules::default() };
    let want = ["2026-03-01: 2026-03-01..2026-04-01 3000", "2026-05-01: 2026-05-01..2026-06-01 3000"];
    assert_eq!(bill(&course, &rules, &mut Cover::default(), "2026-05-02"), want);
}

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

//! What is due, in cases that people know.

mod lives;

use chrono::Days;

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
    let quarter = Period { start: d("2026-01-20"), end: d("2026-04-20") };
    older.charge(terms(2, 90_000, 1), quarter, quarter, money(90_000));
    let more = [first(Some("2026-01-20")), quarterly(1, "2026-01-20", Some("2026-02-01")), quarterly(2, "2026-02-01", None)];
    let want = ["2026-02-01: 2026-02-01..2026-04-20 -78000", "2026-02-01: 2026-02-01..2026-04-20 156000"];
    for mut cover in [cover, older] {
        assert_eq!(bill(&changed, &rules, &mut cover, "2026-01-31"), [""; 0]);
        assert_eq!(bill(&more, &rules, &mut cover, "2026-02-01"), want);
    }
}

#[test]
fn an_end_that_gives_all_back_does_so_on_its_day() {
    let rules = Rules { proration: Some(Proration::Full), ..Rules::default() };
    let course = |to: Option<&str>| [stretch("2026-01-10", to, terms(1, 3_100, 1))];
    let mut cover = Cover::default();
    bill(&course(None), &rules, &mut cover, "2026-01-10");
    assert_eq!(bill(&course(Some("2026-01-25")), &rules, &mut cover, "2026-01-24"), [""; 0], "not before");
    let back = ["2026-01-25: 2026-01-25..2026-02-10 -3100"];
    assert_eq!(bill(&course(Some("2026-01-25")), &rules, &mut cover, "2026-01-26"), back);
    assert_eq!(bill(&course(Some("2026-01-25")), &rules, &mut cover, "2026-01-26"), [""; 0], "once");
    assert_eq!(bill(&course(None), &rules, &mut cover, "2026-01-26"), ["2026-01-25: 2026-01-25..2026-02-10 3100"], "taken back");
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

#[test]
fn an_interval_that_takes_over_without_proration_charges_no_more_of_the_one_before() {
    let quarterly = |to: &str| every(IntervalUnit::Quarter, stretch("2026-01-20", Some(to), terms(1, 20_000, 1)));
    let (mut rules, mut cover) = (Rules::default(), Cover::default());
    // The end is known: 34 of 91 days.
    let want = ["2026-01-20: 2026-01-20..2026-04-20 20000", "2026-04-20: 2026-04-20..2026-05-24 7473"];
    assert_eq!(bill(&[quarterly("2026-05-24")], &rules, &mut cover, "2026-04-21"), want);
    rules.proration_on.insert(d("2026-04-21"), Proration::None);
    let monthly = stretch("2026-04-21", Some("2026-05-03"), terms(2, 0, 1));
    let daily = |from: &str, to| every(IntervalUnit::Day, stretch(from, to, terms(3, 0, 1)));
    // And it comes back on the day that it ends.
    let course = [quarterly("2026-04-21"), monthly, daily("2026-05-03", Some("2026-05-24")), daily("2026-05-24", None)];
    let lines = bill(&course, &rules, &mut cover, "2026-05-24");
    assert!(lines.iter().all(|line| line.ends_with(" 0")), "{lines:?}");
    assert_eq!(bill(&course, &rules, &mut cover, "2026-05-24"), [""; 0], "once");
}

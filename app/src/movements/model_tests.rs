//! Examples from the definitions, and the identities over random histories.

use chrono::Days;
use proptest::prelude::*;

use super::*;
use crate::kit::period::{IntervalUnit, day};

fn d(text: &str) -> NaiveDate {
    day(text).expect("a day")
}

fn plan(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn stretch(plan_number: u128, from: &str, until: Option<&str>, mrr_minor: i64) -> PaidStretch {
    PaidStretch { plan: plan(plan_number), from: d(from), until: until.map(d), mrr_minor, reason: None }
}

fn told(derived: &Derived) -> Vec<(String, &'static str, i64, i64)> {
    derived.total.iter().map(|m| (m.day.to_string(), m.kind.word(), m.before_minor, m.after_minor)).collect()
}

fn told_of(derived: &Derived, number: u128) -> Vec<(String, &'static str, i64, i64)> {
    let of_plan = derived.plans.iter().filter(|m| m.plan == plan(number));
    of_plan.map(|m| (m.day.to_string(), m.kind.word(), m.before_minor, m.after_minor)).collect()
}

#[test]
fn a_life_from_new_to_reactivation() {
    let life = [
        stretch(1, "2026-01-10", Some("2026-02-01"), 1000),
        stretch(1, "2026-02-01", Some("2026-03-01"), 1500),
        stretch(1, "2026-03-01", Some("2026-04-01"), 900),
        stretch(1, "2026-06-01", None, 900),
    ];
    let want = [
        ("2026-01-10", "new", 0, 1000),
        ("2026-02-01", "expansion", 1000, 1500),
        ("2026-03-01", "contraction", 1500, 900),
        ("2026-04-01", "churn", 900, 0),
        ("2026-06-01", "reactivation", 0, 900),
    ];
    let derived = derive(&life);
    assert_eq!(told(&derived), want.map(|(day, kind, before, after)| (day.to_owned(), kind, before, after)));
    assert_eq!(derived.at(d("2026-03-31")), 900);
    assert_eq!(derived.at(d("2026-04-01")), 0);
    assert_eq!(derived.first_paid_on(), Some(d("2026-01-10")));
}

#[test]
fn a_change_of_plan_is_contraction_here_and_expansion_there() {
    let derived = derive(&[stretch(1, "2026-01-01", Some("2026-05-01"), 1000), stretch(2, "2026-05-01", None, 1200)]);
    assert_eq!(told(&derived)[1], ("2026-05-01".to_owned(), "expansion", 1000, 1200));
    assert_eq!(told_of(&derived, 1)[1], ("2026-05-01".to_owned(), "contraction", 1000, 0));
    assert_eq!(told_of(&derived, 2)[0], ("2026-05-01".to_owned(), "expansion", 0, 1200));
}

#[test]
fn changes_of_one_day_net_out() {
    // Ended and begun anew at the same price on the same plan: nothing happened.
    let same = derive(&[stretch(1, "2026-01-01", Some("2026-02-01"), 700), stretch(1, "2026-02-01", None, 700)]);
    assert_eq!((same.total.len(), same.plans.len()), (1, 1));
    // Two subscriptions, one ends: contraction, not churn.
    let two = derive(&[stretch(1, "2026-01-01", Some("2026-02-01"), 700), stretch(2, "2026-01-01", None, 300)]);
    assert_eq!(told(&two)[1], ("2026-02-01".to_owned(), "contraction", 1000, 300));
    // A trial that never paid, and a free plan, are no movement.
    let none = derive(&[stretch(1, "2026-02-01", Some("2026-02-01"), 700), stretch(1, "2026-01-01", None, 0)]);
    assert_eq!(none, Derived::default());
}

#[test]
fn a_loss_keeps_the_reason_of_its_largest_part() {
    let ended =
        |mrr_minor, reason: &str| PaidStretch { reason: Some(reason.into()), ..stretch(1, "2026-01-01", Some("2026-02-01"), mrr_minor) };
    let derived = derive(&[ended(100, "price"), ended(500, "moved away"), ended(100, "a typo")]);
    assert_eq!(derived.total[1].reason.as_deref(), Some("moved away"));
    assert_eq!(derived.total[0].reason, None);
}

#[test]
fn monthly_amounts_are_exact_and_rounded_once() {
    let usd = Currency::USD;
    let [jpy, kwd]: [Currency; 2] = ["JPY", "KWD"].map(|c| c.parse().expect("a currency"));
    let monthly = |minor, currency, quantity, unit, count, nano, into| {
        monthly_minor(Money::new(minor, currency), quantity, Interval { unit, count }, Rate::from_nano(nano).expect("a rate"), into)
    };
    use IntervalUnit::*;
    let one = Rate::ONE.nano();
    assert_eq!(monthly(2985, usd, 1, Month, 1, one, usd), Ok(2985));
    assert_eq!(monthly(10_000, usd, 1, Year, 1, one, usd), Ok(833));
    assert_eq!(monthly(10_000, usd, 3, Year, 1, one, usd), Ok(2500));
    assert_eq!(monthly(1000, usd, 1, Week, 1, one, usd), Ok(4333));
    assert_eq!(monthly(100, usd, 1, Day, 1, one, usd), Ok(3042));
    assert_eq!(monthly(1, usd, 1, Month, 2, one, usd), Ok(1), "a half goes away from zero");
    assert_eq!(monthly(9999, usd, 1, Quarter, 1, one, usd), Ok(3333));
    // ¥1,500 at 0.0066 dollars is $9.90; KD 1.500 at 3.25 dollars is $4.875, so $4.88; $10 at 151.5 yen is ¥1,515.
    assert_eq!(monthly(1500, jpy, 1, Month, 1, 6_600_000, usd), Ok(990));
    assert_eq!(monthly(1500, kwd, 1, Month, 1, 3_250_000_000, usd), Ok(488));
    assert_eq!(monthly(1000, usd, 1, Month, 1, 151_500_000_000, jpy), Ok(1515));
    assert_eq!(monthly(1, jpy, 1, Month, 1, 2_050_000, kwd), Ok(2), "0.00205 dinars are 2.05 fils");
    assert!(monthly(i64::MAX, usd, i64::MAX, Day, 1, i64::MAX, kwd).is_err());
    assert!(monthly(MONTHLY_MAX, usd, 1, Month, 1, one, usd).is_ok());
}

/// A history of up to 12 stretches on 4 plans over two years, overlapping as they like.
fn history() -> impl Strategy<Value = Vec<PaidStretch>> {
    let one = (0u128..4, 0u64..700, proptest::option::of(0u64..400), 0i64..5000).prop_map(|(number, from, length, mrr_minor)| {
        let from = d("2025-01-01") + Days::new(from / 20 * 20);
        PaidStretch { plan: plan(number), from, until: length.map(|l| from + Days::new(l / 20 * 20)), mrr_minor, reason: None }
    });
    proptest::collection::vec(one, 0..12)
}

/// MRR at the end of `day`, straight from the definition.
fn mrr_at(stretches: &[PaidStretch], day: NaiveDate, of: Option<Uuid>) -> i64 {
    let pays = |s: &&PaidStretch| s.from <= day && s.until.is_none_or(|until| day < until) && of.is_none_or(|p| p == s.plan);
    stretches.iter().filter(pays).map(|s| s.mrr_minor).sum()
}

/// Gains less losses in the days after `start` up to `end`.
fn net(movements: impl Iterator<Item = (NaiveDate, MovementKind, i64)>, start: NaiveDate, end: NaiveDate) -> i64 {
    let of_period = movements.filter(|(day, ..)| start < *day && *day <= end);
    of_period.map(|(_, kind, amount)| if kind.is_loss() { -amount } else { amount }).sum()
}

proptest! {
    #[test]
    fn the_identity_holds_for_every_period(stretches in history(), a in 0u64..1200, b in 0u64..1200) {
        let derived = derive(&stretches);
        let (start, end) = (d("2024-12-31") + Days::new(a.min(b)), d("2024-12-31") + Days::new(a.max(b)));
        let total = derived.total.iter().map(|m| (m.day, m.kind, m.amount_minor()));
        prop_assert_eq!(mrr_at(&stretches, end, None), mrr_at(&stretches, start, None) + net(total, start, end));
        for p in (0..4).map(plan) {
            let of_plan = derived.plans.iter().filter(|m| m.plan == p);
            let of_plan = of_plan.map(|m| (m.day, m.kind, (m.after_minor - m.before_minor).abs()));
            prop_assert_eq!(mrr_at(&stretches, end, Some(p)), mrr_at(&stretches, start, Some(p)) + net(of_plan, start, end));
        }
        prop_assert_eq!(derived.at(end), mrr_at(&stretches, end, None));
    }

    #[test]
    fn the_log_is_a_chain_and_new_comes_once(stretches in history()) {
        let derived = derive(&stretches);
        let mut before = 0;
        for (i, m) in derived.total.iter().enumerate() {
            prop_assert_eq!(m.before_minor, before);
            prop_assert_ne!(m.after_minor, before);
            prop_assert_eq!(m.kind == MovementKind::New, i == 0);
            // It paid on every day of its run, and not on the day before.
            prop_assert_eq!(mrr_at(&stretches, m.paid_since - Days::new(1), None), 0);
            prop_assert!((0..(m.day - m.paid_since).num_days() as u64).all(|n| mrr_at(&stretches, m.paid_since + Days::new(n), None) > 0));
            before = m.after_minor;
        }
        prop_assert!(derived.total.windows(2).all(|pair| pair[0].day < pair[1].day));
    }

    #[test]
    fn plans_add_up_to_the_total(stretches in history()) {
        let derived = derive(&stretches);
        let days: BTreeSet<NaiveDate> = derived.plans.iter().map(|m| m.day).collect();
        prop_assert!(derived.total.iter().all(|m| days.contains(&m.day)));
        for day in days {
            let of_day = || derived.plans.iter().filter(|m| m.day == day);
            let total = derived.total.iter().find(|m| m.day == day);
            let delta: i64 = of_day().map(|m| m.after_minor - m.before_minor).sum();
            prop_assert_eq!(delta, total.map_or(0, |m| m.after_minor - m.before_minor));
            // From or to nothing, all plans say what the total says.
            if let Some(m) = total.filter(|m| matches!(m.kind, MovementKind::New | MovementKind::Reactivation | MovementKind::Churn)) {
                prop_assert!(of_day().all(|p| p.kind == m.kind));
            }
        }
    }

    #[test]
    fn the_order_of_the_stretches_does_not_matter(stretches in history()) {
        let mut backwards = stretches.clone();
        backwards.reverse();
        prop_assert_eq!(derive(&stretches), derive(&backwards));
    }
}

/// The real book of METRICS, where it lies beside the repository: October 2026 has one right answer.
#[test]
fn the_real_book_in_october() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/telco-subscriptions.csv");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: the real book is not beside this repository (../shared/data)");
        return;
    };
    let (mut start, mut new, mut churn, mut end) = ((0, 0), (0, 0), (0, 0), (0, 0));
    let add = |sum: &mut (i64, i64), minor: i64| *sum = (sum.0 + minor, sum.1 + i64::from(minor > 0));
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let price = Money::parse_major(cells[6], Currency::USD).expect("an amount");
        let monthly = Interval { unit: IntervalUnit::Month, count: 1 };
        let mrr_minor = monthly_minor(price, 1, monthly, Rate::ONE, Currency::USD).expect("a monthly amount");
        let until = (!cells[8].is_empty()).then(|| d(cells[8]));
        let derived = derive(&[PaidStretch { plan: plan(1), from: d(cells[7]), until, mrr_minor, reason: None }]);
        add(&mut start, derived.at(d("2026-09-30")));
        add(&mut end, derived.at(d("2026-10-31")));
        for m in derived.total.iter().filter(|m| d("2026-10-01") <= m.day && m.day <= d("2026-10-31")) {
            let of_kind = if m.kind == MovementKind::New { &mut new } else { &mut churn };
            add(of_kind, m.amount_minor());
        }
    }
    assert_eq!((start, new, churn, end), ((45_566_100, 7032), (45_560, 11), (13_913_085, 1869), (31_698_575, 5174)));
}

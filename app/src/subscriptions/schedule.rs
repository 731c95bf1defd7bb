//! When billing periods begin and end: a grid of whole periods, anchored at the day of the first payment or at a day of
//! the month.

use chrono::{Datelike, Days, NaiveDate};

use crate::kit::period::{Interval, IntervalUnit, Month, Period};

/// Whole periods, one after the other, without beginning or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// A boundary, from which the others are counted.
    origin: NaiveDate,
    /// The day of the month of every boundary; the 29th to 31st are a shorter month's last day.
    day: u32,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Days(i64),
    Months(i32),
}

impl Grid {
    /// The grid of what is first paid for on `first`. With a day of the month, the first boundary is the first such day
    /// from then on; days and weeks know no such day and count from the first.
    pub fn new(first: NaiveDate, interval: Interval, anchor_day: Option<u32>) -> Self {
        let n = i32::try_from(interval.count.max(1)).unwrap_or(i32::MAX);
        let step = match interval.unit {
            IntervalUnit::Day => Step::Days(i64::from(n)),
            IntervalUnit::Week => Step::Days(7 * i64::from(n)),
            IntervalUnit::Month => Step::Months(n),
            IntervalUnit::Quarter => Step::Months(3 * n),
            IntervalUnit::Year => Step::Months(12 * n),
        };
        let day = anchor_day.unwrap_or_else(|| first.day());
        let origin = match step {
            Step::Days(_) => first,
            Step::Months(_) => {
                let month = Month::of(first);
                let here = clamped(month, day);
                if here >= first { here } else { clamped(month.next(), day) }
            }
        };
        Self { origin, day, step }
    }

    /// The boundary `n` steps after the origin, or before it.
    pub fn boundary(self, n: i64) -> NaiveDate {
        match self.step {
            Step::Days(days) => shifted(self.origin, n.saturating_mul(days)),
            Step::Months(months) => {
                let n = i32::try_from(n).unwrap_or(0);
                clamped(Month::of(self.origin).plus(n.saturating_mul(months)), self.day)
            }
        }
    }

    /// Which period `day` is in: the boundary of that number is the last one not after it.
    pub fn number(self, day: NaiveDate) -> i64 {
        match self.step {
            Step::Days(days) => (day - self.origin).num_days().div_euclid(days),
            Step::Months(months) => {
                let apart = (day.year() - self.origin.year()) * 12 + day.month0() as i32 - self.origin.month0() as i32;
                let n = i64::from(apart.div_euclid(months));
                if self.boundary(n) > day { n - 1 } else { n }
            }
        }
    }

    pub fn period(self, n: i64) -> Period {
        Period { start: self.boundary(n), end: self.boundary(n + 1) }
    }

    /// The whole period that `day` is in.
    pub fn around(self, day: NaiveDate) -> Period {
        self.period(self.number(day))
    }
}

/// A day of the month, or its last where it is shorter.
fn clamped(month: Month, day: u32) -> NaiveDate {
    let days = u32::try_from(month.period().days()).unwrap_or(31).max(1);
    month.first_day().with_day(day.clamp(1, days)).unwrap_or(month.first_day())
}

fn shifted(day: NaiveDate, days: i64) -> NaiveDate {
    let n = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(n).unwrap_or(NaiveDate::MIN) } else { day.checked_add_days(n).unwrap_or(NaiveDate::MAX) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn d(text: &str) -> NaiveDate {
        crate::kit::period::day(text).expect("a day")
    }

    fn every(unit: IntervalUnit, count: u32) -> Interval {
        Interval { unit, count }
    }

    fn boundaries(grid: Grid, from: i64, to: i64) -> Vec<String> {
        (from..to).map(|n| grid.boundary(n).to_string()).collect()
    }

    #[test]
    fn an_anchor_makes_a_stub_of_the_period_before_it() {
        let grid = Grid::new(d("2026-02-01"), every(IntervalUnit::Month, 1), Some(13));
        assert_eq!(grid.around(d("2026-02-01")), Period { start: d("2026-01-13"), end: d("2026-02-13") });
        assert_eq!(boundaries(grid, 0, 3), ["2026-02-13", "2026-03-13", "2026-04-13"]);
        let late = Grid::new(d("2026-02-20"), every(IntervalUnit::Quarter, 1), Some(13));
        assert_eq!(boundaries(late, -1, 2), ["2025-12-13", "2026-03-13", "2026-06-13"]);
        assert_eq!(Grid::new(d("2026-02-13"), every(IntervalUnit::Month, 1), Some(13)).number(d("2026-02-13")), 0, "no stub");
    }

    #[test]
    fn month_ends_clamp_and_come_back() {
        let grid = Grid::new(d("2024-01-31"), every(IntervalUnit::Month, 1), None);
        assert_eq!(boundaries(grid, 0, 5), ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]);
        let thirty = Grid::new(d("2026-02-10"), every(IntervalUnit::Month, 1), Some(30));
        assert_eq!(boundaries(thirty, 0, 3), ["2026-02-28", "2026-03-30", "2026-04-30"]);
        let leap = Grid::new(d("2024-02-29"), every(IntervalUnit::Year, 1), None);
        assert_eq!(boundaries(leap, 0, 5), ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]);
    }

    #[test]
    fn weeks_and_days_count_from_the_first() {
        let grid = Grid::new(d("2026-02-03"), every(IntervalUnit::Week, 2), Some(13));
        assert_eq!(boundaries(grid, -1, 2), ["2026-01-20", "2026-02-03", "2026-02-17"]);
    }

    proptest! {
        #[test]
        fn every_day_is_in_exactly_one_period(first in 0u64..20_000, day in 0u64..30_000, unit in 0usize..5, count in 1u32..40, anchor in proptest::option::of(1u32..32)) {
            let start = d("1990-01-01");
            let grid = Grid::new(start + Days::new(first), every(IntervalUnit::ALL[unit], count), anchor);
            let day = start + Days::new(day);
            let period = grid.around(day);
            prop_assert!(period.contains(day), "{period:?} {day}");
            let n = grid.number(day);
            prop_assert_eq!(grid.boundary(n + 1), grid.period(n + 1).start);
            prop_assert!(grid.boundary(n) < grid.boundary(n + 1) && grid.boundary(n - 1) < grid.boundary(n));
        }
    }
}

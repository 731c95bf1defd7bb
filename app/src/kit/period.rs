//! Business days, months and the intervals at which things recur. A day is a day in the seller's time zone.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text_enum;

/// From `start` (included) to `end` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    pub start: NaiveDate,
    pub end: NaiveDate,
}

impl Period {
    /// `None` where `end` is not after `start`.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The `days` days that end with `last`.
    pub fn last_days(days: u64, last: NaiveDate) -> Self {
        let end = next_day(last);
        Self { start: end.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN), end }
    }

    /// The same number of days just before.
    pub fn previous(self) -> Self {
        let days = u64::try_from(self.days()).unwrap_or(0);
        Self { start: self.start.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN), end: self.start }
    }

    pub fn days(self) -> i64 {
        (self.end - self.start).num_days()
    }

    pub fn contains(self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }
}

/// The day after; the last day of the calendar stays itself.
pub fn next_day(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

/// A calendar month, written `2026-10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(NaiveDate);

impl Month {
    /// The month that `day` is in.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    pub fn period(self) -> Period {
        Period { start: self.0, end: self.next().0 }
    }

    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// `months` later, or earlier where negative.
    pub fn plus(self, months: i32) -> Self {
        let n = Months::new(months.unsigned_abs());
        Self(if months < 0 { self.0.checked_sub_months(n) } else { self.0.checked_add_months(n) }.unwrap_or(self.0))
    }

    /// This month and those after it, up to and including `last`.
    pub fn through(self, last: Month) -> impl Iterator<Item = Month> {
        std::iter::successors(Some(self), |m| Some(m.next())).take_while(move |m| *m <= last)
    }

    /// `Oct 2026`.
    pub fn label(self) -> String {
        format!("{} {:04}", &month_name(self.0)[..3], self.0.year())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl FromStr for Month {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a month such as 2026-10");
        if text.len() != 7 {
            return Err(wrong());
        }
        day(&format!("{text}-01")).map(Self).map_err(|_| wrong())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Reads `YYYY-MM-DD`, strictly: ten characters, a day that exists, in the years 1900 to 2199.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let strict = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if !strict {
        return Err("must be a date written YYYY-MM-DD".into());
    }
    let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<u32>().ok()).unwrap_or(0);
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let day = NaiveDate::from_ymd_opt(year.cast_signed(), month, day).ok_or("is not a day of the calendar")?;
    if (1900..2200).contains(&day.year()) { Ok(day) } else { Err("must lie between 1900 and 2199".into()) }
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// Not by chrono's formatter, which every browser would have to load for it.
fn month_name(day: NaiveDate) -> &'static str {
    MONTHS[day.month0() as usize]
}

/// `1 Oct`.
pub fn day_of_month(day: NaiveDate) -> String {
    format!("{} {}", day.day(), &month_name(day)[..3])
}

/// `1 October 2026`, for documents; `1 Oct 2026` in lists is [`short_day`].
pub fn long_day(day: NaiveDate) -> String {
    format!("{} {} {:04}", day.day(), month_name(day), day.year())
}

/// `1 Oct 2026`.
pub fn short_day(day: NaiveDate) -> String {
    format!("{} {:04}", day_of_month(day), day.year())
}

text_enum!(
    /// What a recurring price counts in.
    pub enum IntervalUnit {
        Day = "day" => "day",
        Week = "week" => "week",
        Month = "month" => "month",
        Quarter = "quarter" => "quarter",
        Year = "year" => "year",
    }
);

/// "Every `count` `unit`s"; `count` is 1 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    pub unit: IntervalUnit,
    pub count: u32,
}

impl Interval {
    /// The most units an interval may count.
    pub const MAX_COUNT: u32 = 1000;

    /// What an amount per interval is multiplied with to be an amount per month, as an exact ratio
    /// (numerator, denominator). Source: METRICS, "monthly amount": week 52/12, day 365/12.
    pub fn monthly_ratio(self) -> (i128, i128) {
        let n = i128::from(self.count.max(1));
        match self.unit {
            IntervalUnit::Day => (365, 12 * n),
            IntervalUnit::Week => (52, 12 * n),
            IntervalUnit::Month => (1, n),
            IntervalUnit::Quarter => (1, 3 * n),
            IntervalUnit::Year => (1, 12 * n),
        }
    }

    /// The day one interval after `from`; the 29th to 31st clamp to a shorter month's end.
    pub fn after(self, from: NaiveDate) -> NaiveDate {
        let n = self.count.max(1);
        match self.unit {
            IntervalUnit::Day => from.checked_add_days(Days::new(u64::from(n))),
            IntervalUnit::Week => from.checked_add_days(Days::new(7 * u64::from(n))),
            IntervalUnit::Month => from.checked_add_months(Months::new(n)),
            IntervalUnit::Quarter => from.checked_add_months(Months::new(3 * n)),
            IntervalUnit::Year => from.checked_add_months(Months::new(12 * n)),
        }
        .unwrap_or(NaiveDate::MAX)
    }

    /// The first period boundary after `today` of a subscription anchored at `anchor`: counted from the anchor each
    /// time, so that a clamped month end comes back.
    pub fn next_boundary(self, anchor: NaiveDate, today: NaiveDate) -> NaiveDate {
        let n = self.count.max(1);
        let (days, months) = match self.unit {
            IntervalUnit::Day => (u64::from(n), 0),
            IntervalUnit::Week => (7 * u64::from(n), 0),
            IntervalUnit::Month => (0, n),
            IntervalUnit::Quarter => (0, 3 * n),
            IntervalUnit::Year => (0, 12 * n),
        };
        if anchor > today {
            return anchor;
        }
        if let Some(passed) = u64::try_from((today - anchor).num_days()).unwrap_or(0).checked_div(days) {
            let passed = passed + 1;
            return anchor.checked_add_days(Days::new(passed * days)).unwrap_or(NaiveDate::MAX);
        }
        let whole = (today.year() - anchor.year()) * 12 + today.month() as i32 - anchor.month() as i32;
        let mut steps = u32::try_from(whole).unwrap_or(0) / months;
        loop {
            let boundary = anchor.checked_add_months(Months::new(steps * months)).unwrap_or(NaiveDate::MAX);
            if boundary > today {
                return boundary;
            }
            steps += 1;
        }
    }

    /// `month`, `3 months`: what follows "per" and "every".
    pub fn label(self) -> String {
        if self.count == 1 { self.unit.label().to_owned() } else { format!("{} {}s", self.count, self.unit.label()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> NaiveDate {
        day(text).expect("a day")
    }

    #[test]
    fn days_are_read_strictly() {
        assert!(day("2024-02-29").is_ok());
        for bad in ["2023-02-29", "2026-13-01", "2026-1-01", "01/02/2026", "2026-10-01T00:00", "", "0001-01-01", "+026-01-01"] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn months_count_and_show() {
        let october: Month = "2026-10".parse().expect("a month");
        assert_eq!(october.period(), Period { start: d("2026-10-01"), end: d("2026-11-01") });
        assert_eq!(october.plus(-10).to_string(), "2025-12");
        assert_eq!(october.through("2027-01".parse().expect("a month")).count(), 4);
        assert!("2026-1".parse::<Month>().is_err() && "2026-13".parse::<Month>().is_err());
    }

    #[test]
    fn month_ends_clamp_and_come_back() {
        let monthly = Interval { unit: IntervalUnit::Month, count: 1 };
        assert_eq!(monthly.next_boundary(d("2026-01-31"), d("2026-02-10")), d("2026-02-28"));
        assert_eq!(monthly.next_boundary(d("2026-01-31"), d("2026-02-28")), d("2026-03-31"));
        assert_eq!(monthly.next_boundary(d("2026-01-31"), d("2026-01-31")), d("2026-02-28"));
        let weekly = Interval { unit: IntervalUnit::Week, count: 2 };
        assert_eq!(weekly.next_boundary(d("2026-01-01"), d("2026-01-15")), d("2026-01-29"));
    }
}

//! The figures of a period and the rules that make them, without the database.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ratio::Ratio;
use crate::kit::money::{Currency, Money, divide_half_away};
use crate::kit::paging::ListQuery;
use crate::kit::period::{Interval, Month, day};
use crate::kit::{Error, Result};
use crate::movements::MovementKind;

/// Months in one answer.
pub const MONTHS_MAX: usize = 240;

/// What moved in some days: minor units of the seller's currency, and customers. Losses are positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    pub new: i64,
    pub expansion: i64,
    pub reactivation: i64,
    pub contraction: i64,
    pub churn: i64,
    pub new_customers: i64,
    pub reactivated_customers: i64,
    pub churned_customers: i64,
}

impl Flow {
    /// MRR won.
    pub fn gains(&self) -> i64 {
        self.new + self.expansion + self.reactivation
    }

    /// MRR lost.
    pub fn losses(&self) -> i64 {
        self.contraction + self.churn
    }

    /// By how much MRR changed.
    pub fn net(&self) -> i64 {
        self.gains() - self.losses()
    }

    /// By how many paying customers.
    pub fn net_customers(&self) -> i64 {
        self.new_customers + self.reactivated_customers - self.churned_customers
    }

    /// Of one kind.
    pub fn of(&self, kind: MovementKind) -> i64 {
        match kind {
            MovementKind::New => self.new,
            MovementKind::Expansion => self.expansion,
            MovementKind::Reactivation => self.reactivation,
            MovementKind::Contraction => self.contraction,
            MovementKind::Churn => self.churn,
        }
    }

    /// Both together.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            new: self.new + other.new,
            expansion: self.expansion + other.expansion,
            reactivation: self.reactivation + other.reactivation,
            contraction: self.contraction + other.contraction,
            churn: self.churn + other.churn,
            new_customers: self.new_customers + other.new_customers,
            reactivated_customers: self.reactivated_customers + other.reactivated_customers,
            churned_customers: self.churned_customers + other.churned_customers,
        }
    }
}

/// A month's (or any period's) way from MRR at its start to MRR at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthMovements {
    pub month: Month,
    pub currency: Currency,
    /// MRR at the end of the day before, in minor units, and who paid it.
    pub start_minor: i64,
    pub start_customers: i64,
    pub flow: Flow,
}

impl MonthMovements {
    pub fn start(&self) -> Money {
        self.money(self.start_minor)
    }

    /// MRR at the end of the month, or of today in the month that is not over.
    pub fn end(&self) -> Money {
        self.money(self.start_minor + self.flow.net())
    }

    pub fn end_customers(&self) -> i64 {
        self.start_customers + self.flow.net_customers()
    }

    /// What moved of a kind; losses positive.
    pub fn amount(&self, kind: MovementKind) -> Money {
        self.money(self.flow.of(kind))
    }

    pub fn net(&self) -> Money {
        self.money(self.flow.net())
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

/// What the customers that paid at the start of a period did in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// Of them, how many churned (and perhaps came back).
    pub churned: i64,
    pub expansion_minor: i64,
    /// Contraction and churn.
    pub loss_minor: i64,
    /// The same, of each customer no more than it paid at the start.
    pub capped_loss_minor: i64,
}

/// The figures of a month. Absent where METRICS says "n/a".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    pub movements: MonthMovements,
    /// 12 × MRR at the end.
    pub arr: Money,
    /// MRR / paying customers, both at the end.
    pub arpa: Option<Money>,
    pub customer_churn: Option<Ratio>,
    pub gross_churn: Option<Ratio>,
    pub net_churn: Option<Ratio>,
    pub nrr: Option<Ratio>,
    pub grr: Option<Ratio>,
    /// Absent where nothing was lost.
    pub quick_ratio: Option<Ratio>,
    pub ltv: Option<Money>,
    /// MRR end / MRR start − 1.
    pub growth: Option<Ratio>,
    /// Against the end of the same month a year before.
    pub year_on_year: Option<Ratio>,
}

impl Metrics {
    /// The figures of `m`. `margin_bp` is the gross margin in hundredths of a percent, `year_ago` the MRR (minor units)
    /// at the end of the same month a year before.
    pub fn of(m: MonthMovements, kept: Retained, margin_bp: i32, year_ago: i64) -> Result<Self> {
        let (start, end, customers) = (m.start_minor, m.end().minor(), m.end_customers());
        let too_large = |_| Error::field("", "The figures are too large.");
        Ok(Self {
            movements: m,
            arr: m.end().times_ratio(12, 1).map_err(too_large)?,
            arpa: (customers > 0).then(|| m.end().times_ratio(1, customers.into())).transpose().map_err(too_large)?,
            customer_churn: Ratio::of(kept.churned, m.start_customers),
            gross_churn: Ratio::of(m.flow.losses(), start),
            net_churn: Ratio::of(m.flow.losses() - m.flow.expansion - m.flow.reactivation, start),
            nrr: Ratio::of(start + kept.expansion_minor - kept.loss_minor, start),
            grr: Ratio::of(start - kept.capped_loss_minor, start),
            quick_ratio: Ratio::of(m.flow.gains(), m.flow.losses()),
            ltv: ltv(end, customers, kept.churned, m.start_customers, margin_bp).map(|n| Money::new(n, m.currency)),
            growth: Ratio::of(end, start).map(Ratio::less_one),
            year_on_year: Ratio::of(end, year_ago).map(Ratio::less_one),
        })
    }
}

/// ARPA × gross margin / customer churn rate, rounded once; `None` where nobody pays or nobody churned.
fn ltv(end_minor: i64, customers: i64, churned: i64, start_customers: i64, margin_bp: i32) -> Option<i64> {
    let up = i128::from(end_minor).checked_mul(i128::from(margin_bp))?.checked_mul(i128::from(start_customers))?;
    let down = i128::from(customers) * 10_000 * i128::from(churned);
    divide_half_away(up, down).and_then(|n| i64::try_from(n).ok())
}

/// A plan in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanMonth {
    pub plan: PlanName,
    /// Of the plan's MRR. It counts no customers: who moves from plan to plan is neither new nor lost.
    pub movements: MonthMovements,
    /// Customers that pay on the plan at the end of the month; one that pays on two plans counts on both.
    pub customers: i64,
}

/// What a plan is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanName {
    /// `pln_…`.
    pub id: String,
    pub name: String,
    pub interval: Interval,
    pub currency: Currency,
}

/// A customer behind a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedCustomer {
    /// `cus_…`.
    pub id: String,
    pub name: String,
    /// The (first) day it moved so in the period.
    pub day: NaiveDate,
    /// What it did in the period; none where that was more than one thing.
    pub kind: Option<MovementKind>,
    /// How much in the period and in all, below zero for a loss.
    pub amount: Money,
    /// MRR before the first such movement and after the last.
    pub before: Money,
    pub after: Money,
    pub reason: Option<String>,
}

/// The customers that first paid in one month, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    pub month: Month,
    /// How many first paid in the month, and how much by their first movement (minor units).
    pub customers: i64,
    pub mrr_minor: i64,
    /// At the end of the month itself and of each month since: who still (or again) pays, and how much.
    pub since: Vec<(i64, i64)>,
}

/// Which movements a page or a file asks for, as its URL says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub month: Option<Month>,
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    pub kind: Option<MovementKind>,
}

impl Asked {
    /// `month`, or `day_from` and `day_to`; and `kind`.
    pub fn of(query: &ListQuery) -> Result<Self> {
        fn read<T>(query: &ListQuery, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>> {
            query.filter_one(key).map(|text| read(text).map_err(|e| Error::field(key, e))).transpose()
        }
        Ok(Self {
            month: read(query, "month", str::parse)?,
            first: read(query, "day_from", day)?,
            last: read(query, "day_to", day)?,
            kind: read(query, "kind", str::parse)?,
        })
    }
}

/// The revenue page: the months it covers and one of them in detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub months: Vec<MonthMovements>,
    pub metrics: Metrics,
    /// MRR today less what is already set to end.
    pub committed: Money,
    pub plans: Vec<PlanMonth>,
    pub levels: PlanLevels,
    pub charts: Charts,
}

/// MRR by plan over time, ready to be shown: the largest plans, and the others as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLevels {
    /// What each point is called.
    pub points: Vec<String>,
    /// Minor units at each point.
    pub plans: Vec<(String, Vec<i64>)>,
}

impl PlanLevels {
    /// Plans with a colour of their own.
    pub const OWN: usize = 4;

    /// The first [`Self::OWN`] as they are, the rest summed up.
    pub fn of(points: Vec<String>, plans: Vec<(String, Vec<i64>)>) -> Self {
        let mut plans = plans;
        if plans.len() > Self::OWN + 1 {
            let mut other = vec![0; points.len()];
            for (_, levels) in plans.split_off(Self::OWN) {
                other.iter_mut().zip(levels).for_each(|(sum, level)| *sum += level);
            }
            plans.push(("Other plans".to_owned(), other));
        }
        Self { points, plans }
    }
}

/// Charts as echarts options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charts {
    pub levels: String,
    pub movements: String,
}

/// `month`, which must not be still to come.
pub fn begun(field: &str, month: Month, today: NaiveDate) -> Result<Month> {
    let current = Month::of(today);
    if month <= current { Ok(month) } else { Err(Error::field(field, format!("is still to come: the latest month is {current}"))) }
}

/// The months from `from` to `to`, both included, none of them still to come.
pub fn months(from: Month, to: Month, today: NaiveDate) -> Result<Vec<Month>> {
    begun("to", to, today)?;
    if from > to {
        return Err(Error::field("from", "must not be after to"));
    }
    let months: Vec<Month> = from.through(to).take(MONTHS_MAX + 1).collect();
    if months.len() > MONTHS_MAX {
        return Err(Error::field("from", format!("must be at most {MONTHS_MAX} months before to")));
    }
    Ok(months)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().expect("a month")
    }

    /// The month that METRICS' real book must show.
    fn october() -> MonthMovements {
        let flow = Flow { new: 45_560, churn: 13_913_085, new_customers: 11, churned_customers: 1869, ..Flow::default() };
        MonthMovements { month: month("2026-10"), currency: Currency::USD, start_minor: 45_566_100, start_customers: 7032, flow }
    }

    #[test]
    fn the_real_book_in_october() {
        let m = october();
        assert_eq!((m.end().minor(), m.end_customers()), (31_698_575, 5174));
        let kept = Retained { churned: 1869, expansion_minor: 0, loss_minor: 13_913_085, capped_loss_minor: 13_913_085 };
        let metrics = Metrics::of(m, kept, 10_000, 40_000_000).expect("metrics");
        let decimal = |r: Option<Ratio>| r.map(Ratio::decimal).unwrap_or_default();
        assert_eq!(metrics.arr.minor(), 380_382_900);
        assert_eq!(metrics.arpa.map(Money::minor), Some(6127));
        assert_eq!(decimal(metrics.customer_churn), "0.265784983");
        assert_eq!(decimal(metrics.gross_churn), "0.305338508");
        assert_eq!(decimal(metrics.net_churn), "0.305338508");
        assert_eq!((decimal(metrics.nrr), decimal(metrics.grr)), ("0.694661492".into(), "0.694661492".into()));
        assert_eq!(decimal(metrics.quick_ratio), "0.003274615");
        // 316,985.75 / 5,174 / (1,869 / 7,032), rounded once.
        assert_eq!(metrics.ltv.map(Money::minor), Some(23_051));
        assert_eq!(decimal(metrics.year_on_year), "-0.207535625");
    }

    #[test]
    fn without_a_base_there_is_no_rate() {
        let nothing = MonthMovements { start_minor: 0, start_customers: 0, flow: Flow::default(), ..october() };
        let m = Metrics::of(nothing, Retained::default(), 10_000, 0).expect("metrics");
        let rates = [m.customer_churn, m.gross_churn, m.net_churn, m.nrr, m.grr, m.quick_ratio, m.growth, m.year_on_year];
        assert_eq!((rates, m.arpa, m.ltv), ([None; 8], None, None));
        // Nobody churned: no losses to divide by, and no lifetime to speak of.
        let grown = MonthMovements { flow: Flow { expansion: 100, ..Flow::default() }, ..october() };
        let m = Metrics::of(grown, Retained { expansion_minor: 100, ..Retained::default() }, 10_000, 0).expect("metrics");
        assert_eq!((m.quick_ratio, m.ltv), (None, None));
        assert_eq!(m.customer_churn.map(Ratio::decimal), Some("0".into()));
    }

    #[test]
    fn a_range_of_months_is_checked() {
        let today = day("2026-11-15").expect("a day");
        assert_eq!(months(month("2026-10"), month("2026-11"), today).map(|m| m.len()), Ok(2));
        for (from, to) in [("2026-11", "2026-10"), ("2026-11", "2026-12"), ("1990-01", "2026-10")] {
            assert!(months(month(from), month(to), today).is_err(), "{from} to {to}");
        }
    }
}

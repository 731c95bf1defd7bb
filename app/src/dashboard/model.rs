//! What the overview shows, and over which days.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::dunning::StepAction;
use crate::kit::money::Money;
use crate::kit::period::{Month, Period, day_of_month};
use crate::movements::MovementKind;
use crate::revenue::{MonthMovements, PlanLevels, Ratio};
use crate::text_enum;

text_enum!(
    /// How far back the overview looks, today included.
    pub enum Span {
        Days7 = "7d" => "7 days",
        Days30 = "30d" => "30 days",
        Days90 = "90d" => "90 days",
        Year = "12m" => "12 months",
    }
);

impl Span {
    /// As the URL says it; 30 days where it says nothing or something else.
    pub fn read(text: &str) -> Self {
        text.parse().unwrap_or(Self::Days30)
    }

    fn length(self) -> u64 {
        match self {
            Self::Days7 => 7,
            Self::Days30 => 30,
            Self::Days90 => 90,
            Self::Year => 365,
        }
    }

    /// The days up to and with `today`.
    pub fn period(self, today: NaiveDate) -> Period {
        Period::last_days(self.length(), today)
    }

    /// `steps` points evenly apart, from the day before the period to `today`: `steps` + 1 days.
    pub fn points(self, today: NaiveDate, steps: u64) -> Vec<NaiveDate> {
        let back = |i| today.checked_sub_days(Days::new(self.length() * (steps - i) / steps)).unwrap_or(NaiveDate::MIN);
        (0..=steps).map(back).collect()
    }

    /// The ends at which MRR by plan is drawn: days, some days apart, or months.
    pub fn ends(self, today: NaiveDate) -> Vec<NaiveDate> {
        let last_day = |m: Month| m.next().first_day().pred_opt().unwrap_or(NaiveDate::MAX).min(today);
        match self {
            Self::Days7 => self.points(today, 7),
            Self::Days30 => self.points(today, 30),
            Self::Days90 => self.points(today, 15),
            Self::Year => Month::of(today).plus(-12).through(Month::of(today)).map(last_day).collect(),
        }
    }

    /// What an end is called on the axis.
    pub fn point_label(self, end: NaiveDate) -> String {
        if self == Self::Year { Month::of(end).label() } else { day_of_month(end) }
    }
}

/// A figure now and at the start of the period (or in the period before), with points in between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    pub now: i64,
    pub before: i64,
    pub points: Vec<i64>,
}

/// A customer that pays much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopCustomer {
    /// `cus_…`.
    pub id: String,
    pub name: String,
    /// Of its largest subscription.
    pub plan: String,
    pub mrr: Money,
    /// At the start of the period.
    pub before: Money,
}

/// What those see who may see revenue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Minor units.
    pub mrr: Trend,
    /// Of the period; `before` is that of the period before.
    pub net_new: Trend,
    pub customers: Trend,
    pub churn: Option<Ratio>,
    pub churn_before: Option<Ratio>,
    /// Customers churned, step by step.
    pub churned: Vec<i64>,
    /// The period from start to end; its month is that of the first day.
    pub movements: MonthMovements,
    pub levels: PlanLevels,
    /// The chart of MRR by plan.
    pub chart: String,
    pub top: Vec<TopCustomer>,
}

/// What needs someone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matter {
    /// Trials that end within three days: how many, their MRR, the soonest day, the name where it is one.
    TrialsEnd { count: i64, mrr: Money, soonest: NaiveDate, name: Option<String> },
    /// Subscriptions set to end within seven days.
    SubscriptionsEnd { count: i64, mrr: Money, soonest: NaiveDate, name: Option<String> },
    /// A customer that lost much of its MRR, or all, in the last seven days.
    Lost { customer: String, name: String, kind: MovementKind, amount: Money, left: Money, day: NaiveDate, reason: Option<String> },
    /// Overdue invoices that are followed up: how many, what they want by currency, since when the oldest is due, and the
    /// next step that will be taken.
    Dunning { count: i64, at_risk: Vec<Money>, since: NaiveDate, next: Option<NextStep> },
    /// Customers that a billing run left out: how many, since when, the name where it is one.
    Parked { count: i64, since: NaiveDate, name: Option<String> },
    /// Proofs of payment that nobody has looked at.
    ReceiptsWait { count: i64, since: NaiveDate },
    /// Background jobs that were given up, and when the first was.
    JobsFailed { count: u64, since: Option<NaiveDate> },
}

/// What dunning does next by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    pub action: StepAction,
    pub customer: String,
    pub on: NaiveDate,
}

/// Something found by its name or number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub label: String,
    /// What it is: `Invoice`.
    pub kind: String,
    pub href: String,
}

/// How many things wait for a person, for the sidebar; nought of what the role does not include.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub unread: u64,
    pub receipts: u64,
    pub dunning: u64,
    pub jobs: u64,
}

/// The overview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub span: Span,
    pub first: NaiveDate,
    pub today: NaiveDate,
    /// Absent for those who may not see revenue.
    pub standing: Option<Standing>,
    /// Absent for those who may not see subscriptions.
    pub trials: Option<Trend>,
    pub matters: Vec<Matter>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::period::day;

    #[test]
    fn points_reach_from_the_day_before_the_period_to_today() {
        let today = day("2026-11-15").expect("a day");
        for span in Span::ALL {
            let period = span.period(today);
            assert!(period.contains(today) && period.days() == span.length() as i64, "{span}");
            for points in [span.points(today, 10), span.ends(today)] {
                assert!(points.last() == Some(&today) && points.is_sorted(), "{span}");
            }
            assert_eq!(span.points(today, 7)[0].succ_opt(), Some(period.start));
        }
        assert_eq!(Span::read("nonsense"), Span::Days30);
        assert_eq!((Span::Year.point_label(today), Span::Days7.point_label(today)), ("Nov 2026".into(), "15 Nov".into()));
    }
}

//! The forecast, by METRICS: the last MRR rolled forward with the mean of each movement's rate in the three months
//! before, with a band from their spread. Worked out in integers; a rate is kept in billionths.

use serde::{Deserialize, Serialize};

use crate::kit::money::{Money, divide_half_away};
use crate::kit::period::Month;
use crate::movements::MovementKind;
use crate::revenue::MonthMovements;

/// Months that the rates are taken of.
pub const TRAILING: usize = 3;
/// Months foreseen.
pub const AHEAD: usize = 6;
const ONE: i128 = 1_000_000_000;

/// A month that was: what happened, and what had been foreseen at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub month: Month,
    /// MRR at its end; of today in the month that is not over.
    pub mrr: Money,
    /// What the three months before it promised; `None` where there were none.
    pub projected: Option<Money>,
    /// Posted to the ledger as revenue, without tax.
    pub revenue: Money,
}

/// A month to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coming {
    pub month: Month,
    pub mrr: Money,
    pub low: Money,
    pub high: Money,
    /// Drafted already, and no part of MRR.
    pub one_offs: Money,
}

impl Coming {
    /// MRR and what is drafted beside it.
    pub fn revenue(&self) -> Money {
        self.mrr.plus(self.one_offs).unwrap_or(self.mrr)
    }
}

/// How money came in the last months, and what that promises for the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodTrend {
    pub method: String,
    /// In each of the last months, the earliest first.
    pub received: Vec<Money>,
    /// Its share of what came in the three whole months before this one, in thousandths.
    pub share: i64,
    /// That share of the revenue foreseen for the next month.
    pub projected: Money,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    pub past: Vec<Past>,
    pub coming: Vec<Coming>,
    /// The mean rate of each movement, in billionths; losses positive.
    pub rates: Vec<(MovementKind, i64)>,
    pub method_months: Vec<Month>,
    pub methods: Vec<MethodTrend>,
    /// Options of the charts.
    pub mrr_chart: String,
    pub revenue_chart: String,
}

/// What three months promise: the mean rate of each movement, and the lowest and highest month of all together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    pub of: Vec<(MovementKind, i64)>,
    mean: i128,
    low: i128,
    high: i128,
}

fn rate(part: i64, start: i64) -> i128 {
    divide_half_away(i128::from(part) * ONE, i128::from(start)).unwrap_or(0)
}

/// The rates of the last three of these months that began with MRR; `None` where there are not as many.
pub fn rates(months: &[MonthMovements]) -> Option<Rates> {
    let last: Vec<&MonthMovements> = months.iter().rev().filter(|m| m.start_minor > 0).take(TRAILING).collect();
    if last.len() < TRAILING {
        return None;
    }
    let count = last.len() as i128;
    let mean = |kind: MovementKind| {
        let sum: i128 = last.iter().map(|m| rate(m.flow.of(kind), m.start_minor)).sum();
        divide_half_away(sum, count).unwrap_or(0)
    };
    let of: Vec<(MovementKind, i64)> = MovementKind::ALL.iter().map(|kind| (*kind, i64::try_from(mean(*kind)).unwrap_or(0))).collect();
    let nets: Vec<i128> = last.iter().map(|m| rate(m.flow.net(), m.start_minor)).collect();
    let net = of.iter().map(|(kind, rate)| if kind.is_loss() { -i128::from(*rate) } else { i128::from(*rate) }).sum();
    Some(Rates { of, mean: net, low: nets.iter().copied().min().unwrap_or(0), high: nets.iter().copied().max().unwrap_or(0) })
}

fn grown(money: Money, by: i128) -> Money {
    // MRR does not fall below nothing, and what does not fit stays as it is.
    money.times_ratio((ONE + by).max(0), ONE).unwrap_or(money)
}

impl Rates {
    /// MRR a month after it was `from`.
    pub fn next(&self, from: Money) -> Money {
        grown(from, self.mean)
    }

    /// MRR at the end of each month after `last`, with its band; one-offs are nothing yet.
    pub fn ahead(&self, last: Month, from: Money, months: usize) -> Vec<Coming> {
        let (mut mrr, mut low, mut high, mut month) = (from, from, from, last);
        let mut coming = Vec::with_capacity(months);
        for _ in 0..months {
            (month, mrr, low, high) = (month.next(), self.next(mrr), grown(low, self.low), grown(high, self.high));
            coming.push(Coming { month, mrr, low: low.min_of(mrr), high: high.max_of(mrr), one_offs: Money::zero(from.currency()) });
        }
        coming
    }
}

/// The smaller and the larger of two amounts of one currency.
trait Ends {
    fn min_of(self, other: Self) -> Self;
    fn max_of(self, other: Self) -> Self;
}

impl Ends for Money {
    fn min_of(self, other: Self) -> Self {
        if other.minor() < self.minor() { other } else { self }
    }

    fn max_of(self, other: Self) -> Self {
        if other.minor() > self.minor() { other } else { self }
    }
}

/// `2.5%` of a rate in billionths.
pub fn rate_label(rate: i64) -> String {
    let tenths = divide_half_away(i128::from(rate), 1_000_000).unwrap_or(0);
    let sign = if tenths < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}.{}%", tenths.abs() / 10, tenths.abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::money::Currency;
    use crate::revenue::Flow;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    fn month(at: &str, start_minor: i64, new: i64, churn: i64) -> MonthMovements {
        let flow = Flow { new, churn, ..Flow::default() };
        MonthMovements { month: at.parse().expect("a month"), currency: Currency::USD, start_minor, start_customers: 1, flow }
    }

    #[test]
    fn the_mean_of_three_months_is_rolled_forward() {
        // +10 % −0, +10 % −5 %, +10 % −10 %: 10 % new and 5 % churn in the mean; net 10, 5 and 0 %.
        let months = [month("2026-01", 1_000, 100, 0), month("2026-02", 1_100, 110, 55), month("2026-03", 1_155, 115, 115)];
        let months = [months[0], months[1], MonthMovements { start_minor: 1_150, ..months[2] }];
        let rates = rates(&months).expect("three months");
        let of = |kind| rates.of.iter().find(|(k, _)| *k == kind).map(|(_, rate)| rate_label(*rate));
        assert_eq!((of(MovementKind::New), of(MovementKind::Churn)), (Some("10.0%".into()), Some("5.0%".into())));
        let coming = rates.ahead("2026-03".parse().expect("a month"), usd(10_000), 2);
        assert_eq!(coming[0].month.to_string(), "2026-04");
        assert_eq!((coming[0].low, coming[0].mrr, coming[0].high), (usd(10_000), usd(10_500), usd(11_000)));
        assert_eq!((coming[1].low, coming[1].mrr, coming[1].high), (usd(10_000), usd(11_025), usd(12_100)));
    }

    #[test]
    fn fewer_than_three_months_promise_nothing() {
        let months = [month("2026-01", 0, 100, 0), month("2026-02", 100, 10, 0), month("2026-03", 110, 10, 0)];
        assert_eq!(rates(&months), None, "the first began with nothing");
    }

    #[test]
    fn a_loss_of_everything_ends_at_nothing() {
        let months = ["2026-01", "2026-02", "2026-03"].map(|at| month(at, 100, 0, 100));
        let rates = rates(&months).expect("three months");
        assert_eq!(rates.ahead("2026-03".parse().expect("a month"), usd(500), 3)[2].mrr, usd(0));
    }
}

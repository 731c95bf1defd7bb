//! The quantity of a meter in some days, by the meter's aggregation.

use sea_orm::{FromQueryResult, Value};

use crate::kit::Result;
use crate::kit::bulk::Rows;
use crate::kit::period::Period;
use crate::kit::tx::Tx;
use crate::meters::{Aggregation, MeterId};
use crate::subscriptions::SubscriptionId;

/// A quantity to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub subscription: SubscriptionId,
    pub meter: MeterId,
    pub aggregation: Aggregation,
    pub period: Period,
}

/// What the answer is read from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Sums of the days.
    Days,
    /// The latest event.
    Latest,
    /// The events themselves.
    Events,
}

impl Source {
    fn of(aggregation: Aggregation) -> Self {
        match aggregation {
            Aggregation::Sum | Aggregation::Count | Aggregation::Max => Self::Days,
            Aggregation::Last => Self::Latest,
            Aggregation::Unique => Self::Events,
        }
    }

    fn select(self) -> &'static str {
        match self {
            Self::Days => {
                "SELECT a.n, CAST(SUM(d.total) AS BIGINT) AS total, CAST(SUM(d.events) AS BIGINT) AS events, MAX(d.highest) AS highest \
                 FROM asked a JOIN usage_days d ON d.seller_id = a.seller_id AND d.subscription_id = a.subscription_id AND d.meter_id = a.meter_id \
                 AND d.day >= a.from_day AND d.day < a.to_day GROUP BY a.n"
            }
            Self::Latest => {
                "SELECT a.n, COALESCE((SELECT d.latest FROM usage_days d WHERE d.seller_id = a.seller_id AND d.subscription_id = a.subscription_id \
                 AND d.meter_id = a.meter_id AND d.day >= a.from_day AND d.day < a.to_day ORDER BY d.latest_at DESC, d.day DESC LIMIT 1), 0) \
                 AS total, CAST(0 AS BIGINT) AS events, CAST(0 AS BIGINT) AS highest FROM asked a"
            }
            Self::Events => {
                "SELECT a.n, COUNT(DISTINCT e.subject) AS total, CAST(0 AS BIGINT) AS events, CAST(0 AS BIGINT) AS highest \
                 FROM asked a JOIN usage_events e ON e.seller_id = a.seller_id AND e.subscription_id = a.subscription_id AND e.meter_id = a.meter_id \
                 AND e.day >= a.from_day AND e.day < a.to_day GROUP BY a.n"
            }
        }
    }
}

#[derive(FromQueryResult)]
struct Sums {
    n: i64,
    total: i64,
    events: i64,
    highest: i64,
}

/// The quantities, in the order of the questions; where there was no event, 0.
pub async fn used(tx: &Tx, asked: &[Asked]) -> Result<Vec<i64>> {
    let mut quantities = vec![0; asked.len()];
    for source in [Source::Days, Source::Latest, Source::Events] {
        let of: Vec<usize> = (0..asked.len()).filter(|n| Source::of(asked[*n].aggregation) == source).collect();
        let rows = Rows::new(&COLUMNS, of.into_iter().map(|n| row(n, &asked[n])).collect());
        let select = |rows: &str| format!("WITH asked (seller_id, {}) AS ({rows}) {}", COLUMNS.join(", "), source.select());
        for sums in rows.all::<Sums>(tx, select).await? {
            let at = usize::try_from(sums.n).unwrap_or(usize::MAX);
            if let (Some(place), Some(asked)) = (quantities.get_mut(at), asked.get(at)) {
                *place = match asked.aggregation {
                    Aggregation::Count => sums.events,
                    Aggregation::Max => sums.highest,
                    Aggregation::Sum | Aggregation::Last | Aggregation::Unique => sums.total,
                };
            }
        }
    }
    Ok(quantities)
}

const COLUMNS: [&str; 5] = ["n", "subscription_id", "meter_id", "from_day", "to_day"];

fn row(n: usize, asked: &Asked) -> Vec<Value> {
    let Asked { subscription, meter, period, .. } = asked;
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    vec![n.into(), subscription.0.into(), meter.0.into(), period.start.into(), period.end.into()]
}

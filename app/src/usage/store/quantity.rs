//! The quantity of a meter in some days, by the meter's aggregation.

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};

use super::rows;
use crate::kit::Result;
use crate::kit::db::Sql;
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

/// Questions of one statement; five parameters each.
const AT_ONCE: usize = 1_000;

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
                 FROM asked a JOIN usage_days d ON d.seller_id = $1 AND d.subscription_id = a.subscription_id AND d.meter_id = a.meter_id \
                 AND d.day >= a.from_day AND d.day < a.to_day GROUP BY a.n"
            }
            Self::Latest => {
                "SELECT a.n, COALESCE((SELECT d.latest FROM usage_days d WHERE d.seller_id = $1 AND d.subscription_id = a.subscription_id \
                 AND d.meter_id = a.meter_id AND d.day >= a.from_day AND d.day < a.to_day ORDER BY d.latest_at DESC, d.day DESC LIMIT 1), 0) \
                 AS total, CAST(0 AS BIGINT) AS events, CAST(0 AS BIGINT) AS highest FROM asked a"
            }
            Self::Events => {
                "SELECT a.n, COUNT(DISTINCT e.subject) AS total, CAST(0 AS BIGINT) AS events, CAST(0 AS BIGINT) AS highest \
                 FROM asked a JOIN usage_events e ON e.seller_id = $1 AND e.subscription_id = a.subscription_id AND e.meter_id = a.meter_id \
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
        for chunk in of.chunks(AT_ONCE) {
            let sql = format!(
                "WITH asked (n, subscription_id, meter_id, from_day, to_day) AS (VALUES {}) {}",
                rows(2, chunk.len(), 5),
                source.select()
            );
            for sums in tx.all::<Sums>(&sql, values(tx, asked, chunk)).await? {
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
    }
    Ok(quantities)
}

fn values(tx: &Tx, asked: &[Asked], chunk: &[usize]) -> Vec<Value> {
    let mut values: Vec<Value> = vec![tx.seller_id().0.into()];
    for at in chunk {
        let Asked { subscription, meter, period, .. } = asked[*at];
        let (n, from, to): (i64, NaiveDate, NaiveDate) = (i64::try_from(*at).unwrap_or(i64::MAX), period.start, period.end);
        values.extend([n.into(), subscription.0.into(), meter.0.into(), from.into(), to.into()]);
    }
    values
}

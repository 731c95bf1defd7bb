//! How many subscriptions are on trial, now and before.

use chrono::NaiveDate;
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};

use super::super::model::{Span, Trend};
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::tx::Tx;

/// Points of the small line after its first.
const STEPS: usize = 7;

struct Counts([i64; STEPS + 1]);

impl FromQueryResult for Counts {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let mut counts = [0; STEPS + 1];
        for (i, count) in counts.iter_mut().enumerate() {
            *count = row.try_get_by_index(i)?;
        }
        Ok(Self(counts))
    }
}

/// Subscriptions on trial at the end of some days of `span`: one walk over the index of trials.
pub async fn trend(tx: &Tx, span: Span, today: NaiveDate) -> Result<Trend> {
    let points = span.points(today, STEPS as u64);
    let count = |i: usize| {
        let day = i + 2;
        format!(
            "CAST(COALESCE(SUM(CASE WHEN started_on <= ${day} AND trial_ends_on > ${day} AND (ended_on IS NULL OR ended_on > ${day}) \
             THEN 1 ELSE 0 END), 0) AS BIGINT) AS count_{i}"
        )
    };
    let counts: Vec<String> = (0..points.len()).map(count).collect();
    let sql = format!("SELECT {} FROM subscriptions WHERE seller_id = $1 AND trial_ends_on > $2", counts.join(", "));
    let values: Vec<Value> = std::iter::once(tx.seller_id().0.into()).chain(points.iter().map(|p| (*p).into())).collect();
    let points = tx.one::<Counts>(&sql, values).await?.map_or_else(Vec::new, |c| c.0.to_vec());
    Ok(Trend { now: points.last().copied().unwrap_or(0), before: points.first().copied().unwrap_or(0), points })
}

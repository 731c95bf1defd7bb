//! What the customers paying at the start of a period did in it, and what is set to end.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::super::model::Retained;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::tx::Tx;

#[derive(FromQueryResult)]
struct RetainedRow {
    churned: i64,
    expansion: i64,
    loss: i64,
    capped: i64,
}

/// See [`Retained`]: of the customers paying at the start of `first`, from then to the end of `last`.
pub async fn retained(tx: &Tx, first: NaiveDate, last: NaiveDate) -> Result<Retained> {
    let sql = "SELECT CAST(COALESCE(SUM(churned), 0) AS BIGINT) AS churned, CAST(COALESCE(SUM(expansion), 0) AS BIGINT) AS expansion, \
         CAST(COALESCE(SUM(loss), 0) AS BIGINT) AS loss, \
         CAST(COALESCE(SUM(CASE WHEN loss < start_minor THEN loss ELSE start_minor END), 0) AS BIGINT) AS capped \
         FROM (SELECT start_minor, MAX(CASE WHEN kind = 'churn' THEN 1 ELSE 0 END) AS churned, \
         SUM(CASE WHEN kind = 'expansion' THEN after_minor - before_minor ELSE 0 END) AS expansion, \
         SUM(CASE WHEN kind IN ('contraction', 'churn') THEN before_minor - after_minor ELSE 0 END) AS loss \
         FROM (SELECT customer_id, kind, before_minor, after_minor, \
         FIRST_VALUE(before_minor) OVER (PARTITION BY customer_id ORDER BY day) AS start_minor \
         FROM mrr_movements WHERE seller_id = $1 AND day >= $2 AND day <= $3) AS m \
         WHERE start_minor > 0 GROUP BY customer_id, start_minor) AS c";
    let row: Option<RetainedRow> = tx.one(sql, [tx.seller_id().0.into(), first.into(), last.into()]).await?;
    Ok(row.map_or_else(Retained::default, |r| Retained {
        churned: r.churned,
        expansion_minor: r.expansion,
        loss_minor: r.loss,
        capped_loss_minor: r.capped,
    }))
}

#[derive(FromQueryResult)]
struct ChurnedRow {
    this: i64,
    previous: i64,
}

/// How many of the customers paying at the start of `first` churned by the end of `last`; and the same of the period
/// before, which starts on `previous` and ends before `first`. Each such customer ended a run of paying that began
/// before the period, once.
pub async fn churned_of_start(tx: &Tx, previous: NaiveDate, first: NaiveDate, last: NaiveDate) -> Result<(i64, i64)> {
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN day >= $3 AND paid_since < $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS this, \
         CAST(COALESCE(SUM(CASE WHEN day < $3 AND paid_since < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS previous \
         FROM mrr_movements WHERE seller_id = $1 AND kind = 'churn' AND day >= $2 AND day <= $4";
    let row: Option<ChurnedRow> = tx.one(sql, [tx.seller_id().0.into(), previous.into(), first.into(), last.into()]).await?;
    Ok(row.map_or((0, 0), |r| (r.this, r.previous)))
}

#[derive(FromQueryResult)]
struct Ending {
    minor: i64,
}

/// MRR today of the subscriptions that are set to end.
pub async fn ending(tx: &Tx, today: NaiveDate) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(SUM(p.mrr_minor), 0) AS BIGINT) AS minor FROM subscriptions s \
         JOIN subscription_phases p ON p.seller_id = s.seller_id AND p.subscription_id = s.id \
         WHERE s.seller_id = $1 AND s.ended_on > $2 AND p.pays_from <= $2 AND (p.ends_on IS NULL OR p.ends_on > $2)";
    let row: Option<Ending> = tx.one(sql, [tx.seller_id().0.into(), today.into()]).await?;
    Ok(row.map_or(0, |r| r.minor))
}

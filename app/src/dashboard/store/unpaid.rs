//! What needs someone about money that has not come: dunning, customers left out of billing, receipts nobody looked at.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;

use super::super::model::{Matter, NextStep};
use crate::dunning::StepAction;
use crate::kit::Result;
use crate::kit::clock::day_of;
use crate::kit::db::{Sql, bug};
use crate::kit::money::Money;
use crate::kit::tx::Tx;

/// Overdue invoices that are followed up, and what happens next if nobody pays.
pub async fn dunning(tx: &Tx) -> Result<Option<Matter>> {
    #[derive(FromQueryResult)]
    struct Sum {
        currency: String,
        count: i64,
        minor: i64,
        since: NaiveDate,
    }
    let sql = "SELECT k.currency, COUNT(*) AS count, CAST(SUM(i.due_minor) AS BIGINT) AS minor, MIN(i.due_on) AS since \
               FROM dunning_cases k JOIN invoices i ON i.seller_id = k.seller_id AND i.id = k.invoice_id \
               WHERE k.seller_id = $1 AND k.status IN ('open', 'paused') GROUP BY k.currency ORDER BY count DESC, k.currency";
    let sums: Vec<Sum> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    let Some(since) = sums.iter().map(|sum| sum.since).min() else { return Ok(None) };
    let count = sums.iter().map(|sum| sum.count).sum();
    let money = |sum: Sum| Ok(Money::new(sum.minor, sum.currency.parse().map_err(bug)?));
    let at_risk = sums.into_iter().map(money).collect::<Result<_>>()?;
    Ok(Some(Matter::Dunning { count, at_risk, since, next: next(tx).await? }))
}

async fn next(tx: &Tx) -> Result<Option<NextStep>> {
    #[derive(FromQueryResult)]
    struct Row {
        customer: String,
        action: String,
        next_on: NaiveDate,
    }
    let sql = "SELECT c.name AS customer, s.action, k.next_on FROM dunning_cases k \
               JOIN dunning_steps s ON s.seller_id = k.seller_id AND s.policy_id = k.policy_id AND s.position = k.steps_done \
               JOIN customers c ON c.seller_id = k.seller_id AND c.id = k.customer_id \
               WHERE k.seller_id = $1 AND k.status = 'open' AND k.next_on IS NOT NULL ORDER BY k.next_on, k.id LIMIT 1";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into()]).await?;
    let step = |row: Row| {
        let action: StepAction = row.action.parse().map_err(bug)?;
        // A step that is late is taken by the next round.
        Ok(NextStep { action, customer: row.customer, on: row.next_on.max(tx.scope().today()) })
    };
    row.map(step).transpose()
}

#[derive(FromQueryResult)]
struct Waits {
    count: i64,
    since: Option<DateTime<Utc>>,
    name: Option<String>,
}

impl Waits {
    async fn read(tx: &Tx, sql: &str) -> Result<Option<(i64, NaiveDate, Option<String>)>> {
        let row: Option<Self> = tx.one(sql, [tx.seller_id().0.into()]).await?;
        let zone = tx.scope().seller().time_zone;
        Ok(row.and_then(|row| Some((row.count, day_of(row.since?, zone), row.name.filter(|_| row.count == 1)))))
    }
}

/// Customers that a billing run would not guess about.
pub async fn parked(tx: &Tx) -> Result<Option<Matter>> {
    let sql = "SELECT COUNT(*) AS count, MIN(a.created_at) AS since, MIN(c.name) AS name FROM billing_alerts a \
               JOIN customers c ON c.seller_id = a.seller_id AND c.id = a.customer_id WHERE a.seller_id = $1 AND a.resolved_at IS NULL";
    let found = Waits::read(tx, sql).await?;
    Ok(found.map(|(count, since, name)| Matter::Parked { count, since, name }))
}

/// Receipts that wait for review.
pub async fn receipts(tx: &Tx) -> Result<Option<Matter>> {
    let sql = "SELECT COUNT(*) AS count, MIN(uploaded_at) AS since, CAST(NULL AS TEXT) AS name FROM receipts \
               WHERE seller_id = $1 AND status = 'waiting'";
    let found = Waits::read(tx, sql).await?;
    Ok(found.map(|(count, since, _)| Matter::ReceiptsWait { count, since }))
}

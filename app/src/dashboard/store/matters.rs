//! What needs someone.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::super::model::Matter;
use super::unpaid;
use crate::kit::Result;
use crate::kit::clock::day_of;
use crate::kit::db::Sql;
use crate::kit::id::encode;
use crate::kit::money::Money;
use crate::kit::permission::Permission;
use crate::kit::tx::Tx;
use crate::movements::MovementKind;

/// Losses shown.
const LOSSES: usize = 3;

/// The matters that the scope may see, those that cannot wait first.
pub async fn all(tx: &Tx, today: NaiveDate) -> Result<Vec<Matter>> {
    let may = |permission| tx.scope().permissions().allows(permission);
    let mut matters = Vec::new();
    if may(Permission::ReadJobs) {
        matters.extend(failed(tx).await?);
    }
    if may(Permission::ReadInvoices) {
        matters.extend(unpaid::dunning(tx).await?);
        matters.extend(unpaid::parked(tx).await?);
    }
    if may(Permission::ReadPayments) {
        matters.extend(unpaid::receipts(tx).await?);
    }
    if may(Permission::ReadSubscriptions) {
        matters.extend(ending(tx, today).await?);
    }
    if may(Permission::ReadRevenue) {
        matters.extend(lost(tx, today).await?);
    }
    Ok(matters)
}

#[derive(FromQueryResult)]
struct Ending {
    what: String,
    count: i64,
    minor: i64,
    soonest: Option<NaiveDate>,
    name: Option<String>,
}

/// Trials that end within three days, and subscriptions set to end within seven.
async fn ending(tx: &Tx, today: NaiveDate) -> Result<Vec<Matter>> {
    let part = |what: &str, day: &str, until: &str, also: &str| {
        format!(
            "SELECT '{what}' AS what, COUNT(*) AS count, CAST(COALESCE(SUM(s.mrr_minor), 0) AS BIGINT) AS minor, MIN(s.{day}) AS soonest, \
             MIN(c.name) AS name FROM subscriptions s JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id \
             WHERE s.seller_id = $1 AND s.{day} > $2 AND s.{day} <= {until}{also}"
        )
    };
    let still = " AND (s.ended_on IS NULL OR s.ended_on > s.trial_ends_on)";
    let sql = format!("{} UNION ALL {}", part("trials", "trial_ends_on", "$3", still), part("ends", "ended_on", "$4", ""));
    let within = |days| today.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
    let rows: Vec<Ending> = tx.all(&sql, [tx.seller_id().0.into(), today.into(), within(3).into(), within(7).into()]).await?;
    let matter = |r: Ending| {
        let (count, mrr, soonest) = (r.count, Money::new(r.minor, tx.scope().currency()), r.soonest?);
        let name = r.name.filter(|_| count == 1);
        Some(if r.what == "trials" {
            Matter::TrialsEnd { count, mrr, soonest, name }
        } else {
            Matter::SubscriptionsEnd { count, mrr, soonest, name }
        })
    };
    Ok(rows.into_iter().filter_map(matter).collect())
}

#[derive(FromQueryResult)]
struct Loss {
    customer_id: Uuid,
    name: String,
    kind: MovementKind,
    day: NaiveDate,
    before_minor: i64,
    after_minor: i64,
    reason: Option<String>,
}

/// The largest losses of the last seven days.
async fn lost(tx: &Tx, today: NaiveDate) -> Result<Vec<Matter>> {
    let sql = format!(
        "SELECT m.customer_id, c.name, m.kind, m.day, m.before_minor, m.after_minor, m.reason FROM mrr_movements m \
         JOIN customers c ON c.seller_id = m.seller_id AND c.id = m.customer_id \
         WHERE m.seller_id = $1 AND m.day > $2 AND m.day <= $3 AND m.kind IN ('contraction', 'churn') \
         ORDER BY m.before_minor - m.after_minor DESC, m.customer_id LIMIT {LOSSES}"
    );
    let since = today.checked_sub_days(Days::new(7)).unwrap_or(NaiveDate::MIN);
    let rows: Vec<Loss> = tx.all(&sql, [tx.seller_id().0.into(), since.into(), today.into()]).await?;
    let money = |minor| Money::new(minor, tx.scope().currency());
    let matter = |r: Loss| Matter::Lost {
        customer: encode("cus", r.customer_id),
        name: r.name,
        kind: r.kind,
        amount: money(r.before_minor - r.after_minor),
        left: money(r.after_minor),
        day: r.day,
        reason: r.reason,
    };
    Ok(rows.into_iter().map(matter).collect())
}

#[derive(FromQueryResult)]
struct Failed {
    count: i64,
    since: Option<DateTime<Utc>>,
}

/// Jobs of this seller that were given up and wait for a person.
async fn failed(tx: &Tx) -> Result<Option<Matter>> {
    let sql = "SELECT COUNT(*) AS count, MIN(finished_at) AS since FROM jobs WHERE seller_id = $1 AND status = 'dead'";
    let row: Option<Failed> = tx.one(sql, [tx.seller_id().0.into()]).await?;
    let matter = |row: Failed| {
        let since = row.since.map(|at| day_of(at, tx.scope().seller().time_zone));
        Matter::JobsFailed { count: u64::try_from(row.count).unwrap_or(0), since }
    };
    Ok(row.filter(|row| row.count > 0).map(matter))
}

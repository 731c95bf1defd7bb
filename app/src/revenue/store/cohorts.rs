//! What became of those that first paid in a month.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::super::model::Cohort;
use super::days::days;
use super::last_day;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::period::Month;
use crate::kit::tx::Tx;

#[derive(FromQueryResult)]
struct Row {
    cohort: NaiveDate,
    month: NaiveDate,
    net_minor: i64,
    net_customers: i64,
}

/// The cohorts of `months`, which ascend and end with the month that is not over.
pub async fn table(tx: &Tx, months: &[Month]) -> Result<Vec<Cohort>> {
    let (Some(first), Some(last)) = (months.first().copied(), months.last().copied()) else { return Ok(Vec::new()) };
    let today = tx.scope().today();
    let days = days(tx, first.first_day(), today).await?;
    let mut nets: BTreeMap<(Month, Month), (i64, i64)> = BTreeMap::new();
    for row in moved(tx, first, last).await? {
        let net = nets.entry((Month::of(row.cohort), Month::of(row.month))).or_default();
        net.0 += row.net_customers;
        net.1 += row.net_minor;
    }
    // What is set to happen later this month has not happened yet.
    for row in to_come(tx, today, last).await? {
        let net = nets.entry((Month::of(row.cohort), Month::of(row.month))).or_default();
        net.0 -= row.net_customers;
        net.1 -= row.net_minor;
    }
    let cohort = |month: &Month| {
        let began = days.flow(month.first_day(), last_day(*month, today));
        let (mut customers, mut minor) = (0, 0);
        let since = month.through(last).map(|m| {
            let net = nets.get(&(*month, m)).copied().unwrap_or_default();
            customers += net.0;
            minor += net.1;
            (customers, minor)
        });
        Cohort { month: *month, customers: began.new_customers, mrr_minor: began.new, since: since.collect() }
    };
    Ok(months.iter().map(cohort).filter(|c| c.customers > 0).collect())
}

async fn moved(tx: &Tx, first: Month, last: Month) -> Result<Vec<Row>> {
    let sql = "SELECT cohort, month, net_minor, net_customers FROM mrr_cohort_months \
               WHERE seller_id = $1 AND cohort >= $2 AND cohort <= $3 AND month <= $3";
    tx.all(sql, [tx.seller_id().0.into(), first.first_day().into(), last.first_day().into()]).await
}

/// By the day of first payment instead of its month.
async fn to_come(tx: &Tx, today: NaiveDate, month: Month) -> Result<Vec<Row>> {
    let sql = "SELECT first_paid_on AS cohort, $3 AS month, CAST(SUM(after_minor - before_minor) AS BIGINT) AS net_minor, \
         CAST(SUM(CASE WHEN before_minor = 0 THEN 1 WHEN after_minor = 0 THEN -1 ELSE 0 END) AS BIGINT) AS net_customers \
         FROM mrr_movements WHERE seller_id = $1 AND day > $2 AND day < $4 GROUP BY first_paid_on";
    let values = [tx.seller_id().0.into(), today.into(), month.first_day().into(), month.next().first_day().into()];
    tx.all(sql, values).await
}

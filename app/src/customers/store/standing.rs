//! What the list keeps of the movement log, and the figures above it.

use chrono::{Days, NaiveDate};
use sea_orm::FromQueryResult;

use crate::customers::model::{CustomerId, CustomerStats, MrrStep};
use crate::kit::bulk::Rows;
use crate::kit::db::Sql;
use crate::kit::money::Money;
use crate::kit::permission::Permission;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// Carries a customer's MRR today and its first paying day over from the movement log.
pub async fn set_mrr(tx: &Tx, id: CustomerId, today_minor: i64, first_paid_on: Option<NaiveDate>) -> Result<()> {
    let sql = "UPDATE customers SET mrr_minor = $3, first_paid_on = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), today_minor.into(), first_paid_on.into()]).await.map(|_| ())
}

/// As [`set_mrr`] for many customers, in few statements.
pub async fn set_mrr_many(tx: &Tx, customers: &[(CustomerId, i64, Option<NaiveDate>)]) -> Result<()> {
    let rows = customers.iter().map(|(id, minor, day)| vec![id.0.into(), (*minor).into(), (*day).into()]).collect();
    Rows::new(&["id", "mrr_minor", "first_paid_on"], rows).update(tx, "customers").await.map(|_| ())
}

/// Makes every customer's MRR and first paying day what the movement log says today; gives how many differed.
pub async fn sync_mrr(tx: &Tx) -> Result<u64> {
    let sql = "WITH fresh AS (SELECT c.id, \
                   COALESCE((SELECT m.after_minor FROM mrr_movements m WHERE m.seller_id = $1 AND m.customer_id = c.id AND m.day <= $2 \
                             ORDER BY m.day DESC LIMIT 1), 0) AS mrr_minor, \
                   (SELECT MIN(m.day) FROM mrr_movements m WHERE m.seller_id = $1 AND m.customer_id = c.id) AS first_paid_on \
                   FROM customers c WHERE c.seller_id = $1) \
               UPDATE customers SET mrr_minor = fresh.mrr_minor, first_paid_on = fresh.first_paid_on FROM fresh \
               WHERE customers.seller_id = $1 AND customers.id = fresh.id \
               AND (customers.mrr_minor <> fresh.mrr_minor OR customers.first_paid_on IS DISTINCT FROM fresh.first_paid_on)";
    tx.run(sql, [tx.seller_id().0.into(), tx.scope().today().into()]).await
}

/// The figures above the list, in two queries. Who pays is added up from the log's sums by day, not counted.
pub async fn stats(scope: &Scope) -> Result<CustomerStats> {
    #[derive(FromQueryResult)]
    struct Counts {
        total: i64,
        on_trial: i64,
    }
    #[derive(FromQueryResult)]
    struct Sums {
        mrr_minor: i64,
        paying: i64,
        churned: i64,
    }
    let tx = scope.read().await?;
    let (seller, today) = (tx.seller_id().0, scope.today());
    let sql = "SELECT (SELECT COUNT(*) FROM customers WHERE seller_id = $1) AS total, \
               (SELECT COUNT(*) FROM customers WHERE seller_id = $1 AND first_paid_on > $2 AND mrr_minor = 0) AS on_trial";
    let counts: Option<Counts> = tx.one(sql, [seller.into(), today.into()]).await?;
    let sql = "SELECT CAST(COALESCE(SUM(new_minor + expansion_minor + reactivation_minor - contraction_minor - churn_minor), 0) AS BIGINT) \
               AS mrr_minor, CAST(COALESCE(SUM(new_customers + reactivated_customers - churned_customers), 0) AS BIGINT) AS paying, \
               CAST(COALESCE(SUM(CASE WHEN day > $3 THEN churned_customers ELSE 0 END), 0) AS BIGINT) AS churned \
               FROM mrr_days WHERE seller_id = $1 AND day <= $2";
    let since = today.checked_sub_days(Days::new(30)).unwrap_or(today);
    let sums: Option<Sums> = tx.one(sql, [seller.into(), today.into(), since.into()]).await?;
    let (counts, sums) = (counts.ok_or(Error::NotFound)?, sums.ok_or(Error::NotFound)?);
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(CustomerStats {
        total: count(counts.total),
        paying: count(sums.paying),
        on_trial: count(counts.on_trial),
        churned: count(sums.churned),
        mrr: scope.of_revenue(Money::new(sums.mrr_minor, scope.currency())),
    })
}

/// Every step of a customer's MRR, the earliest first; steps already set to happen included.
pub async fn mrr_history(scope: &Scope, id: CustomerId) -> Result<Vec<MrrStep>> {
    scope.require(Permission::ReadRevenue)?;
    let tx = scope.read().await?;
    super::read(&tx, id).await?;
    let money = |minor| Money::new(minor, scope.currency());
    let steps = crate::movements::history(&tx, id.0).await?.into_iter().map(|m| MrrStep {
        day: m.day,
        kind: m.kind,
        before: money(m.before_minor),
        after: money(m.after_minor),
        reason: m.reason,
    });
    Ok(steps.collect())
}

/// Carries a customer's MRR over where only the day has changed.
pub async fn set_mrr_today(tx: &Tx, id: CustomerId, today_minor: i64) -> Result<()> {
    let sql = "UPDATE customers SET mrr_minor = $3 WHERE seller_id = $1 AND id = $2 AND mrr_minor <> $3";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), today_minor.into()]).await.map(|_| ())
}

//! The billing run over the book: the present period of every subscription that is open.

use std::time::Instant;

use app::invoices::store;
use app::kit::db::Sql;
use app::kit::error::Result;
use app::kit::period::Month;
use app::kit::scope::Scope;
use sea_orm::FromQueryResult;

use super::report::Report;
use super::{rate, seconds, sentence};

/// Runs billing up to today; beside it the rate at which plain INSERTs wrote the book.
pub async fn measure(scope: &Scope, plain: f64, report: &mut Report) -> Result<(), String> {
    mark(scope).await.map_err(sentence)?;
    let before = rows(scope).await.map_err(sentence)?;
    let started = Instant::now();
    let (_, counts) = store::run(scope, scope.today()).await.map_err(sentence)?;
    let took = started.elapsed();
    let written = rows(scope).await.map_err(sentence)? - before;
    report.line(
        &format!("billing run: {} invoices of {} customers", counts.finalized, counts.customers),
        &seconds(took),
        &format!("{:.0} invoices/s", rate(counts.finalized, took)),
        &format!("{:.0} rows/s, where plain INSERTs reach {plain:.0}", rate(u64::try_from(written).unwrap_or(0), took)),
    );
    Ok(())
}

/// The book was written by plain SQL: what began this month is to be billed.
async fn mark(scope: &Scope) -> Result<()> {
    let tx = scope.write().await?;
    let first = Month::of(scope.today()).first_day();
    let sql = "UPDATE subscriptions SET bills_from = $2, bills_on = $2 WHERE seller_id = $1 AND started_on <= $3 \
               AND (ended_on IS NULL OR ended_on > $3)";
    tx.run(sql, [tx.seller_id().0.into(), first.into(), scope.today().into()]).await?;
    tx.commit_quietly().await
}

/// Rows of all tables that the run writes to.
async fn rows(scope: &Scope) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let tx = scope.read().await?;
    let mut sum = 0;
    for table in ["invoices", "invoice_lines", "ledger_entries", "ledger_postings", "customer_accounts", "audit_entries", "outbox"] {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE seller_id = $1");
        sum += tx.one::<Count>(&sql, [tx.seller_id().0.into()]).await?.map_or(0, |c| c.n);
    }
    Ok(sum)
}

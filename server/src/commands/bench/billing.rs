//! The billing run over the book: the present period of every subscription that is open.

use std::time::Instant;

use app::invoices::store;
use app::kit::db::Sql;
use app::kit::error::Result;
use app::kit::period::Month;
use app::kit::scope::Scope;
use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::report::Report;
use super::{rate, seconds, sentence};

/// Runs billing up to today; beside it the rate at which plain INSERTs wrote the book.
pub async fn measure(scope: &Scope, plain: f64, report: &mut Report) -> Result<(), String> {
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
pub async fn mark(scope: &Scope) -> Result<()> {
    let tx = scope.write().await?;
    let first = Month::of(scope.today()).first_day();
    let sql = "UPDATE subscriptions SET bills_from = $2, bills_on = $2 WHERE seller_id = $1 AND started_on <= $3 \
               AND (ended_on IS NULL OR ended_on > $3)";
    tx.run(sql, [tx.seller_id().0.into(), first.into(), scope.today().into()]).await?;
    tx.commit_quietly().await
}

/// Invoices of past months, so that the list has at least `least`: each month written by one statement, paid, with nothing
/// in the ledger, for nothing but the list reads them.
pub async fn fill(scope: &Scope, customers: u32, least: u32, report: &mut Report) -> Result<(), String> {
    let (started, mut written) = (Instant::now(), 0);
    for back in (1..=least.div_ceil(customers)).rev() {
        let month = Month::of(scope.today()).plus(-i32::try_from(back).unwrap_or(i32::MAX));
        written += past_invoices(scope, month.first_day()).await.map_err(sentence)?;
    }
    let took = started.elapsed();
    report.line(&format!("{written} invoices of past months"), &seconds(took), &format!("{:.0} rows/s", rate(written, took)), "");
    Ok(())
}

/// An invoice for each customer, with ids in the order of time as the program makes them.
async fn past_invoices(scope: &Scope, day: NaiveDate) -> Result<u64> {
    let tx = scope.write().await?;
    let millis = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
    let id = if scope.db().is_sqlite() {
        format!("unhex('{millis:012x}70008000' || printf('%012x', c.n))")
    } else {
        format!("CAST('{millis:012x}70008000' || LPAD(TO_HEX(c.n), 12, '0') AS UUID)")
    };
    let sql = format!(
        "INSERT INTO invoices (seller_id, id, number, customer_id, status, origin, currency, issued_on, due_on, subtotal_minor, \
         discount_minor, tax_minor, total_minor, due_minor, seller_details, customer_details, finalized_at, paid_on, created_at) \
         SELECT $1, {id}, 'B{day}-' || (1000000 + c.n), c.id, 'paid', 'run', 'USD', $2, $2, 4900, 0, 735, 5635, 0, '{{}}', '{{}}', $3, $2, $3 \
         FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n FROM customers WHERE seller_id = $1) c"
    );
    let rows = tx.run(&sql, [tx.seller_id().0.into(), day.into(), scope.now().into()]).await?;
    tx.commit_quietly().await?;
    Ok(rows)
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

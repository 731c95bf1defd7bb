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

/// Invoices of past months, so that the list has at least `least`: written by one statement, paid, with nothing in the
/// ledger, for nothing but the list reads them.
pub async fn fill(scope: &Scope, customers: u32, least: u32, report: &mut Report) -> Result<(), String> {
    let months = least.div_ceil(customers);
    let started = Instant::now();
    let written = past_invoices(scope, months).await.map_err(sentence)?;
    let took = started.elapsed();
    report.line(&format!("{written} invoices of past months"), &seconds(took), &format!("{:.0} rows/s", rate(written, took)), "");
    Ok(())
}

async fn past_invoices(scope: &Scope, months: u32) -> Result<u64> {
    let tx = scope.write().await?;
    let (id, day) = if scope.db().is_sqlite() {
        ("randomblob(16)", "date($2, '-' || month.n || ' months')")
    } else {
        ("gen_random_uuid()", "(CAST($2 AS DATE) - make_interval(months => month.n))::date")
    };
    let sql = format!(
        "WITH RECURSIVE month (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM month WHERE n < {months}) \
         INSERT INTO invoices (seller_id, id, number, customer_id, status, origin, currency, issued_on, due_on, subtotal_minor, \
         discount_minor, tax_minor, total_minor, due_minor, seller_details, customer_details, finalized_at, paid_on, created_at) \
         SELECT c.seller_id, {id}, 'B' || month.n || '-' || c.external_id, c.id, 'paid', 'run', 'USD', {day}, {day}, 4900, 0, 735, 5635, 0, \
         '{{}}', '{{}}', $3, {day}, $3 FROM customers c CROSS JOIN month WHERE c.seller_id = $1"
    );
    let first = Month::of(scope.today()).first_day();
    let rows = tx.run(&sql, [tx.seller_id().0.into(), first.into(), scope.now().into()]).await?;
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

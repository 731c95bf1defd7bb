//! What open invoices want, by how long they are past due, and who is behind a cell.

use chrono::{Days, NaiveDate};
use sea_orm::FromQueryResult;

use super::ROWS_SHOWN;
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::reports::model::{Aging, AgingCustomer, AgingRow, Behind, Bucket};

/// The table, with the customers behind the cell where one is named.
pub async fn aging(scope: &Scope, cell: Option<(Currency, Bucket)>) -> Result<Aging> {
    let tx = scope.read().await?;
    let behind = match cell {
        Some((currency, bucket)) => Some(behind(&tx, currency, bucket).await?),
        None => None,
    };
    Ok(Aging { today: scope.today(), rows: rows(&tx).await?, behind })
}

async fn rows(tx: &Tx) -> Result<Vec<AgingRow>> {
    #[derive(FromQueryResult)]
    struct Row {
        currency: String,
        bucket: i64,
        n: i64,
        amount: i64,
    }
    let sql = "SELECT currency, CAST(bucket AS BIGINT) AS bucket, CAST(SUM(open) AS BIGINT) AS n, CAST(SUM(open_minor) AS BIGINT) AS amount \
               FROM (SELECT currency, open, open_minor, CASE WHEN day >= $2 THEN 0 WHEN day >= $3 THEN 1 WHEN day >= $4 THEN 2 \
               WHEN day >= $5 THEN 3 ELSE 4 END AS bucket FROM invoice_days WHERE seller_id = $1) AS aged \
               GROUP BY currency, bucket HAVING SUM(open) > 0 ORDER BY currency, bucket";
    let today = tx.scope().today();
    let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let values = [tx.seller_id().0.into(), today.into(), back(30).into(), back(60).into(), back(90).into()];
    let mut out: Vec<AgingRow> = Vec::new();
    for row in tx.all::<Row>(sql, values).await? {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        if out.last().is_none_or(|last| last.currency != currency) {
            let buckets = vec![(Money::zero(currency), 0); Bucket::ALL.len()];
            out.push(AgingRow { currency, buckets, total: Money::zero(currency) });
        }
        let Some(of) = out.last_mut() else { continue };
        of.total = of.total.plus(Money::new(row.amount, currency)).map_err(bug)?;
        if let Some(bucket) = usize::try_from(row.bucket).ok().and_then(|at| of.buckets.get_mut(at)) {
            *bucket = (Money::new(row.amount, currency), row.n);
        }
    }
    Ok(out)
}

/// The largest first.
async fn behind(tx: &Tx, currency: Currency, bucket: Bucket) -> Result<Behind> {
    #[derive(FromQueryResult)]
    struct Row {
        customer_id: CustomerId,
        name: String,
        n: i64,
        amount: i64,
        oldest: NaiveDate,
    }
    let (from, to) = bucket.due(tx.scope().today());
    // Days that no invoice is due before or after, and that both databases take.
    let end = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let (from, to) = (from.unwrap_or(end(1900, 1, 1)), to.unwrap_or(end(9999, 12, 31)));
    let sql = format!(
        "SELECT t.customer_id, c.name, t.n, t.amount, t.oldest FROM (SELECT customer_id, COUNT(*) AS n, \
         CAST(SUM(due_minor) AS BIGINT) AS amount, MIN(due_on) AS oldest FROM invoices \
         WHERE seller_id = $1 AND status = 'open' AND currency = $2 AND due_on >= $3 AND due_on <= $4 GROUP BY customer_id) AS t \
         JOIN customers c ON c.seller_id = $1 AND c.id = t.customer_id ORDER BY t.amount DESC, t.customer_id LIMIT {}",
        ROWS_SHOWN + 1
    );
    let values = [tx.seller_id().0.into(), currency.to_string().into(), from.into(), to.into()];
    let mut rows: Vec<Row> = tx.all(&sql, values).await?;
    let cut = rows.len() > ROWS_SHOWN;
    rows.truncate(ROWS_SHOWN);
    let customer = |row: Row| AgingCustomer {
        id: row.customer_id.to_string(),
        name: row.name,
        invoices: row.n,
        amount: Money::new(row.amount, currency),
        oldest: row.oldest,
    };
    Ok(Behind { currency, bucket, customers: rows.into_iter().map(customer).collect(), cut })
}

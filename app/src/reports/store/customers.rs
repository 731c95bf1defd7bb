//! Reports with a row for each customer and currency.

use std::collections::HashMap;

use chrono::Days;
use sea_orm::{FromQueryResult, Value};

use crate::customers::CustomerId;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::reports::model::{Asked, Cell, ReportKind};

/// A query of rows `customer_id, currency, v0 … v5`; `{range}` stands for a condition on `{customer}`.
struct Source {
    sql: &'static str,
    values: Vec<Value>,
    /// Figures that are used of the six.
    figures: usize,
}

const REVENUE: &str = "SELECT p.customer_id, p.currency, \
     CAST(SUM(CASE WHEN p.account = 'revenue' AND e.kind = 'invoice_finalized' THEN -p.amount_minor ELSE 0 END) AS BIGINT) AS v0, \
     CAST(SUM(CASE WHEN p.account = 'revenue' AND e.kind <> 'invoice_finalized' THEN p.amount_minor ELSE 0 END) AS BIGINT) AS v1, \
     CAST(SUM(CASE WHEN p.account = 'revenue' THEN -p.amount_minor ELSE 0 END) AS BIGINT) AS v2, \
     CAST(SUM(CASE WHEN p.account = 'tax' THEN -p.amount_minor ELSE 0 END) AS BIGINT) AS v3, \
     CAST(0 AS BIGINT) AS v4, CAST(0 AS BIGINT) AS v5 \
     FROM ledger_postings p JOIN ledger_entries e ON e.seller_id = p.seller_id AND e.id = p.entry_id \
     WHERE p.seller_id = $1 AND p.account IN ('revenue', 'tax') AND e.day >= $2 AND e.day <= $3 {range} GROUP BY p.customer_id, p.currency";
const OUTSTANDING: &str = "SELECT p.customer_id, p.currency, \
     CAST(SUM(CASE WHEN p.account = 'receivable' THEN p.amount_minor ELSE 0 END) AS BIGINT) AS v0, \
     CAST(SUM(CASE WHEN p.account = 'customer_credit' THEN -p.amount_minor ELSE 0 END) AS BIGINT) AS v1, \
     CAST(SUM(p.amount_minor) AS BIGINT) AS v2, \
     CAST(0 AS BIGINT) AS v3, CAST(0 AS BIGINT) AS v4, CAST(0 AS BIGINT) AS v5 \
     FROM ledger_postings p JOIN ledger_entries e ON e.seller_id = p.seller_id AND e.id = p.entry_id \
     WHERE p.seller_id = $1 AND p.account IN ('receivable', 'customer_credit') AND e.day <= $2 {range} GROUP BY p.customer_id, p.currency";
const AGING: &str = "SELECT p.customer_id, p.currency, \
     CAST(SUM(CASE WHEN p.due_on >= $2 THEN p.due_minor ELSE 0 END) AS BIGINT) AS v0, \
     CAST(SUM(CASE WHEN p.due_on < $2 AND p.due_on >= $3 THEN p.due_minor ELSE 0 END) AS BIGINT) AS v1, \
     CAST(SUM(CASE WHEN p.due_on < $3 AND p.due_on >= $4 THEN p.due_minor ELSE 0 END) AS BIGINT) AS v2, \
     CAST(SUM(CASE WHEN p.due_on < $4 AND p.due_on >= $5 THEN p.due_minor ELSE 0 END) AS BIGINT) AS v3, \
     CAST(SUM(CASE WHEN p.due_on < $5 THEN p.due_minor ELSE 0 END) AS BIGINT) AS v4, \
     CAST(SUM(p.due_minor) AS BIGINT) AS v5 \
     FROM invoices p WHERE p.seller_id = $1 AND p.status = 'open' {range} GROUP BY p.customer_id, p.currency";

fn source(tx: &Tx, asked: &Asked) -> Result<Source> {
    let seller = Value::from(tx.seller_id().0);
    let today = tx.scope().today();
    let back = |days| Value::from(today.checked_sub_days(Days::new(days)).unwrap_or(today));
    Ok(match asked.kind {
        ReportKind::RevenueByCustomer => Source { sql: REVENUE, values: vec![seller, asked.from.into(), asked.to.into()], figures: 4 },
        ReportKind::Outstanding => Source { sql: OUTSTANDING, values: vec![seller, asked.to.into()], figures: 3 },
        ReportKind::Aging => Source { sql: AGING, values: vec![seller, today.into(), back(30), back(60), back(90)], figures: 6 },
        _ => return Err(bug("no report by customer")),
    })
}

const ANY: &str = "(t.v0 <> 0 OR t.v1 <> 0 OR t.v2 <> 0 OR t.v3 <> 0 OR t.v4 <> 0 OR t.v5 <> 0)";
const FIGURES: &str = "t.v0, t.v1, t.v2, t.v3, t.v4, t.v5";

#[derive(FromQueryResult)]
struct Row {
    customer_id: CustomerId,
    name: String,
    currency: String,
    v0: i64,
    v1: i64,
    v2: i64,
    v3: i64,
    v4: i64,
    v5: i64,
}

impl Row {
    fn cells(self, figures: usize) -> Result<Vec<Cell>> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        let mut cells = vec![Cell::Link(self.name, format!("/customers/{}", self.customer_id)), Cell::Text(self.currency)];
        let all = [self.v0, self.v1, self.v2, self.v3, self.v4, self.v5];
        cells.extend(all.into_iter().take(figures).map(|minor| Cell::Money(Money::new(minor, currency))));
        Ok(cells)
    }
}

/// What puts the rows into the order asked for.
fn sorting(asked: &Asked) -> String {
    let (at, down) = asked.order();
    let column = match at {
        0 => "c.name",
        1 => "t.currency",
        n => ["t.v0", "t.v1", "t.v2", "t.v3", "t.v4", "t.v5"].get(n - 2).copied().unwrap_or("c.name"),
    };
    format!("{column} {}, t.customer_id, t.currency", if down { "DESC" } else { "ASC" })
}

/// The first rows in the order asked for.
pub async fn largest(tx: &Tx, asked: &Asked, rows: usize) -> Result<Vec<Vec<Cell>>> {
    let Source { sql, values, figures } = source(tx, asked)?;
    let sql = format!(
        "SELECT t.customer_id, c.name, t.currency, {FIGURES} FROM ({}) AS t JOIN customers c ON c.seller_id = $1 AND c.id = t.customer_id \
         WHERE {ANY} ORDER BY {} LIMIT {rows}",
        sql.replace("{range}", ""),
        sorting(asked)
    );
    let rows: Vec<Row> = tx.all(&sql, values).await?;
    rows.into_iter().map(|row| row.cells(figures)).collect()
}

/// Whose rows there are, in the order asked for.
pub async fn order(tx: &Tx, asked: &Asked) -> Result<Vec<(CustomerId, Currency)>> {
    #[derive(FromQueryResult)]
    struct Key {
        customer_id: CustomerId,
        currency: String,
    }
    let Source { sql, values, .. } = source(tx, asked)?;
    let sql = format!(
        "SELECT t.customer_id, t.currency FROM ({}) AS t JOIN customers c ON c.seller_id = $1 AND c.id = t.customer_id \
         WHERE {ANY} ORDER BY {}",
        sql.replace("{range}", ""),
        sorting(asked)
    );
    let keys: Vec<Key> = tx.all(&sql, values).await?;
    keys.into_iter().map(|key| Ok((key.customer_id, key.currency.parse().map_err(bug)?))).collect()
}

/// The rows of those, in their order; one that has gone in the meantime is left out.
pub async fn rows_of(tx: &Tx, asked: &Asked, keys: &[(CustomerId, Currency)]) -> Result<Vec<Vec<Cell>>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let Source { sql, mut values, figures } = source(tx, asked)?;
    let places: Vec<String> = (0..keys.len()).map(|i| format!("${}", values.len() + 1 + i)).collect();
    values.extend(keys.iter().map(|(id, _)| Value::from(id.0)));
    let sql = format!(
        "SELECT t.customer_id, c.name, t.currency, {FIGURES} FROM ({}) AS t JOIN customers c ON c.seller_id = $1 AND c.id = t.customer_id \
         WHERE {ANY}",
        sql.replace("{range}", &format!("AND p.customer_id IN ({})", places.join(", ")))
    );
    let rows: Vec<Row> = tx.all(&sql, values).await?;
    let mut found: HashMap<(uuid::Uuid, String), Row> =
        rows.into_iter().map(|row| ((row.customer_id.0, row.currency.clone()), row)).collect();
    keys.iter().filter_map(|(id, currency)| found.remove(&(id.0, currency.to_string()))).map(|row| row.cells(figures)).collect()
}

/// The sums of each currency.
pub async fn totals(tx: &Tx, asked: &Asked) -> Result<Vec<Vec<Cell>>> {
    #[derive(FromQueryResult)]
    struct Sums {
        currency: String,
        v0: i64,
        v1: i64,
        v2: i64,
        v3: i64,
        v4: i64,
        v5: i64,
    }
    let Source { sql, values, figures } = source(tx, asked)?;
    let sums: Vec<String> = (0..6).map(|n| format!("CAST(SUM(t.v{n}) AS BIGINT) AS v{n}")).collect();
    let sql = format!(
        "SELECT t.currency, {} FROM ({}) AS t GROUP BY t.currency ORDER BY t.currency",
        sums.join(", "),
        sql.replace("{range}", "")
    );
    let rows: Vec<Sums> = tx.all(&sql, values).await?;
    let cells = |row: Sums| {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        let mut cells = vec![Cell::Text("Total".to_owned()), Cell::Text(row.currency)];
        let all = [row.v0, row.v1, row.v2, row.v3, row.v4, row.v5];
        cells.extend(all.into_iter().take(figures).map(|minor| Cell::Money(Money::new(minor, currency))));
        Ok(cells)
    };
    rows.into_iter().map(cells).collect()
}

/// The rows of the next customers by their ids. A place is the last id seen.
pub async fn chunk(tx: &Tx, asked: &Asked, place: Option<&str>, size: usize) -> Result<(Vec<Vec<Cell>>, Option<String>)> {
    #[derive(FromQueryResult)]
    struct Id {
        id: CustomerId,
    }
    let after: CustomerId = match place {
        Some(place) => place.parse().map_err(|_| Error::field("after", "is not a place in this report"))?,
        None => CustomerId(uuid::Uuid::nil()),
    };
    let sql = format!("SELECT id FROM customers WHERE seller_id = $1 AND id > $2 ORDER BY id LIMIT {size}");
    let ids: Vec<Id> = tx.all(&sql, [tx.seller_id().0.into(), after.0.into()]).await?;
    let Some(last) = ids.last().map(|row| row.id) else { return Ok((Vec::new(), None)) };
    let Source { sql, mut values, figures } = source(tx, asked)?;
    let at = values.len() + 1;
    values.extend([after.0.into(), last.0.into()]);
    let range = format!("AND p.customer_id > ${at} AND p.customer_id <= ${}", at + 1);
    let sql = format!(
        "SELECT t.customer_id, c.name, t.currency, {FIGURES} FROM ({}) AS t JOIN customers c ON c.seller_id = $1 AND c.id = t.customer_id \
         WHERE {ANY} ORDER BY t.customer_id, t.currency",
        sql.replace("{range}", &range)
    );
    let rows: Vec<Row> = tx.all(&sql, values).await?;
    let rows = rows.into_iter().map(|row| row.cells(figures)).collect::<Result<_>>()?;
    Ok((rows, (ids.len() == size).then(|| last.to_string())))
}

//! Pages of a list by keyset: a page starts after (or ends before) a row, never at an offset, so that every page costs
//! what the first one does. The rows are ordered by one column and the identifier.
//!
//! NULL counts as later than everything, on both databases: PostgreSQL and SQLite put it at different ends, so a page
//! is read as two runs, the rows with a value and those without, and each run is one range of the index.
//!
//! ```ignore
//! const LIST: Keyset = Keyset {
//!     columns: &[Column::text("name", "c.name"), Column::day("paid", "c.first_paid_on").or_null()],
//!     default: "name",
//!     id: "c.id",
//! };
//! let mut filter = Where::seller(&tx, "c");
//! filter.contains(&["c.name", "c.email"], &query.q);
//! filter.any("c.country", query.filter("country"));
//! let page: Page<Row> = LIST.page(&tx, &query, "c.id, c.name", "customers c", &filter).await?;
//! ```

mod filter;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, QueryResult, Statement, Value};
use uuid::Uuid;

use super::db::DbResult;
use super::error::{Error, Result};
use super::paging::{COUNT_MAX, ListQuery, Page};
use super::tx::Tx;

pub use filter::{Where, count};

/// What a sort column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Day,
    Time,
    Uuid,
}

/// A column to sort by: its key in the URL and its SQL.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub key: &'static str,
    pub sql: &'static str,
    pub kind: Kind,
    pub nullable: bool,
}

impl Column {
    pub const fn text(key: &'static str, sql: &'static str) -> Self {
        Self { key, sql, kind: Kind::Text, nullable: false }
    }

    /// A BIGINT (or narrower).
    pub const fn integer(key: &'static str, sql: &'static str) -> Self {
        Self { key, sql, kind: Kind::Integer, nullable: false }
    }

    pub const fn day(key: &'static str, sql: &'static str) -> Self {
        Self { key, sql, kind: Kind::Day, nullable: false }
    }

    pub const fn time(key: &'static str, sql: &'static str) -> Self {
        Self { key, sql, kind: Kind::Time, nullable: false }
    }

    pub const fn uuid(key: &'static str, sql: &'static str) -> Self {
        Self { key, sql, kind: Kind::Uuid, nullable: false }
    }

    /// The same column, where it may be NULL.
    pub const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }
}

/// How a list is ordered. See the module.
#[derive(Clone, Copy, Debug)]
pub struct Keyset {
    pub columns: &'static [Column],
    /// The key to sort by where the URL names none, with `-` for descending.
    pub default: &'static str,
    /// The SQL of the UUID that makes the order total; unique in the list.
    pub id: &'static str,
}

/// Where a page starts: the sort value and the identifier of a row.
#[derive(Clone, Debug, PartialEq)]
struct Cursor {
    value: Value,
    id: Uuid,
}

/// One page to read.
struct Walk<'a> {
    column: Column,
    id: &'a str,
    /// Of the rows as they are read, which is the other way round for the page before a row.
    descending: bool,
    from: Option<Cursor>,
    rows: usize,
    columns: &'a str,
    tables: &'a str,
    filter: &'a Where,
}

impl Keyset {
    /// A page of `SELECT columns FROM tables WHERE filter`, with its neighbours and the total. Neither `columns` nor
    /// `tables` may hold a placeholder other than `$1`, the seller.
    ///
    /// Without statistics SQLite takes the index of a filter even where that leaves half the table to be sorted. Counting
    /// tells: where many rows match, walking the index of the order soon has a page full, and the conditions are hidden
    /// behind a unary plus, which no index can serve; where few match, they are found by the filter and sorted.
    /// PostgreSQL has statistics and is left alone.
    pub async fn page<R>(&self, tx: &Tx, query: &ListQuery, columns: &str, tables: &str, filter: &Where) -> Result<Page<R>>
    where
        R: FromQueryResult,
    {
        let total = count(tx, tables, filter).await?;
        self.page_of(tx, query, columns, tables, filter, total).await
    }

    /// As [`page`](Self::page), where the total is known without counting.
    pub async fn page_of<R>(&self, tx: &Tx, query: &ListQuery, columns: &str, tables: &str, filter: &Where, total: u64) -> Result<Page<R>>
    where
        R: FromQueryResult,
    {
        let size = usize::try_from(query.size()).unwrap_or(usize::MAX);
        let hidden = (tx.db().is_sqlite() && total > COUNT_MAX).then(|| filter.hidden());
        let (mut rows, sort, backward) = self.read(tx, query, size + 1, columns, tables, hidden.as_ref().unwrap_or(filter)).await?;
        let more = rows.len() > size;
        rows.truncate(size);
        if backward {
            rows.reverse();
        }
        let cursor = |row: Option<&QueryResult>| row.map(|r| write_cursor(&sort, r)).transpose();
        let next = if backward || more { cursor(rows.last())? } else { None };
        let previous = if if backward { more } else { !query.after.is_empty() } { cursor(rows.first())? } else { None };
        let rows = rows.iter().map(|r| R::from_query_result(r, "").db()).collect::<Result<_>>()?;
        Ok(Page { rows, next, previous, total })
    }

    /// Up to `size` rows after `query.after`, and the cursor of the last where more may follow: for what walks through
    /// a whole list, such as an export.
    pub async fn chunk<R>(
        &self,
        tx: &Tx,
        query: &ListQuery,
        size: usize,
        columns: &str,
        tables: &str,
        filter: &Where,
    ) -> Result<(Vec<R>, Option<String>)>
    where
        R: FromQueryResult,
    {
        let many = tx.db().is_sqlite() && count(tx, tables, filter).await? > COUNT_MAX;
        let hidden = many.then(|| filter.hidden());
        let (rows, sort, _) = self.read(tx, query, size, columns, tables, hidden.as_ref().unwrap_or(filter)).await?;
        let next = if rows.len() == size { rows.last().map(|r| write_cursor(&sort, r)).transpose()? } else { None };
        Ok((rows.iter().map(|r| R::from_query_result(r, "").db()).collect::<Result<_>>()?, next))
    }

    async fn read(
        &self,
        tx: &Tx,
        query: &ListQuery,
        rows: usize,
        columns: &str,
        tables: &str,
        filter: &Where,
    ) -> Result<(Vec<QueryResult>, Sorted, bool)> {
        let keys: Vec<&str> = self.columns.iter().map(|c| c.key).collect();
        let (key, descending) = query.sort_or(self.default, &keys);
        let column = self.columns.iter().find(|c| c.key == key).copied().unwrap_or(Column::uuid("", self.id));
        let sort = Sorted { column, word: if descending { format!("-{key}") } else { key.to_owned() } };
        let backward = query.after.is_empty() && !query.before.is_empty();
        let text = if backward { &query.before } else { &query.after };
        let from = if text.is_empty() { None } else { Some(read_cursor(&sort, text, if backward { "before" } else { "after" })?) };
        let walk = Walk { column, id: self.id, descending: descending != backward, from, rows, columns, tables, filter };
        Ok((walk.read(tx).await?, sort, backward))
    }
}

impl Walk<'_> {
    /// The rows, in the order of reading: two runs where the column may be NULL, one where not.
    async fn read(&self, tx: &Tx) -> Result<Vec<QueryResult>> {
        if !self.column.nullable {
            return self.run(tx, None, self.from.as_ref(), self.rows).await;
        }
        let mut rows = Vec::new();
        // NULL is last ascending, so it is first descending.
        for null in [self.descending, !self.descending] {
            let from = match &self.from {
                Some(cursor) if is_null(&cursor.value) == null => Some(cursor),
                // The cursor is in the second run: the first is behind it.
                Some(_) if null == self.descending => continue,
                _ => None,
            };
            let missing = self.rows - rows.len();
            if missing > 0 {
                rows.extend(self.run(tx, Some(null), from, missing).await?);
            }
        }
        Ok(rows)
    }

    async fn run(&self, tx: &Tx, null: Option<bool>, from: Option<&Cursor>, rows: usize) -> Result<Vec<QueryResult>> {
        let (Column { sql: column, .. }, id) = (self.column, self.id);
        let (sign, direction) = if self.descending { ("<", "DESC") } else { (">", "ASC") };
        let mut filter = self.filter.clone();
        match null {
            Some(true) => filter.and(&format!("{column} IS NULL"), []),
            Some(false) => filter.and(&format!("{column} IS NOT NULL"), []),
            None => {}
        }
        match from {
            Some(cursor) if null == Some(true) => filter.and(&format!("{id} {sign} ?"), [cursor.id.into()]),
            Some(cursor) => filter.and(&format!("({column}, {id}) {sign} (?, ?)"), [cursor.value.clone(), cursor.id.into()]),
            None => {}
        }
        let sql = format!(
            "SELECT {}, {column} AS keyset_value, {id} AS keyset_id FROM {} WHERE {} ORDER BY {column} {direction}, {id} {direction} LIMIT {rows}",
            self.columns, self.tables, filter.sql
        );
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, filter.values);
        tx.query_all_raw(statement).await.db()
    }
}

/// The order that a list is in; part of its cursors, so that one of another order is refused.
struct Sorted {
    column: Column,
    word: String,
}

fn is_null(value: &Value) -> bool {
    matches!(
        value,
        Value::String(None) | Value::BigInt(None) | Value::ChronoDate(None) | Value::ChronoDateTimeUtc(None) | Value::Uuid(None)
    )
}

fn write_cursor(sort: &Sorted, row: &QueryResult) -> Result<String> {
    let id: Uuid = row.try_get("", "keyset_id").db()?;
    let name = "keyset_value";
    let value: Option<String> = match sort.column.kind {
        Kind::Text => row.try_get("", name).db()?,
        Kind::Integer => integer(row, name)?.map(|v| v.to_string()),
        Kind::Day => row.try_get::<Option<NaiveDate>>("", name).db()?.map(|v| v.to_string()),
        Kind::Time => row.try_get::<Option<DateTime<Utc>>>("", name).db()?.map(|v| v.to_rfc3339()),
        Kind::Uuid => row.try_get::<Option<Uuid>>("", name).db()?.map(|v| v.to_string()),
    };
    Ok(URL_SAFE_NO_PAD.encode(serde_json::json!([sort.word, value, id]).to_string()))
}

/// BIGINT, or INTEGER, which PostgreSQL will not read as one.
fn integer(row: &QueryResult, name: &str) -> Result<Option<i64>> {
    match row.try_get::<Option<i64>>("", name) {
        Ok(value) => Ok(value),
        Err(_) => Ok(row.try_get::<Option<i32>>("", name).db()?.map(i64::from)),
    }
}

fn read_cursor(sort: &Sorted, text: &str, field: &str) -> Result<Cursor> {
    parse_cursor(sort, text).ok_or_else(|| Error::field(field, "is not a cursor of this list in this order"))
}

fn parse_cursor(sort: &Sorted, text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (word, value, id): (String, Option<String>, Uuid) = serde_json::from_slice(&bytes).ok()?;
    if word != sort.word || (value.is_none() && !sort.column.nullable) {
        return None;
    }
    let value = match sort.column.kind {
        Kind::Text => value.into(),
        Kind::Integer => value.map(|v| v.parse::<i64>().ok()).map_or(Some(None), |v| v.map(Some))?.into(),
        Kind::Day => value.map(|v| v.parse::<NaiveDate>().ok()).map_or(Some(None), |v| v.map(Some))?.into(),
        Kind::Time => value.map(|v| v.parse::<DateTime<Utc>>().ok()).map_or(Some(None), |v| v.map(Some))?.into(),
        Kind::Uuid => value.map(|v| v.parse::<Uuid>().ok()).map_or(Some(None), |v| v.map(Some))?.into(),
    };
    Some(Cursor { value, id })
}

#[cfg(test)]
mod tests;

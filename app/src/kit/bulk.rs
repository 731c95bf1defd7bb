//! Many rows or ids in one statement whose text does not depend on how many they are, so that the database plans it once.
//!
//! On PostgreSQL every column is one parameter: an array in its text form, which takes NULLs too (the query builder's
//! arrays do not). SQLite has no arrays; there the rows are VALUES with anonymous places (a numbered place costs a search
//! through all others), in a few sizes only, and a list of ids is filled up with its last one to the next size.
//!
//! ```ignore
//! let ids = Ids::of(ids.iter().map(|id| id.0));
//! let sql = format!("SELECT id, name FROM plans WHERE seller_id = $1 AND {}", ids.among(&tx, "id", 2));
//! let rows: Vec<Row> = tx.all(&sql, ids.keyed(&tx)).await?;
//! Rows::new(&["plan_id", "name"], rows).insert(&tx, "plan_names", "ON CONFLICT DO NOTHING").await?;
//! ```

use std::fmt::Write;

use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::Result;
use super::db::{Sql, bug};
use super::tx::Tx;

/// Rows of one statement on PostgreSQL at most.
const ROWS_AT_ONCE: usize = 2_000;
/// Rows of one statement on SQLite: as many as fit, then fewer.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];
/// Parameters of one statement on SQLite; it takes 32,766.
const PLACES_AT_ONCE: usize = 32_000;

/// Rows of the seller's, `columns` being those after `seller_id`.
pub struct Rows<'a> {
    columns: &'a [&'a str],
    rows: Vec<Vec<Value>>,
}

impl<'a> Rows<'a> {
    /// Each row has a value for each column, and a column one type in all rows.
    pub fn new(columns: &'a [&'a str], rows: Vec<Vec<Value>>) -> Self {
        Self { columns, rows }
    }

    /// `INSERT INTO table … ending`, where `ending` may be empty or say what to do about a conflict. Gives the rows written.
    pub async fn insert(self, tx: &Tx, table: &str, ending: &str) -> Result<u64> {
        let head = self.head(table);
        self.run(tx, |rows| format!("{head} {rows} {ending}")).await
    }

    /// As [`insert`](Self::insert), with an `ending` that returns something.
    pub async fn insert_returning<T: FromQueryResult + Send>(self, tx: &Tx, table: &str, ending: &str) -> Result<Vec<T>> {
        let head = self.head(table);
        self.all(tx, |rows| format!("{head} {rows} {ending}")).await
    }

    /// Runs a statement around the rows, which are a query for `seller_id` and the columns; it has no other places. Gives the
    /// rows affected.
    pub async fn run(self, tx: &Tx, statement: impl Fn(&str) -> String) -> Result<u64> {
        let mut affected = 0;
        for (rows, values) in self.statements(tx)? {
            affected += tx.run(&statement(&rows), values).await?;
        }
        Ok(affected)
    }

    /// As [`run`](Self::run), of a statement that gives rows.
    pub async fn all<T: FromQueryResult + Send>(self, tx: &Tx, statement: impl Fn(&str) -> String) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for (rows, values) in self.statements(tx)? {
            found.extend(tx.all(&statement(&rows), values).await?);
        }
        Ok(found)
    }

    /// Sets all columns but the first in the rows of `table` that have such a first one. Gives the rows changed.
    pub async fn update(self, tx: &Tx, table: &str) -> Result<u64> {
        let update = updating(tx, table, self.columns);
        self.run(tx, update).await
    }

    /// Deletes the rows of `table` that have such columns. Gives how many.
    pub async fn delete(self, tx: &Tx, table: &str) -> Result<u64> {
        let delete = deleting(table, self.columns);
        self.run(tx, delete).await
    }

    fn head(&self, table: &str) -> String {
        format!("INSERT INTO {table} (seller_id, {})", self.columns.join(", "))
    }

    /// The queries that give the rows, each with its values.
    fn statements(self, tx: &Tx) -> Result<Vec<(String, Vec<Value>)>> {
        let (seller, width) = (Value::from(tx.seller_id().0), self.columns.len());
        if self.rows.iter().any(|row| row.len() != width) {
            return Err(bug(format!("a row that has not the columns {:?}", self.columns)));
        }
        if tx.db().is_sqlite() { Ok(sqlite(seller, width, self.rows)) } else { postgres(seller, width, &self.rows) }
    }
}

fn updating(tx: &Tx, table: &str, columns: &[&str]) -> impl Fn(&str) -> String + use<> {
    let (key, set) = columns.split_first().map_or(("", &[][..]), |(key, set)| (*key, set));
    let (columns, set) = (columns.join(", "), set.iter().map(|c| format!("{c} = fresh.{c}")).collect::<Vec<_>>().join(", "));
    // SQLite, which believes that a seller has few rows, would rather walk the whole table and look each up among these than
    // the other way round. What is no bare column cannot be looked up by.
    let fresh = if tx.db().is_sqlite() { "+fresh" } else { "fresh" };
    let on = format!("{table}.seller_id = {fresh}.seller_id AND {table}.{key} = {fresh}.{key}");
    let table = table.to_owned();
    move |rows| format!("WITH fresh (seller_id, {columns}) AS ({rows}) UPDATE {table} SET {set} FROM fresh WHERE {on}")
}

fn deleting(table: &str, columns: &[&str]) -> impl Fn(&str) -> String + use<> {
    let (table, columns) = (table.to_owned(), format!("seller_id, {}", columns.join(", ")));
    // Compared with VALUES by themselves, SQLite walks the whole table.
    move |rows| format!("WITH gone ({columns}) AS ({rows}) DELETE FROM {table} WHERE ({columns}) IN (SELECT {columns} FROM gone)")
}

fn sqlite(seller: Value, width: usize, rows: Vec<Vec<Value>>) -> Vec<(String, Vec<Value>)> {
    let row = format!("({}?)", "?, ".repeat(width));
    let mut statements = Vec::new();
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let fits = |size: &&usize| **size <= rows.len() && **size * (width + 1) <= PLACES_AT_ONCE;
        let size = SIZES.iter().find(fits).copied().unwrap_or(1);
        let mut values = Vec::with_capacity(size * (width + 1));
        for row in rows.by_ref().take(size) {
            values.push(seller.clone());
            values.extend(row);
        }
        statements.push((format!("VALUES {}", vec![row.as_str(); size].join(", ")), values));
    }
    statements
}

fn postgres(seller: Value, width: usize, rows: &[Vec<Value>]) -> Result<Vec<(String, Vec<Value>)>> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let types = first.iter().map(type_of).collect::<Result<Vec<_>>>()?;
    let columns: Vec<String> = (2..).zip(&types).map(|(n, of)| format!("CAST(CAST(${n} AS TEXT) AS {of}[])")).collect();
    let query = format!("SELECT CAST($1 AS UUID), r.* FROM UNNEST({}) AS r", columns.join(", "));
    let statement = |rows: &[Vec<Value>]| {
        let mut values = Vec::with_capacity(width + 1);
        values.push(seller.clone());
        for column in 0..width {
            values.push(array(rows.iter().map(|row| &row[column]))?.into());
        }
        Ok((query.clone(), values))
    };
    rows.chunks(ROWS_AT_ONCE).map(statement).collect()
}

/// Some ids, as a condition of a statement.
pub struct Ids {
    /// Their type on PostgreSQL.
    of: &'static str,
    ids: Vec<Value>,
}

impl Ids {
    pub fn of(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self { of: "uuid", ids: ids.into_iter().map(Value::from).collect() }
    }

    /// Ids that others gave.
    pub fn external<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        Self { of: "text", ids: ids.into_iter().map(Value::from).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// `column` is among the ids, whose places begin with `$from` and are the last of the statement.
    pub fn among(&self, tx: &Tx, column: &str, from: usize) -> String {
        if !tx.db().is_sqlite() {
            // The subquery is run once, where the text by itself would be read again for each row; and an array is one pass
            // over an index whatever the planner believes of it, where a join of the ids may be one for each of them.
            return format!("{column} = ANY(ARRAY(SELECT UNNEST(CAST(CAST(${from} AS TEXT) AS {}[]))))", self.of);
        }
        // `?2`, not `$2`: what looks like a name is searched among all others.
        let places: Vec<String> = (from..from + self.size()).map(|n| format!("?{n}")).collect();
        format!("{column} IN ({})", places.join(", "))
    }

    fn values(&self, tx: &Tx) -> Vec<Value> {
        if !tx.db().is_sqlite() {
            // Ids are plain: there is nothing that an array could not hold.
            return vec![array(self.ids.iter()).unwrap_or_else(|_| "{}".to_owned()).into()];
        }
        let last = self.ids.last().cloned().unwrap_or(Value::Uuid(None));
        self.ids.iter().cloned().chain(std::iter::repeat(last)).take(self.size()).collect()
    }

    /// Places on SQLite.
    fn size(&self) -> usize {
        let size = self.ids.len().next_power_of_two();
        if size < PLACES_AT_ONCE { size } else { self.ids.len() }
    }

    /// The seller, then the values.
    pub fn keyed(&self, tx: &Tx) -> Vec<Value> {
        self.after(tx, [])
    }

    /// The seller, these values, then those of the ids.
    pub fn after<const N: usize>(&self, tx: &Tx, first: [Value; N]) -> Vec<Value> {
        std::iter::once(Value::from(tx.seller_id().0)).chain(first).chain(self.values(tx)).collect()
    }
}

/// The type of a column that holds such values.
fn type_of(value: &Value) -> Result<&'static str> {
    Ok(match value {
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::BigInt(_) => "bigint",
        Value::String(_) => "text",
        Value::Uuid(_) => "uuid",
        Value::ChronoDate(_) => "date",
        Value::ChronoDateTimeUtc(_) => "timestamptz",
        Value::Json(_) => "jsonb",
        other => return Err(bug(format!("no column of many rows holds {other:?}"))),
    })
}

/// `{1,NULL,"a b"}`: values as an array in PostgreSQL's text form.
fn array<'a>(values: impl Iterator<Item = &'a Value>) -> Result<String> {
    let mut out = String::from("{");
    for value in values {
        if out.len() > 1 {
            out.push(',');
        }
        element(value, &mut out)?;
    }
    out.push('}');
    Ok(out)
}

fn element(value: &Value, out: &mut String) -> Result<()> {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Bool(Some(v)) => write!(out, "{v}"),
        Value::Int(Some(v)) => write!(out, "{v}"),
        Value::BigInt(Some(v)) => write!(out, "{v}"),
        Value::Uuid(Some(v)) => write!(out, "{v}"),
        Value::ChronoDate(Some(v)) => write!(out, "{v}"),
        Value::ChronoDateTimeUtc(Some(v)) => write!(out, "\"{}\"", v.to_rfc3339()),
        Value::String(Some(v)) => return quoted(v, out),
        Value::Json(Some(v)) => return quoted(&v.to_string(), out),
        other if type_of(other).is_ok() => write!(out, "NULL"),
        other => return Err(bug(format!("no array holds {other:?}"))),
    };
    Ok(())
}

/// A text between quotes, in which a quote and a backslash have a backslash before them. PostgreSQL has no place for U+0000.
fn quoted(text: &str, out: &mut String) -> Result<()> {
    if text.contains('\0') {
        return Err(super::Error::field("", "holds a character that cannot be stored"));
    }
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    Ok(())
}

#[cfg(test)]
mod tests;

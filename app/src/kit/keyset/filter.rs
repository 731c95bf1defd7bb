//! Which rows a list has.

use sea_orm::{FromQueryResult, Value};

use crate::kit::db::Sql;
use crate::kit::error::{Error, Result};
use crate::kit::paging::{COUNT_MAX, ListQuery};
use crate::kit::tx::Tx;

/// The conditions of a list, each with its values. `$1` is always the seller.
#[derive(Clone, Debug)]
pub struct Where {
    pub(super) sql: String,
    /// The same, with all but the first condition hidden from SQLite's choice of an index. See [`Keyset::page`](super::Keyset::page).
    hidden: String,
    pub(super) values: Vec<Value>,
}

impl Where {
    /// The seller's rows; `alias` is that of the table with `seller_id`.
    pub fn seller(tx: &Tx, alias: &str) -> Self {
        let dot = if alias.is_empty() { "" } else { "." };
        Self::of(tx, format!("{alias}{dot}seller_id = $1"))
    }

    /// A condition of one's own on whose rows they are, with `$1` the seller.
    pub fn of(tx: &Tx, sql: String) -> Self {
        Self { hidden: sql.clone(), sql, values: vec![tx.seller_id().0.into()] }
    }

    /// Also `condition`, in which each `?` stands for the next of `values`.
    pub fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let mut values = values.into_iter();
        let mut sql = String::with_capacity(condition.len());
        for c in condition.chars() {
            match values.next_if_at(c) {
                Some(value) => sql.push_str(&self.place(value)),
                None => sql.push(c),
            }
        }
        self.add(&sql);
    }

    /// Also `column` among `choices`, where there are any.
    pub fn any<T: Clone + Into<Value>>(&mut self, column: &str, choices: &[T]) {
        if choices.is_empty() {
            return;
        }
        let places: Vec<String> = choices.iter().map(|choice| self.place(choice.clone().into())).collect();
        self.add(&format!("{column} IN ({})", places.join(", ")));
    }

    /// Also `text` somewhere in one of `columns`, in any case of letters, where there is any text.
    pub fn contains(&mut self, columns: &[&str], text: &str) {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return;
        }
        let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        let condition: Vec<String> = columns.iter().map(|c| format!("lower({c}) LIKE ? ESCAPE '\\'")).collect();
        self.and(&condition.join(" OR "), columns.iter().map(|_| pattern.clone().into()));
    }

    /// Also a point in time from the day `KEY_from` to the day `KEY_to`, both included, where the query names them; days of
    /// the seller's time zone.
    pub fn days(&mut self, tx: &Tx, column: &str, query: &ListQuery, key: &str) -> Result<()> {
        let zone = tx.scope().seller().time_zone;
        for (end, sign) in [("from", ">="), ("to", "<")] {
            let name = format!("{key}_{end}");
            let Some(text) = query.filter_one(&name) else { continue };
            let day = crate::kit::period::day(text).map_err(|why| Error::field(&name, why))?;
            let day = if end == "to" { day.succ_opt().unwrap_or(day) } else { day };
            self.and(&format!("{column} {sign} ?"), [crate::kit::clock::start_of(day, zone).into()]);
        }
        Ok(())
    }

    /// The conditions, for a query of one's own after `WHERE`.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The values of the conditions, `$1` first.
    pub fn values(&self) -> Vec<Value> {
        self.values.clone()
    }

    /// The placeholder of a new value.
    fn place(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn add(&mut self, condition: &str) {
        self.sql.push_str(&format!(" AND ({condition})"));
        self.hidden.push_str(&format!(" AND +({condition})"));
    }

    /// The same conditions, in the form that leaves SQLite the index of the sort order only.
    pub(super) fn hidden(&self) -> Self {
        Self { sql: self.hidden.clone(), ..self.clone() }
    }
}

/// `?` takes the next value; every other character takes none.
trait NextIfAt: Iterator<Item = Value> {
    fn next_if_at(&mut self, c: char) -> Option<Value> {
        if c == '?' { self.next() } else { None }
    }
}

impl<I: Iterator<Item = Value>> NextIfAt for I {}

/// How many rows a list has, counted up to [`COUNT_MAX`] and one more.
pub async fn count(tx: &Tx, tables: &str, filter: &Where) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let limit = COUNT_MAX + 1;
    let sql = format!("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM {tables} WHERE {} LIMIT {limit}) AS listed", filter.sql);
    let row: Option<Count> = tx.one(&sql, filter.values()).await?;
    Ok(row.map_or(0, |r| u64::try_from(r.n).unwrap_or(0)))
}

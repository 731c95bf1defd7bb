//! The rows of the two logs, how they are told apart from what is stored, and how many are written at once.

use std::cmp::Ordering;

use chrono::NaiveDate;
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};
use uuid::Uuid;

use super::super::model::{Derived, MovementKind};
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::tx::Tx;

/// Rows of one INSERT: with seven parameters each, far from either database's limit.
const ROWS_AT_ONCE: usize = 100;

/// A row of `mrr_movements`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalRow {
    pub customer: Uuid,
    pub day: NaiveDate,
    pub kind: MovementKind,
    pub before_minor: i64,
    pub after_minor: i64,
    pub paid_since: NaiveDate,
    pub first_paid_on: NaiveDate,
    pub reason: Option<String>,
}

/// A row of `mrr_plan_movements`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    pub customer: Uuid,
    pub day: NaiveDate,
    pub plan: Uuid,
    pub kind: MovementKind,
    pub before_minor: i64,
    pub after_minor: i64,
}

/// What the two logs have in common.
pub trait Row: Clone + PartialEq + FromQueryResult + Send + Sync {
    const TABLE: &'static str;
    /// The columns of the key after the seller, in the order in which rows are read.
    const KEY: &'static [&'static str];
    /// The columns after the key.
    const REST: &'static [&'static str];
    /// In the order of `KEY`.
    fn key(&self) -> (Uuid, NaiveDate, Uuid);
    /// The values of `KEY`.
    fn key_values(&self, into: &mut Vec<Value>);
    /// The values of `REST`.
    fn rest_values(&self, into: &mut Vec<Value>);

    fn columns() -> String {
        [Self::KEY, Self::REST].concat().join(", ")
    }
}

impl Row for TotalRow {
    const TABLE: &'static str = "mrr_movements";
    const KEY: &'static [&'static str] = &["customer_id", "day"];
    const REST: &'static [&'static str] = &["kind", "before_minor", "after_minor", "paid_since", "first_paid_on", "reason"];

    fn key(&self) -> (Uuid, NaiveDate, Uuid) {
        (self.customer, self.day, Uuid::nil())
    }

    fn key_values(&self, into: &mut Vec<Value>) {
        into.extend([self.customer.into(), self.day.into()]);
    }

    fn rest_values(&self, into: &mut Vec<Value>) {
        into.extend([self.kind.into(), self.before_minor.into(), self.after_minor.into()]);
        into.extend([self.paid_since.into(), self.first_paid_on.into(), self.reason.clone().into()]);
    }
}

impl FromQueryResult for TotalRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            customer: row.try_get_by_index(0)?,
            day: row.try_get_by_index(1)?,
            kind: row.try_get_by_index(2)?,
            before_minor: row.try_get_by_index(3)?,
            after_minor: row.try_get_by_index(4)?,
            paid_since: row.try_get_by_index(5)?,
            first_paid_on: row.try_get_by_index(6)?,
            reason: row.try_get_by_index(7)?,
        })
    }
}

impl Row for PlanRow {
    const TABLE: &'static str = "mrr_plan_movements";
    const KEY: &'static [&'static str] = &["customer_id", "day", "plan_id"];
    const REST: &'static [&'static str] = &["kind", "before_minor", "after_minor"];

    fn key(&self) -> (Uuid, NaiveDate, Uuid) {
        (self.customer, self.day, self.plan)
    }

    fn key_values(&self, into: &mut Vec<Value>) {
        into.extend([self.customer.into(), self.day.into(), self.plan.into()]);
    }

    fn rest_values(&self, into: &mut Vec<Value>) {
        into.extend([self.kind.into(), self.before_minor.into(), self.after_minor.into()]);
    }
}

impl FromQueryResult for PlanRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            customer: row.try_get_by_index(0)?,
            day: row.try_get_by_index(1)?,
            plan: row.try_get_by_index(2)?,
            kind: row.try_get_by_index(3)?,
            before_minor: row.try_get_by_index(4)?,
            after_minor: row.try_get_by_index(5)?,
        })
    }
}

/// The rows of what was derived for customers in the order of their ids; so the rows are in the order of their keys.
pub fn rows(customers: impl IntoIterator<Item = (Uuid, Derived)>) -> (Vec<TotalRow>, Vec<PlanRow>) {
    let (mut total, mut plans) = (Vec::new(), Vec::new());
    for (customer, derived) in customers {
        total.extend(derived.total.into_iter().map(|m| TotalRow {
            customer,
            day: m.day,
            kind: m.kind,
            before_minor: m.before_minor,
            after_minor: m.after_minor,
            paid_since: m.paid_since,
            first_paid_on: m.first_paid_on,
            reason: m.reason,
        }));
        plans.extend(derived.plans.into_iter().map(|m| PlanRow {
            customer,
            day: m.day,
            plan: m.plan,
            kind: m.kind,
            before_minor: m.before_minor,
            after_minor: m.after_minor,
        }));
    }
    (total, plans)
}

/// What is stored of `customers` (of which there are few enough for one statement), by key.
pub async fn of_customers<R: Row>(tx: &Tx, customers: &[Uuid]) -> Result<Vec<R>> {
    let places: Vec<String> = (2..customers.len() + 2).map(|n| format!("${n}")).collect();
    let (columns, table, key) = (R::columns(), R::TABLE, R::KEY.join(", "));
    let places = places.join(", ");
    let sql = format!("SELECT {columns} FROM {table} WHERE seller_id = $1 AND customer_id IN ({places}) ORDER BY {key}");
    let values: Vec<Value> = std::iter::once(tx.seller_id().0.into()).chain(customers.iter().map(|c| (*c).into())).collect();
    tx.all(&sql, values).await
}

/// What is stored of the customers after `after` (`None`: from the first) up to and with `through` (`None`: to the
/// last), by key.
pub async fn of_range<R: Row>(tx: &Tx, after: Option<Uuid>, through: Option<Uuid>) -> Result<Vec<R>> {
    let (columns, table, key) = (R::columns(), R::TABLE, R::KEY.join(", "));
    let mut values: Vec<Value> = vec![tx.seller_id().0.into()];
    let mut bounds = String::new();
    for (operator, bound) in [(">", after), ("<=", through)] {
        if let Some(bound) = bound {
            values.push(bound.into());
            bounds.push_str(&format!(" AND customer_id {operator} ${}", values.len()));
        }
    }
    tx.all(&format!("SELECT {columns} FROM {table} WHERE seller_id = $1{bounds} ORDER BY {key}"), values).await
}

/// What sets the derived rows apart from the stored ones.
pub struct Difference<R> {
    /// Stored, and no longer derived.
    pub gone: Vec<R>,
    /// As stored so far, where something else is derived.
    pub replaced: Vec<R>,
    /// Derived, and not stored so.
    pub written: Vec<R>,
}

impl<R: Row> Difference<R> {
    /// Both in the order of their keys, each key once.
    pub fn of(stored: Vec<R>, derived: Vec<R>) -> Self {
        let mut difference = Self { gone: Vec::new(), replaced: Vec::new(), written: Vec::new() };
        let (mut stored, mut derived) = (stored.into_iter().peekable(), derived.into_iter().peekable());
        loop {
            let order = match (stored.peek(), derived.peek()) {
                (None, None) => return difference,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(s), Some(d)) => s.key().cmp(&d.key()),
            };
            match order {
                Ordering::Less => difference.gone.extend(stored.next()),
                Ordering::Greater => difference.written.extend(derived.next()),
                Ordering::Equal => {
                    let (old, new) = (stored.next(), derived.next());
                    if old != new {
                        difference.replaced.extend(old);
                        difference.written.extend(new);
                    }
                }
            }
        }
    }

    /// Keys at which the log was not as derived.
    pub fn len(&self) -> u64 {
        (self.gone.len() + self.written.len()) as u64
    }

    /// Writes it down.
    pub async fn write(&self, tx: &Tx) -> Result<()> {
        for chunk in self.gone.chunks(ROWS_AT_ONCE) {
            delete(tx, chunk).await?;
        }
        for chunk in self.written.chunks(ROWS_AT_ONCE) {
            upsert(tx, chunk).await?;
        }
        Ok(())
    }
}

/// `($2, $3), ($4, $5)`: places for `rows` rows of `width` values, `$1` being the seller.
pub fn places(rows: usize, width: usize, seller: bool) -> String {
    let mut out = String::with_capacity(rows * (width * 7 + 8));
    for row in 0..rows {
        out.push_str(match (row, seller) {
            (0, true) => "($1, ",
            (0, false) => "(",
            (_, true) => "), ($1, ",
            (_, false) => "), (",
        });
        for column in 0..width {
            out.push_str(if column == 0 { "$" } else { ", $" });
            out.push_str(&(row * width + column + 2).to_string());
        }
    }
    out.push(')');
    out
}

async fn delete<R: Row>(tx: &Tx, rows: &[R]) -> Result<()> {
    let (table, key, places) = (R::TABLE, R::KEY.join(", "), places(rows.len(), R::KEY.len(), false));
    let mut values: Vec<Value> = vec![tx.seller_id().0.into()];
    rows.iter().for_each(|row| row.key_values(&mut values));
    tx.run(&format!("DELETE FROM {table} WHERE seller_id = $1 AND ({key}) IN (VALUES {places})"), values).await.map(|_| ())
}

async fn upsert<R: Row>(tx: &Tx, rows: &[R]) -> Result<()> {
    let (table, key, columns) = (R::TABLE, R::KEY.join(", "), R::columns());
    let places = places(rows.len(), R::KEY.len() + R::REST.len(), true);
    let set: Vec<String> = R::REST.iter().map(|c| format!("{c} = excluded.{c}")).collect();
    let set = set.join(", ");
    let mut values: Vec<Value> = Vec::with_capacity(1 + rows.len() * 6);
    values.push(tx.seller_id().0.into());
    for row in rows {
        row.key_values(&mut values);
        row.rest_values(&mut values);
    }
    let sql = format!("INSERT INTO {table} (seller_id, {columns}) VALUES {places} ON CONFLICT (seller_id, {key}) DO UPDATE SET {set}");
    tx.run(&sql, values).await.map(|_| ())
}

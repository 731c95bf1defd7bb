//! The rows of the two logs, and how they are told apart from what is stored.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};
use uuid::Uuid;

use super::super::model::{Derived, MovementKind};
use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::Sql;
use crate::kit::tx::Tx;

/// Customers whose rows are read by one statement.
const CUSTOMERS_AT_ONCE: usize = 2_000;

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
    fn key_values(&self) -> Vec<Value>;
    /// The values of `REST`.
    fn rest_values(&self, into: &mut Vec<Value>);
    /// SQL of a row without its customer as one text.
    fn text_sql(sqlite: bool) -> String;
    /// The same text.
    fn text(&self, sqlite: bool, out: &mut String);

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

    fn key_values(&self) -> Vec<Value> {
        vec![self.customer.into(), self.day.into()]
    }

    fn rest_values(&self, into: &mut Vec<Value>) {
        into.extend([self.kind.into(), self.before_minor.into(), self.after_minor.into()]);
        into.extend([self.paid_since.into(), self.first_paid_on.into(), self.reason.clone().into()]);
    }

    fn text_sql(_: bool) -> String {
        // A reason is somebody's words: its length keeps it from looking like something else.
        "CAST(day AS TEXT) || ',' || kind || ',' || before_minor || ',' || after_minor || ',' || CAST(paid_since AS TEXT) || ',' || \
         CAST(first_paid_on AS TEXT) || COALESCE(',' || length(reason) || ',' || reason, '')"
            .into()
    }

    fn text(&self, _: bool, out: &mut String) {
        let Self { day, kind, before_minor, after_minor, paid_since, first_paid_on, reason, .. } = self;
        push(out, format_args!("{day},{},{before_minor},{after_minor},{paid_since},{first_paid_on}", kind.word()));
        if let Some(reason) = reason {
            push(out, format_args!(",{},{reason}", reason.chars().count()));
        }
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

    fn key_values(&self) -> Vec<Value> {
        vec![self.customer.into(), self.day.into(), self.plan.into()]
    }

    fn rest_values(&self, into: &mut Vec<Value>) {
        into.extend([self.kind.into(), self.before_minor.into(), self.after_minor.into()]);
    }

    fn text_sql(sqlite: bool) -> String {
        let plan = if sqlite { "lower(hex(plan_id))" } else { "CAST(plan_id AS TEXT)" };
        format!("CAST(day AS TEXT) || ',' || {plan} || ',' || kind || ',' || before_minor || ',' || after_minor")
    }

    fn text(&self, sqlite: bool, out: &mut String) {
        let Self { day, plan, kind, before_minor, after_minor, .. } = self;
        if sqlite {
            push(out, format_args!("{day},{},{},{before_minor},{after_minor}", plan.simple(), kind.word()));
        } else {
            push(out, format_args!("{day},{plan},{},{before_minor},{after_minor}", kind.word()));
        }
    }
}

/// Writing to a string cannot fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = std::fmt::Write::write_fmt(out, text);
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
    let (columns, table, key) = (R::columns(), R::TABLE, R::KEY.join(", "));
    let ids = Ids::of(customers.iter().copied());
    let sql = format!("SELECT {columns} FROM {table} WHERE seller_id = $1 AND {} ORDER BY {key}", ids.among(tx, "customer_id", 2));
    tx.all(&sql, ids.keyed(tx)).await
}

/// Derived rows in the order of their keys, and those of each customer as one text.
pub struct Derivation<R> {
    rows: Vec<R>,
    texts: Vec<(Uuid, String)>,
}

impl<R: Row> Derivation<R> {
    pub fn of(rows: Vec<R>, sqlite: bool) -> Self {
        let texts = rows.chunk_by(|a, b| a.key().0 == b.key().0).map(|rows| {
            let mut text = String::new();
            for row in rows {
                if !text.is_empty() {
                    text.push(';');
                }
                row.text(sqlite, &mut text);
            }
            (rows[0].key().0, text)
        });
        let texts = texts.collect();
        Self { rows, texts }
    }

    pub fn rows(&self) -> &[R] {
        &self.rows
    }
}

/// What sets what is stored of the customers after `after` (`None`: from the first) up to and with `through` (`None`: to the
/// last) apart from what is derived for them.
///
/// Each customer's stored rows come as one text, which is compared with that of the derived ones: a row that is right is
/// never taken apart, and of a log that is true a rebuild reads one row for each customer.
pub async fn compare<R: Row>(tx: &Tx, after: Option<Uuid>, through: Option<Uuid>, derived: Derivation<R>) -> Result<Difference<R>> {
    let stored = texts::<R>(tx, after, through).await?;
    let nothing_stored = stored.is_empty();
    let mut differing: BTreeSet<Uuid> = BTreeSet::new();
    let mut stored: BTreeMap<Uuid, String> = stored.into_iter().collect();
    for (customer, text) in derived.texts {
        if stored.remove(&customer).as_ref() != Some(&text) {
            differing.insert(customer);
        }
    }
    differing.extend(stored.into_keys());
    let derived = derived.rows.into_iter().filter(|row| differing.contains(&row.key().0)).collect();
    let differing: Vec<Uuid> = if nothing_stored { Vec::new() } else { differing.into_iter().collect() };
    let mut rows = Vec::new();
    for chunk in differing.chunks(CUSTOMERS_AT_ONCE) {
        rows.extend(of_customers(tx, chunk).await?);
    }
    Ok(Difference::of(rows, derived))
}

async fn texts<R: Row>(tx: &Tx, after: Option<Uuid>, through: Option<Uuid>) -> Result<Vec<(Uuid, String)>> {
    #[derive(FromQueryResult)]
    struct Text {
        customer_id: Uuid,
        rows: String,
    }
    let (text, table, key) = (R::text_sql(tx.db().is_sqlite()), R::TABLE, R::KEY[1..].join(", "));
    let mut values: Vec<Value> = vec![tx.seller_id().0.into()];
    let mut bounds = String::new();
    for (operator, bound) in [(">", after), ("<=", through)] {
        if let Some(bound) = bound {
            values.push(bound.into());
            bounds.push_str(&format!(" AND customer_id {operator} ${}", values.len()));
        }
    }
    let sql = format!(
        "SELECT customer_id, string_agg({text}, ';' ORDER BY {key}) AS rows FROM {table} WHERE seller_id = $1{bounds} GROUP BY customer_id"
    );
    Ok(tx.all::<Text>(&sql, values).await?.into_iter().map(|t| (t.customer_id, t.rows)).collect())
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
        delete(tx, &self.gone).await?;
        write(tx, &self.written, self.replaced.is_empty()).await
    }
}

async fn delete<R: Row>(tx: &Tx, rows: &[R]) -> Result<()> {
    Rows::new(R::KEY, rows.iter().map(R::key_values).collect()).delete(tx, R::TABLE).await.map(|_| ())
}

/// `new`: none of them replaces another, which is cheaper to write.
async fn write<R: Row>(tx: &Tx, rows: &[R], new: bool) -> Result<()> {
    let columns = [R::KEY, R::REST].concat();
    let set: Vec<String> = R::REST.iter().map(|c| format!("{c} = excluded.{c}")).collect();
    let replace = format!("ON CONFLICT (seller_id, {}) DO UPDATE SET {}", R::KEY.join(", "), set.join(", "));
    let ending = if new { "" } else { &replace };
    let row = |row: &R| {
        let mut values = row.key_values();
        row.rest_values(&mut values);
        values
    };
    Rows::new(&columns, rows.iter().map(row).collect()).insert(tx, R::TABLE, ending).await.map(|_| ())
}

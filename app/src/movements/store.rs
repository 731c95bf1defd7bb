//! Keeps the log and its sums by day true to what customers pay for: derives, compares with what is stored, writes the
//! difference and adjusts the sums by it, in the caller's transaction.

mod log;
mod rebuild;
mod sums;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::model::{Derived, Movement, MovementKind, PaidStretch, derive};
use crate::kit::Result;
use crate::kit::db::{Sql, bug};
use crate::kit::tx::Tx;
use log::{Difference, PlanRow, TotalRow};
use sums::Sums;

pub use rebuild::{PageOfCustomers, Rebuilt, rebuild};

/// Customers compared and written together: their identifiers are one statement's parameters.
const CUSTOMERS_AT_ONCE: usize = 2_000;

/// What the customer list keeps of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerMrr {
    /// MRR at the end of the scope's today, in minor units of the seller's currency.
    pub today_minor: i64,
    /// The first day it paid, if it ever has or is set to.
    pub first_paid_on: Option<NaiveDate>,
}

impl CustomerMrr {
    fn of(derived: &Derived, today: NaiveDate) -> Self {
        Self { today_minor: derived.at(today), first_paid_on: derived.first_paid_on() }
    }
}

/// Makes whoever else changes this seller's revenue wait until `tx` ends. Call it before reading the stretches that go
/// into [`refresh`]: two changes of one customer at once would each derive without the other. SQLite has one writer, so
/// there is nothing to do there.
pub async fn hold(tx: &Tx) -> Result<()> {
    if tx.db().is_sqlite() {
        return Ok(());
    }
    let (high, low) = tx.seller_id().0.as_u64_pair();
    tx.run("SELECT pg_advisory_xact_lock($1)", [(high ^ low).cast_signed().into()]).await.map(|_| ())
}

/// Makes the log true to `stretches`, which are all that `customer` ever paid for or is set to.
pub async fn refresh(tx: &Tx, customer: Uuid, stretches: &[PaidStretch]) -> Result<CustomerMrr> {
    let derived = derive(stretches);
    let mrr = CustomerMrr::of(&derived, tx.scope().today());
    hold(tx).await?;
    let mut sums = Sums::default();
    apply(tx, &[customer], log::rows([(customer, derived)]), &mut sums).await?;
    sums.adjust(tx).await?;
    Ok(mrr)
}

/// As [`refresh`] for many customers, each named once, in few statements. The answer is in the order of their ids.
pub async fn refresh_many(tx: &Tx, customers: Vec<(Uuid, Vec<PaidStretch>)>) -> Result<Vec<(Uuid, CustomerMrr)>> {
    let count = customers.len();
    let customers: BTreeMap<Uuid, Vec<PaidStretch>> = customers.into_iter().collect();
    if customers.len() != count {
        return Err(bug("a customer was named twice"));
    }
    hold(tx).await?;
    let today = tx.scope().today();
    let mut answer = Vec::with_capacity(count);
    let mut customers = customers.into_iter().peekable();
    // Written once for all: PostgreSQL keeps every version of a row that one transaction changes again and again.
    let mut sums = Sums::default();
    while customers.peek().is_some() {
        let batch: Vec<(Uuid, Derived)> = customers.by_ref().take(CUSTOMERS_AT_ONCE).map(|(id, s)| (id, derive(&s))).collect();
        let ids: Vec<Uuid> = batch.iter().map(|(id, _)| *id).collect();
        answer.extend(batch.iter().map(|(id, derived)| (*id, CustomerMrr::of(derived, today))));
        apply(tx, &ids, log::rows(batch), &mut sums).await?;
    }
    sums.adjust(tx).await?;
    Ok(answer)
}

/// Replaces what is stored of `ids` by what is derived, and adds what that changes to the sums.
async fn apply(tx: &Tx, ids: &[Uuid], (total, plans): (Vec<TotalRow>, Vec<PlanRow>), sums: &mut Sums) -> Result<()> {
    let total = Difference::of(log::of_customers::<TotalRow>(tx, ids).await?, total);
    let plans = Difference::of(log::of_customers::<PlanRow>(tx, ids).await?, plans);
    total.gone.iter().chain(&total.replaced).for_each(|row| sums.add_total(row, -1));
    total.written.iter().for_each(|row| sums.add_total(row, 1));
    plans.gone.iter().chain(&plans.replaced).for_each(|row| sums.add_plan(row, -1));
    plans.written.iter().for_each(|row| sums.add_plan(row, 1));
    total.write(tx).await?;
    plans.write(tx).await
}

#[derive(FromQueryResult)]
struct HistoryRow {
    day: NaiveDate,
    kind: MovementKind,
    before_minor: i64,
    after_minor: i64,
    paid_since: NaiveDate,
    first_paid_on: NaiveDate,
    reason: Option<String>,
}

/// Every movement of a customer by day, those already set to happen included. Empty for a customer unknown here.
pub async fn history(tx: &Tx, customer: Uuid) -> Result<Vec<Movement>> {
    let sql = "SELECT day, kind, before_minor, after_minor, paid_since, first_paid_on, reason FROM mrr_movements \
               WHERE seller_id = $1 AND customer_id = $2 ORDER BY day";
    let rows: Vec<HistoryRow> = tx.all(sql, [tx.seller_id().0.into(), customer.into()]).await?;
    let movement = |r: HistoryRow| Movement {
        day: r.day,
        kind: r.kind,
        before_minor: r.before_minor,
        after_minor: r.after_minor,
        paid_since: r.paid_since,
        first_paid_on: r.first_paid_on,
        reason: r.reason,
    };
    Ok(rows.into_iter().map(movement).collect())
}

#[derive(FromQueryResult)]
struct MovedRow {
    customer_id: Uuid,
    after_minor: i64,
}

/// Customers that moved in the days from `first` to `last`, both included, with their MRR (minor units) after it: what
/// the daily job carries over to the customer list.
pub async fn moved_between(tx: &Tx, first: NaiveDate, last: NaiveDate) -> Result<Vec<(Uuid, i64)>> {
    let sql = "SELECT customer_id, after_minor FROM mrr_movements \
               WHERE seller_id = $1 AND day >= $2 AND day <= $3 ORDER BY customer_id, day";
    let rows: Vec<MovedRow> = tx.all(sql, [tx.seller_id().0.into(), first.into(), last.into()]).await?;
    let latest: BTreeMap<Uuid, i64> = rows.into_iter().map(|r| (r.customer_id, r.after_minor)).collect();
    Ok(latest.into_iter().collect())
}

/// Whether the seller has a movement: from the first one on its books are kept in its currency.
pub async fn any(tx: &Tx) -> Result<bool> {
    let sql = "SELECT customer_id, after_minor FROM mrr_movements WHERE seller_id = $1 LIMIT 1";
    let row: Option<MovedRow> = tx.one(sql, [tx.seller_id().0.into()]).await?;
    Ok(row.is_some())
}

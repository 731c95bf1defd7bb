//! The sums of the movements by day, in total and by plan: from them every figure of a period is read without touching
//! a customer.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};
use uuid::Uuid;

use super::super::model::MovementKind;
use super::log::{PlanRow, TotalRow};
use crate::kit::Result;
use crate::kit::bulk::Rows;
use crate::kit::db::Sql;
use crate::kit::period::Month;
use crate::kit::tx::Tx;

const TOTAL: [&str; 8] = [
    "new_minor",
    "expansion_minor",
    "reactivation_minor",
    "contraction_minor",
    "churn_minor",
    "new_customers",
    "reactivated_customers",
    "churned_customers",
];
const PLAN: [&str; 6] = ["new_minor", "expansion_minor", "reactivation_minor", "contraction_minor", "churn_minor", "net_customers"];
const MONTH: [&str; 2] = ["net_minor", "net_customers"];

/// Sums, or differences of sums, in the order of the columns named above.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sums {
    total: BTreeMap<NaiveDate, [i64; TOTAL.len()]>,
    plans: BTreeMap<(Uuid, NaiveDate), [i64; PLAN.len()]>,
    /// By plan and the first day of a month.
    months: BTreeMap<(Uuid, NaiveDate), [i64; MONTH.len()]>,
    /// By the first days of the cohort and of a month.
    cohorts: BTreeMap<(NaiveDate, NaiveDate), [i64; MONTH.len()]>,
}

fn column(kind: MovementKind) -> usize {
    match kind {
        MovementKind::New => 0,
        MovementKind::Expansion => 1,
        MovementKind::Reactivation => 2,
        MovementKind::Contraction => 3,
        MovementKind::Churn => 4,
    }
}

impl Sums {
    /// Adds a row `times` times: −1 takes it out.
    pub fn add_total(&mut self, row: &TotalRow, times: i64) {
        let sums = self.total.entry(row.day).or_default();
        sums[column(row.kind)] += times * (row.after_minor - row.before_minor).abs();
        match row.kind {
            MovementKind::New => sums[5] += times,
            MovementKind::Reactivation => sums[6] += times,
            MovementKind::Churn => sums[7] += times,
            MovementKind::Expansion | MovementKind::Contraction => {}
        }
        let key = (Month::of(row.first_paid_on).first_day(), Month::of(row.day).first_day());
        let month = self.cohorts.entry(key).or_default();
        month[0] += times * (row.after_minor - row.before_minor);
        month[1] += times * (i64::from(row.after_minor > 0) - i64::from(row.before_minor > 0));
    }

    /// As [`add_total`](Self::add_total), for a plan.
    pub fn add_plan(&mut self, row: &PlanRow, times: i64) {
        let net = times * (row.after_minor - row.before_minor);
        let customers = times * (i64::from(row.after_minor > 0) - i64::from(row.before_minor > 0));
        let sums = self.plans.entry((row.plan, row.day)).or_default();
        sums[column(row.kind)] += if row.kind.is_loss() { -net } else { net };
        sums[5] += customers;
        let month = self.months.entry((row.plan, Month::of(row.day).first_day())).or_default();
        month[0] += net;
        month[1] += customers;
    }

    /// Adds these differences to what is stored. Days go in order, so that two writers cannot wait for each other.
    pub async fn adjust(&self, tx: &Tx) -> Result<()> {
        add(tx, "mrr_days", &["day"], &TOTAL, self.total.iter().map(|(day, sums)| (vec![(*day).into()], &sums[..]))).await?;
        let key = |(plan, day): &(Uuid, NaiveDate)| vec![(*plan).into(), (*day).into()];
        add(tx, "mrr_plan_days", &["plan_id", "day"], &PLAN, self.plans.iter().map(|(k, sums)| (key(k), &sums[..]))).await?;
        add(tx, "mrr_plan_months", &["plan_id", "month"], &MONTH, self.months.iter().map(|(k, sums)| (key(k), &sums[..]))).await?;
        let key = |(cohort, month): &(NaiveDate, NaiveDate)| vec![(*cohort).into(), (*month).into()];
        add(tx, "mrr_cohort_months", &["cohort", "month"], &MONTH, self.cohorts.iter().map(|(k, sums)| (key(k), &sums[..]))).await
    }

    /// Replaces what is stored, if it differs; says how many days (in total or of a plan) did.
    pub async fn replace(mut self, tx: &Tx) -> Result<u64> {
        let mut stored = Self::load(tx).await?;
        for sums in [&mut self, &mut stored] {
            sums.total.retain(|_, s| s.iter().any(|n| *n != 0));
            sums.plans.retain(|_, s| s.iter().any(|n| *n != 0));
            sums.months.retain(|_, s| s.iter().any(|n| *n != 0));
            sums.cohorts.retain(|_, s| s.iter().any(|n| *n != 0));
        }
        let differing = differing(&stored.total, &self.total)
            + differing(&stored.plans, &self.plans)
            + differing(&stored.months, &self.months)
            + differing(&stored.cohorts, &self.cohorts);
        if differing > 0 {
            for table in ["mrr_days", "mrr_plan_days", "mrr_plan_months", "mrr_cohort_months"] {
                tx.run(&format!("DELETE FROM {table} WHERE seller_id = $1"), [tx.seller_id().0.into()]).await?;
            }
            self.adjust(tx).await?;
        }
        Ok(differing)
    }

    async fn load(tx: &Tx) -> Result<Self> {
        let seller: Value = tx.seller_id().0.into();
        let sql = format!("SELECT day, {} FROM mrr_days WHERE seller_id = $1", TOTAL.join(", "));
        let total: Vec<TotalDay<{ TOTAL.len() }>> = tx.all(&sql, [seller.clone()]).await?;
        let sql = format!("SELECT plan_id, day, {} FROM mrr_plan_days WHERE seller_id = $1", PLAN.join(", "));
        let plans: Vec<PlanDay<{ PLAN.len() }>> = tx.all(&sql, [seller.clone()]).await?;
        let sql = format!("SELECT plan_id, month, {} FROM mrr_plan_months WHERE seller_id = $1", MONTH.join(", "));
        let months: Vec<PlanDay<{ MONTH.len() }>> = tx.all(&sql, [seller.clone()]).await?;
        let sql = format!("SELECT cohort, month, {} FROM mrr_cohort_months WHERE seller_id = $1", MONTH.join(", "));
        let cohorts: Vec<CohortMonth<{ MONTH.len() }>> = tx.all(&sql, [seller]).await?;
        Ok(Self {
            total: total.into_iter().map(|d| (d.0, d.1)).collect(),
            plans: plans.into_iter().map(|d| ((d.0, d.1), d.2)).collect(),
            months: months.into_iter().map(|d| ((d.0, d.1), d.2)).collect(),
            cohorts: cohorts.into_iter().map(|d| ((d.0, d.1), d.2)).collect(),
        })
    }
}

/// Keys at which the two differ.
fn differing<K: Ord, V: PartialEq>(stored: &BTreeMap<K, V>, derived: &BTreeMap<K, V>) -> u64 {
    let changed = derived.iter().filter(|(k, v)| stored.get(k) != Some(v)).count();
    let gone = stored.keys().filter(|k| !derived.contains_key(k)).count();
    (changed + gone) as u64
}

/// Adds each row's numbers to what is stored under its key; rows that add nothing are left out.
async fn add<'a>(tx: &Tx, table: &str, key: &[&str], columns: &[&str], rows: impl Iterator<Item = (Vec<Value>, &'a [i64])>) -> Result<()> {
    let adds = rows.filter(|(_, sums)| sums.iter().any(|n| *n != 0));
    let row = |(key, sums): (Vec<Value>, &[i64])| key.into_iter().chain(sums.iter().map(|n| Value::from(*n))).collect();
    let set: Vec<String> = columns.iter().map(|c| format!("{c} = {table}.{c} + excluded.{c}")).collect();
    let ending = format!("ON CONFLICT (seller_id, {}) DO UPDATE SET {}", key.join(", "), set.join(", "));
    Rows::new(&[key, columns].concat(), adds.map(row).collect()).insert(tx, table, &ending).await.map(|_| ())
}

struct TotalDay<const N: usize>(NaiveDate, [i64; N]);
struct PlanDay<const N: usize>(Uuid, NaiveDate, [i64; N]);
struct CohortMonth<const N: usize>(NaiveDate, NaiveDate, [i64; N]);

impl<const N: usize> FromQueryResult for TotalDay<N> {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self(row.try_get_by_index(0)?, numbers(row, 1)?))
    }
}

impl<const N: usize> FromQueryResult for PlanDay<N> {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self(row.try_get_by_index(0)?, row.try_get_by_index(1)?, numbers(row, 2)?))
    }
}

impl<const N: usize> FromQueryResult for CohortMonth<N> {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self(row.try_get_by_index(0)?, row.try_get_by_index(1)?, numbers(row, 2)?))
    }
}

fn numbers<const N: usize>(row: &QueryResult, first: usize) -> Result<[i64; N], DbErr> {
    let mut numbers = [0; N];
    for (i, number) in numbers.iter_mut().enumerate() {
        *number = row.try_get_by_index(first + i)?;
    }
    Ok(numbers)
}

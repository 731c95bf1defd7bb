//! MRR by plan.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::super::model::{Flow, MonthMovements, PlanMonth, PlanName};
use crate::kit::Result;
use crate::kit::db::{Sql, bug};
use crate::kit::id::encode;
use crate::kit::period::{Interval, IntervalUnit, Month};
use crate::kit::tx::Tx;

#[derive(FromQueryResult)]
struct NameRow {
    id: Uuid,
    name: String,
    interval_unit: IntervalUnit,
    interval_count: i32,
    currency: String,
}

/// What the seller's plans are called.
async fn names(tx: &Tx) -> Result<BTreeMap<Uuid, PlanName>> {
    let sql = "SELECT id, name, interval_unit, interval_count, currency FROM plans WHERE seller_id = $1";
    let rows: Vec<NameRow> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    let name = |r: NameRow| {
        let interval = Interval { unit: r.interval_unit, count: u32::try_from(r.interval_count).map_err(bug)? };
        let currency = r.currency.parse().map_err(bug)?;
        Ok((r.id, PlanName { id: encode("pln", r.id), name: r.name, interval, currency }))
    };
    rows.into_iter().map(name).collect()
}

#[derive(FromQueryResult)]
struct FlowRow {
    plan_id: Uuid,
    new_minor: i64,
    expansion_minor: i64,
    reactivation_minor: i64,
    contraction_minor: i64,
    churn_minor: i64,
    net_customers: i64,
}

#[derive(Clone, FromQueryResult)]
struct NetRow {
    plan_id: Uuid,
    bucket: NaiveDate,
    net_minor: i64,
    net_customers: i64,
}

/// Gains less losses by plan and month of the months before `until`; everything before the month that begins on `from`
/// lies in that month.
async fn nets(tx: &Tx, from: NaiveDate, until: NaiveDate) -> Result<Vec<NetRow>> {
    let sql = "SELECT plan_id, bucket, CAST(SUM(net_minor) AS BIGINT) AS net_minor, CAST(SUM(net_customers) AS BIGINT) AS net_customers \
               FROM (SELECT plan_id, CASE WHEN month < $2 THEN $2 ELSE month END AS bucket, net_minor, net_customers \
               FROM mrr_plan_months WHERE seller_id = $1 AND month < $3) AS m GROUP BY plan_id, bucket";
    tx.all(sql, [tx.seller_id().0.into(), from.into(), until.into()]).await
}

/// Gains less losses by plan and day.
async fn net_days(tx: &Tx, first: NaiveDate, last: NaiveDate) -> Result<Vec<NetRow>> {
    let sql = "SELECT plan_id, day AS bucket, new_minor + expansion_minor + reactivation_minor - contraction_minor - churn_minor AS net_minor, \
               net_customers FROM mrr_plan_days WHERE seller_id = $1 AND day >= $2 AND day <= $3";
    tx.all(sql, [tx.seller_id().0.into(), first.into(), last.into()]).await
}

/// Each plan from the start of `month` to the end of `last`.
pub async fn month(tx: &Tx, month: Month, last: NaiveDate) -> Result<Vec<PlanMonth>> {
    let (names, first) = (names(tx).await?, month.first_day());
    let sums = ["new_minor", "expansion_minor", "reactivation_minor", "contraction_minor", "churn_minor", "net_customers"]
        .map(|c| format!("CAST(SUM({c}) AS BIGINT) AS {c}"))
        .join(", ");
    let sql = format!("SELECT plan_id, {sums} FROM mrr_plan_days WHERE seller_id = $1 AND day >= $2 AND day <= $3 GROUP BY plan_id");
    let flows: Vec<FlowRow> = tx.all(&sql, [tx.seller_id().0.into(), first.into(), last.into()]).await?;
    let mut plans: BTreeMap<Uuid, (i64, i64, Flow)> = BTreeMap::new();
    for row in nets(tx, first, first).await? {
        let plan = plans.entry(row.plan_id).or_default();
        plan.0 += row.net_minor;
        plan.1 += row.net_customers;
    }
    for r in flows {
        let plan = plans.entry(r.plan_id).or_default();
        plan.1 += r.net_customers;
        plan.2 = Flow {
            new: r.new_minor,
            expansion: r.expansion_minor,
            reactivation: r.reactivation_minor,
            contraction: r.contraction_minor,
            churn: r.churn_minor,
            ..Flow::default()
        };
    }
    let currency = tx.scope().currency();
    let mut rows: Vec<PlanMonth> = Vec::new();
    for (id, (start_minor, customers, flow)) in plans {
        if start_minor == 0 && flow == Flow::default() {
            continue;
        }
        let plan = names.get(&id).cloned().ok_or_else(|| bug(format!("movements of the plan {id}, which is none")))?;
        rows.push(PlanMonth { plan, customers, movements: MonthMovements { month, currency, start_minor, start_customers: 0, flow } });
    }
    rows.sort_by_key(|p| (-p.movements.end().minor(), p.plan.name.clone(), p.plan.id.clone()));
    Ok(rows)
}

/// MRR of plans at the end of some days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    pub ends: Vec<NaiveDate>,
    /// Minor units at each of the ends; the plan that is largest at the last comes first.
    pub plans: Vec<(PlanName, Vec<i64>)>,
}

/// MRR by plan at the end of each of `ends`, which ascend.
pub async fn levels(tx: &Tx, ends: &[NaiveDate]) -> Result<Levels> {
    let (Some(first), Some(last)) = (ends.first().copied(), ends.last().copied()) else { return Ok(Levels::default()) };
    // Whole months are read as such; days only from where a point does not lie at the end of a month.
    let whole = |day: &NaiveDate| *day == Month::of(*day).next().first_day().pred_opt().unwrap_or(NaiveDate::MAX);
    let odd = ends.iter().find(|day| !whole(day)).copied();
    let until = odd.map_or_else(|| Month::of(last).next(), Month::of).first_day();
    let mut moved = nets(tx, Month::of(first).first_day(), until).await?;
    if odd.is_some() {
        moved.extend(net_days(tx, until, last).await?);
    }
    let names = names(tx).await?;
    let mut plans: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
    for row in moved {
        let levels = plans.entry(row.plan_id).or_insert_with(|| vec![0; ends.len()]);
        let from = ends.partition_point(|end| *end < row.bucket);
        levels[from..].iter_mut().for_each(|level| *level += row.net_minor);
    }
    plans.retain(|_, levels| levels.iter().any(|level| *level != 0));
    let named = |(id, levels): (Uuid, Vec<i64>)| {
        names.get(&id).cloned().map(|name| (name, levels)).ok_or_else(|| bug(format!("movements of the plan {id}, which is none")))
    };
    let mut plans = plans.into_iter().map(named).collect::<Result<Vec<_>>>()?;
    plans.sort_by_key(|(name, levels)| (-levels.last().copied().unwrap_or(0), name.name.clone(), name.id.clone()));
    Ok(Levels { ends: ends.to_vec(), plans })
}

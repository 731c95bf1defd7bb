//! Parts of an allowance that are used up, each told once in a period.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use serde_json::json;

use super::quantity::{Asked, used};
use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::money::group;
use crate::kit::period::{Period, long_day};
use crate::kit::tx::Tx;
use crate::meters::{Aggregation, MeterId};
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::store::metering;
use crate::usage::model::THRESHOLDS;

/// What a subscription's present plan includes of a meter.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Allowance {
    pub subscription_id: SubscriptionId,
    pub charge_id: uuid::Uuid,
    pub meter_id: MeterId,
    pub key: String,
    pub meter_name: String,
    pub unit: String,
    pub aggregation: Aggregation,
    pub included: i64,
    pub customer_name: String,
}

/// What the plans that these subscriptions are on that day include.
pub(super) async fn allowances(tx: &Tx, ids: &[SubscriptionId], day: NaiveDate) -> Result<Vec<Allowance>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys = Ids::of(ids.iter().map(|id| id.0));
    let sql = format!(
        "SELECT h.subscription_id, c.id AS charge_id, c.meter_id, m.key, m.name AS meter_name, m.unit, m.aggregation, c.included, \
         u.name AS customer_name FROM subscription_phases h \
         JOIN plan_charges c ON c.seller_id = h.seller_id AND c.plan_version_id = h.plan_version_id AND c.kind = 'usage' \
         JOIN meters m ON m.seller_id = c.seller_id AND m.id = c.meter_id \
         JOIN subscriptions s ON s.seller_id = h.seller_id AND s.id = h.subscription_id \
         JOIN customers u ON u.seller_id = s.seller_id AND u.id = s.customer_id \
         WHERE h.seller_id = $1 AND {} AND h.starts_on <= $2 AND (h.ends_on IS NULL OR h.ends_on > $2) \
         ORDER BY h.subscription_id, c.position, c.id",
        keys.among(tx, "h.subscription_id", 3)
    );
    tx.all(&sql, keys.after(tx, [day.into()])).await
}

/// An allowance in its period, with what was used of it.
struct Standing<'a> {
    of: &'a Allowance,
    period: Period,
    quantity: i64,
}

/// Looks at the allowances of what was just used; gives an event for each threshold that it reached first.
pub(super) async fn reached(tx: &Tx, pairs: &BTreeSet<(SubscriptionId, MeterId)>) -> Result<Vec<Event>> {
    let ids: BTreeSet<SubscriptionId> = pairs.iter().map(|(id, _)| *id).collect();
    let mut allowances = allowances(tx, &ids.into_iter().collect::<Vec<_>>(), tx.scope().today()).await?;
    allowances.retain(|a| a.included > 0 && pairs.contains(&(a.subscription_id, a.meter_id)));
    let limited: BTreeSet<SubscriptionId> = allowances.iter().map(|a| a.subscription_id).collect();
    let periods = metering::periods(tx, &limited.into_iter().collect::<Vec<_>>(), tx.scope().today()).await?;
    let standings = standings(tx, &allowances, &periods).await?;
    let mut crossed = Vec::new();
    for standing in &standings {
        let part = |percent: i64| i128::from(standing.quantity) * 100 >= i128::from(standing.of.included) * i128::from(percent);
        crossed.extend(THRESHOLDS.into_iter().filter(|percent| part(*percent)).map(|percent| (standing, percent)));
    }
    tell(tx, &crossed).await
}

async fn standings<'a>(tx: &Tx, of: &'a [Allowance], periods: &BTreeMap<SubscriptionId, Period>) -> Result<Vec<Standing<'a>>> {
    let found: Vec<(&Allowance, Period)> = of.iter().filter_map(|a| periods.get(&a.subscription_id).map(|p| (a, *p))).collect();
    let ask = |(a, period): &(&Allowance, Period)| Asked {
        subscription: a.subscription_id,
        meter: a.meter_id,
        aggregation: a.aggregation,
        period: *period,
    };
    let quantities = used(tx, &found.iter().map(ask).collect::<Vec<_>>()).await?;
    Ok(found.into_iter().zip(quantities).map(|((of, period), quantity)| Standing { of, period, quantity }).collect())
}

/// Notes what was crossed; those that were not noted before are told.
async fn tell(tx: &Tx, crossed: &[(&Standing<'_>, i64)]) -> Result<Vec<Event>> {
    #[derive(FromQueryResult)]
    struct New {
        subscription_id: SubscriptionId,
        charge_id: uuid::Uuid,
        percent: i32,
    }
    if crossed.is_empty() {
        return Ok(Vec::new());
    }
    let row = |(standing, percent): &(&Standing<'_>, i64)| {
        let Allowance { subscription_id, charge_id, .. } = standing.of;
        let percent = i32::try_from(*percent).unwrap_or(100);
        vec![subscription_id.0.into(), (*charge_id).into(), standing.period.start.into(), percent.into(), tx.scope().now().into()]
    };
    let columns = ["subscription_id", "charge_id", "period_start", "percent", "reached_at"];
    let ending = "ON CONFLICT DO NOTHING RETURNING subscription_id, charge_id, percent";
    let new: Vec<New> = Rows::new(&columns, crossed.iter().map(row).collect()).insert_returning(tx, "usage_thresholds", ending).await?;
    let is_new = |standing: &Standing<'_>, percent: i64| {
        let same = |n: &New| n.subscription_id == standing.of.subscription_id && n.charge_id == standing.of.charge_id;
        new.iter().any(|n| same(n) && i64::from(n.percent) == percent)
    };
    Ok(crossed.iter().filter(|(standing, percent)| is_new(standing, *percent)).map(|(s, percent)| event(s, *percent)).collect())
}

fn event(standing: &Standing<'_>, percent: i64) -> Event {
    let Standing { of, period, quantity } = standing;
    let details = json!({
        "percent": percent, "meter": of.key, "used": quantity, "included": of.included, "period_start": period.start, "period_end": period.end,
    });
    let count = |n: i64| group(&n.max(0).to_string());
    let body = format!("{} of {} {} until {}.", count(*quantity), count(of.included), of.unit, long_day(period.end));
    let title = format!("{} has used {percent} % of {}", of.customer_name, of.meter_name);
    let link = format!("/usage/{}", of.subscription_id);
    let event = Event::new("usage.threshold_reached", "subscription", of.subscription_id, of.customer_name.clone());
    event.level(Level::Warning).details(details).notify(Level::Warning, title, body, link)
}

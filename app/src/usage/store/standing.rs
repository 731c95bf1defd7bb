//! Where subscriptions stand: what each used in its present period, against what its plan includes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use sea_orm::FromQueryResult;

use super::closed;
use super::quantity::{Asked, used};
use super::thresholds::allowances;
use crate::customers::CustomerId;
use crate::kit::bulk::Ids;
use crate::kit::db::Sql;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::period::{Period, next_day};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::meters::{Aggregation, MeterId};
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::store::metering;
use crate::usage::charts;
use crate::usage::model::{DayUse, MeterUse, SubscriptionUse, UsingSubscription};

/// Whoever used nothing for so long is not in the list.
const LATELY: Days = Days::new(62);

const LIST: Keyset =
    Keyset { columns: &[Column::day("last", "u.day"), Column::text("customer", "c.name")], default: "-last", id: "u.subscription_id" };
const COLUMNS: &str = "s.id, s.customer_id, c.name AS customer_name, p.name AS plan_name";
const TABLES: &str = "subscriptions s JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id \
     JOIN plans p ON p.seller_id = s.seller_id AND p.id = s.plan_id";
const LATELY_COLUMNS: &str = "s.id, s.customer_id, c.name AS customer_name, p.name AS plan_name, u.day";
/// Each has all three; told so, a database leaves them out where it only counts.
const LATELY_TABLES: &str = "usage_latest u LEFT JOIN subscriptions s ON s.seller_id = u.seller_id AND s.id = u.subscription_id \
     LEFT JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id \
     LEFT JOIN plans p ON p.seller_id = s.seller_id AND p.id = s.plan_id";

#[derive(FromQueryResult)]
struct Head {
    id: SubscriptionId,
    customer_id: CustomerId,
    customer_name: String,
    plan_name: String,
}

#[derive(FromQueryResult)]
struct Lately {
    #[sea_orm(nested)]
    head: Head,
    day: NaiveDate,
}

/// A meter of a subscription, with what to read of it.
struct Counted {
    asked: Asked,
    used: MeterUse,
}

fn filter(tx: &Tx, query: &ListQuery) -> Where {
    let mut filter = Where::seller(tx, "u");
    let since = tx.scope().today().checked_sub_days(LATELY).unwrap_or(NaiveDate::MIN);
    filter.and("u.day >= ?", [since.into()]);
    let customers: Vec<uuid::Uuid> =
        query.filter("customer").iter().map(|id| crate::kit::id::decode("cus", id).unwrap_or(uuid::Uuid::nil())).collect();
    filter.any("s.customer_id", &customers);
    filter.contains(&["c.name", "p.name"], &query.q);
    filter
}

async fn with_meters(tx: &Tx, lately: Vec<Lately>) -> Result<Vec<UsingSubscription>> {
    let ids: Vec<SubscriptionId> = lately.iter().map(|row| row.head.id).collect();
    let (periods, mut meters) = meters(tx, &ids, tx.scope().today()).await?;
    let using = lately.into_iter().map(|Lately { head, day }| UsingSubscription {
        subscription: head.id,
        customer_name: head.customer_name,
        plan_name: head.plan_name,
        last_used_on: day,
        period: periods.get(&head.id).copied(),
        meters: meters.remove(&head.id).unwrap_or_default().into_iter().map(|m| m.used).collect(),
    });
    Ok(using.collect())
}

/// Subscriptions that used something lately: search by customer or plan, filter `customer`, sort `last`, `customer`.
pub async fn using(scope: &Scope, query: &ListQuery) -> Result<Page<UsingSubscription>> {
    let tx = scope.read().await?;
    let page: Page<Lately> = LIST.page(&tx, query, LATELY_COLUMNS, LATELY_TABLES, &filter(&tx, query)).await?;
    let rows = with_meters(&tx, page.rows).await?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` of them after `query.after`, and where to go on.
pub async fn using_chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<UsingSubscription>, Option<String>)> {
    let tx = scope.read().await?;
    let (heads, next) = LIST.chunk(&tx, query, size, LATELY_COLUMNS, LATELY_TABLES, &filter(&tx, query)).await?;
    Ok((with_meters(&tx, heads).await?, next))
}

/// What each used in the period that a day lies in: what its plan charges first, then what else it used.
async fn meters(
    tx: &Tx,
    ids: &[SubscriptionId],
    day: NaiveDate,
) -> Result<(BTreeMap<SubscriptionId, Period>, BTreeMap<SubscriptionId, Vec<Counted>>)> {
    let periods = metering::periods(tx, ids, day).await?;
    let mut counted = Vec::new();
    for a in allowances(tx, ids, day).await? {
        let Some(period) = periods.get(&a.subscription_id).copied() else { continue };
        let asked = Asked { subscription: a.subscription_id, meter: a.meter_id, aggregation: a.aggregation, period };
        let used =
            MeterUse { key: a.key, name: a.meter_name, unit: a.unit, aggregation: a.aggregation, quantity: 0, included: Some(a.included) };
        counted.push(Counted { asked, used });
    }
    let known: BTreeSet<(SubscriptionId, MeterId)> = counted.iter().map(|c| (c.asked.subscription, c.asked.meter)).collect();
    counted.extend(uncharged(tx, &periods, &known).await?);
    let quantities = used(tx, &counted.iter().map(|c| c.asked).collect::<Vec<_>>()).await?;
    let mut by: BTreeMap<SubscriptionId, Vec<Counted>> = BTreeMap::new();
    for (mut one, quantity) in counted.into_iter().zip(quantities) {
        one.used.quantity = quantity;
        by.entry(one.asked.subscription).or_default().push(one);
    }
    Ok((periods, by))
}

/// Meters that were used and that the plan does not charge.
async fn uncharged(
    tx: &Tx,
    periods: &BTreeMap<SubscriptionId, Period>,
    known: &BTreeSet<(SubscriptionId, MeterId)>,
) -> Result<Vec<Counted>> {
    #[derive(FromQueryResult)]
    struct Row {
        subscription_id: SubscriptionId,
        meter_id: MeterId,
        key: String,
        name: String,
        unit: String,
        aggregation: Aggregation,
        last_day: NaiveDate,
    }
    let keys = Ids::of(periods.keys().map(|id| id.0));
    let Some(from) = periods.values().map(|p| p.start).min() else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT d.subscription_id, d.meter_id, m.key, m.name, m.unit, m.aggregation, MAX(d.day) AS last_day FROM usage_days d \
         JOIN meters m ON m.seller_id = d.seller_id AND m.id = d.meter_id \
         WHERE d.seller_id = $1 AND {} AND d.day >= $2 \
         GROUP BY d.subscription_id, d.meter_id, m.key, m.name, m.unit, m.aggregation ORDER BY m.name",
        keys.among(tx, "d.subscription_id", 3)
    );
    let mut found = Vec::new();
    for row in tx.all::<Row>(&sql, keys.after(tx, [from.into()])).await? {
        let Some(period) = periods.get(&row.subscription_id).copied() else { continue };
        if known.contains(&(row.subscription_id, row.meter_id)) || row.last_day < period.start {
            continue;
        }
        let Row { subscription_id, meter_id, key, name, unit, aggregation, .. } = row;
        let asked = Asked { subscription: subscription_id, meter: meter_id, aggregation, period };
        found.push(Counted { asked, used: MeterUse { key, name, unit, aggregation, quantity: 0, included: None } });
    }
    Ok(found)
}

/// What a subscription used in the period that a day lies in, day by day.
pub async fn of_subscription(scope: &Scope, id: SubscriptionId, on: Option<NaiveDate>) -> Result<SubscriptionUse> {
    let tx = scope.read().await?;
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE s.seller_id = $1 AND s.id = $2");
    let head: Head = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)?;
    let (periods, mut by) = meters(&tx, &[id], on.unwrap_or(scope.today())).await?;
    let (period, counted) = (periods.get(&id).copied(), by.remove(&id).unwrap_or_default());
    let days = days(&tx, period, &counted).await?;
    let meters: Vec<MeterUse> = counted.into_iter().map(|c| c.used).collect();
    Ok(SubscriptionUse {
        subscription: id,
        customer: head.customer_id,
        customer_name: head.customer_name,
        plan_name: head.plan_name,
        period,
        closed_until: closed::read(&tx, &[id]).await?.remove(&id),
        chart: charts::days(&meters, &days),
        meters,
        days,
    })
}

/// As [`of_subscription`], without the days.
pub async fn on_day(scope: &Scope, id: SubscriptionId, on: Option<NaiveDate>) -> Result<(Option<Period>, Vec<MeterUse>)> {
    let tx = scope.read().await?;
    metering::find(&tx, &[id], &[], false).await?.pop().ok_or(Error::NotFound)?;
    let (periods, mut by) = meters(&tx, &[id], on.unwrap_or(scope.today())).await?;
    Ok((periods.get(&id).copied(), by.remove(&id).unwrap_or_default().into_iter().map(|c| c.used).collect()))
}

/// Each day of the period up to today, by the meters' own aggregations.
async fn days(tx: &Tx, period: Option<Period>, counted: &[Counted]) -> Result<Vec<DayUse>> {
    let Some(period) = period.filter(|_| !counted.is_empty()) else { return Ok(Vec::new()) };
    let last = period.end.min(next_day(tx.scope().today()));
    let days: Vec<NaiveDate> = period.start.iter_days().take_while(|day| *day < last).take(400).collect();
    let of_day = |day: &NaiveDate| {
        let period = Period { start: *day, end: next_day(*day) };
        counted.iter().map(move |c| Asked { period, ..c.asked })
    };
    let quantities = used(tx, &days.iter().flat_map(of_day).collect::<Vec<_>>()).await?;
    let rows = days.into_iter().zip(quantities.chunks(counted.len()));
    Ok(rows.map(|(day, quantities)| DayUse { day, quantities: quantities.to_vec() }).collect())
}

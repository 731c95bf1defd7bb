//! What billing reads of subscriptions, and the marks it leaves: which have something to bill by a day, their courses, and
//! how single days are billed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};

use super::phases::{COLUMNS, KeyedPhase, on_hold};
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::Sql;
use crate::kit::tx::Tx;
use crate::subscriptions::course::{Course, Phase};
use crate::subscriptions::model::{Proration, SubscriptionId};

/// A subscription as billing sees it.
#[derive(Clone, Debug)]
pub struct Billed {
    pub id: SubscriptionId,
    pub customer: CustomerId,
    pub course: Course,
    /// Periods that began before are another system's.
    pub bills_from: Option<NaiveDate>,
    /// Nothing is to be billed before; `None`: nothing, ever.
    pub bills_on: Option<NaiveDate>,
    /// How single days are billed.
    pub prorations: BTreeMap<NaiveDate, Proration>,
    /// Stretches that are not billed.
    pub pauses: Vec<(NaiveDate, Option<NaiveDate>)>,
}

#[derive(FromQueryResult)]
struct Head {
    id: SubscriptionId,
    customer_id: CustomerId,
    trial_ends_on: Option<NaiveDate>,
    anchor_day: Option<i32>,
    ended_on: Option<NaiveDate>,
    bills_from: Option<NaiveDate>,
    bills_on: Option<NaiveDate>,
}

/// Some customers after an id with something to bill by `until`, in the order of their ids; those that wait for a person
/// are left out.
pub async fn due_customers(tx: &Tx, until: NaiveDate, after: CustomerId, limit: usize) -> Result<Vec<CustomerId>> {
    #[derive(FromQueryResult)]
    struct Found {
        customer_id: CustomerId,
    }
    let sql = format!(
        "SELECT DISTINCT s.customer_id FROM subscriptions s WHERE s.seller_id = $1 AND s.bills_on <= $2 AND s.customer_id > $3 \
         AND NOT EXISTS (SELECT 1 FROM billing_alerts a WHERE a.seller_id = s.seller_id AND a.customer_id = s.customer_id \
         AND a.resolved_at IS NULL) ORDER BY s.customer_id LIMIT {limit}"
    );
    let rows: Vec<Found> = tx.all(&sql, [tx.seller_id().0.into(), until.into(), after.0.into()]).await?;
    Ok(rows.into_iter().map(|row| row.customer_id).collect())
}

/// All subscriptions of these customers on which there may be something to bill, ever. To `write` they are held until the
/// transaction ends, so that no change slips in between.
pub async fn of_customers(tx: &Tx, customers: &[CustomerId], write: bool) -> Result<Vec<Billed>> {
    let keys = Ids::of(customers.iter().map(|c| c.0));
    let hold = if write && !tx.db().is_sqlite() { "ORDER BY id FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT id, customer_id, trial_ends_on, anchor_day, ended_on, bills_from, bills_on FROM subscriptions \
         WHERE seller_id = $1 AND {} AND (bills_on IS NOT NULL OR id IS NULL) {hold}",
        keys.among(tx, "customer_id", 2)
    );
    let mut heads: Vec<Head> = tx.all(&sql, keys.keyed(tx)).await?;
    // Asked for this order, SQLite would walk all of the seller's subscriptions in it; asked plainly for those to be billed,
    // all of those. (No id is NULL.)
    heads.sort_by_key(|head| head.id);
    of_heads(tx, heads).await
}

/// One subscription, whether or not there is anything to bill.
pub async fn one(tx: &Tx, id: SubscriptionId) -> Result<Option<Billed>> {
    let sql = "SELECT id, customer_id, trial_ends_on, anchor_day, ended_on, bills_from, bills_on FROM subscriptions WHERE seller_id = $1 AND id = $2";
    let head: Option<Head> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(of_heads(tx, head.into_iter().collect()).await?.pop())
}

/// Some subscriptions by their ids, whether or not there is anything to bill.
pub async fn of_ids(tx: &Tx, ids: &[SubscriptionId]) -> Result<Vec<Billed>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys = keyed(ids);
    let sql = format!(
        "SELECT id, customer_id, trial_ends_on, anchor_day, ended_on, bills_from, bills_on FROM subscriptions WHERE seller_id = $1 AND {}",
        keys.among(tx, "id", 2)
    );
    let heads: Vec<Head> = tx.all(&sql, keys.keyed(tx)).await?;
    of_heads(tx, heads).await
}

async fn of_heads(tx: &Tx, heads: Vec<Head>) -> Result<Vec<Billed>> {
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<SubscriptionId> = heads.iter().map(|h| h.id).collect();
    let mut phases = phases(tx, &ids).await?;
    let mut prorations = prorations(tx, &ids).await?;
    let mut pauses = pauses(tx, &ids).await?;
    let billed = heads.into_iter().filter_map(|head| {
        let phases = phases.remove(&head.id)?;
        let on_hold = on_hold(head.ended_on, &phases);
        let anchor_day = head.anchor_day.and_then(|day| u32::try_from(day).ok());
        Some(Billed {
            id: head.id,
            customer: head.customer_id,
            course: Course { trial_ends_on: head.trial_ends_on, anchor_day, phases, on_hold },
            bills_from: head.bills_from,
            bills_on: head.bills_on,
            prorations: prorations.remove(&head.id).unwrap_or_default(),
            pauses: pauses.remove(&head.id).unwrap_or_default(),
        })
    });
    Ok(billed.collect())
}

async fn phases(tx: &Tx, ids: &[SubscriptionId]) -> Result<BTreeMap<SubscriptionId, Vec<Phase>>> {
    let keys = keyed(ids);
    let sql = format!(
        "SELECT subscription_id, {COLUMNS} FROM subscription_phases WHERE seller_id = $1 AND {} \
         ORDER BY subscription_id, starts_on",
        keys.among(tx, "subscription_id", 2)
    );
    let rows: Vec<KeyedPhase> = tx.all(&sql, keys.keyed(tx)).await?;
    let mut phases: BTreeMap<SubscriptionId, Vec<Phase>> = BTreeMap::new();
    for row in rows {
        phases.entry(row.subscription_id).or_default().push(row.phase.phase()?);
    }
    Ok(phases)
}

async fn prorations(tx: &Tx, ids: &[SubscriptionId]) -> Result<BTreeMap<SubscriptionId, BTreeMap<NaiveDate, Proration>>> {
    #[derive(FromQueryResult)]
    struct Row {
        subscription_id: SubscriptionId,
        day: NaiveDate,
        proration: Proration,
    }
    let keys = keyed(ids);
    let sql = format!(
        "SELECT subscription_id, day, proration FROM subscription_prorations WHERE seller_id = $1 AND {}",
        keys.among(tx, "subscription_id", 2)
    );
    let mut found: BTreeMap<SubscriptionId, BTreeMap<NaiveDate, Proration>> = BTreeMap::new();
    for row in tx.all::<Row>(&sql, keys.keyed(tx)).await? {
        found.entry(row.subscription_id).or_default().insert(row.day, row.proration);
    }
    Ok(found)
}

type Pauses = Vec<(NaiveDate, Option<NaiveDate>)>;

async fn pauses(tx: &Tx, ids: &[SubscriptionId]) -> Result<BTreeMap<SubscriptionId, Pauses>> {
    #[derive(FromQueryResult)]
    struct Row {
        subscription_id: SubscriptionId,
        starts_on: NaiveDate,
        ends_on: Option<NaiveDate>,
    }
    let keys = keyed(ids);
    let sql = format!(
        "SELECT subscription_id, starts_on, ends_on FROM billing_pauses WHERE seller_id = $1 AND {}",
        keys.among(tx, "subscription_id", 2)
    );
    let mut found: BTreeMap<SubscriptionId, Pauses> = BTreeMap::new();
    for row in tx.all::<Row>(&sql, keys.keyed(tx)).await? {
        found.entry(row.subscription_id).or_default().push((row.starts_on, row.ends_on));
    }
    Ok(found)
}

/// Notes how a day is billed; `None`: as the seller's settings say.
pub async fn set_proration(tx: &Tx, id: SubscriptionId, day: NaiveDate, proration: Option<Proration>) -> Result<()> {
    let key: [Value; 3] = [tx.seller_id().0.into(), id.0.into(), day.into()];
    tx.run("DELETE FROM subscription_prorations WHERE seller_id = $1 AND subscription_id = $2 AND day = $3", key.clone()).await?;
    if let Some(proration) = proration {
        let sql = "INSERT INTO subscription_prorations (seller_id, subscription_id, day, proration) VALUES ($1, $2, $3, $4)";
        tx.run(sql, key.into_iter().chain([proration.into()]).collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// Notes of every start, change and end so far that it is billed in this way, where it is noted in no other: what the
/// seller's settings say from now on is for those to come. A first day that is an anniversary begins no part of a period.
pub async fn keep_prorations(tx: &Tx, proration: Proration) -> Result<()> {
    let sql = "INSERT INTO subscription_prorations (seller_id, subscription_id, day, proration) \
               SELECT b.seller_id, b.subscription_id, b.day, CAST($2 AS TEXT) FROM ( \
               SELECT seller_id, subscription_id, ends_on AS day FROM subscription_phases WHERE seller_id = $1 AND ends_on IS NOT NULL UNION \
               SELECT h.seller_id, h.subscription_id, h.pays_from FROM subscription_phases h JOIN subscriptions s \
               ON s.seller_id = h.seller_id AND s.id = h.subscription_id WHERE h.seller_id = $1 AND s.anchor_day IS NOT NULL) b \
               WHERE b.seller_id = $1 ON CONFLICT DO NOTHING";
    tx.run(sql, [tx.seller_id().0.into(), proration.into()]).await.map(|_| ())
}

/// Notes when to look at each again.
pub async fn set_bills_on(tx: &Tx, days: &[(SubscriptionId, Option<NaiveDate>)]) -> Result<()> {
    let rows = days.iter().map(|(id, day)| vec![id.0.into(), (*day).into()]).collect();
    Rows::new(&["id", "bills_on"], rows).update(tx, "subscriptions").await.map(|_| ())
}

/// Looks at all that a subscription's periods were billed at again, at the next run.
pub async fn look_again(tx: &Tx, id: SubscriptionId) -> Result<()> {
    let sql = "UPDATE subscriptions SET bills_on = started_on WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into()]).await.map(|_| ())
}

fn keyed(ids: &[SubscriptionId]) -> Ids {
    Ids::of(ids.iter().map(|id| id.0))
}

//! One verb for several subscriptions: all or none, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::told::event;
use super::verbs::{Prepared, prepare};
use super::{phases, refresh};
use crate::customers::CustomerId;
use crate::kit::bulk::Ids;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::money::Money;
use crate::kit::readable::count;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements;
use crate::subscriptions::model::{CancelEffect, SubscriptionId, Verb, When};

/// Cancels subscriptions at the ends of their periods; those with an end already keep it. Gives how many it cancelled.
/// Each has its own entry in the audit log; several ring the bell once.
pub async fn cancel_many(scope: &Scope, ids: &[SubscriptionId], reason: Option<String>) -> Result<u64> {
    let tx = scope.write().await?;
    movements::hold(&tx).await?;
    let verb = Verb::Cancel { at: When::PeriodEnd, reason };
    let prepared = prepare_many(&tx, ids, &verb).await?;
    if prepared.is_empty() {
        return Ok(0);
    }
    let loses = effect(&tx, ids.len(), &prepared).await?.loses;
    let (mut events, mut customers) = (Vec::new(), BTreeSet::new());
    for one in &prepared {
        let Some(before) = &one.before else { continue };
        events.push(event(&tx, one, &verb).await?);
        phases::save(&tx, &one.head, before, &one.after).await?;
        customers.insert(one.head.customer_id);
    }
    refresh::refresh_customers(&tx, &customers.into_iter().collect::<Vec<_>>()).await?;
    tx.commit_all(once(events, loses)).await?;
    Ok(prepared.len() as u64)
}

/// What [`cancel_many`] would do, by its own code, with nothing written.
pub async fn preview_cancel_many(scope: &Scope, ids: &[SubscriptionId]) -> Result<CancelEffect> {
    let tx = scope.read().await?;
    let verb = Verb::Cancel { at: When::PeriodEnd, reason: None };
    let prepared = prepare_many(&tx, ids, &verb).await?;
    effect(&tx, ids.len(), &prepared).await
}

/// What the verb comes to for each, without those that refuse it as they stand.
async fn prepare_many(tx: &Tx, ids: &[SubscriptionId], verb: &Verb) -> Result<Vec<Prepared>> {
    let mut prepared = Vec::with_capacity(ids.len());
    for id in ids {
        match prepare(tx, *id, verb).await {
            Ok(one) if one.before.as_ref().is_some_and(|before| before.last().ends_on.is_some()) => {}
            Ok(one) => prepared.push(one),
            Err(Error::Conflict(_) | Error::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(prepared)
}

async fn effect(tx: &Tx, picked: usize, prepared: &[Prepared]) -> Result<CancelEffect> {
    let days = prepared.iter().map(|one| one.on);
    let days = days.clone().min().zip(days.max());
    // What each pays on its own last day.
    let mut losses: BTreeMap<CustomerId, i64> = BTreeMap::new();
    for one in prepared {
        let paid = one.before.as_ref().map_or(0, |before| before.mrr_on(one.on));
        *losses.entry(one.head.customer_id).or_default() += paid - one.after.mrr_on(one.on);
    }
    losses.retain(|_, loss| *loss > 0);
    let still = match days {
        Some((_, last)) => still_paying(tx, &losses, prepared, last).await?,
        None => BTreeSet::new(),
    };
    Ok(CancelEffect {
        cancelled: prepared.len() as u64,
        left: (picked - prepared.len()) as u64,
        loses: Money::new(losses.values().sum(), tx.scope().currency()),
        customers_lost: losses.keys().filter(|customer| !still.contains(customer)).count() as u64,
        days,
    })
}

/// The customers who pay for something else on that day than what was picked.
async fn still_paying(
    tx: &Tx,
    customers: &BTreeMap<CustomerId, i64>,
    prepared: &[Prepared],
    day: NaiveDate,
) -> Result<BTreeSet<CustomerId>> {
    #[derive(FromQueryResult)]
    struct Paid {
        customer_id: CustomerId,
        subscription_id: SubscriptionId,
    }
    if customers.is_empty() {
        return Ok(BTreeSet::new());
    }
    let keys = Ids::of(customers.keys().map(|id| id.0));
    let sql = format!(
        "SELECT DISTINCT customer_id, subscription_id FROM subscription_phases WHERE seller_id = $1 AND pays_from <= $2 \
         AND (ends_on IS NULL OR ends_on > $2) AND mrr_minor > 0 AND {}",
        keys.among(tx, "customer_id", 3)
    );
    let rows: Vec<Paid> = tx.all(&sql, keys.after(tx, [day.into()])).await?;
    let picked: BTreeSet<SubscriptionId> = prepared.iter().map(|one| one.head.id).collect();
    Ok(rows.into_iter().filter(|row| !picked.contains(&row.subscription_id)).map(|row| row.customer_id).collect())
}

/// Several events with one notice for all.
fn once(mut events: Vec<Event>, loses: Money) -> Vec<Event> {
    let n = events.len() as u64;
    if n > 1 {
        events.iter_mut().for_each(|event| event.notice = None);
        let (title, body) = (count(n, "subscription") + " cancelled", format!("{loses} a month less once all have ended."));
        let last = events.pop();
        events.extend(last.map(|last| last.notify(Level::Warning, title, body, "/subscriptions?status=cancelling")));
    }
    events
}

//! Takes in events: each once, with the sums of its day, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{FromQueryResult, Value};
use serde_json::json;

use super::{closed, thresholds, time};
use crate::kit::bulk::Rows;
use crate::kit::clock;
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::meters::{self, Aggregation, Meter, MeterId};
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::store::metering::{self, Metered};
use crate::usage::model::{EVENTS_AT_ONCE, NewEvent, QUANTITY_MAX, Taken, UsageEventId};

/// How far ahead a sender's clock may be.
const AHEAD: TimeDelta = TimeDelta::hours(1);

/// An event that can be kept.
struct Row {
    /// Its place among those sent.
    at_index: usize,
    meter: MeterId,
    subscription: SubscriptionId,
    at: DateTime<Utc>,
    day: NaiveDate,
}

/// Takes in up to [`EVENTS_AT_ONCE`] events; says of each what became of it.
pub async fn record(scope: &Scope, events: &[NewEvent]) -> Result<Vec<Taken>> {
    if events.is_empty() || events.len() > EVENTS_AT_ONCE {
        return Err(Error::field("events", format!("must be from 1 to {EVENTS_AT_ONCE}")));
    }
    let tx = scope.write().await?;
    let (taken, reached) = record_in(&tx, events).await?;
    let count = |what: &Taken| taken.iter().filter(|t| *t == what).count();
    let new = count(&Taken::New);
    if new == 0 {
        return Ok(taken);
    }
    let details = json!({ "new": new, "known": count(&Taken::Known), "sent": events.len() });
    let mut told = vec![Event::new("usage.recorded", "usage", scope.seller().id, "Usage").details(details)];
    told.extend(reached);
    tx.commit_all(told).await?;
    Ok(taken)
}

/// As [`record`], in a transaction that is under way; gives also the thresholds that were reached.
pub(super) async fn record_in(tx: &Tx, events: &[NewEvent]) -> Result<(Vec<Taken>, Vec<Event>)> {
    let meters = meters::store::by_key(tx).await?;
    let named = Named::read(tx, events).await?;
    let (mut taken, mut kept, mut ids) = (Vec::with_capacity(events.len()), Vec::new(), BTreeSet::new());
    for (at_index, event) in events.iter().enumerate() {
        taken.push(match check(tx, event, &meters, &named) {
            Ok(_) if !ids.insert(event.event_id.trim()) => Taken::Known,
            Ok((meter, subscription, at, day)) => {
                kept.push(Row { at_index, meter, subscription, at, day });
                Taken::New
            }
            Err((field, why)) => Taken::Refused(field.to_owned(), why),
        });
    }
    let new = insert(tx, events, &kept).await?;
    kept.retain(|row| {
        let is_new = new.contains(events[row.at_index].event_id.trim());
        if !is_new {
            taken[row.at_index] = Taken::Known;
        }
        is_new
    });
    roll_up(tx, events, &kept).await?;
    let pairs: BTreeSet<(SubscriptionId, MeterId)> = kept.iter().map(|row| (row.subscription, row.meter)).collect();
    Ok((taken, thresholds::reached(tx, &pairs).await?))
}

/// The subscriptions that events name.
struct Named {
    by_word: BTreeMap<String, Metered>,
    closed: BTreeMap<SubscriptionId, NaiveDate>,
}

impl Named {
    async fn read(tx: &Tx, events: &[NewEvent]) -> Result<Self> {
        let words: BTreeSet<&str> = events.iter().map(|e| e.subscription.trim()).filter(|w| !w.is_empty()).collect();
        let ids: Vec<SubscriptionId> = words.iter().filter_map(|w| w.parse().ok()).collect();
        let external: Vec<String> = words.iter().filter(|w| w.parse::<SubscriptionId>().is_err()).map(|w| (*w).to_owned()).collect();
        let found = metering::find(tx, &ids, &external, true).await?;
        let closed = closed::read(tx, &found.iter().map(|s| s.id).collect::<Vec<_>>()).await?;
        let mut by_word = BTreeMap::new();
        for one in found {
            if let Some(word) = one.external_id.clone().filter(|word| words.contains(word.as_str())) {
                by_word.insert(word, one.clone());
            }
            by_word.insert(one.id.to_string(), one);
        }
        Ok(Self { by_word, closed })
    }
}

type Checked = (MeterId, SubscriptionId, DateTime<Utc>, NaiveDate);

/// What an event counts for and on which day, or the field that is wrong and why.
fn check(tx: &Tx, event: &NewEvent, meters: &BTreeMap<String, Meter>, named: &Named) -> Result<Checked, (&'static str, String)> {
    let refuse = |field, why: &str| Err((field, why.to_owned()));
    let id = event.event_id.trim();
    if id.is_empty() || id.chars().count() > 200 || id.chars().any(char::is_control) {
        return refuse("event_id", "is required, and has at most 200 characters");
    }
    let Some(meter) = meters.get(event.meter.trim()) else { return refuse("meter", "is the key of no meter") };
    if meter.archived {
        return refuse("meter", "is archived and takes no events");
    }
    let Some(subscription) = named.by_word.get(event.subscription.trim()) else {
        return refuse("subscription", "is no subscription");
    };
    if event.quantity.abs() > QUANTITY_MAX {
        return Err(("quantity", format!("must be from -{QUANTITY_MAX} to {QUANTITY_MAX}")));
    }
    let subject = event.subject.trim();
    if subject.chars().count() > 200 || meter.aggregation == Aggregation::Unique && subject.is_empty() {
        return refuse("subject", "is what this meter counts: required, and of at most 200 characters");
    }
    let (now, zone) = (tx.scope().now(), tx.scope().seller().time_zone);
    let at = if event.at.trim().is_empty() { Some(now) } else { time::read(&event.at, zone) };
    let Some(at) = at else { return refuse("at", "must be a time, such as 2026-03-01T10:00:00Z") };
    if at > now + AHEAD {
        return refuse("at", "lies in the future");
    }
    let own = clock::day_of(at, zone);
    if own < subscription.started_on {
        return refuse("at", "lies before the subscription began");
    }
    if subscription.ended_on.is_some_and(|end| end <= own) {
        return refuse("at", "lies after the subscription ended");
    }
    if subscription.is_paused_on(own) {
        return refuse("at", "lies in a pause of the subscription");
    }
    let day = named.closed.get(&subscription.id).map_or(own, |closed| own.max(*closed));
    // What is late and would count in a pause counts when service is back.
    let day = if subscription.is_paused_on(day) { subscription.resumes_on } else { Some(day) };
    let Some(day) = day.filter(|day| subscription.ended_on.is_none_or(|end| *day < end)) else {
        return refuse("at", "lies in a period that was invoiced, and no other follows");
    };
    Ok((meter.id, subscription.id, at, day))
}

/// Writes those whose ids are not there; gives the ids that were not.
async fn insert(tx: &Tx, events: &[NewEvent], kept: &[Row]) -> Result<BTreeSet<String>> {
    #[derive(FromQueryResult)]
    struct Id {
        event_id: String,
    }
    let row = |row: &Row| -> Vec<Value> {
        let event = &events[row.at_index];
        let subject = Some(event.subject.trim()).filter(|s| !s.is_empty());
        vec![
            tx.scope().now().into(),
            event.event_id.trim().into(),
            UsageEventId::new().0.into(),
            row.meter.0.into(),
            row.subscription.0.into(),
            row.at.into(),
            row.day.into(),
            event.quantity.into(),
            subject.into(),
        ]
    };
    let columns = ["received_at", "event_id", "id", "meter_id", "subscription_id", "at", "day", "quantity", "subject"];
    let ending = "ON CONFLICT (seller_id, event_id) DO NOTHING RETURNING event_id";
    let new: Vec<Id> = Rows::new(&columns, kept.iter().map(row).collect()).insert_returning(tx, "usage_events", ending).await?;
    Ok(new.into_iter().map(|row| row.event_id).collect())
}

/// The sums of a day's events.
struct Sums {
    events: i64,
    total: i64,
    highest: i64,
    latest: i64,
    latest_at: DateTime<Utc>,
}

/// Adds events to the sums of their days. The days are written in one order, so that two batches do not wait for each other.
async fn roll_up(tx: &Tx, events: &[NewEvent], kept: &[Row]) -> Result<()> {
    let mut days: BTreeMap<(SubscriptionId, MeterId, NaiveDate), Sums> = BTreeMap::new();
    for row in kept {
        let quantity = events[row.at_index].quantity;
        let none = || Sums { events: 0, total: 0, highest: quantity, latest: quantity, latest_at: row.at };
        let sums = days.entry((row.subscription, row.meter, row.day)).or_insert_with(none);
        sums.events += 1;
        sums.total = sums.total.saturating_add(quantity);
        sums.highest = sums.highest.max(quantity);
        if row.at >= sums.latest_at {
            (sums.latest, sums.latest_at) = (quantity, row.at);
        }
    }
    let row = |((subscription, meter, day), sums): (&(SubscriptionId, MeterId, NaiveDate), &Sums)| -> Vec<Value> {
        let key = [subscription.0.into(), meter.0.into(), (*day).into()];
        let Sums { events, total, highest, latest, latest_at } = *sums;
        key.into_iter().chain([events.into(), total.into(), highest.into(), latest.into(), latest_at.into()]).collect()
    };
    let columns = ["subscription_id", "meter_id", "day", "events", "total", "highest", "latest", "latest_at"];
    let ending = "ON CONFLICT (seller_id, subscription_id, meter_id, day) DO UPDATE SET events = usage_days.events + excluded.events, \
                  total = usage_days.total + excluded.total, \
                  highest = CASE WHEN excluded.highest > usage_days.highest THEN excluded.highest ELSE usage_days.highest END, \
                  latest = CASE WHEN excluded.latest_at >= usage_days.latest_at THEN excluded.latest ELSE usage_days.latest END, \
                  latest_at = CASE WHEN excluded.latest_at >= usage_days.latest_at THEN excluded.latest_at ELSE usage_days.latest_at END";
    Rows::new(&columns, days.iter().map(row).collect()).insert(tx, "usage_days", ending).await?;
    let mut latest: BTreeMap<SubscriptionId, NaiveDate> = BTreeMap::new();
    for (subscription, _, day) in days.keys() {
        let known = latest.entry(*subscription).or_insert(*day);
        *known = (*known).max(*day);
    }
    let rows = latest.into_iter().map(|(subscription, day)| vec![subscription.0.into(), day.into()]).collect();
    let ending = "ON CONFLICT (seller_id, subscription_id) DO UPDATE SET day = excluded.day WHERE usage_latest.day < excluded.day";
    Rows::new(&["subscription_id", "day"], rows).insert(tx, "usage_latest", ending).await.map(|_| ())
}

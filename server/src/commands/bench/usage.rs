//! Usage in batches of a thousand through the store that the API calls, by one sender and by several at once, beside plain
//! INSERTs of the same rows.

use std::time::{Duration, Instant};

use app::kit::db::Sql;
use app::kit::error::Result;
use app::kit::scope::Scope;
use app::meters::model::NewMeter;
use app::meters::{self, Aggregation, MeterId};
use app::subscriptions::SubscriptionId;
use app::usage::model::{EVENTS_AT_ONCE, NewEvent, Taken};
use app::usage::store;
use futures::{StreamExt, TryStreamExt};
use sea_orm::{FromQueryResult, Value};

use super::report::Report;
use super::{rate, seconds, sentence};

/// Batches that are sent.
const BATCHES: usize = 100;
/// Senders at once, where there are several.
const SENDERS: usize = 4;
/// Subscriptions that the events are about.
const SUBSCRIPTIONS: usize = 5_000;

/// Records events, then sends them all again, then writes as many by plain SQL.
pub async fn measure(scope: &Scope, report: &mut Report) -> Result<(), String> {
    let new = NewMeter { key: "bench".into(), name: "Bench".into(), unit: "call".into(), aggregation: Aggregation::Sum };
    let meter = meters::store::create(scope, new).await.map_err(sentence)?;
    let subscriptions = subscriptions(scope).await.map_err(sentence)?;
    let batches = |first: usize| -> Vec<Vec<NewEvent>> { (first..first + BATCHES).map(|batch| events(batch, &subscriptions)).collect() };
    let one = batches(0);
    let (new, took) = send(scope, &one, 1).await.map_err(sentence)?;
    let plain = plain(scope, meter, &subscriptions).await.map_err(sentence)?;
    let count = (BATCHES * EVENTS_AT_ONCE) as u64;
    report.line(
        &format!("usage events in batches of {EVENTS_AT_ONCE}: {new} recorded"),
        &seconds(took),
        &format!("{:.0} events/s", rate(new, took)),
        &format!("{:.0} rows/s by plain INSERTs of the same events", rate(count, plain)),
    );
    let (new, took) = send(scope, &batches(BATCHES), SENDERS).await.map_err(sentence)?;
    report.line(
        &format!("  by {SENDERS} senders at once: {new} recorded"),
        &seconds(took),
        &format!("{:.0} events/s", rate(new, took)),
        "",
    );
    let (again, took) = send(scope, &one, 1).await.map_err(sentence)?;
    let known = format!("{:.0} events/s", rate(count, took));
    report.line(&format!("  the same events sent again: {again} recorded"), &seconds(took), &known, "");
    Ok(())
}

fn events(batch: usize, subscriptions: &[SubscriptionId]) -> Vec<NewEvent> {
    let event = |n: usize| NewEvent {
        event_id: format!("bench-{batch}-{n}"),
        meter: "bench".into(),
        subscription: subscriptions[(batch * EVENTS_AT_ONCE + n) % subscriptions.len()].to_string(),
        at: String::new(),
        quantity: 1,
        subject: String::new(),
    };
    (0..EVENTS_AT_ONCE).map(event).collect()
}

async fn send(scope: &Scope, batches: &[Vec<NewEvent>], senders: usize) -> Result<(u64, Duration)> {
    let started = Instant::now();
    let sent = batches.iter().map(|batch| store::record(scope, batch));
    let taken: Vec<Vec<Taken>> = futures::stream::iter(sent).buffer_unordered(senders).try_collect().await?;
    let new = taken.iter().flatten().filter(|taken| **taken == Taken::New).count() as u64;
    Ok((new, started.elapsed()))
}

async fn subscriptions(scope: &Scope) -> Result<Vec<SubscriptionId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: SubscriptionId,
    }
    let tx = scope.read().await?;
    let sql = format!(
        "SELECT id FROM subscriptions WHERE seller_id = $1 AND started_on <= $2 AND (ended_on IS NULL OR ended_on > $2) \
         ORDER BY id LIMIT {SUBSCRIPTIONS}"
    );
    let rows: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into(), scope.today().into()]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The same rows with other ids, a thousand to a statement and a transaction.
async fn plain(scope: &Scope, meter: MeterId, subscriptions: &[SubscriptionId]) -> Result<Duration> {
    let started = Instant::now();
    for batch in 0..BATCHES {
        let tx = scope.write().await?;
        let mut values: Vec<Value> = vec![tx.seller_id().0.into(), meter.0.into(), scope.now().into(), scope.today().into()];
        for n in 0..EVENTS_AT_ONCE {
            let subscription = subscriptions[(batch * EVENTS_AT_ONCE + n) % subscriptions.len()];
            values.extend([format!("plain-{batch}-{n}").into(), uuid::Uuid::now_v7().into(), subscription.0.into()]);
        }
        let row = |n: usize| format!("($1, $2, $3, $3, $4, 1, ${}, ${}, ${})", 5 + 3 * n, 6 + 3 * n, 7 + 3 * n);
        let sql = format!(
            "INSERT INTO usage_events (seller_id, meter_id, at, received_at, day, quantity, event_id, id, subscription_id) VALUES {}",
            (0..EVENTS_AT_ONCE).map(row).collect::<Vec<_>>().join(", ")
        );
        tx.run(&sql, values).await?;
        tx.commit_quietly().await?;
    }
    Ok(started.elapsed())
}

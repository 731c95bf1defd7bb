//! Events of gateways: kept with their id in the transaction of what they do, so that each does it once.

mod billing;
mod cards;
mod effects;
mod kept;
mod list;

pub use list::{chunk, detail, kinds, list};

use std::collections::BTreeSet;

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::webhooks::inbound::Inbound;
use crate::payments::webhooks::{EventStatus, GatewayEventId};

/// What became of an event that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Applied,
    Ignored,
    /// It was here before.
    Known,
}

impl Taken {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Known => "known",
        }
    }
}

/// Takes an event in. The same one again changes nothing, unless it failed before: then it is tried again.
pub async fn take(scope: &Scope, event: &Inbound) -> Result<Taken> {
    match try_take(scope, event).await {
        Err(Error::Unavailable) => Err(Error::Unavailable),
        Err(error) => {
            note_failure(scope, event, &error).await?;
            Err(error)
        }
        taken => taken,
    }
}

async fn try_take(scope: &Scope, event: &Inbound) -> Result<Taken> {
    let tx = scope.write().await?;
    let concerns = effects::concerns(&event.kind);
    if concerns {
        kept::hold(&tx, &kept::names(event)).await?;
    }
    let status = if concerns { EventStatus::Waiting } else { EventStatus::Ignored };
    if !insert(&tx, event, status, None).await? {
        let open = matches!(kept(&tx, event).await?, Some(EventStatus::Waiting | EventStatus::Failed));
        if !open {
            return Ok(Taken::Known);
        }
    }
    if !concerns {
        tx.commit_quietly().await?;
        return Ok(Taken::Ignored);
    }
    let (status, events) = apply(&tx, event).await?;
    let sql =
        "UPDATE gateway_events SET status = $4, processed_at = $5, error = NULL WHERE seller_id = $1 AND gateway = $2 AND event_id = $3";
    let values = [tx.seller_id().0.into(), event.gateway.into(), event.id.clone().into(), status.into(), scope.now().into()];
    tx.run(sql, values).await?;
    if events.is_empty() {
        tx.commit_quietly().await?
    } else {
        tx.commit_all(events).await?
    }
    Ok(if status == EventStatus::Applied { Taken::Applied } else { Taken::Ignored })
}

/// Applies an event, and what was kept about the same; one that means nothing yet is noted for when it does.
async fn apply(tx: &Tx, event: &Inbound) -> Result<(EventStatus, Vec<Event>)> {
    let names = kept::names(event);
    let (status, mut events) = effects::apply(tx, event).await?;
    if status == EventStatus::Applied {
        events.extend(kept::catch_up(tx, event.gateway, names).await?);
    } else {
        kept::keep(tx, event, &names).await?;
    }
    Ok((status, events))
}

/// Lets no event about that id of the gateway's be taken in until `tx` ends. Before a customer is held, as events do it: of
/// two that hold the one and wait for the other, the database ends one.
pub async fn hold(tx: &Tx, id: &str) -> Result<()> {
    kept::hold(tx, &BTreeSet::from([id.to_owned()])).await
}

/// Something of ours goes by that id at the gateway from now on, which is held: applies what was kept about it. Gives what
/// happened.
pub async fn known_as(tx: &Tx, gateway: GatewayKind, id: &str) -> Result<Vec<Event>> {
    kept::catch_up(tx, gateway, BTreeSet::from([id.to_owned()])).await
}

/// Keeps an event; `false` where it is kept already.
async fn insert(tx: &Tx, event: &Inbound, status: EventStatus, error: Option<String>) -> Result<bool> {
    let sql = "INSERT INTO gateway_events (seller_id, id, gateway, event_id, kind, payload, happened_at, received_at, status, processed_at, error) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (seller_id, gateway, event_id) DO NOTHING";
    let now = tx.scope().now();
    let values = [
        tx.seller_id().0.into(),
        GatewayEventId::new().0.into(),
        event.gateway.into(),
        event.id.clone().into(),
        event.kind.clone().into(),
        event.payload.clone().into(),
        event.happened_at.into(),
        now.into(),
        status.into(),
        (status != EventStatus::Waiting).then_some(now).into(),
        error.into(),
    ];
    Ok(tx.run(sql, values).await? > 0)
}

async fn kept(tx: &Tx, event: &Inbound) -> Result<Option<EventStatus>> {
    #[derive(FromQueryResult)]
    struct Kept {
        status: EventStatus,
    }
    let sql = "SELECT status FROM gateway_events WHERE seller_id = $1 AND gateway = $2 AND event_id = $3";
    let row: Option<Kept> = tx.one(sql, [tx.seller_id().0.into(), event.gateway.into(), event.id.clone().into()]).await?;
    Ok(row.map(|row| row.status))
}

/// It could not be applied: it is kept with the reason, and somebody is told.
async fn note_failure(scope: &Scope, event: &Inbound, error: &Error) -> Result<()> {
    let tx = scope.write().await?;
    let why = error.to_string();
    let new = insert(&tx, event, EventStatus::Failed, Some(why.clone())).await?;
    if !new {
        let sql = "UPDATE gateway_events SET error = $4 WHERE seller_id = $1 AND gateway = $2 AND event_id = $3 AND status = 'failed'";
        let values = [tx.seller_id().0.into(), event.gateway.into(), event.id.clone().into(), why.into()];
        tx.run(sql, values).await?;
        return tx.commit_quietly().await;
    }
    tx.commit(failure(event, error)).await
}

/// What is told of an event that could not be applied.
fn failure(event: &Inbound, error: &Error) -> Event {
    let why = error.to_string();
    let details = json!({ "gateway": event.gateway, "event": event.id, "kind": event.kind, "error": why });
    let told = Event::new("gateway_event.failed", "gateway_event", &event.id, event.kind.clone()).level(Level::Warning).details(details);
    let title = format!("An event of {} could not be applied", event.gateway.label());
    told.notify(Level::Critical, title, why, "/webhook-events?status=failed")
}

/// Applies a kept event once more. What it does is done once, so an applied one changes nothing.
pub async fn replay(scope: &Scope, id: GatewayEventId) -> Result<EventStatus> {
    #[derive(FromQueryResult)]
    struct Kept {
        gateway: GatewayKind,
        payload: Json,
        happened_at: chrono::DateTime<chrono::Utc>,
    }
    let tx = scope.write().await?;
    let sql = "SELECT gateway, payload, happened_at FROM gateway_events WHERE seller_id = $1 AND id = $2";
    let row: Option<Kept> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let row = row.ok_or(Error::NotFound)?;
    let event = Inbound::of(row.gateway, row.payload, row.happened_at).ok_or_else(|| bug("a kept event is none"))?;
    let (status, mut events) = if effects::concerns(&event.kind) {
        kept::hold(&tx, &kept::names(&event)).await?;
        apply(&tx, &event).await?
    } else {
        (EventStatus::Ignored, Vec::new())
    };
    let sql =
        "UPDATE gateway_events SET status = $3, processed_at = $4, error = NULL, replays = replays + 1 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), status.into(), scope.now().into()]).await?;
    let details = json!({ "gateway": event.gateway, "kind": event.kind, "status": status });
    events.push(Event::new("gateway_event.replayed", "gateway_event", id, event.kind.clone()).details(details));
    tx.commit_all(events).await?;
    Ok(status)
}

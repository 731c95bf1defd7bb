//! Jobs by the clock of a sandbox: what recurs is done when its time is reached, and all that is due, and all that follows
//! from it, before the clock moves on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use croner::Cron;
use sea_orm::FromQueryResult;
use serde_json::json;

use super::{Claimed, LEASE, OPEN, Registry, perform};
use crate::kit::clock;
use crate::kit::db::{Db, Sql, bug};
use crate::kit::error::Result;
use crate::kit::event::{Sink, deliver_batch};
use crate::kit::id::{JobId, OrganizationId};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// How long to wait for a job of the sandbox that another worker has in hand.
const WAIT: Duration = Duration::from_secs(60);
/// How soon to look again whether it is done, where nobody says so.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Rounds of events that make jobs that make events, within one moment.
const ROUNDS: usize = 1_000;

/// Whether the seller is a sandbox.
pub(super) async fn is_one(db: &Db, seller: Option<uuid::Uuid>) -> Result<bool> {
    let Some(seller) = seller else { return Ok(false) };
    Ok(crate::kit::seller::by_id(db, OrganizationId(seller)).await?.is_some_and(|s| s.sandbox_now.is_some()))
}

/// When each schedule of sellers first falls due after `from`, up to `to`, in order of time.
pub fn fire_in_sandbox(registry: &Registry, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<(DateTime<Utc>, &'static str)>> {
    let mut due = Vec::new();
    for schedule in registry.schedules().iter().filter(|s| s.per_seller) {
        let cron: Cron = schedule.cron.parse().map_err(bug)?;
        let at = cron.find_next_occurrence(&from, false).map_err(bug)?;
        if at <= to {
            due.push((at, schedule.kind));
        }
    }
    due.sort();
    Ok(due)
}

/// Does a job that has begun, all that is due by then, and what follows from it. `apart` is the kind of the job that
/// advances the clock, which would wait for itself.
pub async fn settle(scope: &Scope, registry: &Registry, sinks: &[Sink], begun: Option<Begun>, apart: &str) -> Result<()> {
    let (db, mut live, mut rounds) = (scope.db(), scope.db().live().subscribe(), 0);
    // Nobody waits for what only the clock begins, and it begins some of it at every step.
    if let Some(Begun(job)) = begun {
        perform(db, registry, job, false).await?;
    }
    let mut waits_since = None;
    loop {
        let open = open(scope, apart).await?;
        if open.due {
            if let Some(job) = claim(scope, apart).await? {
                perform(db, registry, job, true).await?;
            }
            waits_since = None;
        } else if open.events && rounds < ROUNDS {
            deliver_batch(db, sinks).await?;
            rounds += 1;
        } else if open.running {
            let since = *waits_since.get_or_insert(clock::now());
            if (clock::now() - since).to_std().unwrap_or_default() > WAIT {
                return Ok(());
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, live.recv()).await;
        } else {
            return Ok(());
        }
    }
}

/// A job that is in hand.
pub struct Begun(Claimed);

/// Enqueues what recurs at `at` as a job that is in hand already, so that no other worker takes it up when `tx` commits;
/// `None` where it was enqueued for that time before.
pub async fn begin(tx: &Tx, kind: &'static str, at: DateTime<Utc>) -> Result<Option<Begun>> {
    let key = format!("{kind}@{}/{}", at.to_rfc3339(), tx.seller_id());
    let sql = "INSERT INTO jobs (id, seller_id, kind, payload, status, run_at, attempts, lease_until, unique_key, created_at) \
               VALUES ($1, $2, $3, $4, 'running', $5, 1, $6, $7, $5) ON CONFLICT (unique_key) DO NOTHING \
               RETURNING id, seller_id, kind, payload, attempts, run_at";
    let values = [
        JobId::new().0.into(),
        tx.seller_id().0.into(),
        kind.into(),
        json!({}).into(),
        at.into(),
        (clock::now() + LEASE).into(),
        key.into(),
    ];
    Ok(tx.one(sql, values).await?.map(Begun))
}

async fn claim(scope: &Scope, apart: &str) -> Result<Option<Claimed>> {
    let db = scope.db();
    let (tx, now) = (db.system_write().await?, clock::now());
    let skip = if db.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "UPDATE jobs SET status = 'running', attempts = attempts + 1, lease_until = $2 WHERE id = \
         (SELECT id FROM jobs WHERE {OPEN} AND seller_id = $3 AND kind <> $4 AND ((status = 'queued' AND run_at <= $5) \
         OR (status = 'running' AND lease_until < $1)) ORDER BY run_at, id LIMIT 1 {skip}) \
         RETURNING id, seller_id, kind, payload, attempts, run_at"
    );
    let values = [now.into(), (now + LEASE).into(), scope.seller().id.0.into(), apart.into(), scope.now().into()];
    let job = tx.one(&sql, values).await?;
    tx.commit().await?;
    Ok(job)
}

/// What is still to be done at a moment: of one look, so that what passes from an event to a job is not missed.
#[derive(FromQueryResult)]
struct Open {
    /// A job is due.
    due: bool,
    /// Events wait for the sinks.
    events: bool,
    /// Another worker has a job in hand.
    running: bool,
}

async fn open(scope: &Scope, apart: &str) -> Result<Open> {
    let tx = scope.db().system_read().await?;
    let values = [scope.seller().id.0.into(), apart.into(), scope.now().into(), clock::now().into()];
    tx.one(&look(), values).await?.ok_or_else(|| bug("a look that saw nothing"))
}

/// For a seller, but one kind of job, by its clock and the one on the wall.
pub(super) fn look() -> String {
    let of = format!("SELECT 1 FROM jobs WHERE {OPEN} AND seller_id = $1 AND kind <> $2");
    format!(
        "SELECT EXISTS ({of} AND ((status = 'queued' AND run_at <= $3) OR (status = 'running' AND lease_until < $4))) AS due, \
         EXISTS ({of} AND status = 'running') AS running, \
         EXISTS (SELECT 1 FROM outbox WHERE seller_id = $1 AND delivered_at IS NULL) AS events"
    )
}

//! Jobs by the clock of a sandbox: what recurs is enqueued when its time is reached, and all that is due is done before
//! the clock moves on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use croner::Cron;
use sea_orm::FromQueryResult;
use serde_json::json;

use super::{Claimed, LEASE, NewJob, Registry, enqueue, perform};
use crate::kit::clock;
use crate::kit::db::{Db, Sql, bug};
use crate::kit::error::Result;
use crate::kit::id::OrganizationId;
use crate::kit::scope::Scope;

/// How long to wait for a job of the sandbox that another worker has in hand.
const WAIT: Duration = Duration::from_secs(60);

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

/// Enqueues a recurring job of a sandbox, once for that time, and does all that is due by then. `apart` is the kind of the
/// job that advances the clock, which would wait for itself.
pub async fn drain(scope: &Scope, registry: &Registry, recurring: Option<&'static str>, apart: &str) -> Result<u64> {
    if let Some(kind) = recurring {
        let tx = scope.write().await?;
        let key = format!("{kind}@{}/{}", scope.now().to_rfc3339(), scope.seller().id);
        enqueue(&tx, NewJob { unique_key: Some(key), ..NewJob::new(kind, json!({})) }).await?;
        tx.commit_quietly().await?;
    }
    let (db, mut done, waited_from) = (scope.db(), 0, clock::now());
    loop {
        if let Some(job) = claim(scope, apart).await? {
            perform(db, registry, job).await?;
            done += 1;
            continue;
        }
        let waited = (clock::now() - waited_from).to_std().unwrap_or_default();
        if waited > WAIT || !another_runs(scope, apart).await? {
            return Ok(done);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn claim(scope: &Scope, apart: &str) -> Result<Option<Claimed>> {
    let db = scope.db();
    let (tx, now) = (db.system_write().await?, clock::now());
    let skip = if db.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "UPDATE jobs SET status = 'running', attempts = attempts + 1, lease_until = $2 WHERE id = \
         (SELECT id FROM jobs WHERE seller_id = $3 AND kind <> $4 AND ((status = 'queued' AND run_at <= $5) \
         OR (status = 'running' AND lease_until < $1)) ORDER BY run_at, id LIMIT 1 {skip}) \
         RETURNING id, seller_id, kind, payload, attempts, run_at"
    );
    let values = [now.into(), (now + LEASE).into(), scope.seller().id.0.into(), apart.into(), scope.now().into()];
    let job = tx.one(&sql, values).await?;
    tx.commit().await?;
    Ok(job)
}

async fn another_runs(scope: &Scope, apart: &str) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let tx = scope.db().system_read().await?;
    let sql = "SELECT COUNT(*) AS n FROM jobs WHERE seller_id = $1 AND kind <> $2 AND status = 'running'";
    let count: Option<Count> = tx.one(sql, [scope.seller().id.0.into(), apart.into()]).await?;
    Ok(count.is_some_and(|c| c.n > 0))
}

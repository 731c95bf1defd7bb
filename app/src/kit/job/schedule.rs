//! What recurs by the clock on the wall.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use croner::Cron;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{NewJob, Registry, enqueue, enqueue_system};
use crate::kit::db::{Db, bug};
use crate::kit::error::Result;
use crate::kit::scope::Scope;
use crate::kit::{clock, seller};

/// Fires schedules until `stop`.
pub(super) async fn watch(db: Db, registry: Arc<Registry>, stop: CancellationToken) {
    let mut last = clock::now();
    while !stop.is_cancelled() {
        let now = clock::now();
        if let Err(error) = fire(&db, &registry, last, now).await {
            tracing::warn!(%error, "schedules wait");
        } else {
            last = now;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(15)) => {}
        }
    }
}

/// Enqueues every schedule that fell due after `from`, up to `to`; the unique key makes it once, whoever fires.
pub async fn fire(db: &Db, registry: &Registry, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<()> {
    for schedule in registry.schedules() {
        let cron: Cron = schedule.cron.parse().map_err(bug)?;
        let due = cron.find_next_occurrence(&from, false).map_err(bug)?;
        if due > to {
            continue;
        }
        let key = format!("{}@{}", schedule.kind, due.to_rfc3339());
        if !schedule.per_seller {
            let tx = db.system_write().await?;
            let job = NewJob { unique_key: Some(key), ..NewJob::new(schedule.kind, json!({})) };
            enqueue_system(&tx, job, due).await?;
            tx.commit().await?;
            continue;
        }
        // A sandbox has schedules of its own time.
        for seller in seller::all(db).await?.into_iter().filter(|s| s.sandbox_now.is_none()) {
            let key = format!("{key}/{}", seller.id);
            let tx = Scope::system(db.clone(), "schedule", seller, due).write().await?;
            enqueue(&tx, NewJob { unique_key: Some(key), ..NewJob::new(schedule.kind, json!({})) }).await?;
            tx.commit_quietly().await?;
        }
    }
    Ok(())
}

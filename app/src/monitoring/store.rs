//! What the database says of itself and of the work that waits in it.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait};
use sea_orm::FromQueryResult;

use crate::kit::clock;
use crate::kit::db::{Db, Sql};
use crate::kit::error::{Error, Result};
use crate::kit::job::JobStatus;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(FromQueryResult)]
struct Applied {
    version: String,
}

/// Whether requests can be served; the reason if not.
pub async fn readiness(db: &Db) -> Result<(), String> {
    let asked = async {
        let tx = db.system_read().await?;
        tx.all::<Applied>("SELECT version FROM seaql_migrations", []).await
    };
    let applied = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(rows)) => rows.into_iter().map(|row| row.version).collect::<HashSet<_>>(),
        Ok(Err(_)) => return Err("the database does not answer".into()),
        Err(_) => return Err("the database takes too long to answer".into()),
    };
    let pending = Migrator::migrations().iter().filter(|m| !applied.contains(m.name())).count();
    if pending == 0 { Ok(()) } else { Err(format!("{pending} migrations are not applied")) }
}

#[derive(FromQueryResult)]
struct Depth {
    status: String,
    n: i64,
}

#[derive(FromQueryResult)]
struct Oldest {
    run_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// Sets the gauges.
///
/// # Errors
/// `Unavailable` where the database does not answer in time.
pub async fn measure(db: &Db) -> Result<()> {
    tokio::time::timeout(PATIENCE, read(db)).await.unwrap_or(Err(Error::Unavailable))
}

async fn read(db: &Db) -> Result<()> {
    let tx = db.system_read().await?;
    let depths: Vec<Depth> =
        tx.all("SELECT status, COUNT(*) AS n FROM jobs WHERE status IN ('queued', 'running', 'dead') GROUP BY status", []).await?;
    for status in [JobStatus::Queued, JobStatus::Running, JobStatus::Dead] {
        let n = depths.iter().find(|d| d.status == status.word()).map_or(0, |d| d.n);
        metrics::gauge!("tenantry_jobs", "status" => status.word()).set(shown(n));
    }
    let now = clock::now();
    let oldest: Option<Oldest> =
        tx.one("SELECT run_at FROM jobs WHERE status = 'queued' AND run_at <= $1 ORDER BY run_at LIMIT 1", [now.into()]).await?;
    metrics::gauge!("tenantry_jobs_oldest_due_seconds").set(shown(oldest.map_or(0, |o| (now - o.run_at).num_seconds())));
    let waiting: Option<Count> = tx.one("SELECT COUNT(*) AS n FROM outbox WHERE delivered_at IS NULL", []).await?;
    metrics::gauge!("tenantry_outbox_waiting").set(shown(waiting.map_or(0, |c| c.n)));
    for (pool, open, idle) in db.pools() {
        metrics::gauge!("tenantry_db_connections", "pool" => pool, "state" => "open").set(f64::from(open));
        metrics::gauge!("tenantry_db_connections", "pool" => pool, "state" => "idle").set(f64::from(idle));
    }
    Ok(())
}

/// Gauges are floats; counts of rows are exact in them up to 2^53.
fn shown(n: i64) -> f64 {
    f64::from(i32::try_from(n).unwrap_or(i32::MAX))
}

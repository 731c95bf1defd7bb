//! Removes what the program's own tables no longer need: delivered events after 14 days, finished jobs and the records of
//! their runs after 90. In portions, so that nobody waits long behind it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::kit::db::{Db, Sql};
use crate::kit::error::Result;
use crate::kit::job::{Counts, JobContext, Registry, Schedule};

/// Rows removed in one transaction.
const PORTION: u64 = 2_000;
const EVENTS_KEPT: TimeDelta = TimeDelta::days(14);
const JOBS_KEPT: TimeDelta = TimeDelta::days(90);

pub fn register(registry: &mut Registry) {
    registry.handle("jobs.housekeeping", run);
    registry.schedule(Schedule {
        kind: "jobs.housekeeping",
        cron: "23 2 * * *",
        title: "Remove delivered events and old job records",
        per_seller: false,
    });
}

async fn run(job: JobContext) -> Result<Counts> {
    let events = purge(&job.db, "outbox", "delivered_at", job.now - EVENTS_KEPT).await?;
    let runs = purge(&job.db, "job_runs", "started_at", job.now - JOBS_KEPT).await?;
    let jobs = purge(&job.db, "jobs", "finished_at", job.now - JOBS_KEPT).await?;
    Ok(json!({ "events": events, "runs": runs, "jobs": jobs }))
}

/// Removes the rows of `table` whose `column` is before `limit`; gives how many.
async fn purge(db: &Db, table: &str, column: &str, limit: DateTime<Utc>) -> Result<u64> {
    let mut total = 0;
    loop {
        let tx = db.system_write().await?;
        let sql = format!("DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {column} < $1 LIMIT {PORTION})");
        let gone = tx.run(&sql, [limit.into()]).await?;
        tx.commit().await?;
        total += gone;
        if gone < PORTION {
            return Ok(total);
        }
    }
}

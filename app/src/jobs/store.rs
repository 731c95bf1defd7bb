//! Reads `jobs` and `job_runs`; retries.

use chrono::{DateTime, Utc};
use croner::Cron;
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use super::model::{JobDetail, JobRow, JobState, RunRow, ScheduleRow};
use crate::kit::db::{Sql, bug};
use crate::kit::error::{Error, Result};
use crate::kit::event::{Event, Level};
use crate::kit::id::JobId;
use crate::kit::job::Schedule;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::readable;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// Tries shown with a job.
const RUNS: usize = 50;

const LIST: Keyset = Keyset { columns: &[Column::time("created", "j.created_at")], default: "-created", id: "j.id" };

const COLUMNS: &str = "j.id, j.kind, j.status, j.attempts, j.run_at, j.created_at, j.finished_at, j.progress_done, j.progress_total, j.error, \
     j.payload, r.duration_ms, r.counts";

/// A job and its latest try.
const TABLES: &str = "jobs j LEFT JOIN job_runs r ON r.id = \
     (SELECT x.id FROM job_runs x WHERE x.job_id = j.id ORDER BY x.started_at DESC, x.id DESC LIMIT 1)";

#[derive(FromQueryResult)]
struct Row {
    id: uuid::Uuid,
    kind: String,
    status: JobState,
    attempts: i32,
    run_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    progress_done: i64,
    progress_total: i64,
    error: Option<String>,
    payload: Json,
    duration_ms: Option<i64>,
    counts: Option<Json>,
}

impl Row {
    fn shown(self, scope: &Scope) -> JobRow {
        let id = JobId(self.id);
        let stored = u64::try_from(self.progress_done).ok().zip(u64::try_from(self.progress_total).ok()).filter(|(_, total)| *total > 0);
        let progress = scope.db().progress().of(id).or(stored).filter(|_| self.status == JobState::Running);
        JobRow {
            id,
            kind: self.kind,
            state: self.status,
            attempts: self.attempts,
            due: scope.moment(self.run_at),
            created: scope.moment(self.created_at),
            finished: self.finished_at.map(|at| scope.moment(at)),
            progress,
            error: self.error,
            duration: self.duration_ms.map(duration),
            counts: self.counts.as_ref().map(readable::pairs).unwrap_or_default(),
        }
    }
}

#[derive(FromQueryResult)]
struct Run {
    kind: String,
    attempt: i32,
    started_at: DateTime<Utc>,
    duration_ms: i64,
    outcome: String,
    counts: Json,
    error: Option<String>,
}

impl Run {
    fn shown(self, scope: &Scope) -> RunRow {
        RunRow {
            kind: self.kind,
            attempt: self.attempt,
            started: scope.moment(self.started_at),
            duration: duration(self.duration_ms),
            failed: self.outcome != "done",
            counts: readable::pairs(&self.counts),
            error: self.error,
        }
    }
}

/// The condition of whose jobs the scope may see, with `$1` the seller: its own, and on the platform those of nobody.
fn mine(scope: &Scope, alias: &str) -> String {
    let nobody = if scope.seller().is_platform { format!(" OR {alias}.seller_id IS NULL") } else { String::new() };
    format!("({alias}.seller_id = $1{nobody})")
}

fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::of(tx, mine(tx.scope(), "j"));
    filter.any("j.status", query.filter("status"));
    filter.any("j.kind", query.filter("kind"));
    filter.contains(&["j.kind", "j.error"], &query.q);
    filter.days(tx, "j.created_at", query, "created")?;
    Ok(filter)
}

/// A page of jobs, the newest first; filters `status`, `kind`, `created_from`, `created_to`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<JobRow>> {
    let tx = scope.read().await?;
    let page = LIST.page::<Row>(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok(page.map(|row| row.shown(scope)))
}

/// Up to `size` jobs of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<JobRow>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next) = LIST.chunk::<Row>(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok((rows.into_iter().map(|row| row.shown(scope)).collect(), next))
}

/// The kinds of jobs that the scope has had.
pub async fn kinds(scope: &Scope) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Kind {
        kind: String,
    }
    let tx = scope.read().await?;
    let sql = format!("SELECT DISTINCT j.kind FROM jobs j WHERE {} ORDER BY j.kind", mine(scope, "j"));
    let rows: Vec<Kind> = tx.all(&sql, [tx.seller_id().0.into()]).await?;
    Ok(rows.into_iter().map(|row| row.kind).collect())
}

async fn find(tx: &Tx, id: JobId) -> Result<Row> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE {} AND j.id = $2", mine(tx.scope(), "j"));
    tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)
}

/// One job with its tries.
pub async fn detail(scope: &Scope, id: JobId) -> Result<JobDetail> {
    let tx = scope.read().await?;
    let row = find(&tx, id).await?;
    let sql = format!(
        "SELECT r.kind, r.attempt, r.started_at, r.duration_ms, r.outcome, r.counts, r.error FROM job_runs r \
         WHERE r.job_id = $1 ORDER BY r.started_at DESC, r.id DESC LIMIT {RUNS}"
    );
    let runs: Vec<Run> = tx.all(&sql, [id.0.into()]).await?;
    let payload = readable::pairs(&row.payload);
    Ok(JobDetail { job: row.shown(scope), payload, runs: runs.into_iter().map(|run| run.shown(scope)).collect() })
}

/// What recurs for the scope's seller, with the next and the latest time.
pub async fn schedules(scope: &Scope, schedules: &[Schedule]) -> Result<Vec<ScheduleRow>> {
    let tx = scope.read().await?;
    let sql = format!(
        "SELECT r.kind, r.attempt, r.started_at, r.duration_ms, r.outcome, r.counts, r.error FROM job_runs r \
         JOIN (SELECT x.kind AS kind, MAX(x.started_at) AS started_at FROM job_runs x WHERE {} GROUP BY x.kind) latest \
         ON latest.kind = r.kind AND latest.started_at = r.started_at WHERE {}",
        mine(scope, "x"),
        mine(scope, "r")
    );
    let latest: Vec<Run> = tx.all(&sql, [tx.seller_id().0.into()]).await?;
    let mut latest: Vec<RunRow> = latest.into_iter().map(|run| run.shown(scope)).collect();
    let visible = schedules.iter().filter(|s| s.per_seller || scope.seller().is_platform);
    visible
        .map(|schedule| {
            let cron: Cron = schedule.cron.parse().map_err(bug)?;
            let next = cron.find_next_occurrence(&scope.now(), false).map_err(bug)?;
            let last = latest.iter().position(|run| run.kind == schedule.kind).map(|i| latest.swap_remove(i));
            let (kind, title, cron) = (schedule.kind.to_owned(), schedule.title.to_owned(), schedule.cron.to_owned());
            Ok(ScheduleRow { kind, title, cron, next: scope.moment(next), last })
        })
        .collect()
}

/// Puts a dead job back in the queue, with all its tries.
///
/// # Errors
/// `Conflict` where it is not dead.
pub async fn retry(scope: &Scope, id: JobId) -> Result<()> {
    let tx = scope.write().await?;
    match requeue(&tx, id).await? {
        Some(event) => tx.commit(event).await,
        None => Err(Error::Conflict("This job has not failed for good, so there is nothing to retry.".into())),
    }
}

/// As [`retry`] for several, all or none; those that are not dead stay as they are. Gives how many were.
pub async fn retry_many(scope: &Scope, ids: &[JobId]) -> Result<u64> {
    let tx = scope.write().await?;
    let mut events = Vec::new();
    for id in ids {
        events.extend(requeue(&tx, *id).await?);
    }
    let retried = events.len() as u64;
    if retried > 0 {
        tx.commit_all(events).await?;
    }
    Ok(retried)
}

/// Puts a job back in the queue and says so; nothing where it is not dead.
async fn requeue(tx: &Tx, id: JobId) -> Result<Option<Event>> {
    let row = find(tx, id).await?;
    let sql =
        "UPDATE jobs SET status = 'queued', attempts = 0, run_at = $2, error = NULL, finished_at = NULL WHERE id = $1 AND status = 'dead'";
    if tx.run(sql, [id.0.into(), tx.scope().now().into()]).await? == 0 {
        return Ok(None);
    }
    let details = json!({ "kind": row.kind, "error": row.error });
    Ok(Some(Event::new("job.retried", "job", id, readable::words(&row.kind)).level(Level::Warning).details(details)))
}

/// How many jobs have failed for good and wait for a person.
pub async fn dead_count(scope: &Scope) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let tx = scope.read().await?;
    let sql = format!("SELECT COUNT(*) AS n FROM jobs j WHERE j.status = 'dead' AND {}", mine(scope, "j"));
    let row: Option<Count> = tx.one(&sql, [tx.seller_id().0.into()]).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}

/// `850 ms`, `1.2 s`, `3 min 20 s`.
fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{} ms", ms.max(0)),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod unit {
    #[test]
    fn times_read_well() {
        let read: Vec<String> = [0, 850, 1_249, 59_999, 200_000].into_iter().map(super::duration).collect();
        assert_eq!(read, ["0 ms", "850 ms", "1.2 s", "59.9 s", "3 min 20 s"]);
    }
}

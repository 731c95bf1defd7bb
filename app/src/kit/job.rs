//! Background jobs, in the same database as everything else: enqueued inside the business transaction, claimed by one
//! worker under a lease, retried with backoff, dead after the last try and kept for a person to look at. Handlers are
//! idempotent: a worker that dies in the middle is followed by another.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

mod sandbox;
mod schedule;
#[cfg(test)]
mod tests;

pub use sandbox::{Begun, begin, fire_in_sandbox, settle};
pub use schedule::fire;

use super::clock;
use super::db::{Db, Sql, SystemTx, bug};
use super::error::{Error, Result};
use super::id::{JobId, OrganizationId};
use super::live::LiveEvent;
use super::scope::Scope;
use super::tx::Tx;
use crate::text_enum;

/// How long a claim holds without a sign of life.
const LEASE: Duration = Duration::from_secs(30);
/// Tries before a job is dead.
pub const MAX_ATTEMPTS: i32 = 5;

text_enum!(
    /// Where a job stands.
    pub enum JobStatus {
        Queued = "queued" => "Queued",
        Running = "running" => "Running",
        Done = "done" => "Done",
        Dead = "dead" => "Failed",
    }
);

/// What to do later.
pub struct NewJob {
    pub kind: &'static str,
    pub payload: Json,
    /// Not before; `None`: at once.
    pub run_at: Option<DateTime<Utc>>,
    /// Enqueued once under this key, however often it is asked for.
    pub unique_key: Option<String>,
}

impl NewJob {
    pub fn new(kind: &'static str, payload: Json) -> Self {
        Self { kind, payload, run_at: None, unique_key: None }
    }
}

const INSERT: &str = "INSERT INTO jobs (id, seller_id, kind, payload, status, run_at, attempts, unique_key, created_at) \
     VALUES ($1, $2, $3, $4, 'queued', $5, 0, $6, $7) ON CONFLICT (unique_key) DO NOTHING";

/// Enqueues for the seller of `tx`, to run once `tx` commits.
pub async fn enqueue(tx: &Tx, job: NewJob) -> Result<JobId> {
    let (id, now) = (JobId::new(), tx.scope().now());
    let values = [
        id.0.into(),
        tx.seller_id().0.into(),
        job.kind.into(),
        job.payload.into(),
        job.run_at.unwrap_or(now).into(),
        job.unique_key.into(),
        now.into(),
    ];
    tx.run(INSERT, values).await?;
    Ok(id)
}

/// Enqueues what concerns no single seller.
pub async fn enqueue_system(tx: &SystemTx, job: NewJob, now: DateTime<Utc>) -> Result<JobId> {
    let id = JobId::new();
    let none: Option<uuid::Uuid> = None;
    let values = [
        id.0.into(),
        none.into(),
        job.kind.into(),
        job.payload.into(),
        job.run_at.unwrap_or(now).into(),
        job.unique_key.into(),
        now.into(),
    ];
    tx.run(INSERT, values).await?;
    Ok(id)
}

/// What a run counted, shown with it: `{"rows": 7043}`.
pub type Counts = Json;

/// What a handler gets.
#[derive(Clone)]
pub struct JobContext {
    pub db: Db,
    pub id: JobId,
    pub kind: String,
    pub payload: Json,
    pub attempt: i32,
    /// `None` for a job of the whole program.
    pub seller: Option<OrganizationId>,
    pub now: DateTime<Utc>,
}

impl JobContext {
    /// The scope of the job's seller.
    pub async fn scope(&self) -> Result<Scope> {
        let id = self.seller.ok_or_else(|| bug("a seller's job without a seller"))?;
        let seller = super::seller::by_id(&self.db, id).await?.ok_or(Error::NotFound)?;
        Ok(Scope::system(self.db.clone(), "job", seller, self.now))
    }

    /// Says how far it is. Shown live; on SQLite it works while the handler holds the only writer.
    pub async fn progress(&self, done: u64, total: u64) -> Result<()> {
        self.db.progress().set(self.id, done, total);
        if !self.db.is_sqlite() {
            let tx = self.db.system_write().await?;
            let (done, total) = (i64::try_from(done).unwrap_or(i64::MAX), i64::try_from(total).unwrap_or(i64::MAX));
            tx.run("UPDATE jobs SET progress_done = $2, progress_total = $3 WHERE id = $1", [self.id.0.into(), done.into(), total.into()])
                .await?;
            if let Some(seller) = self.seller {
                super::event::notify(&tx, &[LiveEvent { seller, name: "job.progressed".into(), subject: self.id.to_string() }]).await?;
            }
            return tx.commit().await;
        }
        if let Some(seller) = self.seller {
            self.db.live().announce(LiveEvent { seller, name: "job.progressed".into(), subject: self.id.to_string() });
        }
        Ok(())
    }
}

/// How far running jobs of this process are.
#[derive(Clone, Default)]
pub struct Progress(Arc<Mutex<HashMap<JobId, (u64, u64)>>>);

impl Progress {
    fn set(&self, id: JobId, done: u64, total: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, (done, total));
    }

    fn clear(&self, id: JobId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// (done, total) of a job that runs in this process.
    pub fn of(&self, id: JobId) -> Option<(u64, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }
}

type Run = Pin<Box<dyn Future<Output = Result<Counts>> + Send>>;
type Handler = Arc<dyn Fn(JobContext) -> Run + Send + Sync>;

/// A job that recurs.
#[derive(Clone)]
pub struct Schedule {
    pub kind: &'static str,
    /// Five fields, UTC.
    pub cron: &'static str,
    /// For people: what it does.
    pub title: &'static str,
    /// Enqueued once for every organization, or once.
    pub per_seller: bool,
}

/// All kinds of jobs and their schedules; each feature registers its own.
#[derive(Clone, Default)]
pub struct Registry {
    handlers: HashMap<&'static str, Handler>,
    schedules: Vec<Schedule>,
}

impl Registry {
    /// `registry.handle("imports.subscriptions", run)`.
    pub fn handle<F, R>(&mut self, kind: &'static str, handler: F)
    where
        F: Fn(JobContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Counts>> + Send + 'static,
    {
        self.handlers.insert(kind, Arc::new(move |context| Box::pin(handler(context))));
    }

    pub fn schedule(&mut self, schedule: Schedule) {
        self.schedules.push(schedule);
    }

    pub fn schedules(&self) -> &[Schedule] {
        &self.schedules
    }
}

/// Works until `stop`: claims and runs jobs on `lanes` tasks, and fires schedules. A job in hand is finished first.
pub async fn work(db: Db, registry: Registry, lanes: usize, stop: CancellationToken) {
    let registry = Arc::new(registry);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..lanes {
        tasks.spawn(lane(db.clone(), registry.clone(), stop.clone()));
    }
    tasks.spawn(schedule::watch(db, registry, stop));
    while tasks.join_next().await.is_some() {}
}

async fn lane(db: Db, registry: Arc<Registry>, stop: CancellationToken) {
    let mut live = db.live().subscribe();
    while !stop.is_cancelled() {
        match run_next(&db, &registry).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a job could not be claimed"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            _ = live.recv() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

#[derive(FromQueryResult)]
struct Claimed {
    id: uuid::Uuid,
    seller_id: Option<uuid::Uuid>,
    kind: String,
    payload: Json,
    attempts: i32,
    run_at: DateTime<Utc>,
}

/// Claims one due job and runs it; `false` where none is due.
pub async fn run_next(db: &Db, registry: &Registry) -> Result<bool> {
    // Look before writing, so that idle workers do not queue for SQLite's one writer.
    if !any_due(db).await? {
        return Ok(false);
    }
    let Some(job) = claim(db).await? else { return Ok(false) };
    perform(db, registry, job, true).await?;
    Ok(true)
}

/// Runs a claimed job, notes what came of it, and tells open pages and idle workers where they are to know.
async fn perform(db: &Db, registry: &Registry, job: Claimed, announce: bool) -> Result<()> {
    let context = JobContext {
        db: db.clone(),
        id: JobId(job.id),
        kind: job.kind.clone(),
        payload: job.payload.clone(),
        attempt: job.attempts,
        seller: job.seller_id.map(OrganizationId),
        now: clock::now(),
    };
    let started = clock::now();
    let outcome = match registry.handlers.get(job.kind.as_str()) {
        None => Err(Error::Conflict(format!("no handler for {}", job.kind))),
        Some(handler) => supervise(db, context.id, handler(context.clone())).await,
    };
    db.progress().clear(context.id);
    finish(db, &job, started, outcome, announce).await
}

/// Where jobs are looked for that are not done: said so, the index of these few is used and not the table of all.
const OPEN: &str = "status IN ('queued', 'running')";

/// In a sandbox, due is what is due by its own clock.
const DUE: &str = "((status = 'queued' AND run_at <= COALESCE((SELECT o.sandbox_now FROM organizations o WHERE o.id = jobs.seller_id), $1)) \
     OR (status = 'running' AND lease_until < $1))";

fn any_due_sql() -> String {
    format!("SELECT id FROM jobs WHERE {OPEN} AND {DUE} LIMIT 1")
}

async fn any_due(db: &Db) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct One {
        #[allow(dead_code)]
        id: uuid::Uuid,
    }
    let tx = db.system_read().await?;
    Ok(tx.one::<One>(&any_due_sql(), [clock::now().into()]).await?.is_some())
}

async fn claim(db: &Db) -> Result<Option<Claimed>> {
    let (tx, now) = (db.system_write().await?, clock::now());
    let skip = if db.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "UPDATE jobs SET status = 'running', attempts = attempts + 1, lease_until = $2 WHERE id = \
         (SELECT id FROM jobs WHERE {OPEN} AND {DUE} ORDER BY run_at, id LIMIT 1 {skip}) RETURNING id, seller_id, kind, payload, attempts, run_at"
    );
    let job = tx.one(&sql, [now.into(), (now + LEASE).into()]).await?;
    tx.commit().await?;
    Ok(job)
}

/// Runs a handler, keeps its lease alive, and turns its panic into an error.
async fn supervise(db: &Db, id: JobId, run: Run) -> Result<Counts> {
    let mut task = tokio::spawn(run);
    loop {
        tokio::select! {
            done = &mut task => return done.map_err(|e| bug(format!("a job panicked: {e}")))?,
            () = tokio::time::sleep(LEASE / 3) => {
                // While a handler holds SQLite's writer this would wait behind it; the lease is renewed when it can be.
                let renewal = renew(db, id);
                tokio::select! {
                    done = &mut task => return done.map_err(|e| bug(format!("a job panicked: {e}")))?,
                    renewed = renewal => if let Err(error) = renewed { tracing::warn!(%error, job = %id, "lease not renewed") },
                }
            }
        }
    }
}

async fn renew(db: &Db, id: JobId) -> Result<()> {
    let tx = db.system_write().await?;
    tx.run("UPDATE jobs SET lease_until = $2 WHERE id = $1 AND status = 'running'", [id.0.into(), (clock::now() + LEASE).into()]).await?;
    tx.commit().await
}

async fn finish(db: &Db, job: &Claimed, started: DateTime<Utc>, outcome: Result<Counts>, announce: bool) -> Result<()> {
    let now = clock::now();
    let (status, error, counts) = match outcome {
        Ok(counts) => (JobStatus::Done, None, counts),
        Err(error) if job.attempts >= MAX_ATTEMPTS => (JobStatus::Dead, Some(error.to_string()), json!({})),
        Err(error) => (JobStatus::Queued, Some(error.to_string()), json!({})),
    };
    let wait = status == JobStatus::Queued && !sandbox::is_one(db, job.seller_id).await?;
    // Where time stands still, a retry that waited would wait for ever.
    let retry_at = if wait { now + backoff(job.attempts) } else { job.run_at };
    let finished = (status != JobStatus::Queued).then_some(now);
    let tx = db.system_write().await?;
    tx.run(
        "UPDATE jobs SET status = $2, error = $3, run_at = $4, finished_at = $5, lease_until = NULL WHERE id = $1",
        [job.id.into(), status.into(), error.clone().into(), retry_at.into(), finished.into()],
    )
    .await?;
    let outcome = if error.is_none() { "done" } else { "failed" };
    let duration_ms = (now - started).num_milliseconds();
    tx.run(
        "INSERT INTO job_runs (id, job_id, seller_id, kind, attempt, started_at, finished_at, duration_ms, outcome, counts, error) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [
            uuid::Uuid::now_v7().into(),
            job.id.into(),
            job.seller_id.into(),
            job.kind.clone().into(),
            job.attempts.into(),
            started.into(),
            now.into(),
            duration_ms.into(),
            outcome.into(),
            counts.into(),
            error.into(),
        ],
    )
    .await?;
    let announcement = job.seller_id.filter(|_| announce).map(|s| LiveEvent {
        seller: OrganizationId(s),
        name: "job.finished".into(),
        subject: JobId(job.id).to_string(),
    });
    if !db.is_sqlite() {
        super::event::notify(&tx, announcement.as_slice()).await?;
    }
    tx.commit().await?;
    metrics::counter!("tenantry_job_runs_total", "kind" => job.kind.clone(), "outcome" => outcome).increment(1);
    if let (true, Some(announcement)) = (db.is_sqlite(), announcement) {
        db.live().announce(announcement);
    }
    Ok(())
}

/// 10 s, 40 s, 160 s, 640 s.
fn backoff(attempts: i32) -> chrono::Duration {
    chrono::Duration::seconds(10 * 4i64.pow(u32::try_from(attempts - 1).unwrap_or(0).min(6)))
}

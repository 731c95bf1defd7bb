//! Checking and importing in the background, with progress.

use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::model::ImportId;
use super::store;
use crate::kit::db::bug;
use crate::kit::job::{Counts, JobContext, MAX_ATTEMPTS, Registry};
use crate::kit::{Error, Result};

/// `{"import": "imp_…"}`.
pub const IMPORT: &str = "imports.subscriptions";
/// `{"import": "imp_…"}`.
pub const CHECK: &str = "imports.check";

/// How often progress is announced.
const TICK: Duration = Duration::from_millis(300);

pub fn register(registry: &mut Registry) {
    registry.handle(IMPORT, import);
    registry.handle(CHECK, check);
}

fn id(job: &JobContext) -> Result<ImportId> {
    job.payload["import"].as_str().and_then(|text| text.parse().ok()).ok_or_else(|| bug("an import job without an import"))
}

async fn import(job: JobContext) -> Result<Counts> {
    let (scope, id) = (job.scope().await?, id(&job)?);
    let (sender, progress) = watch::channel((0, 0));
    let mut hear = |done, total| {
        sender.send_replace((done, total));
    };
    let outcome = announcing(&job, progress, store::run_now(&scope, id, &mut hear)).await;
    match outcome {
        Ok(report) => Ok(report.map_or(json!({}), |report| json!(report))),
        Err(error) => Err(give_up(&job, id, error).await?),
    }
}

async fn check(job: JobContext) -> Result<Counts> {
    let (scope, id) = (job.scope().await?, id(&job)?);
    let (sender, progress) = watch::channel((0, 0));
    let mut hear = |done, total| {
        sender.send_replace((done, total));
    };
    match announcing(&job, progress, store::check(&scope, id, &mut hear)).await {
        Ok(()) => Ok(json!({})),
        // It was deleted meanwhile.
        Err(Error::NotFound) => Ok(json!({})),
        Err(error) => Err(give_up(&job, id, error).await?),
    }
}

/// After the last try the import itself says that it failed.
async fn give_up(job: &JobContext, id: ImportId, error: Error) -> Result<Error> {
    if job.attempt >= MAX_ATTEMPTS {
        store::job_failed(&job.scope().await?, id, error.clone()).await?;
    }
    Ok(error)
}

/// Runs `work`, and now and then tells how far it is.
async fn announcing<T>(job: &JobContext, mut progress: watch::Receiver<(u64, u64)>, work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(TICK) => {
                let (done, total) = *progress.borrow_and_update();
                if total > 0 {
                    job.progress(done, total).await?;
                }
            }
        }
    }
}

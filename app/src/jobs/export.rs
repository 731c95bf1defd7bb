//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::{JobRow, counted};
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/jobs/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = ["id", "kind", "status", "attempts", "created_at", "due_at", "finished_at", "duration", "counts", "error"];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadJobs>(), pairs, "jobs.csv", &head, chunk, line)
}

fn line(job: JobRow) -> Result<Vec<u8>> {
    download::line([
        job.id.to_string(),
        job.kind,
        job.state.word().to_owned(),
        job.attempts.to_string(),
        job.created.iso,
        job.due.iso,
        job.finished.map(|at| at.iso).unwrap_or_default(),
        job.duration.unwrap_or_default(),
        counted(&job.counts),
        job.error.unwrap_or_default(),
    ])
}

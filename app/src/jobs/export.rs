//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::{JobRow, counted};
use super::store;
use crate::kit::Result;
use crate::kit::download;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/jobs/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
}

fn file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadJobs>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    let head = ["id", "kind", "status", "attempts", "created_at", "due_at", "finished_at", "duration", "counts", "error"];
    download::csv("jobs.csv", &head, move |place| {
        let (scope, query) = (scope.clone(), ListQuery { after: place.unwrap_or_default(), ..query.clone() });
        async move {
            let (rows, next) = store::chunk(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(line).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
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

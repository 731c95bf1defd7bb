//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::Import;
use super::store;
use crate::kit::Result;
use crate::kit::download;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/imports/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
}

fn file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::WriteImports>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    let head =
        ["id", "file", "size_bytes", "status", "rows", "good_rows", "bad_rows", "failure", "created_by", "created_at", "finished_at"];
    download::csv("imports.csv", &head, move |place| {
        let (scope, query) = (scope.clone(), ListQuery { after: place.unwrap_or_default(), ..query.clone() });
        async move {
            let (rows, next) = store::chunk(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(line).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
}

fn line(import: Import) -> Result<Vec<u8>> {
    download::line([
        import.id.to_string(),
        import.file_name,
        import.size_bytes.to_string(),
        import.status.word().to_owned(),
        import.rows_total.to_string(),
        import.rows_good.to_string(),
        import.rows_bad.to_string(),
        import.failure.unwrap_or_default(),
        import.created_by,
        import.created.iso,
        import.finished.map(|at| at.iso).unwrap_or_default(),
    ])
}

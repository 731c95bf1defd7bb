//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::Import;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/imports/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head =
        ["id", "file", "size_bytes", "status", "rows", "good_rows", "bad_rows", "failure", "created_by", "created_at", "finished_at"];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadImports>(), pairs, "imports.csv", &head, chunk, line)
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

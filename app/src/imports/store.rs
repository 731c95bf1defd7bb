//! Imports in the database: the row of each, its errors, and its life from the upload to the report.

mod life;

pub use life::{NewUpload, check, create, delete, insert_done, job_failed, keep_errors, run_now, set_mapping, start};

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::model::{Import, ImportId, ImportStatus, Mapping, Preview, Report, RowError};
use crate::kit::db::{Sql, bug};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, JobId, Result};

/// What is kept in `options`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Options {
    headers: Vec<String>,
    mapping: Mapping,
    skip_bad: bool,
}

/// What is kept in `report`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Outcome {
    report: Option<Report>,
    failure: Option<String>,
}

#[derive(FromQueryResult)]
struct ImportRow {
    id: ImportId,
    file_name: String,
    file_key: String,
    size_bytes: i64,
    options: Json,
    status: ImportStatus,
    job_id: Option<uuid::Uuid>,
    rows_total: i64,
    rows_good: i64,
    rows_bad: i64,
    report: Json,
    created_by: String,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    progress_done: Option<i64>,
    progress_total: Option<i64>,
}

impl ImportRow {
    fn options(&self) -> Result<Options> {
        serde_json::from_value(self.options.clone()).map_err(bug)
    }

    fn import(self, scope: &Scope) -> Result<Import> {
        let options = self.options()?;
        let outcome: Outcome = serde_json::from_value(self.report).map_err(bug)?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let job = self.job_id.map(JobId);
        let stored = self.progress_done.zip(self.progress_total).map(|(done, total)| (count(done), count(total)));
        let progress = job.filter(|_| self.status.is_busy()).and_then(|job| scope.db().progress().of(job).or(stored));
        Ok(Import {
            id: self.id,
            file_name: self.file_name,
            size_bytes: count(self.size_bytes),
            status: self.status,
            job,
            headers: options.headers,
            mapping: options.mapping,
            skip_bad: options.skip_bad,
            rows_total: count(self.rows_total),
            rows_good: count(self.rows_good),
            rows_bad: count(self.rows_bad),
            report: outcome.report,
            failure: outcome.failure,
            created_by: self.created_by,
            created: scope.moment(self.created_at),
            finished: self.finished_at.map(|at| scope.moment(at)),
            progress,
        })
    }
}

const COLUMNS: &str = "i.id, i.file_name, i.file_key, i.size_bytes, i.options, i.status, i.job_id, i.rows_total, i.rows_good, i.rows_bad, \
     i.report, i.created_by, i.created_at, i.finished_at, j.progress_done, j.progress_total";
const TABLES: &str = "imports i LEFT JOIN jobs j ON j.id = i.job_id AND j.seller_id = i.seller_id";
const LIST: Keyset = Keyset {
    columns: &[Column::time("created", "i.created_at"), Column::text("file", "i.file_name"), Column::integer("rows", "i.rows_total")],
    default: "-created",
    id: "i.id",
};

async fn row(tx: &Tx, id: ImportId) -> Result<ImportRow> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE i.seller_id = $1 AND i.id = $2");
    tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)
}

fn filter(tx: &Tx, query: &ListQuery) -> Where {
    let mut filter = Where::seller(tx, "i");
    filter.any("i.status", query.filter("status"));
    filter.contains(&["i.file_name"], &query.q);
    filter
}

/// Up to `size` imports of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Import>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<ImportRow>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)).await?;
    Ok((rows.into_iter().map(|row| row.import(scope)).collect::<Result<_>>()?, next))
}

/// A page of imports: search by file name, filter `status`, sort `created`, `file`, `rows`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Import>> {
    let tx = scope.read().await?;
    let page: Page<ImportRow> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)).await?;
    let rows = page.rows.into_iter().map(|row| row.import(scope)).collect::<Result<_>>()?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

pub async fn get(scope: &Scope, id: ImportId) -> Result<Import> {
    row(&scope.read().await?, id).await?.import(scope)
}

/// Errors by line, up to `limit`, of lines after `after`.
pub async fn errors(scope: &Scope, id: ImportId, after: u64, limit: u64) -> Result<Vec<RowError>> {
    #[derive(FromQueryResult)]
    struct ErrorRow {
        line: i64,
        column_name: String,
        message: String,
    }
    let tx = scope.read().await?;
    row(&tx, id).await?;
    let sql = format!(
        "SELECT line, column_name, message FROM import_errors WHERE seller_id = $1 AND import_id = $2 AND line > $3 \
         ORDER BY line, position LIMIT {limit}"
    );
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows: Vec<ErrorRow> = tx.all(&sql, [tx.seller_id().0.into(), id.0.into(), after.into()]).await?;
    let error = |r: ErrorRow| RowError { line: u64::try_from(r.line).unwrap_or(0), column: r.column_name, message: r.message };
    Ok(rows.into_iter().map(error).collect())
}

/// Rows shown before anything is imported.
const PREVIEW_ROWS: usize = 8;

/// The first rows of the file under the mapping chosen.
pub async fn preview(scope: &Scope, id: ImportId) -> Result<Preview> {
    let row = row(&scope.read().await?, id).await?;
    let options = super::model::ImportOptions { mapping: Some(row.options()?.mapping), skip_bad: false };
    let file = scope.db().files()?.open(&row.file_key).await?;
    let read = tokio::task::spawn_blocking(move || super::run::preview(file, &options, PREVIEW_ROWS));
    read.await.map_err(bug)?.map_err(|refusal| Error::Conflict(format!("The file cannot be shown: {refusal}.")))
}

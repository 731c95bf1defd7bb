//! What happens to an import, one verb each.

use std::fs::File;

use chrono::{DateTime, Utc};
use sea_orm::Value;
use serde_json::json;

use super::{ImportRow, Options, Outcome, row};
use crate::imports::format::{self, Limits};
use crate::imports::model::{ImportFailure, ImportId, ImportOptions, ImportStatus, Mapping, Refusal, Report, RowError};
use crate::imports::{jobs, run};
use crate::kit::bulk::Rows;
use crate::kit::clock;
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::job::{self, NewJob};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, JobId, Result};

/// Files up to this size are checked while one waits; larger ones by a job.
const CHECKED_AT_ONCE: i64 = 2_000_000;

/// A file that has arrived.
#[derive(Clone, Debug)]
pub struct NewUpload {
    pub file_name: String,
    pub file_key: String,
    pub size_bytes: u64,
}

/// A refusal as the error of the form's field `file`.
fn of_file(refusal: Refusal) -> Error {
    Error::field("file", format!("cannot be imported: {refusal}"))
}

/// Takes a file in; its header is read, and one that cannot be imported at all is refused here and deleted. Where
/// `start` is given, the import is begun at once: then every required column must be there by name.
pub async fn create(scope: &Scope, upload: NewUpload, start: Option<ImportOptions>) -> Result<ImportId> {
    let created = try_create(scope, &upload, start).await;
    if created.is_err() {
        scope.db().files()?.delete(&upload.file_key).await?;
    }
    created
}

async fn try_create(scope: &Scope, upload: &NewUpload, start: Option<ImportOptions>) -> Result<ImportId> {
    let file = scope.db().files()?.open(&upload.file_key).await?;
    let begun = start.clone();
    let read = tokio::task::spawn_blocking(move || {
        let found = format::columns(&file, Limits::default())?;
        if let Some(options) = begun {
            rewound(file).and_then(|file| format::open(file, &options, Limits::default()))?;
        }
        Ok::<_, Refusal>(found)
    });
    let (headers, mapping) = read.await.map_err(bug)?.map_err(of_file)?;
    let (id, tx) = (ImportId::new(), scope.write().await?);
    let options = Options { headers, mapping, skip_bad: start.as_ref().is_some_and(|o| o.skip_bad) };
    let job = match &start {
        Some(_) => Some(enqueue(&tx, jobs::IMPORT, id).await?),
        None => None,
    };
    let status = if job.is_some() { ImportStatus::Queued } else { ImportStatus::Draft };
    insert(&tx, id, upload, &options, status, job, &Outcome::default()).await?;
    let name = if job.is_some() { "import.started" } else { "import.uploaded" };
    let details = json!({ "file": upload.file_name, "size_bytes": upload.size_bytes });
    tx.commit(Event::new(name, "import", id, upload.file_name.clone()).details(details)).await?;
    Ok(id)
}

fn rewound(mut file: File) -> Result<File, Refusal> {
    std::io::Seek::rewind(&mut file).map_err(|e| Refusal::new(1, format!("the file cannot be read: {e}")))?;
    Ok(file)
}

async fn enqueue(tx: &Tx, kind: &'static str, id: ImportId) -> Result<JobId> {
    job::enqueue(tx, NewJob::new(kind, json!({ "import": id }))).await
}

async fn insert(
    tx: &Tx,
    id: ImportId,
    upload: &NewUpload,
    options: &Options,
    status: ImportStatus,
    job: Option<JobId>,
    outcome: &Outcome,
) -> Result<()> {
    let report = outcome.report.unwrap_or_default();
    let finished = (status == ImportStatus::Done).then(|| present(tx.scope()));
    let sql = "INSERT INTO imports (seller_id, id, file_name, file_key, size_bytes, options, status, job_id, rows_total, rows_good, rows_bad, \
               report, created_by, created_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        upload.file_name.clone().into(),
        upload.file_key.clone().into(),
        number(upload.size_bytes),
        serde_json::to_value(options).map_err(bug)?.into(),
        status.into(),
        job.map(|j| j.0).into(),
        number(report.rows),
        number(report.rows - report.skipped),
        number(report.skipped),
        serde_json::to_value(outcome).map_err(bug)?.into(),
        tx.scope().actor().name().into(),
        tx.scope().now().into(),
        finished.into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

fn number(n: u64) -> Value {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

/// Lists an import that was done from the command line; its file is not kept.
pub async fn insert_done(tx: &Tx, id: ImportId, name: &str, size_bytes: u64, options: &ImportOptions, report: &Report) -> Result<()> {
    let upload = NewUpload { file_name: name.to_owned(), file_key: String::new(), size_bytes };
    let options = Options { headers: Vec::new(), mapping: options.mapping.clone().unwrap_or_default(), skip_bad: options.skip_bad };
    let outcome = Outcome { report: Some(*report), failure: None };
    insert(tx, id, &upload, &options, ImportStatus::Done, None, &outcome).await
}

/// Keeps which column is which, and checks the file: at once where it is small, else by a job.
pub async fn set_mapping(scope: &Scope, id: ImportId, mapping: Mapping) -> Result<()> {
    let tx = scope.write().await?;
    let import = open_row(&tx, id).await?;
    let options = Options { mapping, ..import.options()? };
    let job = if import.size_bytes > CHECKED_AT_ONCE { Some(enqueue(&tx, jobs::CHECK, id).await?) } else { None };
    let sql = "UPDATE imports SET options = $3, status = $4, job_id = $5 WHERE seller_id = $1 AND id = $2";
    let options = serde_json::to_value(&options).map_err(bug)?;
    let values = [tx.seller_id().0.into(), id.0.into(), options.into(), ImportStatus::Checking.into(), job.map(|j| j.0).into()];
    tx.run(sql, values).await?;
    tx.commit(Event::new("import.mapped", "import", id, import.file_name)).await?;
    if job.is_none() {
        check(scope, id, &mut |_, _| {}).await?;
    }
    Ok(())
}

/// The row of an import of which nothing has been imported, and which nobody works on.
async fn open_row(tx: &Tx, id: ImportId) -> Result<ImportRow> {
    let import = row(tx, id).await?;
    if import.status.may_start() {
        return Ok(import);
    }
    Err(Error::Conflict(match import.status {
        ImportStatus::Done => "It is imported already.".into(),
        _ => "It is under way.".to_owned(),
    }))
}

/// Checks every row, and keeps what was found.
pub async fn check(scope: &Scope, id: ImportId, progress: run::Progress<'_>) -> Result<()> {
    let import = row(&scope.read().await?, id).await?;
    if import.status != ImportStatus::Checking {
        return Ok(());
    }
    let options = ImportOptions { mapping: Some(import.options()?.mapping), skip_bad: false };
    let file = scope.db().files()?.open(&import.file_key).await?;
    let checked = match run::check(scope, file, &options, progress).await {
        Ok(checked) => checked,
        Err(ImportFailure::Other(error)) => return Err(error),
        Err(failure) => return fail(scope, id, &failure).await,
    };
    let tx = scope.write().await?;
    keep_errors(&tx, id, &checked.errors).await?;
    let sql = "UPDATE imports SET status = $3, rows_total = $4, rows_good = $5, rows_bad = $6 WHERE seller_id = $1 AND id = $2";
    let counts = [number(checked.rows), number(checked.rows - checked.bad), number(checked.bad)];
    let values = [tx.seller_id().0.into(), id.0.into(), ImportStatus::Checked.into()].into_iter().chain(counts);
    tx.run(sql, values.collect::<Vec<_>>()).await?;
    let details = json!({ "rows": checked.rows, "bad": checked.bad });
    tx.commit(Event::new("import.checked", "import", id, import.file_name).details(details)).await
}

/// Begins it: a job imports all rows, or the good ones where `skip_bad`.
pub async fn start(scope: &Scope, id: ImportId, skip_bad: bool) -> Result<()> {
    let tx = scope.write().await?;
    let import = open_row(&tx, id).await?;
    let options = Options { skip_bad, ..import.options()? };
    let job = enqueue(&tx, jobs::IMPORT, id).await?;
    let sql = "UPDATE imports SET options = $3, status = $4, job_id = $5, report = $6, finished_at = NULL WHERE seller_id = $1 AND id = $2";
    let (options, outcome) = (serde_json::to_value(&options).map_err(bug)?, serde_json::to_value(Outcome::default()).map_err(bug)?);
    let values = [tx.seller_id().0.into(), id.0.into(), options.into(), ImportStatus::Queued.into(), job.0.into(), outcome.into()];
    tx.run(sql, values).await?;
    tx.commit(Event::new("import.started", "import", id, import.file_name).details(json!({ "skip_bad": skip_bad }))).await
}

/// Does the import of a job; `None` where it is done already, or was refused. Its report is committed with its rows, so
/// that a job that is run again finds it done or finds nothing done.
pub async fn run_now(scope: &Scope, id: ImportId, progress: run::Progress<'_>) -> Result<Option<Report>> {
    let tx = scope.write().await?;
    let import = match row(&tx, id).await {
        // It was deleted while its job waited.
        Err(Error::NotFound) => return Ok(None),
        import => import?,
    };
    if !matches!(import.status, ImportStatus::Queued | ImportStatus::Running) {
        return Ok(None);
    }
    set_status(&tx, id, ImportStatus::Running).await?;
    tx.commit_quietly().await?;
    let options = import.options()?;
    let options = ImportOptions { mapping: Some(options.mapping), skip_bad: options.skip_bad };
    let file = scope.db().files()?.open(&import.file_key).await?;
    match run::execute(scope, file, &options, progress).await {
        Ok(run::Executed { tx, report, errors }) => {
            finish(&tx, id, &report).await?;
            keep_errors(&tx, id, &errors).await?;
            tx.commit(run::finished(id, &import.file_name, &report)).await?;
            Ok(Some(report))
        }
        Err(ImportFailure::Other(error)) => Err(error),
        Err(failure) => fail(scope, id, &failure).await.map(|()| None),
    }
}

async fn set_status(tx: &Tx, id: ImportId, status: ImportStatus) -> Result<()> {
    let sql = "UPDATE imports SET status = $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), status.into()]).await.map(|_| ())
}

/// Writes the report of an import that is done.
async fn finish(tx: &Tx, id: ImportId, report: &Report) -> Result<()> {
    let outcome = serde_json::to_value(Outcome { report: Some(*report), failure: None }).map_err(bug)?;
    let sql = "UPDATE imports SET status = $3, report = $4, rows_total = $5, rows_good = $6, rows_bad = $7, finished_at = $8 \
               WHERE seller_id = $1 AND id = $2";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        ImportStatus::Done.into(),
        outcome.into(),
        number(report.rows),
        number(report.rows - report.skipped),
        number(report.skipped),
        present(tx.scope()).into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

/// The clock as it is by now, a long job's `now` being its beginning; of a sandbox, its own.
fn present(scope: &Scope) -> DateTime<Utc> {
    scope.seller().sandbox_now.unwrap_or_else(clock::now)
}

/// Keeps why nothing was imported, and says so.
async fn fail(scope: &Scope, id: ImportId, failure: &ImportFailure) -> Result<()> {
    let tx = scope.write().await?;
    let import = row(&tx, id).await?;
    let (rows, bad, errors) = match failure {
        ImportFailure::Rows { rows, bad, errors } => (*rows, *bad, errors.clone()),
        ImportFailure::File(r) => (0, 0, vec![RowError { line: r.line, column: String::new(), message: r.message.clone() }]),
        ImportFailure::Other(_) => (0, 0, Vec::new()),
    };
    keep_errors(&tx, id, &errors).await?;
    let outcome = serde_json::to_value(Outcome { report: None, failure: Some(failure.sentence()) }).map_err(bug)?;
    let sql = "UPDATE imports SET status = $3, report = $4, rows_total = $5, rows_good = $6, rows_bad = $7, finished_at = $8 \
               WHERE seller_id = $1 AND id = $2";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        ImportStatus::Failed.into(),
        outcome.into(),
        number(rows),
        number(rows - bad),
        number(bad),
        present(scope).into(),
    ];
    tx.run(sql, values).await?;
    let event = Event::new("import.failed", "import", id, import.file_name.clone()).level(Level::Warning);
    let title = format!("{} was not imported", import.file_name);
    let event = event.details(json!({ "reason": failure.sentence() }));
    tx.commit(event.notify(Level::Warning, title, failure.sentence(), format!("/imports/{id}"))).await
}

/// For a job that will not be tried again.
pub async fn job_failed(scope: &Scope, id: ImportId, error: Error) -> Result<()> {
    fail(scope, id, &ImportFailure::Other(error)).await
}

/// Replaces the errors kept of an import.
pub async fn keep_errors(tx: &Tx, id: ImportId, errors: &[RowError]) -> Result<()> {
    let sql = "DELETE FROM import_errors WHERE seller_id = $1 AND import_id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    // Its place among all errors keeps several of one line apart, in their order.
    let row = |(position, error): (i32, &RowError)| {
        vec![id.0.into(), number(error.line), position.into(), error.column.as_str().into(), error.message.as_str().into()]
    };
    let columns = ["import_id", "line", "position", "column_name", "message"];
    Rows::new(&columns, (0..).zip(errors).map(row).collect()).insert(tx, "import_errors", "").await.map(|_| ())
}

/// Deletes an import that nobody works on, with its file. What it brought into the books stays.
pub async fn delete(scope: &Scope, id: ImportId) -> Result<()> {
    let tx = scope.write().await?;
    let import = row(&tx, id).await?;
    if import.status.is_busy() {
        return Err(Error::Conflict("It is under way.".into()));
    }
    tx.run("DELETE FROM imports WHERE seller_id = $1 AND id = $2", [tx.seller_id().0.into(), id.0.into()]).await?;
    tx.commit(Event::new("import.deleted", "import", id, import.file_name)).await?;
    if import.file_key.is_empty() { Ok(()) } else { scope.db().files()?.delete(&import.file_key).await }
}

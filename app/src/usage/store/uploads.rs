//! Files of events: all of one or nothing.

use std::fs::File;

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use serde_json::{Value as Json, json};

use super::record::record_in;
use crate::imports::format::{Limits, Record, Records};
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::job::{self, NewJob};
use crate::kit::readable::count;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::usage::model::{BadRow, EVENTS_AT_ONCE, NewEvent, Taken, UploadStatus, UsageUpload, UsageUploadId};

/// The job that records a file: `{"upload": "usu_…"}`.
pub const UPLOAD_JOB: &str = "usage.upload";
/// What a file may have at most.
pub const LIMITS: Limits = Limits { bytes: 25_000_000, rows: 100_000, record: 4_096, columns: 50 };
/// Bad rows that are kept.
const BAD_ROWS_KEPT: usize = 500;

#[derive(FromQueryResult)]
struct Row {
    id: UsageUploadId,
    file_name: String,
    file_key: String,
    status: UploadStatus,
    rows_total: i64,
    rows_new: i64,
    rows_known: i64,
    rows_bad: i64,
    failure: Option<String>,
    errors: Json,
    created_by: String,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, file_name, file_key, status, rows_total, rows_new, rows_known, rows_bad, failure, errors, created_by, created_at, \
     finished_at";

impl Row {
    fn upload(self, scope: &Scope, errors: bool) -> Result<UsageUpload> {
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(UsageUpload {
            id: self.id,
            file_name: self.file_name,
            status: self.status,
            rows: number(self.rows_total),
            new: number(self.rows_new),
            known: number(self.rows_known),
            bad: number(self.rows_bad),
            failure: self.failure,
            errors: if errors { serde_json::from_value(self.errors).map_err(bug)? } else { Vec::new() },
            created_by: self.created_by,
            created: scope.moment(self.created_at),
            finished: self.finished_at.map(|at| scope.moment(at)),
        })
    }
}

/// The latest files, the latest first.
pub async fn list(scope: &Scope) -> Result<Vec<UsageUpload>> {
    let tx = scope.read().await?;
    let sql = format!("SELECT {COLUMNS} FROM usage_uploads WHERE seller_id = $1 ORDER BY created_at DESC, id DESC LIMIT 10");
    let rows: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into()]).await?;
    rows.into_iter().map(|row| row.upload(scope, false)).collect()
}

pub async fn get(scope: &Scope, id: UsageUploadId) -> Result<UsageUpload> {
    row(&scope.read().await?, id).await?.upload(scope, true)
}

async fn row(tx: &Tx, id: UsageUploadId) -> Result<Row> {
    let sql = format!("SELECT {COLUMNS} FROM usage_uploads WHERE seller_id = $1 AND id = $2");
    tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)
}

/// Takes a file in; a job records it.
pub async fn create(scope: &Scope, file_name: String, file_key: String, size_bytes: u64) -> Result<UsageUploadId> {
    let (tx, id) = (scope.write().await?, UsageUploadId::new());
    let sql = "INSERT INTO usage_uploads (seller_id, id, file_name, file_key, size_bytes, status, created_by, created_at) \
               VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7)";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        file_name.clone().into(),
        file_key.into(),
        i64::try_from(size_bytes).unwrap_or(i64::MAX).into(),
        scope.actor().name().into(),
        scope.now().into(),
    ];
    tx.run(sql, values).await?;
    job::enqueue(&tx, NewJob::new(UPLOAD_JOB, json!({ "upload": id }))).await?;
    let details = json!({ "file": file_name, "size_bytes": size_bytes });
    tx.commit(Event::new("usage.uploaded", "usage_upload", id, file_name).details(details)).await?;
    Ok(id)
}

/// What a file came to.
#[derive(Default)]
struct Outcome {
    rows: usize,
    new: usize,
    known: usize,
    bad: usize,
    errors: Vec<BadRow>,
    failure: Option<String>,
}

/// Records a file that waits; nothing of one with a bad row. What is done already is left alone.
pub async fn run(scope: &Scope, id: UsageUploadId) -> Result<()> {
    let upload = row(&scope.read().await?, id).await?;
    if upload.status != UploadStatus::Queued {
        return Ok(());
    }
    let file = scope.db().files()?.open(&upload.file_key).await?;
    let events = match tokio::task::spawn_blocking(move || read(file)).await.map_err(bug)? {
        Ok(events) => events,
        Err(errors) => return fail(scope, &upload, errors).await,
    };
    let tx = scope.write().await?;
    let (mut outcome, mut told) = (Outcome { rows: events.len(), ..Outcome::default() }, Vec::new());
    for chunk in events.chunks(EVENTS_AT_ONCE) {
        let sent: Vec<NewEvent> = chunk.iter().map(|(_, event)| event.clone()).collect();
        let (taken, reached) = record_in(&tx, &sent).await?;
        told.extend(reached);
        for ((line, _), taken) in chunk.iter().zip(taken) {
            match taken {
                Taken::New => outcome.new += 1,
                Taken::Known => outcome.known += 1,
                Taken::Refused(column, message) => outcome.refuse(BadRow { line: *line, column, message }),
            }
        }
    }
    if outcome.bad > 0 {
        drop(tx);
        return fail(scope, &upload, outcome).await;
    }
    finish(&tx, &upload, UploadStatus::Done, &outcome).await?;
    let details = json!({ "new": outcome.new, "known": outcome.known });
    told.insert(0, Event::new("usage.recorded", "usage_upload", upload.id, upload.file_name.clone()).details(details));
    tx.commit_all(told).await
}

impl Outcome {
    fn refuse(&mut self, row: BadRow) {
        self.bad += 1;
        if self.errors.len() < BAD_ROWS_KEPT {
            self.errors.push(row);
        }
    }

    fn of(line: u64, column: &str, message: impl Into<String>) -> Self {
        let mut outcome = Self::default();
        outcome.refuse(BadRow { line, column: column.to_owned(), message: message.into() });
        outcome
    }
}

/// For a job that will not be tried again.
pub async fn give_up(scope: &Scope, id: UsageUploadId) -> Result<()> {
    let upload = row(&scope.read().await?, id).await?;
    let failure = Some("The program failed; see its job. Nothing was recorded.".to_owned());
    fail(scope, &upload, Outcome { failure, ..Outcome::default() }).await
}

/// Keeps why nothing was recorded, and says so.
async fn fail(scope: &Scope, upload: &Row, mut outcome: Outcome) -> Result<()> {
    (outcome.new, outcome.known) = (0, 0);
    let bad = outcome.bad as u64;
    let said = || format!("{} {} bad. Nothing was recorded.", count(bad, "row"), if bad == 1 { "is" } else { "are" });
    let failure = outcome.failure.take().unwrap_or_else(said);
    outcome.failure = Some(failure.clone());
    let tx = scope.write().await?;
    finish(&tx, upload, UploadStatus::Failed, &outcome).await?;
    let title = format!("{} was not recorded", upload.file_name);
    let event = Event::new("usage.upload_refused", "usage_upload", upload.id, upload.file_name.clone()).level(Level::Warning);
    let event = event.details(json!({ "reason": failure })).notify(Level::Warning, title, failure, format!("/usage-uploads/{}", upload.id));
    tx.commit(event.notice_needs(crate::kit::permission::Permission::ReadSubscriptions)).await
}

async fn finish(tx: &Tx, upload: &Row, status: UploadStatus, outcome: &Outcome) -> Result<()> {
    let number = |n: usize| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
    let sql = "UPDATE usage_uploads SET status = $3, rows_total = $4, rows_new = $5, rows_known = $6, rows_bad = $7, failure = $8, \
               errors = $9, finished_at = $10 WHERE seller_id = $1 AND id = $2";
    let values = [
        tx.seller_id().0.into(),
        upload.id.0.into(),
        status.into(),
        number(outcome.rows),
        number(outcome.new),
        number(outcome.known),
        number(outcome.bad),
        outcome.failure.clone().into(),
        serde_json::to_value(&outcome.errors).map_err(bug)?.into(),
        tx.scope().now().into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

/// The columns of a file, by the names that each may have; the first is that of its errors.
const NAMES: [(&str, &str, bool); 6] = [
    ("event_id", "id", true),
    ("meter", "meter_key", true),
    ("subscription", "subscription_id", true),
    ("at", "timestamp", true),
    ("quantity", "value", false),
    ("subject", "subject", false),
];

/// Every row as an event, with its line; or why the file is none.
fn read(file: File) -> Result<Vec<(u64, NewEvent)>, Outcome> {
    let refused = |r: crate::imports::model::Refusal| Outcome::of(r.line, "", r.message);
    let mut records = Records::new(file, LIMITS).map_err(refused)?;
    let (mut record, mut events, mut outcome) = (Record::default(), Vec::new(), Outcome::default());
    if !records.read(&mut record).map_err(refused)? {
        return Err(Outcome::of(1, "", "the file is empty"));
    }
    let heads: Vec<String> = record.iter().map(|name| name.trim().to_lowercase()).collect();
    let at = NAMES.map(|(name, other, _)| heads.iter().position(|h| h == name || h == other));
    for ((name, _, required), at) in NAMES.iter().zip(at) {
        if *required && at.is_none() {
            outcome.refuse(BadRow { line: 1, column: (*name).to_owned(), message: "is a column that is missing".into() });
        }
    }
    if outcome.bad > 0 {
        return Err(outcome);
    }
    while records.read(&mut record).map_err(refused)? {
        let text = |n: usize| at[n].map(|at| record.get(at).trim().to_owned()).unwrap_or_default();
        let [event_id, meter, subscription, when, quantity, subject] = [0, 1, 2, 3, 4, 5].map(text);
        // A time that is left out would be now, which no row of a file means.
        if when.is_empty() {
            outcome.refuse(BadRow { line: record.line, column: "at".into(), message: "is required".into() });
        }
        match if quantity.is_empty() { Ok(1) } else { quantity.parse::<i64>() } {
            Ok(quantity) => events.push((record.line, NewEvent { event_id, meter, subscription, at: when, quantity, subject })),
            Err(_) => outcome.refuse(BadRow { line: record.line, column: "quantity".into(), message: "must be a whole number".into() }),
        }
    }
    outcome.rows = events.len();
    if outcome.bad == 0 { Ok(events) } else { Err(outcome) }
}

//! An import from its file to its commit: the whole file is checked first, then written in one transaction, in batches;
//! the movements follow once every stretch is in. Reading runs on a thread of its own beside the writing.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Seek;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;

use super::format::{self, Checked, Limits, Record, Row, Verdict};
use super::model::{Column, ImportFailure, ImportId, ImportOptions, Refusal, Report, RowError};
use super::store;
use crate::customers::CustomerId;
use crate::customers::store::bulk::{CustomerFields, Upserted, remove};
use crate::kit::db::bug;
use crate::kit::event::{Event, Level};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements;
use crate::plans::store::bulk::{PlanKey, Plans};
use crate::plans::store::charges::tiers;
use crate::subscriptions::course::{Priced, Terms};
use crate::subscriptions::merge::{Clash, NewStretch};
use crate::subscriptions::store::bulk::{self, RateTable, Written};
use crate::subscriptions::store::priced::{self, Tiers};
use crate::subscriptions::store::refresh_customers;

/// Rows written together.
const BATCH: usize = 1_000;
/// Customers whose movements are derived together.
const CUSTOMERS: usize = 20_000;

/// Hears how far it is: done and total, in rows. Checking counts for a tenth, movements for three.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

/// Imports a file of this machine, as `tenantry import subscriptions` does. It is listed in the console like any other.
pub async fn run_file(scope: &Scope, path: &Path, options: ImportOptions, progress: Progress<'_>) -> Result<Report, ImportFailure> {
    let unreadable = |e: std::io::Error| Refusal::of_file(format!("{} cannot be read: {e}", path.display()));
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let Executed { tx, report, errors } = execute(scope, file, &options, progress).await?;
    let id = ImportId::new();
    store::insert_done(&tx, id, &name, size, &options, &report).await?;
    store::keep_errors(&tx, id, &errors).await?;
    tx.commit(finished(id, &name, &report)).await?;
    Ok(report)
}

/// Everything is written but not committed.
pub struct Executed {
    pub tx: Tx,
    pub report: Report,
    /// What is wrong with the rows that were left out.
    pub errors: Vec<RowError>,
}

/// What the audit log and the bell hear of an import that is done.
pub fn finished(id: ImportId, name: &str, report: &Report) -> Event {
    let event = Event::new("import.finished", "import", id, name).details(json!({ "report": report }));
    event.notify(Level::Info, format!("{name} is imported"), report.sentence(), format!("/imports/{id}"))
}

/// Checks every row and writes nothing.
pub async fn check(scope: &Scope, file: File, options: &ImportOptions, progress: Progress<'_>) -> Result<Checked, ImportFailure> {
    let rates = Arc::new(RateTable::load(&scope.read().await?).await?);
    let (_, checked) = check_on_thread(file, options, &rates, progress).await?;
    Ok(checked)
}

/// Does everything but the commit.
pub async fn execute(scope: &Scope, file: File, options: &ImportOptions, progress: Progress<'_>) -> Result<Executed, ImportFailure> {
    let rates = Arc::new(RateTable::load(&scope.read().await?).await?);
    let (file, mut checked) = check_on_thread(file, options, &rates, progress).await?;
    if (checked.bad > 0 && !options.skip_bad) || checked.bad == checked.rows {
        return Err(ImportFailure::Rows { rows: checked.rows, bad: checked.bad, errors: checked.errors });
    }
    let tx = scope.write().await?;
    movements::hold(&tx).await?;
    let (rows, bad) = (checked.rows, checked.bad);
    let verdicts = std::mem::take(&mut checked.verdicts);
    let (batches, reader) = read_on_thread(file, options.clone(), rates, verdicts);
    let mut writer = Writer::new(rows, tiers(&tx, None).await?);
    let written = writer.batches(&tx, batches, progress).await;
    let read = reader.await.map_err(bug)?;
    written?;
    // The file was whole a moment ago: someone has changed it since.
    read.map_err(|refusal| Error::Conflict(format!("The file changed while it was read: {refusal}.")))?;
    let clashes = std::mem::take(&mut writer.written.clashes);
    let (bad, errors) = (bad + clashes.len() as u64, with_clashes(checked.errors, clashes));
    if bad > 0 && (!options.skip_bad || bad == rows) {
        return Err(ImportFailure::Rows { rows, bad, errors });
    }
    writer.movements(&tx, progress).await?;
    progress(rows, rows);
    let report = writer.report(bad);
    Ok(Executed { tx, report, errors })
}

/// The errors of the file and of what the books do not allow, by line.
fn with_clashes(mut errors: Vec<RowError>, clashes: Vec<Clash>) -> Vec<RowError> {
    errors.extend(clashes.into_iter().map(|c| RowError { line: c.line, column: c.field.to_owned(), message: c.message }));
    errors.sort_by_key(|e| e.line);
    errors.truncate(format::ERRORS_KEPT);
    errors
}

async fn check_on_thread(
    file: File,
    options: &ImportOptions,
    rates: &Arc<RateTable>,
    progress: Progress<'_>,
) -> Result<(File, Checked), ImportFailure> {
    let size = file.metadata().map_err(bug)?.len();
    if size > Limits::default().bytes {
        let limit = super::model::size_label(Limits::default().bytes);
        return Err(Refusal::of_file(format!("the file is larger than {limit}")).into());
    }
    let (sender, mut receiver) = mpsc::channel(16);
    let (options, rates) = (options.clone(), rates.clone());
    let thread = tokio::task::spawn_blocking(move || {
        let mut file = file;
        let book = format::open(&mut file, &options, Limits::default())?;
        let checked = format::check(book, &rates, |rows, bytes| {
            // A full channel means that nobody needs to know just now.
            let _ = sender.try_send((rows, bytes));
        })?;
        file.rewind().map_err(|e| Refusal::new(1, format!("the file cannot be read again: {e}")))?;
        Ok::<_, Refusal>((file, checked))
    });
    while let Some((rows, bytes)) = receiver.recv().await {
        let total = rows.saturating_mul(size) / bytes.max(1);
        progress(rows / 10, total.max(rows));
    }
    Ok(thread.await.map_err(bug)??)
}

type Batch = Vec<(Row, Verdict)>;

/// Reads the good rows again, a batch ahead of the writer.
fn read_on_thread(
    mut file: File,
    options: ImportOptions,
    rates: Arc<RateTable>,
    verdicts: Vec<Verdict>,
) -> (mpsc::Receiver<Batch>, tokio::task::JoinHandle<Result<(), Refusal>>) {
    let (sender, receiver) = mpsc::channel(2);
    let thread = tokio::task::spawn_blocking(move || {
        let mut book = format::open(&mut file, &options, Limits::default())?;
        let (mut record, mut batch) = (Record::default(), Vec::with_capacity(BATCH));
        for verdict in verdicts {
            if !book.records.read(&mut record)? {
                return Err(Refusal::new(record.line, "the file has become shorter"));
            }
            if !verdict.is_good() {
                continue;
            }
            let row = format::parse(&record, &book.layout, &rates).map_err(|_| Refusal::new(record.line, "the row has become another"))?;
            batch.push((row, verdict));
            if batch.len() == BATCH && sender.blocking_send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_err() {
                // The writer has given up.
                return Ok(());
            }
        }
        // Whether the writer still listens makes no difference to the last batch.
        let _ = sender.blocking_send(batch);
        Ok(())
    });
    (receiver, thread)
}

/// Writes batches and counts.
struct Writer {
    rows: u64,
    done: u64,
    plans: Plans,
    tiers: Tiers,
    written: Written,
    customers_created: u64,
    customers_changed: u64,
    /// Customers of this file that were written before: the file's first word on a customer holds.
    seen: HashSet<u64>,
    hash: RandomState,
}

impl Writer {
    fn new(rows: u64, tiers: Tiers) -> Self {
        Self {
            rows,
            done: 0,
            plans: Plans::default(),
            tiers,
            written: Written::default(),
            customers_created: 0,
            customers_changed: 0,
            seen: HashSet::new(),
            hash: RandomState::new(),
        }
    }

    async fn batches(&mut self, tx: &Tx, mut batches: mpsc::Receiver<Batch>, progress: Progress<'_>) -> Result<()> {
        while let Some(batch) = batches.recv().await {
            let count = batch.len() as u64;
            let customers = self.customers(tx, &batch).await?;
            let mut stretches = Vec::with_capacity(batch.len());
            for (row, verdict) in batch {
                stretches.push(self.stretch(tx, row, verdict, &customers.ids).await?);
            }
            let of_line: Vec<(u64, CustomerId)> = stretches.iter().map(|s| (s.line, s.customer)).collect();
            let clashes = self.written.clashes.len();
            bulk::upsert(tx, stretches, &mut self.written).await?;
            if self.written.clashes.len() > clashes {
                self.forget(tx, clashes, &of_line, customers.created).await?;
            }
            self.done += count;
            progress(self.rows / 10 + self.done * 6 / 10, self.rows);
        }
        Ok(())
    }

    /// Takes back the customers of a batch that came with nothing but rows that clash: the clashes after the first
    /// `clashes`.
    async fn forget(&mut self, tx: &Tx, clashes: usize, of_line: &[(u64, CustomerId)], created: Vec<CustomerId>) -> Result<()> {
        let left_out: HashSet<u64> = self.written.clashes[clashes..].iter().map(|c| c.line).collect();
        let kept: HashSet<CustomerId> = of_line.iter().filter(|(line, _)| !left_out.contains(line)).map(|(_, c)| *c).collect();
        let gone: Vec<CustomerId> = created.into_iter().filter(|c| !kept.contains(c)).collect();
        self.customers_created -= gone.len() as u64;
        remove(tx, &gone).await
    }

    async fn customers(&mut self, tx: &Tx, batch: &Batch) -> Result<Upserted> {
        let mut fields: Vec<CustomerFields> = Vec::new();
        let mut here = HashSet::new();
        for (row, _) in batch {
            if !here.insert(row.customer_id.as_str()) {
                continue;
            }
            fields.push(CustomerFields {
                external_id: row.customer_id.clone(),
                name: row.customer_name.clone(),
                email: row.customer_email.clone(),
                country: row.country.clone(),
                only_if_new: !self.seen.insert(self.hash.hash_one(&row.customer_id)),
            });
        }
        let upserted = crate::customers::store::bulk::upsert(tx, fields).await?;
        self.customers_created += upserted.created.len() as u64;
        self.customers_changed += upserted.changed;
        Ok(upserted)
    }

    async fn stretch(&mut self, tx: &Tx, row: Row, verdict: Verdict, customers: &HashMap<String, CustomerId>) -> Result<NewStretch> {
        let key = PlanKey { name: row.plan, interval: row.interval, currency: row.amount.currency() };
        let (plan, version) = self.plans.find_or_make(tx, key, row.amount).await?;
        let terms = Terms { plan, version, unit_amount: row.amount, interval: row.interval, quantity: row.quantity };
        // A plan that is known may charge by tiers beside its price.
        let mrr_minor = match version.filter(|version| self.tiers.contains_key(version)) {
            Some(_) => priced::monthly(&terms, row.rate, &self.tiers, tx.scope().currency())?,
            None => row.mrr_minor,
        };
        Ok(NewStretch {
            line: row.line,
            subscription: row.subscription_id,
            customer: customers.get(&row.customer_id).copied().ok_or_else(|| bug("a customer that was not written"))?,
            priced: Priced { terms, rate: row.rate, mrr_minor },
            starts_on: row.started_on,
            ends_on: row.ended_on,
            next_on: verdict.next_on(),
            trial_ends_on: row.trial_ends_on,
            reason: row.cancel_reason,
            payment_method: row.payment_method,
        })
    }

    /// Derives the movements of every customer that something changed for.
    async fn movements(&mut self, tx: &Tx, progress: Progress<'_>) -> Result<()> {
        let mut customers: Vec<CustomerId> = std::mem::take(&mut self.written.touched).into_iter().collect();
        customers.sort_unstable();
        let mut done = 0;
        for chunk in customers.chunks(CUSTOMERS) {
            refresh_customers(tx, chunk).await?;
            done += chunk.len() as u64;
            progress(self.rows * 7 / 10 + self.rows * 3 / 10 * done / customers.len() as u64, self.rows);
        }
        Ok(())
    }

    fn report(&self, skipped: u64) -> Report {
        Report {
            rows: self.rows,
            customers_created: self.customers_created,
            customers_changed: self.customers_changed,
            plans_created: self.plans.created,
            subscriptions_created: self.written.created,
            subscriptions_changed: self.written.changed.len() as u64,
            phases_written: self.written.phases,
            unchanged: self.written.unchanged,
            skipped,
        }
    }
}

/// The first rows of a file by our columns.
pub fn preview(file: File, options: &ImportOptions, rows: usize) -> Result<super::model::Preview, Refusal> {
    let mut book = format::open(file, options, Limits::default())?;
    let columns: Vec<Column> = book.layout.columns().collect();
    let mut preview = super::model::Preview { columns: columns.clone(), rows: Vec::new() };
    let mut record = Record::default();
    while preview.rows.len() < rows && book.records.read(&mut record)? {
        let cell = |c: &Column| book.layout.place(*c).map_or("", |place| record.get(place)).chars().take(80).collect();
        preview.rows.push((record.line, columns.iter().map(cell).collect()));
    }
    Ok(preview)
}

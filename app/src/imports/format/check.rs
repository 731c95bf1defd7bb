//! The whole file, checked before anything is written: each row by itself, then the rows of each subscription against
//! each other. Of a row only its days and the hashes of its keys are kept, so a million rows take some fifty megabytes.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;

use chrono::{Datelike, NaiveDate};

use super::{NO_ROWS, Record, Row, parse};
use crate::imports::format::Book;
use crate::imports::model::{Column, Refusal, RowError};
use crate::kit::money::group;
use crate::subscriptions::store::bulk::RateTable;

/// Errors kept of one file, the first by line.
pub const ERRORS_KEPT: usize = 10_000;
/// Different plans in one file: more are no plans but a wrong column.
const PLANS_MAX: usize = 10_000;
/// Rows between two signs of life.
const STRIDE: u64 = 2_000;

/// What becomes of a row, by its place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict(i32);

impl Verdict {
    const BAD: Self = Self(i32::MIN);
    const LAST: Self = Self(i32::MAX);

    /// It can be written.
    pub fn is_good(self) -> bool {
        self != Self::BAD
    }

    /// When the next stretch of the same subscription in the file begins.
    pub fn next_on(self) -> Option<NaiveDate> {
        NaiveDate::from_num_days_from_ce_opt(self.0).filter(|_| self.is_good() && self != Self::LAST)
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Checked {
    pub rows: u64,
    pub bad: u64,
    /// The first [`ERRORS_KEPT`], by line.
    pub errors: Vec<RowError>,
    pub verdicts: Vec<Verdict>,
}

/// What is kept of a row.
struct Entry {
    subscription: u64,
    customer: u64,
    start: i32,
    /// `i32::MAX`: none.
    end: i32,
    trial: Option<i32>,
    currency: u32,
    line: u32,
    place: u32,
}

struct Checker<'a> {
    checked: Checked,
    entries: Vec<Entry>,
    plans: HashSet<u64>,
    hash: RandomState,
    name: &'a dyn Fn(Column) -> String,
}

/// Reads the file to its end. `progress` hears the rows and bytes read so far.
pub fn check<R: Read>(mut book: Book<R>, rates: &RateTable, mut progress: impl FnMut(u64, u64)) -> Result<Checked, Refusal> {
    let layout = book.layout.clone();
    let name = |column| layout.name(column).to_owned();
    let mut checker =
        Checker { checked: Checked::default(), entries: Vec::new(), plans: HashSet::new(), hash: RandomState::new(), name: &name };
    let mut record = Record::default();
    while book.records.read(&mut record)? {
        if record.unfinished && record.fields() < book.layout.width() {
            let message = format!("the file is cut off here: {} of {} fields", record.fields(), book.layout.width());
            return Err(Refusal::new(record.line, message));
        }
        checker.row(parse(&record, &book.layout, rates))?;
        if checker.checked.rows.is_multiple_of(STRIDE) {
            progress(checker.checked.rows, book.records.bytes());
        }
    }
    if checker.checked.rows == 0 {
        return Err(Refusal::new(1, NO_ROWS));
    }
    Ok(checker.finish())
}

impl Checker<'_> {
    fn row(&mut self, row: Result<Row, Vec<RowError>>) -> Result<(), Refusal> {
        self.checked.rows += 1;
        match row {
            Ok(row) => {
                self.plans.insert(self.hash.hash_one((&row.plan, row.interval, row.amount.currency())));
                if self.plans.len() > PLANS_MAX {
                    let message = format!("the file has more than {} plans: is this the right column?", group(&PLANS_MAX.to_string()));
                    return Err(Refusal::new(row.line, message));
                }
                self.entries.push(self.entry(&row));
                self.checked.verdicts.push(Verdict::LAST);
            }
            Err(errors) => {
                self.checked.verdicts.push(Verdict::BAD);
                self.checked.bad += 1;
                let room = ERRORS_KEPT.saturating_sub(self.checked.errors.len());
                self.checked.errors.extend(errors.into_iter().take(room));
            }
        }
        Ok(())
    }

    fn entry(&self, row: &Row) -> Entry {
        let code = row.amount.currency();
        Entry {
            subscription: self.hash.hash_one(&row.subscription_id),
            customer: self.hash.hash_one(&row.customer_id),
            start: row.started_on.num_days_from_ce(),
            end: row.ended_on.map_or(i32::MAX, |day| day.num_days_from_ce()),
            trial: row.trial_ends_on.map(|day| day.num_days_from_ce()),
            currency: code.code().bytes().fold(0, |n, b| n << 8 | u32::from(b)),
            line: u32::try_from(row.line).unwrap_or(u32::MAX),
            place: u32::try_from(self.checked.verdicts.len()).unwrap_or(u32::MAX),
        }
    }

    /// Compares the rows of each subscription.
    fn finish(mut self) -> Checked {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_unstable_by_key(|e| (e.subscription, e.start, e.line));
        for rows in entries.chunk_by(|a, b| a.subscription == b.subscription) {
            self.subscription(rows);
        }
        self.checked.errors.sort_by_key(|e| e.line);
        self.checked.errors.truncate(ERRORS_KEPT);
        self.checked
    }

    /// `rows` by their start.
    fn subscription(&mut self, rows: &[Entry]) {
        let Some(base) = rows.iter().min_by_key(|e| e.line) else { return };
        let mut before: Option<&Entry> = None;
        let mut trial = None;
        for row in rows {
            let first = before.is_none();
            let refused = if row.customer != base.customer {
                Some((Column::CustomerId, format!("is another customer than on line {}, where the same subscription is", base.line)))
            } else if row.currency != base.currency {
                Some((Column::Currency, format!("is another currency than on line {}, where the same subscription is", base.line)))
            } else {
                before.and_then(|before| clash(before, row)).or_else(|| trial_error(row, first, trial))
            };
            if let Some((column, message)) = refused {
                self.refuse(row, column, message);
                continue;
            }
            if first {
                trial = row.trial.map(|day| (day, row.line));
            }
            if let Some(before) = before {
                self.checked.verdicts[before.place as usize] = Verdict(row.start);
            }
            before = Some(row);
        }
        let (Some((trial, line)), Some(last)) = (trial, before) else { return };
        if trial > last.end {
            let message = format!("lies after the end of the subscription ({})", shown(last.end));
            for row in rows.iter().filter(|row| self.checked.verdicts[row.place as usize].is_good()).collect::<Vec<_>>() {
                let message = if row.line == line { message.clone() } else { format!("the trial on line {line} {message}") };
                self.refuse(row, Column::TrialEndsOn, message);
            }
        }
    }

    fn refuse(&mut self, row: &Entry, column: Column, message: String) {
        self.checked.verdicts[row.place as usize] = Verdict::BAD;
        self.checked.bad += 1;
        // Later ones may come before these by line, so twice as many are held until they are sorted.
        if self.checked.errors.len() < 2 * ERRORS_KEPT {
            self.checked.errors.push(RowError { line: u64::from(row.line), column: (self.name)(column), message });
        }
    }
}

/// What is wrong between a stretch and the one that begins next.
fn clash(before: &Entry, row: &Entry) -> Option<(Column, String)> {
    if before.start == row.start {
        let day = shown(row.start);
        return Some((Column::StartedOn, format!("is a duplicate: line {} has the same subscription from {day} on", before.line)));
    }
    (before.end != i32::MAX && before.end > row.start).then(|| {
        let (start, end) = (shown(before.start), shown(before.end));
        (Column::StartedOn, format!("overlaps line {}, where the same subscription runs from {start} to {end}", before.line))
    })
}

/// A trial belongs to the start of a subscription; later rows may repeat it.
fn trial_error(row: &Entry, first: bool, of_first: Option<(i32, u32)>) -> Option<(Column, String)> {
    let trial = row.trial?;
    if first {
        return (trial < row.start).then(|| (Column::TrialEndsOn, format!("lies before started_on ({})", shown(row.start))));
    }
    match of_first {
        Some((day, _)) if day == trial => None,
        Some((day, line)) => Some((Column::TrialEndsOn, format!("is another than on line {line} ({})", shown(day)))),
        None => Some((Column::TrialEndsOn, "a trial belongs on the row with which the subscription starts".into())),
    }
}

fn shown(day: i32) -> String {
    NaiveDate::from_num_days_from_ce_opt(day).map(|d| d.to_string()).unwrap_or_default()
}

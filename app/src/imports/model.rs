//! Imports as pages and stores know them: the columns of the format, what a person chooses, errors and reports.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kit::moment::Moment;
use crate::kit::money::group;
use crate::kit::{Error, JobId, Result};
use crate::{id, text_enum};

id!(
    /// One import of one file.
    ImportId,
    "imp"
);

text_enum!(
    /// A column of the import format.
    pub enum Column {
        CustomerId = "customer_id" => "Customer ID",
        CustomerName = "customer_name" => "Customer name",
        CustomerEmail = "customer_email" => "Customer e-mail",
        Country = "country" => "Country",
        SubscriptionId = "subscription_id" => "Subscription ID",
        Plan = "plan" => "Plan",
        Interval = "interval" => "Interval",
        IntervalCount = "interval_count" => "Interval count",
        Currency = "currency" => "Currency",
        Amount = "amount" => "Amount",
        Quantity = "quantity" => "Quantity",
        StartedOn = "started_on" => "Started on",
        TrialEndsOn = "trial_ends_on" => "Trial ends on",
        EndedOn = "ended_on" => "Ended on",
        CancelReason = "cancel_reason" => "Cancel reason",
        PaymentMethod = "payment_method" => "Payment method",
    }
);

impl Column {
    /// Without it there is no row.
    pub fn required(self) -> bool {
        use Column::*;
        matches!(self, CustomerId | CustomerName | SubscriptionId | Plan | Interval | Currency | Amount | StartedOn)
    }

    /// What it holds, in a few words.
    pub fn hint(self) -> &'static str {
        match self {
            Self::CustomerId | Self::SubscriptionId => "your own number for it",
            Self::CustomerName | Self::Plan => "up to 200 characters",
            Self::CustomerEmail => "such as name@example.com",
            Self::Country => "a code of two letters, such as EG",
            Self::Interval => "day, week, month, quarter or year",
            Self::IntervalCount => "1 unless given",
            Self::Currency => "such as USD",
            Self::Amount => "price of one unit, such as 29.85",
            Self::Quantity => "units, 1 unless given",
            Self::StartedOn => "YYYY-MM-DD",
            Self::TrialEndsOn => "YYYY-MM-DD, the first day that is paid",
            Self::EndedOn => "YYYY-MM-DD, the first day without service",
            Self::CancelReason | Self::PaymentMethod => "free text",
        }
    }
}

/// Our column → the file's column, as its header writes it.
pub type Mapping = BTreeMap<Column, String>;

/// How names of columns are compared: small letters and digits alone.
pub fn plain_name(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The columns of the file that have our names.
pub fn map_by_name(headers: &[String]) -> Mapping {
    let column = |c: &Column| headers.iter().find(|h| plain_name(h) == plain_name(c.word())).map(|h| (*c, h.clone()));
    Column::ALL.iter().filter_map(column).collect()
}

/// What the person who imports chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// `None`: the columns that have our names.
    #[serde(default)]
    pub mapping: Option<Mapping>,
    /// Import the good rows and leave the bad ones out, instead of refusing all.
    #[serde(default)]
    pub skip_bad: bool,
}

/// A reason to refuse the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The first line is 1; 0 where no line is to blame.
    pub line: u64,
    pub message: String,
}

impl Refusal {
    /// Of the file as such.
    pub fn of_file(message: impl Into<String>) -> Self {
        Self::new(0, message)
    }

    pub fn new(line: u64, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return f.write_str(&self.message);
        }
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// Of the file; its header is line 1.
    pub line: u64,
    /// As the file's header names it; empty where it is about the row as a whole.
    pub column: String,
    pub message: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.column.is_empty() {
            return write!(f, "line {}: {}", self.line, self.message);
        }
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Rows of the file, blank lines aside.
    pub rows: u64,
    pub customers_created: u64,
    pub customers_changed: u64,
    pub plans_created: u64,
    pub subscriptions_created: u64,
    pub subscriptions_changed: u64,
    pub phases_written: u64,
    /// Rows that the books had already just so.
    pub unchanged: u64,
    /// Bad rows that were left out.
    pub skipped: u64,
}

impl Report {
    /// What was counted and its number.
    pub fn lines(&self) -> [(&'static str, u64); 9] {
        [
            ("Rows", self.rows),
            ("Customers created", self.customers_created),
            ("Customers changed", self.customers_changed),
            ("Plans created", self.plans_created),
            ("Subscriptions created", self.subscriptions_created),
            ("Subscriptions changed", self.subscriptions_changed),
            ("Stretches written", self.phases_written),
            ("Rows unchanged", self.unchanged),
            ("Rows skipped", self.skipped),
        ]
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        let n = |n: u64| group(&n.to_string());
        let mut text = format!(
            "{} rows: {} subscriptions created, {} changed, {} rows unchanged",
            n(self.rows),
            n(self.subscriptions_created),
            n(self.subscriptions_changed),
            n(self.unchanged)
        );
        if self.skipped > 0 {
            text.push_str(&format!(", {} skipped", n(self.skipped)));
        }
        text + "."
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.lines().iter().map(|(what, n)| format!("{what:<22}{:>12}", group(&n.to_string()))).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Errors printed of a file with many.
const ERRORS_SHOWN: usize = 20;

/// Why nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportFailure {
    /// The file is not one that can be read to its end.
    File(Refusal),
    /// Rows are bad: how many of how many, and the first of their errors.
    Rows { rows: u64, bad: u64, errors: Vec<RowError> },
    /// Not the file's fault.
    Other(Error),
}

impl From<Refusal> for ImportFailure {
    fn from(refusal: Refusal) -> Self {
        Self::File(refusal)
    }
}

impl From<Error> for ImportFailure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl ImportFailure {
    /// One sentence, without the single errors.
    pub fn sentence(&self) -> String {
        match self {
            Self::File(refusal) => format!("Nothing was imported: {refusal}."),
            Self::Rows { rows, bad, .. } => {
                format!("Nothing was imported: {} of {} rows are bad.", group(&bad.to_string()), group(&rows.to_string()))
            }
            Self::Other(error) => error.to_string(),
        }
    }
}

impl fmt::Display for ImportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Rows { errors, .. } = self {
            for error in errors.iter().take(ERRORS_SHOWN) {
                writeln!(f, "{error}")?;
            }
            if errors.len() > ERRORS_SHOWN {
                writeln!(f, "and {} more", errors.len() - ERRORS_SHOWN)?;
            }
        }
        f.write_str(&self.sentence())
    }
}

text_enum!(
    /// Where an import stands.
    pub enum ImportStatus {
        /// Uploaded; its columns are to be chosen.
        Draft = "draft" => "Uploaded",
        /// Every row is being checked, nothing is written.
        Checking = "checking" => "Checking",
        /// Every row was checked.
        Checked = "checked" => "Checked",
        /// Its job waits.
        Queued = "queued" => "Waiting",
        Running = "running" => "Running",
        Done = "done" => "Imported",
        /// Nothing was imported.
        Failed = "failed" => "Refused",
    }
);

impl ImportStatus {
    /// A job works on it, or is about to.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Checking | Self::Queued | Self::Running)
    }

    /// It may be begun, or begun again: nothing has been imported.
    pub fn may_start(self) -> bool {
        matches!(self, Self::Draft | Self::Checked | Self::Failed)
    }

    /// The step of the wizard that shows it.
    pub fn step(self) -> usize {
        match self {
            Self::Draft => 1,
            Self::Checking | Self::Checked => 2,
            Self::Queued | Self::Running => 3,
            Self::Done | Self::Failed => 4,
        }
    }
}

/// An import in the list and at the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub size_bytes: u64,
    pub status: ImportStatus,
    pub job: Option<JobId>,
    /// Column names as the file has them.
    pub headers: Vec<String>,
    pub mapping: Mapping,
    pub skip_bad: bool,
    pub rows_total: u64,
    pub rows_good: u64,
    pub rows_bad: u64,
    /// Of one that is done.
    pub report: Option<Report>,
    /// Why nothing was imported.
    pub failure: Option<String>,
    pub created_by: String,
    pub created: Moment,
    pub finished: Option<Moment>,
    /// Rows done and rows in all, while a job is at it.
    pub progress: Option<(u64, u64)>,
}

impl Import {
    /// `12.3 MB`.
    pub fn size_label(&self) -> String {
        size_label(self.size_bytes)
    }
}

/// Bytes for people, to one decimal.
pub fn size_label(bytes: u64) -> String {
    let tenths = |unit: u64| (bytes * 10 + unit / 2) / unit;
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{}.{} KB", tenths(1_000) / 10, tenths(1_000) % 10),
        _ => format!("{}.{} MB", tenths(1_000_000) / 10, tenths(1_000_000) % 10),
    }
}

/// The first rows of a file, by our columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub columns: Vec<Column>,
    /// Line and cells.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// Checks what was chosen against the file's header.
pub fn parse_mapping(chosen: &BTreeMap<String, String>, headers: &[String]) -> Result<Mapping> {
    let mut errors = crate::kit::FieldErrors::default();
    let mut mapping = Mapping::new();
    for column in Column::ALL {
        let field = format!("column[{}]", column.word());
        let header = chosen.get(column.word()).map(|h| h.as_str()).unwrap_or_default();
        if header.is_empty() {
            if column.required() {
                errors.add(&field, "Choose the file's column for it");
            }
        } else if !headers.iter().any(|h| h == header) {
            errors.add(&field, "The file has no such column");
        } else if let Some((other, _)) = mapping.iter().find(|(_, h)| h.as_str() == header) {
            errors.add(&field, format!("This column is taken for {}", other.label()));
        } else {
            mapping.insert(*column, header.to_owned());
        }
    }
    if errors.is_empty() { Ok(mapping) } else { Err(Error::Invalid(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_whatever_their_case_and_spaces() {
        let headers = ["Customer ID", "AMOUNT", "Started-On", "notes"].map(str::to_owned);
        let mapping = map_by_name(&headers);
        assert_eq!(mapping.get(&Column::CustomerId).map(String::as_str), Some("Customer ID"));
        assert_eq!(mapping.len(), 3);
    }

    #[test]
    fn a_required_column_must_be_chosen_and_none_twice() {
        let headers = ["a", "b"].map(str::to_owned);
        let chosen = [("customer_id", "a"), ("customer_name", "a"), ("plan", "z")];
        let chosen = chosen.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let fields = parse_mapping(&chosen, &headers).expect_err("refused").fields();
        assert_eq!(fields.first("column[amount]"), Some("Choose the file's column for it"));
        assert_eq!(fields.first("column[customer_name]"), Some("This column is taken for Customer ID"));
        assert_eq!(fields.first("column[plan]"), Some("The file has no such column"));
        assert_eq!(fields.first("column[customer_id]"), None);
    }

    #[test]
    fn sizes_and_failures_read_well() {
        assert_eq!(size_label(852_865), "852.9 KB");
        assert_eq!(size_label(512_000_000), "512.0 MB");
        let error = RowError { line: 17, column: "amount".into(), message: "is required".into() };
        assert_eq!(error.to_string(), "line 17, column amount: is required");
        let gone = ImportFailure::File(Refusal::of_file("/gone.csv cannot be read"));
        assert_eq!(gone.sentence(), "Nothing was imported: /gone.csv cannot be read.");
        let failure = ImportFailure::Rows { rows: 7043, bad: 1, errors: vec![error] };
        assert!(failure.to_string().ends_with("Nothing was imported: 1 of 7,043 rows are bad."));
    }
}

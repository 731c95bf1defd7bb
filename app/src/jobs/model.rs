//! What jobs, their runs and schedules look like.

use serde::{Deserialize, Serialize};

use crate::kit::JobId;
use crate::kit::case;
use crate::kit::moment::Moment;
use crate::kit::readable::page_of;
use crate::text_enum;

text_enum!(
    /// Where a job stands.
    pub enum JobState {
        Queued = "queued" => "Waiting",
        Running = "running" => "Running",
        Done = "done" => "Done",
        Dead = "dead" => "Failed",
    }
);

/// One job in the list, with its latest run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    pub id: JobId,
    /// `imports.subscriptions`.
    pub kind: String,
    pub state: JobState,
    /// Tries so far, this one included.
    pub attempts: i32,
    /// When it is due, or was.
    pub due: Moment,
    pub created: Moment,
    pub finished: Option<Moment>,
    /// Done and total, where it runs and says so.
    pub progress: Option<(u64, u64)>,
    /// Why the latest try failed.
    pub error: Option<String>,
    /// `1.2 s`.
    pub duration: Option<String>,
    /// What the latest run counted, by name.
    pub counts: Vec<(String, String)>,
}

impl JobRow {
    /// A waiting job that has failed before says so.
    pub fn is_retrying(&self) -> bool {
        self.state == JobState::Queued && self.attempts > 0
    }
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRow {
    pub kind: String,
    pub attempt: i32,
    pub started: Moment,
    pub duration: String,
    pub failed: bool,
    pub counts: Vec<(String, String)>,
    pub error: Option<String>,
}

/// A job with all its tries, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobDetail {
    pub job: JobRow,
    pub payload: Vec<(String, String)>,
    pub runs: Vec<RunRow>,
}

/// What recurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRow {
    pub kind: String,
    pub title: String,
    /// Five fields, UTC.
    pub cron: String,
    pub next: Moment,
    pub last: Option<RunRow>,
}

/// `7,043 rows, 1 case changed, outcome: failed`, from what a run counted; what has a page is named and not spelt out.
pub fn counted(counts: &[(String, String)]) -> String {
    counts.iter().map(|(name, value)| part(name, value)).collect::<Vec<_>>().join(", ")
}

/// What the run tells of that has a page.
pub fn pages(counts: &[(String, String)]) -> Vec<(&'static str, String)> {
    counts.iter().filter_map(|(_, value)| page_of(value)).collect()
}

fn part(name: &str, value: &str) -> String {
    // Of nested names the last says what was counted.
    let name = case::lower(name.rsplit(", ").next().unwrap_or(name));
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return if page_of(value).is_some() { name } else { format!("{name}: {}", value.replace('_', " ")) };
    }
    let (noun, rest) = name.split_once(' ').map_or((name.as_str(), ""), |(noun, _)| (noun, &name[noun.len()..]));
    let single = noun.strip_suffix('s').filter(|one| value == "1" && !one.ends_with(['s', 'u']));
    format!("{} {}{rest}", crate::kit::money::group(value), single.unwrap_or(noun))
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn counts_read_well() {
        let told = |counts: &[(&str, &str)]| counted(&counts.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect::<Vec<_>>());
        assert_eq!(told(&[("Rows", "7043"), ("Errors", "0")]), "7,043 rows, 0 errors");
        assert_eq!(told(&[("Cases changed", "1"), ("Counts, invoices", "1"), ("Status", "1")]), "1 case changed, 1 invoice, 1 status");
        assert_eq!(told(&[("Outcome", "needs_action"), ("Payment", "none")]), "outcome: needs action, payment: none");
        let invoice = crate::kit::id::encode("inv", uuid::Uuid::from_u128(7));
        assert_eq!(told(&[("Invoice", &invoice)]), "invoice");
        assert_eq!(pages(&[("Invoice".into(), invoice.clone())]), [("Invoice", format!("/invoices/{invoice}"))]);
    }
}

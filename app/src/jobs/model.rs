//! What jobs, their runs and schedules look like.

use serde::{Deserialize, Serialize};

use crate::kit::JobId;
use crate::kit::moment::Moment;
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

/// `7,043 rows, 12 errors`, from what a run counted.
pub fn counted(counts: &[(String, String)]) -> String {
    let parts = counts.iter().map(|(name, value)| {
        let value = if value.bytes().all(|b| b.is_ascii_digit()) { crate::kit::money::group(value) } else { value.clone() };
        format!("{value} {}", name.to_lowercase())
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn counts_read_well() {
        assert_eq!(counted(&[("Rows".into(), "7043".into()), ("Errors".into(), "0".into())]), "7,043 rows, 0 errors");
    }
}

//! Background work as people see it: what recurs and when next, what runs and how far it is, what ran, how long it took
//! and what it counted, what failed for good and can be tried again. And the housekeeping of the program's own tables.
//!
//! Tables: `jobs` and `job_runs`, which the kit's queue (`kit::job`) writes. Pages: `/jobs`, `/jobs/{id}`; `/jobs/export.csv`. Invariants: a
//! seller sees its own jobs; those of no seller are the platform's to see; only a job that is dead can be retried.

pub mod api;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod housekeeping;
mod model;
mod page;
mod schedules;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(test)]
mod tests;

pub use model::{JobDetail, JobRow, JobState, RunRow, ScheduleRow};
pub use page::{JobPage, JobsPage};

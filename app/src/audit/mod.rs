//! Who did what to whom, when and from where: one row for every event, written in the transaction of the change itself.
//!
//! Table: `audit_entries` (written by `kit::event`). Pages: `/audit`, `/audit/export.csv`, and a timeline on the pages of
//! others; REST: `GET /api/v1/audit-log`.
//! Invariants: rows are only ever added (on PostgreSQL the program's role cannot change or delete one); imports no feature.

mod activity;
pub mod api;
#[cfg(feature = "ssr")]
pub mod export;
mod model;
mod page;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(test)]
mod tests;

pub use activity::ActivityTimeline;
pub use model::{Activity, AuditEntryId, AuditRow, Severity, subject_href};
pub use page::AuditPage;

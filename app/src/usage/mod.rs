//! What customers used: events, sums of them by day, and how much of an allowance is gone.
//!
//! Tables: `usage_events`, `usage_days`, `usage_closed`, `usage_thresholds`, `usage_uploads`. Routes: `/usage`, `/usage/ID`,
//! `/usage/events`, both as files, `/usage-uploads/ID`; `/api/v1/usage/events`, `/api/v1/subscriptions/ID/usage`. Invariants: an event id
//! counts once; events and their sums change in one transaction; an event counts on its own day until that was invoiced,
//! then on the first day that was not. Billing says what it invoiced with [`store::close`], under a lock that ingest
//! respects, so usage names no invoice and none slips in between.

pub mod api;
pub mod model;
pub mod page;
pub mod subscription;
pub mod uploaded;

#[cfg(feature = "ssr")]
pub mod charts;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod upload;

pub use model::UsageUploadId;

//! Bringing a book of subscriptions in from a file: uploaded in the console, posted by a machine, or named on the
//! command line.
//!
//! Tables: `imports`, `import_errors`. Routes: `/imports`, `/imports/new`, `/imports/ID`, `/imports/upload`,
//! `/imports/export.csv`, `/imports/ID/errors.csv`; `/api/v1/imports`. Invariants: the whole file is checked before the first row is written;
//! all rows are one transaction, with the report; a file imported twice changes nothing the second time; memory does not
//! grow with the file beyond some fifty bytes a row.

pub mod api;
pub mod model;
mod page;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod format;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod run;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod upload;

pub use model::{Import, ImportFailure, ImportId, ImportOptions, ImportStatus, Report};
pub use page::{ImportNewPage, ImportPage, ImportsPage};
#[cfg(feature = "ssr")]
pub use run::run_file;

//! What customers owe and why: invoices, their corrections, and the ledger that every balance comes from.
//!
//! Tables: `billing_settings`, `number_counters`, `customer_accounts`, `billing_pauses`, `tax_rates`,
//! `coupons` and theirs, `billing_runs`, `billing_alerts`, `invoices` and theirs, `credit_notes`, `ledger_entries`,
//! `ledger_postings`. Routes: `/invoices…`, `/credit-notes…`, `/billing`, `/customers/ID/invoices`; `/api/v1/invoices`, `/api/v1/billing/runs`, `/api/v1/ledger/…`. Invariants: what is due is
//! a pure rule of [`due`], previewed by the run's code; a period is billed once; numbers are gapless; a finalized invoice
//! never changes; debits equal credits.

pub mod actions;
pub mod api;
pub mod billing;
pub mod catalogue;
pub mod credit_form;
pub mod credit_notes;
pub mod detail;
mod document;
pub mod form;
pub mod model;
pub mod page;
mod picked;
pub mod preview;
pub mod sheet;
mod table;
pub mod written;

#[cfg(feature = "ssr")]
pub mod cover;
#[cfg(feature = "ssr")]
pub mod due;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod figures;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod ledger;
#[cfg(feature = "ssr")]
pub mod make;
#[cfg(feature = "ssr")]
pub mod numbers;
#[cfg(feature = "ssr")]
pub mod prorate;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod spread;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{CreditNoteId, Invoice, InvoiceId, InvoiceStatus};
pub use table::InvoiceBadge;

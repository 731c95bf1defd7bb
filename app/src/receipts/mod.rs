//! Proofs of payment that somebody uploaded, and what became of them.
//!
//! Table: `receipts`; the files lie in `kit::files`. Routes: `/receipts`, `/receipts/ID`, its file and its picture, `/receipts/upload`;
//! `/api/v1/receipts`.
//! Invariants: what a file is, its content says and not its name; it is never shown as a page of ours; an approved one has
//! its payment, recorded in the same transaction; one is reviewed once.

pub mod api;
pub mod detail;
pub mod model;
pub mod page;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
mod preview;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod upload;

pub use model::{Receipt, ReceiptId, ReceiptStatus};

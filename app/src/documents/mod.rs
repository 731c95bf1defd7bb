//! Invoices and credit notes as people get them: the PDF, and the letter that brings it.
//!
//! Tables: none; a finalized document's PDF is made once and kept in `kit::files`. Routes: `/invoices/ID/send`,
//! `/invoices/ID/pdf`, `/credit-notes/ID/pdf`, the same under `/api/v1`. Invariants: a PDF says what was
//! so when the document was issued, never what came after; a draft's and a void one's say across the page what they are;
//! an invoice goes out by itself once at most.

pub mod api;
pub mod page;
pub mod send;

#[cfg(feature = "ssr")]
pub mod compose;
#[cfg(feature = "ssr")]
mod countries;
#[cfg(feature = "ssr")]
mod direction;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
mod words;

pub use send::SendInvoice;

//! Invoices, credit notes and the ledger in the database.

pub mod accounts;
mod billing;
mod book;
pub mod checks;
pub mod coupons;
mod credit;
mod credit_list;
mod list;
mod manual;
pub mod money;
mod preview;
mod run;
pub mod settings;
mod sheet;
mod stats;
#[cfg(test)]
mod tests;
mod verbs;
mod write;

pub use billing::{billing, check_until, start_run, start_run_typed};
pub use credit::{credit_note, credit_note_lines, credit_typed, foresee_credit, read_credit_note};
pub use credit_list::{chunk_credit_notes, get_credit_note, list_credit_notes};
pub use list::{by_number, chunk, detail, get, lines, list, list_with_lines, of_customer, read};
pub use manual::{create, edit, preview_new, start};
pub use preview::{preview, preview_next};
pub use run::{AlertRow, RUN_JOB, RunRow, alerts, bill_now, resolve_alert, run, runs};
pub use sheet::{activity, sheet};
pub use stats::{INVOICE_DAYS, LEDGER_DAYS, outstanding, stats};
pub use verbs::{discard, finalize, finalize_all, give_up, mark_uncollectible, replace, use_credit, void};

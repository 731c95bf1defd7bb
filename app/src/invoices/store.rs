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

pub use billing::{billing, start_run, start_run_typed};
pub use credit::{credit_note, credit_note_lines, credit_typed, foresee_credit, read_credit_note};
pub use credit_list::{chunk_credit_notes, get_credit_note, list_credit_notes};
pub use list::{chunk, detail, get, lines, list, list_with_lines, of_customer, read};
pub use manual::{create, edit, preview_new, start};
pub use preview::{preview, preview_next};
pub use run::{AlertRow, RUN_JOB, RunRow, alerts, bill_now, resolve_alert, run, runs};
pub use sheet::{activity, sheet};
pub use stats::stats;
pub use verbs::{discard, finalize, finalize_all, give_up, mark_uncollectible, replace, use_credit, void};

use sea_orm::Value;

use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::tx::Tx;

/// Values of one statement at most; SQLite takes 32,766.
const VALUES_AT_ONCE: usize = 30_000;
/// Rows of one statement at most.
const ROWS_AT_ONCE: usize = 250;

/// Writes rows of the seller's: `columns` are those after `seller_id`.
async fn insert(tx: &Tx, table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Result<()> {
    let width = columns.len();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Vec<Value>> = rows.by_ref().take(ROWS_AT_ONCE.min(VALUES_AT_ONCE / width.max(1))).collect();
        let places = |r: usize| (0..width).map(|c| format!("${}", r * width + c + 2)).collect::<Vec<_>>().join(", ");
        let places: Vec<String> = (0..chunk.len()).map(|r| format!("($1, {})", places(r))).collect();
        let sql = format!("INSERT INTO {table} (seller_id, {}) VALUES {}", columns.join(", "), places.join(", "));
        let values = std::iter::once(Value::from(tx.seller_id().0)).chain(chunk.into_iter().flatten());
        tx.run(&sql, values.collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// `$from, …`: as many as there are values.
fn marks(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// The seller, then these ids.
fn keyed(tx: &Tx, ids: impl IntoIterator<Item = uuid::Uuid>) -> Vec<Value> {
    std::iter::once(Value::from(tx.seller_id().0)).chain(ids.into_iter().map(Value::from)).collect()
}

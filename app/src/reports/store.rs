//! Reads reports from the ledger, the invoices and the payments, and from the sums by day that the database keeps of them.
//! Nothing here is stored.

mod aging;
mod customers;
mod forecast;
mod sums;
#[cfg(test)]
mod tests;

use super::model::{Asked, Cell, Report, ReportKind, sorted};
use crate::kit::Result;
use crate::kit::scope::Scope;

pub use aging::aging;
pub use forecast::forecast;

/// Rows of a page; a file has them all.
const ROWS_SHOWN: usize = 200;

/// A report as its page shows it.
pub async fn report(scope: &Scope, asked: Asked) -> Result<Report> {
    scope.require(asked.kind.permission())?;
    let tx = scope.read().await?;
    if asked.kind.by_customer() {
        let mut rows = customers::largest(&tx, &asked, ROWS_SHOWN + 1).await?;
        let cut = rows.len() > ROWS_SHOWN;
        rows.truncate(ROWS_SHOWN);
        let totals = customers::totals(&tx, &asked).await?;
        return Ok(Report { asked, rows, totals, cut });
    }
    let rows = sums::rows(&tx, &asked).await?;
    let totals = sums::totals(asked.kind, &rows);
    Ok(Report { rows: sorted(rows, &asked), totals, cut: false, asked })
}

/// Rows of a file after `place`, and where to go on. Reports with a row for each customer come in the order of their ids,
/// some at a time.
pub async fn chunk(scope: &Scope, asked: &Asked, place: Option<&str>, size: usize) -> Result<(Vec<Vec<Cell>>, Option<String>)> {
    scope.require(asked.kind.permission())?;
    let tx = scope.read().await?;
    match asked.kind {
        ReportKind::RevenueByCustomer | ReportKind::Outstanding | ReportKind::Aging => customers::chunk(&tx, asked, place, size).await,
        _ => Ok((sorted(sums::rows(&tx, asked).await?, asked), None)),
    }
}

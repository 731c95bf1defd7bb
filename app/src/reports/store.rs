//! Reads reports from the ledger, the invoices and the payments, and from the sums by day that the database keeps of them.
//! Nothing here is stored.

mod aging;
mod customers;
mod forecast;
mod sums;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::model::{Asked, Cell, Report, ReportKind, sorted};
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::db::bug;
use crate::kit::money::Currency;
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

/// Rows for a machine after `place`, and where to go on. Reports with a row for each customer come in the order of their
/// ids, some at a time.
pub async fn chunk(scope: &Scope, asked: &Asked, place: Option<&str>, size: usize) -> Result<(Vec<Vec<Cell>>, Option<String>)> {
    scope.require(asked.kind.permission())?;
    let tx = scope.read().await?;
    match asked.kind {
        ReportKind::RevenueByCustomer | ReportKind::Outstanding | ReportKind::Aging => customers::chunk(&tx, asked, place, size).await,
        _ => Ok((sorted(sums::rows(&tx, asked).await?, asked), None)),
    }
}

/// A report as a file: all its rows in the order of the page, and its sums at the end.
#[derive(Clone)]
pub struct ReportFile {
    pub asked: Asked,
    /// Of a report with a row for each customer: whose rows they are. The rows themselves are read some at a time.
    order: Arc<Vec<(CustomerId, Currency)>>,
}

/// See [`ReportFile`].
pub async fn file(scope: &Scope, asked: Asked) -> Result<ReportFile> {
    scope.require(asked.kind.permission())?;
    let tx = scope.read().await?;
    let order = if asked.kind.by_customer() { customers::order(&tx, &asked).await? } else { Vec::new() };
    Ok(ReportFile { asked, order: Arc::new(order) })
}

/// Rows of a file from `place` on, and where to go on.
pub async fn part(scope: &Scope, file: &ReportFile, place: Option<&str>, size: usize) -> Result<(Vec<Vec<Cell>>, Option<String>)> {
    let asked = &file.asked;
    let tx = scope.read().await?;
    if !asked.kind.by_customer() {
        let rows = sums::rows(&tx, asked).await?;
        let totals = sums::totals(asked.kind, &rows);
        return Ok((sorted(rows, asked).into_iter().chain(totals).collect(), None));
    }
    let from: usize = place.map_or(Ok(0), str::parse).map_err(bug)?;
    let to = from.saturating_add(size).min(file.order.len());
    let mut rows = customers::rows_of(&tx, asked, file.order.get(from..to).unwrap_or_default()).await?;
    if to < file.order.len() {
        return Ok((rows, Some(to.to_string())));
    }
    rows.extend(customers::totals(&tx, asked).await?);
    Ok((rows, None))
}

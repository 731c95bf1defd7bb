//! Reads the figures from the sums of the movement log. Nothing here is stored.

mod behind;
mod cohorts;
mod days;
mod plans;
mod report;
mod retained;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;

use super::model::{Cohort, MONTHS_MAX, Metrics, MonthMovements, PlanMonth, begun, months};
use crate::kit::period::Month;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

pub use behind::{Behind, behind, behind_all, moved_report};
pub use days::{Days, days};
pub use plans::{Levels, levels};
pub use report::report;
pub use retained::{churned_of_start, retained};

/// The last day of `month` that counts: today in the month that is not over.
pub fn last_day(month: Month, today: NaiveDate) -> NaiveDate {
    month.next().first_day().pred_opt().unwrap_or(NaiveDate::MAX).min(today)
}

/// Movements of each month from `from` to `to`, both included.
pub async fn movements(scope: &Scope, from: Month, to: Month) -> Result<Vec<MonthMovements>> {
    let months = months(from, to, scope.today())?;
    months_of(&scope.read().await?, &months).await
}

async fn months_of(tx: &Tx, months: &[Month]) -> Result<Vec<MonthMovements>> {
    let (Some(first), Some(last), scope) = (months.first(), months.last(), tx.scope()) else { return Ok(Vec::new()) };
    let days = days(tx, first.first_day(), last_day(*last, scope.today())).await?;
    Ok(months.iter().map(|m| month_of(&days, *m, scope)).collect())
}

fn month_of(days: &Days, month: Month, scope: &Scope) -> MonthMovements {
    let (start_minor, start_customers) = days.before(month.first_day());
    let flow = days.flow(month.first_day(), last_day(month, scope.today()));
    MonthMovements { month, currency: scope.currency(), start_minor, start_customers, flow }
}

/// The figures of `month`.
pub async fn metrics(scope: &Scope, month: Month) -> Result<Metrics> {
    let month = begun("month", month, scope.today())?;
    metrics_of(&scope.read().await?, month).await
}

async fn metrics_of(tx: &Tx, month: Month) -> Result<Metrics> {
    let scope = tx.scope();
    // From eleven months before, so that what precedes is MRR at the end of the same month a year before.
    let days = days(tx, month.plus(-11).first_day(), last_day(month, scope.today())).await?;
    let (year_ago, _) = days.before(month.plus(-11).first_day());
    let kept = retained(tx, month.first_day(), last_day(month, scope.today())).await?;
    Metrics::of(month_of(&days, month, scope), kept, scope.seller().gross_margin_bp, year_ago)
}

/// Each plan's MRR in `month`, the largest at its end first; plans that neither had nor moved any are left out.
pub async fn by_plan(scope: &Scope, month: Month) -> Result<Vec<PlanMonth>> {
    let month = begun("month", month, scope.today())?;
    let tx = scope.read().await?;
    plans::month(&tx, month, last_day(month, scope.today())).await
}

/// What became of those that first paid in each month of the last `count`, or since the first movement.
pub async fn cohort_table(scope: &Scope, count: Option<u16>) -> Result<Vec<Cohort>> {
    let tx = scope.read().await?;
    let months = span(&tx, count).await?;
    cohorts::table(&tx, &months).await
}

/// The last `count` months, the one that is not over included; `None`: since the first movement.
async fn span(tx: &Tx, count: Option<u16>) -> Result<Vec<Month>> {
    let today = tx.scope().today();
    let current = Month::of(today);
    let first = match count {
        Some(count) => current.plus(1 - i32::from(count.max(1))),
        None => days::first(tx, today).await?.map_or(current, Month::of).max(current.plus(1 - MONTHS_MAX as i32)),
    };
    months(first, current, today)
}

/// `Err` unless `first` is not after `last` and neither is still to come.
pub fn days_begun(first: NaiveDate, last: NaiveDate, today: NaiveDate) -> Result<()> {
    match () {
        () if last > today => Err(Error::field("to", format!("is still to come: today is {today}"))),
        () if first > last => Err(Error::field("from", "must not be after to")),
        () => Ok(()),
    }
}

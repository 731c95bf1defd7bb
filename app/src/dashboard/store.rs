//! Reads the overview: a dozen statements over sums and indexes, whatever the size of the book.

mod find;
mod matters;
#[cfg(test)]
mod tests;
mod top;
mod trials;
mod unpaid;
mod waiting;

pub use find::find;
pub use waiting::waiting;

use chrono::NaiveDate;

use super::model::{Overview, Span, Standing, Trend};
use crate::kit::Result;
use crate::kit::period::Month;
use crate::kit::permission::Permission;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::revenue::{self, MonthMovements, PlanLevels, Ratio, charts};

/// Steps of a figure's small line.
const STEPS: u64 = 30;

/// The overview over `span`, as far as the scope may see it.
pub async fn overview(scope: &Scope, span: Span) -> Result<Overview> {
    let (tx, today) = (scope.read().await?, scope.today());
    let may = |permission| scope.permissions().allows(permission);
    let standing = if may(Permission::ReadRevenue) { Some(standing(&tx, span, today).await?) } else { None };
    let trials = if may(Permission::ReadSubscriptions) { Some(trials::trend(&tx, span, today).await?) } else { None };
    let matters = matters::all(&tx, today).await?;
    Ok(Overview { span, first: span.period(today).start, today, standing, trials, matters })
}

async fn standing(tx: &Tx, span: Span, today: NaiveDate) -> Result<Standing> {
    let (period, currency) = (span.period(today), tx.scope().currency());
    let (first, previous) = (period.start, period.previous().start);
    let days = revenue::days(tx, previous, today).await?;
    let ((start_minor, start_customers), flow) = (days.before(first), days.flow(first, today));
    let movements = MonthMovements { month: Month::of(first), currency, start_minor, start_customers, flow };
    let points = span.points(today, STEPS.min(period.days().unsigned_abs()));
    let steps = || points.windows(2).map(|pair| days.flow(crate::kit::period::next_day(pair[0]), pair[1]));
    let (churned, churned_before) = revenue::churned_of_start(tx, previous, first, today).await?;
    let before = days.flow(previous, first.pred_opt().unwrap_or(first));
    let levels = levels(tx, span, today).await?;
    Ok(Standing {
        mrr: Trend { now: movements.end().minor(), before: start_minor, points: points.iter().map(|p| days.after(*p).0).collect() },
        net_new: Trend { now: flow.net(), before: before.net(), points: steps().map(|f| f.net()).collect() },
        customers: Trend {
            now: movements.end_customers(),
            before: start_customers,
            points: points.iter().map(|p| days.after(*p).1).collect(),
        },
        churn: Ratio::of(churned, start_customers),
        churn_before: Ratio::of(churned_before, days.before(previous).1),
        churned: steps().map(|f| f.churned_customers).collect(),
        chart: charts::areas(&levels, currency),
        levels,
        movements,
        top: top::customers(tx, first, today).await?,
    })
}

async fn levels(tx: &Tx, span: Span, today: NaiveDate) -> Result<PlanLevels> {
    let levels = revenue::levels(tx, &span.ends(today)).await?;
    let points = levels.ends.iter().map(|end| span.point_label(*end)).collect();
    Ok(PlanLevels::of(points, levels.plans.into_iter().map(|(plan, levels)| (plan.name, levels)).collect()))
}

//! Everything that the revenue page shows, in one transaction.

use chrono::NaiveDate;

use super::super::charts;
use super::super::model::{Charts, PlanLevels, Report, begun};
use super::{days, last_day, levels, metrics_of, months_of, plans, retained, span};
use crate::kit::Result;
use crate::kit::money::Money;
use crate::kit::period::Month;
use crate::kit::scope::Scope;

/// The last `count` months (`None`: all), with `month` in detail (`None`: the one that is not over).
pub async fn report(scope: &Scope, count: Option<u16>, month: Option<Month>) -> Result<Report> {
    let (tx, today) = (scope.read().await?, scope.today());
    let month = begun("month", month.unwrap_or_else(|| Month::of(today)), today)?;
    let shown = span(&tx, count).await?;
    let months = months_of(&tx, &shown).await?;
    let ends: Vec<NaiveDate> = shown.iter().map(|m| last_day(*m, today)).collect();
    let levels = levels(&tx, &ends).await?;
    let points = shown.iter().map(|m| m.label()).collect();
    let levels = PlanLevels::of(points, levels.plans.into_iter().map(|(plan, levels)| (plan.name, levels)).collect());
    let (mrr, _) = days(&tx, today, today).await?.after(today);
    let ending = retained::ending(&tx, today).await?;
    let charts = Charts { levels: charts::areas(&levels, scope.currency()), movements: charts::movements(&months, scope.currency()) };
    Ok(Report {
        metrics: metrics_of(&tx, month).await?,
        committed: Money::new(mrr - ending, scope.currency()),
        plans: plans::month(&tx, month, last_day(month, today)).await?,
        months,
        levels,
        charts,
    })
}

//! The daily run, and the nightly look at the books.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::store::{self, RUN_JOB, checks, settings};
use crate::kit::Result;
use crate::kit::db::bug;
use crate::kit::event::{Event, Level};
use crate::kit::job::{Counts, JobContext, Registry, Schedule};
use crate::kit::scope::Scope;

/// The job that looks whether the books add up.
pub const CHECK_JOB: &str = "billing.check";

pub fn register(registry: &mut Registry) {
    registry.handle(RUN_JOB, run);
    // Every hour, because midnight is another moment in each seller's time zone.
    registry.schedule(Schedule { kind: RUN_JOB, cron: "12 * * * *", title: "Bill what is due, draft what is near", per_seller: true });
    registry.handle(CHECK_JOB, check);
    registry.schedule(Schedule { kind: CHECK_JOB, cron: "47 3 * * *", title: "Check that invoices and ledger add up", per_seller: true });
}

async fn run(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let until = match context.payload["until"].as_str() {
        Some(day) => day.parse::<NaiveDate>().map_err(bug)?,
        None => horizon(&scope).await?,
    };
    let (id, counts) = store::run(&scope, until).await?;
    Ok(json!({ "run": id, "counts": counts }))
}

/// The last day that drafts are made for.
pub async fn horizon(scope: &Scope) -> Result<NaiveDate> {
    let ahead = settings::settings(&scope.read().await?).await?.draft_days;
    Ok(scope.today().checked_add_days(Days::new(u64::try_from(ahead).unwrap_or(0))).unwrap_or(scope.today()))
}

async fn check(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    store::INVOICE_DAYS.fold(&scope).await?;
    store::LEDGER_DAYS.fold(&scope).await?;
    let broken = checks::run(&scope).await?;
    if !broken.is_empty() {
        let what: Vec<String> = broken.iter().map(|(holds, count)| format!("{holds} ({count})")).collect();
        let seller = scope.seller();
        let event = Event::new("billing.out_of_balance", "billing", seller.id, seller.name.clone()).level(Level::Critical);
        let body = format!("Not true any more: {}. Run `tenantry check` and report it.", what.join("; "));
        let event = event.details(json!({ "broken": what })).notify(Level::Critical, "The books do not add up", body, "/jobs");
        scope.write().await?.commit(event).await?;
    }
    Ok(json!({ "checks": checks::CHECKS.len(), "broken": broken.len() }))
}

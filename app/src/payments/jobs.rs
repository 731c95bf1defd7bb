//! The nightly look at the money that came in, and what gateways are asked.

pub mod gateway;

use sea_orm::FromQueryResult;
use serde_json::json;

use super::store::PAYMENT_DAYS;
use super::store::checks::CHECKS;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::job::{Counts, JobContext, Registry, Schedule};

/// The job that looks whether payments add up.
pub const CHECK_JOB: &str = "payments.check";

pub fn register(registry: &mut Registry) {
    gateway::register(registry);
    registry.handle(CHECK_JOB, check);
    registry.schedule(Schedule { kind: CHECK_JOB, cron: "53 3 * * *", title: "Check that payments add up", per_seller: true });
}

async fn check(context: JobContext) -> Result<Counts> {
    #[derive(FromQueryResult)]
    struct Count {
        broken: i64,
    }
    let scope = context.scope().await?;
    PAYMENT_DAYS.fold(&scope).await?;
    let mut broken = Vec::new();
    {
        let tx = scope.read().await?;
        for (holds, sql) in CHECKS {
            let count: Option<Count> = tx.one(sql, [tx.seller_id().0.into()]).await?;
            if let Some(count) = count.filter(|c| c.broken != 0) {
                broken.push(format!("{holds} ({})", count.broken));
            }
        }
    }
    if !broken.is_empty() {
        let seller = scope.seller();
        let event = Event::new("billing.out_of_balance", "billing", seller.id, seller.name.clone()).level(Level::Critical);
        let body = format!("Not true any more: {}. Run `tenantry check` and report it.", broken.join("; "));
        let event = event.details(json!({ "broken": broken })).notify(Level::Critical, "Payments do not add up", body, "/jobs");
        scope.write().await?.commit(event).await?;
    }
    Ok(json!({ "checks": CHECKS.len(), "broken": broken.len() }))
}

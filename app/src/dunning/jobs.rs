//! The daily work, the ear for what happens elsewhere, and the attempts to collect.

use futures::future::BoxFuture;
use serde_json::json;

use super::model::CaseId;
use super::store::{self, Heard, RETRY_JOB};
use crate::kit::db::bug;
use crate::kit::event::Delivery;
use crate::kit::job::{self, Counts, JobContext, NewJob, Registry, Schedule};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// The job that opens cases and takes steps.
pub const DAY_JOB: &str = "dunning.day";
/// The job that looks at a customer of whom something was heard.
pub const HEAR_JOB: &str = "dunning.hear";

pub fn register(registry: &mut Registry) {
    registry.handle(DAY_JOB, |context| async move { day(&context.scope().await?).await });
    // Every hour, because midnight is another moment in each seller's time zone.
    registry.schedule(Schedule { kind: DAY_JOB, cron: "31 * * * *", title: "Follow up what is not paid", per_seller: true });
    registry.handle(HEAR_JOB, hear);
    registry.handle(RETRY_JOB, retry);
}

/// Does what is to be done by today: what was paid is noticed, cases are opened, steps taken. Done twice, it is done once.
pub async fn day(scope: &Scope) -> Result<Counts> {
    let healed = store::heal(scope).await?;
    let lifted = store::lift_forgotten(scope).await?;
    let opened = store::open_all(scope).await?;
    let taken = store::take_all(scope).await?;
    if taken.failed > 0 {
        return Err(Error::Conflict(format!("{} of {} cases could not be gone on with: see the log.", taken.failed, taken.cases)));
    }
    Ok(json!({ "opened": opened, "steps": taken.steps, "ended": healed, "restored": lifted }))
}

async fn hear(context: JobContext) -> Result<Counts> {
    let heard: Heard = serde_json::from_value(context.payload.clone()).map_err(bug)?;
    let changed = store::hear(&context.scope().await?, &heard).await?;
    Ok(json!({ "cases_changed": changed }))
}

async fn retry(context: JobContext) -> Result<Counts> {
    let text = |key: &str| context.payload[key].as_str().unwrap_or_default().to_owned();
    let case: CaseId = text("case").parse().map_err(bug)?;
    let entry: uuid::Uuid = text("entry").parse().map_err(bug)?;
    let payment = store::ask(&context.scope().await?, case, entry).await?;
    Ok(json!({ "payment": payment }))
}

/// An event that may change the case of a customer in dunning becomes a job, under the event's own id.
pub fn sink<'a>(tx: &'a Tx, delivery: &'a Delivery) -> BoxFuture<'a, Result<Option<&'static str>>> {
    Box::pin(async move {
        let Some(heard) = store::touched(tx, delivery).await? else { return Ok(None) };
        let payload = serde_json::to_value(heard).map_err(bug)?;
        let unique_key = Some(format!("{HEAR_JOB}/{}", delivery.id));
        job::enqueue(tx, NewJob { unique_key, ..NewJob::new(HEAR_JOB, payload) }).await?;
        Ok(None)
    })
}

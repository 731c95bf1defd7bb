//! Moving the clock: a day at a time, each schedule at its hour, and all that is due done before the clock goes on. What
//! runs every hour in the real world, because midnight is another moment in each time zone, runs once a day here: after
//! midnight, or after the noon that an advance began at.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::store::{self, ADVANCE_JOB};
use crate::kit::clock;
use crate::kit::event::deliver_batch;
use crate::kit::job::{Counts, JobContext, Registry, drain, fire_in_sandbox};
use crate::kit::period::next_day;
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};
use crate::registry;

/// Rounds of events that make jobs that make events, within one moment.
const ROUNDS: usize = 100;

pub fn register(registry: &mut Registry) {
    registry.handle(ADVANCE_JOB, run);
}

async fn run(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let from = scope.now();
    let done = advance(&scope, None, Some(&context)).await?;
    match done {
        Some(now) => Ok(json!({ "days": (now - from).num_days() })),
        None => Err(Error::Conflict("Somebody else moves this clock.".into())),
    }
}

/// Moves the clock to where it was asked to go, or for as long as `limit`; gives where it is then. `None` where somebody
/// else has it in hand.
pub async fn advance(scope: &Scope, limit: Option<Duration>, context: Option<&JobContext>) -> Result<Option<DateTime<Utc>>> {
    let (holder, started) = (uuid::Uuid::now_v7(), Instant::now());
    let registry = registry::jobs();
    let from = scope.now();
    let mut scope = scope.clone();
    loop {
        let Some(to) = store::take(&scope, holder).await? else { return Ok(None) };
        if scope.now() >= to || limit.is_some_and(|limit| started.elapsed() > limit) {
            break;
        }
        scope = step(&scope, &registry, to).await?;
        if let Some(context) = context {
            let hours = |span: chrono::TimeDelta| u64::try_from(span.num_hours()).unwrap_or(0);
            context.progress(hours(scope.now() - from), hours(to - from)).await?;
        }
    }
    store::release(&scope, holder).await?;
    Ok(Some(scope.now()))
}

/// To the next midnight, or to `to` where that is sooner.
async fn step(scope: &Scope, registry: &Registry, to: DateTime<Utc>) -> Result<Scope> {
    let midnight = clock::start_of(next_day(scope.today()), scope.seller().time_zone);
    let end = midnight.min(to);
    let mut scope = scope.clone();
    settle(&scope, registry, None).await?;
    for (at, kind) in fire_in_sandbox(registry, scope.now(), end)? {
        scope = store::set(&scope, at).await?;
        settle(&scope, registry, Some(kind)).await?;
    }
    scope = store::set(&scope, end).await?;
    settle(&scope, registry, None).await?;
    Ok(scope)
}

/// Does what is due, and what follows from it.
async fn settle(scope: &Scope, registry: &Registry, mut recurring: Option<&'static str>) -> Result<()> {
    let sinks = registry::sinks();
    for _ in 0..ROUNDS {
        let done = drain(scope, registry, recurring.take(), ADVANCE_JOB).await?;
        if done == 0 && !store::events_wait(scope).await? {
            return Ok(());
        }
        while store::events_wait(scope).await? && deliver_batch(scope.db(), &sinks).await? > 0 {}
    }
    Ok(())
}

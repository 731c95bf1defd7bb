//! Moving the clock: a day at a time, each schedule at its hour, and all that is due done before the clock goes on. What
//! runs every hour in the real world, because midnight is another moment in each time zone, runs once a day here: after
//! midnight, or after the noon that an advance began at.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::store::{self, ADVANCE_JOB};
use crate::kit::Result;
use crate::kit::clock;
use crate::kit::event::Sink;
use crate::kit::job::{Begun, Counts, JobContext, Registry, fire_in_sandbox, settle};
use crate::kit::period::next_day;
use crate::kit::scope::Scope;
use crate::registry;

/// How long to wait for who has the clock in hand.
pub const AGAIN: Duration = Duration::from_millis(300);
/// How long who has the clock in hand goes on before it says so again, and looks whether it is to go further.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);

pub fn register(registry: &mut Registry) {
    registry.handle(ADVANCE_JOB, run);
}

async fn run(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let from = scope.now();
    loop {
        if let Some(now) = advance(&scope, None, Some(&context)).await? {
            return Ok(json!({ "days": (now - from).num_days() }));
        }
        // Somebody else moves it, and may stop short: this one is here to the end.
        tokio::time::sleep(AGAIN).await;
    }
}

/// Moves the clock to where it was asked to go, or for as long as `limit`; gives where it is then. `None` where somebody
/// else has it in hand.
pub async fn advance(scope: &Scope, limit: Option<Duration>, context: Option<&JobContext>) -> Result<Option<DateTime<Utc>>> {
    let (holder, started) = (uuid::Uuid::now_v7(), Instant::now());
    let work = Work { registry: registry::jobs(), sinks: registry::sinks() };
    let mut scope = scope.clone();
    let mut from = None;
    loop {
        let Some(to) = store::take(&scope, holder).await? else { return Ok(None) };
        let taken = Instant::now();
        // Somebody else may have moved it since.
        scope = store::again(&scope).await?;
        let from = *from.get_or_insert(scope.now());
        let over = || limit.is_some_and(|limit| started.elapsed() > limit);
        if scope.now() >= to || over() {
            break;
        }
        work.settle(&scope, None).await?;
        // The seller is read again now and then only: its settings may have changed since.
        while scope.now() < to && taken.elapsed() < SIGN_OF_LIFE && !over() {
            scope = work.step(&scope, to).await?;
        }
        if let Some(context) = context {
            let hours = |span: chrono::TimeDelta| u64::try_from(span.num_hours()).unwrap_or(0);
            context.progress(hours(scope.now() - from), hours(to - from)).await?;
        }
    }
    store::release(&scope, holder).await?;
    Ok(Some(scope.now()))
}

/// What is done on the way.
struct Work {
    registry: Registry,
    sinks: Vec<Sink>,
}

impl Work {
    /// From a moment that is settled to the next midnight, or to `to` where that is sooner.
    async fn step(&self, scope: &Scope, to: DateTime<Utc>) -> Result<Scope> {
        let midnight = clock::start_of(next_day(scope.today()), scope.seller().time_zone);
        let end = midnight.min(to);
        let mut scope = scope.clone();
        for (at, kind) in fire_in_sandbox(&self.registry, scope.now(), end)? {
            let (now, begun) = store::set(&scope, at, Some(kind)).await?;
            self.settle(&now, begun).await?;
            scope = now;
        }
        let (now, _) = store::set(&scope, end, None).await?;
        self.settle(&now, None).await?;
        Ok(now)
    }

    async fn settle(&self, scope: &Scope, begun: Option<Begun>) -> Result<()> {
        settle(scope, &self.registry, &self.sinks, begun, ADVANCE_JOB).await
    }
}

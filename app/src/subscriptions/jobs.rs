//! The days that pass, and the moves to a new price.

use chrono::{Days, NaiveDate};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::model::SubscriptionId;
use super::store;
use crate::customers::{self, CustomerId};
use crate::kit::Result;
use crate::kit::clock;
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::job::{Counts, JobContext, Registry, Schedule};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::movements;
use crate::plans;

/// The job that carries a new day over to the customers.
pub const DAY_JOB: &str = "subscriptions.day";

/// Days looked back to where it has never run: movements of older days are in the customers already.
const LOOK_BACK: u64 = 31;

pub fn register(registry: &mut Registry) {
    registry.handle(DAY_JOB, |context| async move { pass_day(&context.scope().await?).await });
    // Every hour, because midnight is another moment in each seller's time zone; once a day it has something to do.
    registry.schedule(Schedule {
        kind: DAY_JOB,
        cron: "4 * * * *",
        title: "Start the day: trials that begin to pay, ends of service",
        per_seller: true,
    });
    registry.handle(plans::store::MOVE_JOB, move_to_version);
}

#[derive(FromQueryResult)]
struct Passed {
    subject_id: String,
}

#[derive(FromQueryResult)]
struct Due {
    id: SubscriptionId,
    customer_name: String,
    plan_name: String,
    day: NaiveDate,
}

/// Makes the customers' MRR that of today, and tells of trials and services that ended since it last ran. Once a day:
/// the event that it commits with says so.
pub async fn pass_day(scope: &Scope) -> Result<Counts> {
    let tx = scope.write().await?;
    movements::hold(&tx).await?;
    let today = scope.today();
    let Some(since) = first_day(&tx, today).await? else { return Ok(json!({ "already_done": true })) };
    let moved = movements::moved_between(&tx, since, today).await?;
    for (customer, minor) in &moved {
        customers::store::set_mrr_today(&tx, CustomerId(*customer), *minor).await?;
    }
    let mut events = ended(&tx, since, today).await?;
    let ended = events.len();
    events.extend(trials_ended(&tx, since, today).await?);
    let trials = events.len() - ended;
    events.extend(pauses_ended(&tx, since, today).await?);
    let counts = json!({
        "customers_moved": moved.len(), "subscriptions_ended": ended, "trials_ended": trials, "pauses_ended": events.len() - ended - trials,
    });
    events.push(Event::new("day.passed", "day", today, today.to_string()).details(counts.clone()));
    tx.commit_all(events).await?;
    Ok(counts)
}

/// The first day that has not been passed yet; `None` where today has.
async fn first_day(tx: &Tx, today: NaiveDate) -> Result<Option<NaiveDate>> {
    let sql = "SELECT subject_id FROM audit_entries WHERE seller_id = $1 AND subject_kind = 'day' AND subject_id <= $2 \
               ORDER BY subject_id DESC LIMIT 1";
    let last: Option<Passed> = tx.one(sql, [tx.seller_id().0.into(), today.to_string().into()]).await?;
    let last: Option<NaiveDate> = last.map(|p| p.subject_id.parse().map_err(bug)).transpose()?;
    Ok(match last {
        Some(day) if day >= today => None,
        Some(day) => Some(crate::kit::period::next_day(day)),
        None => Some(today.checked_sub_days(Days::new(LOOK_BACK)).unwrap_or(today)),
    })
}

const DUE: &str = "SELECT s.id, c.name AS customer_name, p.name AS plan_name, {day} AS day FROM subscriptions s \
     JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id \
     JOIN plans p ON p.seller_id = s.seller_id AND p.id = s.plan_id \
     WHERE s.seller_id = $1 AND {day} >= $2 AND {day} <= $3 AND {still} ORDER BY {day}, s.id LIMIT 1000";

/// Services whose end had been set for a day that has come; those that ended at once had their event then.
async fn ended(tx: &Tx, since: NaiveDate, today: NaiveDate) -> Result<Vec<Event>> {
    let sql = DUE.replace("{day}", "s.ended_on").replace("{still}", "s.cancelled_at < s.ended_on");
    let due: Vec<Due> = tx.all(&sql, [tx.seller_id().0.into(), since.into(), today.into()]).await?;
    let event = |due: Due| {
        Event::new("subscription.ended", "subscription", due.id, due.customer_name.clone())
            .details(json!({ "on": due.day, "plan": due.plan_name }))
            .notify(
                Level::Info,
                format!("{} ended {}", due.customer_name, due.plan_name),
                "As cancelled before.",
                format!("/subscriptions/{}", due.id),
            )
    };
    Ok(due.into_iter().map(event).collect())
}

async fn trials_ended(tx: &Tx, since: NaiveDate, today: NaiveDate) -> Result<Vec<Event>> {
    let sql = DUE.replace("{day}", "s.trial_ends_on").replace("{still}", "(s.ended_on IS NULL OR s.ended_on > s.trial_ends_on)");
    let due: Vec<Due> = tx.all(&sql, [tx.seller_id().0.into(), since.into(), today.into()]).await?;
    let event = |due: Due| {
        Event::new("subscription.trial_ended", "subscription", due.id, due.customer_name.clone())
            .details(json!({ "on": due.day, "plan": due.plan_name }))
            .notify(
                Level::Info,
                format!("{}'s trial of {} ended", due.customer_name, due.plan_name),
                "It pays from now on.",
                format!("/subscriptions/{}", due.id),
            )
    };
    Ok(due.into_iter().map(event).collect())
}

/// Pauses that came to the end they were set for; of one that somebody ended, the one who did has told.
async fn pauses_ended(tx: &Tx, since: NaiveDate, today: NaiveDate) -> Result<Vec<Event>> {
    let sql = "SELECT s.id, c.name AS customer_name, p.name AS plan_name, n.starts_on AS day FROM subscription_phases h \
               JOIN subscription_phases n ON n.seller_id = h.seller_id AND n.subscription_id = h.subscription_id \
                   AND n.starts_on = (SELECT MIN(x.starts_on) FROM subscription_phases x WHERE x.seller_id = h.seller_id \
                       AND x.subscription_id = h.subscription_id AND x.starts_on > h.ends_on) \
               JOIN subscriptions s ON s.seller_id = h.seller_id AND s.id = h.subscription_id \
               JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id \
               JOIN plans p ON p.seller_id = n.seller_id AND p.id = n.plan_id \
               WHERE h.seller_id = $1 AND h.end_reason = 'paused' AND n.starts_on >= $2 AND n.starts_on <= $3 ORDER BY n.starts_on, s.id LIMIT 1000";
    let due: Vec<Due> = tx.all(sql, [tx.seller_id().0.into(), since.into(), today.into()]).await?;
    let mut events = Vec::new();
    for due in due {
        if !was_resumed(tx, due.id, due.day).await? {
            let event = Event::new("subscription.pause_ended", "subscription", due.id, due.customer_name.clone());
            events.push(event.details(json!({ "on": due.day, "plan": due.plan_name })).notify(
                Level::Info,
                format!("{} is back on {}", due.customer_name, due.plan_name),
                "The pause ended as planned.",
                format!("/subscriptions/{}", due.id),
            ));
        }
    }
    Ok(events)
}

/// Whether somebody resumed it on that day or since.
async fn was_resumed(tx: &Tx, id: SubscriptionId, day: NaiveDate) -> Result<bool> {
    let sql = "SELECT subject_id FROM audit_entries WHERE seller_id = $1 AND subject_kind = 'subscription' AND subject_id = $2 \
               AND action = 'subscription.resumed' AND at >= $3 LIMIT 1";
    let from = clock::start_of(day, tx.scope().seller().time_zone);
    let found: Option<Passed> = tx.one(sql, [tx.seller_id().0.into(), id.to_string().into(), from.into()]).await?;
    Ok(found.is_some())
}

/// Moves existing subscriptions to a plan's version, some at a time: each batch is a transaction, and what has moved is
/// not found again.
async fn move_to_version(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let text = |key: &str| context.payload[key].as_str().unwrap_or_default().to_owned();
    let plan = text("plan").parse().map_err(bug)?;
    let version = text("version").parse().map_err(bug)?;
    let from: NaiveDate = text("from").parse().map_err(bug)?;
    let (mut total, mut after) = (0, SubscriptionId(uuid::Uuid::nil()));
    loop {
        let (moved, next) = store::move_batch(&scope, plan, version, from, after).await?;
        total += moved;
        match next {
            Some(next) => after = next,
            None => return Ok(json!({ "subscriptions_moved": total })),
        }
    }
}

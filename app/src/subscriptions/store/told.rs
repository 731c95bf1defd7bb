//! What the verbs tell the audit log and the bell.

use serde_json::{Value as Json, json};

use super::verbs::Prepared;
use crate::kit::Result;
use crate::kit::event::{Event, Level};
use crate::kit::money::Money;
use crate::kit::period::short_day;
use crate::kit::tx::Tx;
use crate::plans;
use crate::subscriptions::course::Course;
use crate::subscriptions::model::Verb;

/// What happened, for the audit log and the bell.
pub(super) async fn event(tx: &Tx, prepared: &Prepared, verb: &Verb) -> Result<Event> {
    let Prepared { head, before, after, on } = prepared;
    let Some(before) = before else { return Err(crate::kit::db::bug("a verb without a subscription")) };
    let (was, is) = (summary(tx, before).await?, summary(tx, after).await?);
    let details = json!({ "on": on, "before": was, "after": is });
    let monthly = |course: &Course| Money::new(course.last().priced.mrr_minor, tx.scope().currency());
    let (name, day) = (head.customer_name.clone(), short_day(*on));
    let plan = |summary: &Json| summary["plan"].as_str().unwrap_or_default().to_owned();
    let (event, notice) = match verb {
        Verb::Change { .. } => {
            let title = match (plan(&was), plan(&is)) {
                (old, new) if old == new => format!("{name} changed {new}"),
                (old, new) => format!("{name} moved from {old} to {new}"),
            };
            let body = format!("{} a month instead of {}, from {day}.", monthly(after), monthly(before));
            ("subscription.changed", Some((Level::Info, title, body)))
        }
        Verb::Cancel { reason, .. } => {
            let why = reason.as_deref().map_or(String::new(), |reason| format!(" Reason: {reason}."));
            let title = format!("{name} cancelled {}", plan(&is));
            ("subscription.cancelled", Some((Level::Warning, title, format!("{} a month less from {day}.{why}", monthly(after)))))
        }
        Verb::Reactivate { .. } => {
            let title = format!("{name} is back on {}", plan(&is));
            ("subscription.reactivated", Some((Level::Info, title, format!("{} a month.", monthly(after)))))
        }
        Verb::Trial { .. } => ("subscription.trial_changed", None),
        Verb::Pause { .. } => {
            let back = after.pause(tx.scope().today()).and_then(|pause| pause.until);
            let back = back.map_or("until somebody resumes it".to_owned(), |day| format!("back on {}", short_day(day)));
            let body = format!("{} a month less from {day}, {back}.", monthly(before));
            ("subscription.paused", Some((Level::Warning, format!("{name} paused {}", plan(&is)), body)))
        }
        Verb::Resume { .. } => {
            let title = format!("{name} resumes {}", plan(&is));
            ("subscription.resumed", Some((Level::Info, title, format!("{} a month from {day}.", monthly(after)))))
        }
    };
    let event = Event::new(event, "subscription", head.id, head.customer_name.clone()).details(details);
    Ok(match notice {
        Some((priority, title, body)) => event.notify(priority, title, body, format!("/subscriptions/{}", head.id)),
        None => event,
    })
}

/// A course as the audit log keeps it.
async fn summary(tx: &Tx, course: &Course) -> Result<Json> {
    let (last, pause) = (course.last(), course.pause(tx.scope().today()));
    let plan = plans::store::read(tx, last.priced.terms.plan).await?;
    Ok(json!({
        "plan": plan.name, "quantity": last.priced.terms.quantity, "price": last.priced.terms.unit_amount,
        "monthly": Money::new(last.priced.mrr_minor, tx.scope().currency()),
        "trial_ends_on": course.trial_ends_on, "ends_on": course.ended_on(), "reason": course.ended_on().and(last.end_reason.as_ref()),
        "paused_on": pause.map(|pause| pause.from), "resumes_on": pause.and_then(|pause| pause.until),
    }))
}

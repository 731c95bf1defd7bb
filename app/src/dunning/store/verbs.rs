//! What people do with a case.

use chrono::NaiveDate;
use serde_json::json;

use super::cases::{Held, NewEntry, hold, log, replan, save};
use super::{exclusions, react, retry, steps};
use crate::dunning::calendar;
use crate::dunning::model::{CaseId, CaseStatus, Deed};
use crate::kit::event::Event;
use crate::kit::period::short_day;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// The longest that a promise may wait, in days.
pub const PROMISE_MAX: u64 = 180;

/// The case, where it is one of these.
async fn in_state(tx: &Tx, id: CaseId, states: &[CaseStatus]) -> Result<Held> {
    let case = hold(tx, id).await?;
    if states.contains(&case.status) {
        return Ok(case);
    }
    Err(Error::Conflict(format!("It is {}.", case.status.label().to_lowercase())))
}

fn told(case: &Held, name: &'static str, more: serde_json::Value) -> Event {
    case.event(name).details(json!({ "invoice": case.invoice_id, "number": case.number, "customer": case.customer_id, "details": more }))
}

/// The customer promised to pay by a day: steps wait for it. A second promise stands for the first.
pub async fn promise(scope: &Scope, id: CaseId, by: NaiveDate, note: Option<String>) -> Result<()> {
    let tx = scope.write().await?;
    let mut case = in_state(&tx, id, &[CaseStatus::Open]).await?;
    let last = scope.today().checked_add_days(chrono::Days::new(PROMISE_MAX)).unwrap_or(by);
    if by < scope.today() || by > last {
        return Err(Error::field("promised_on", format!("must lie from today to {}", short_day(last))));
    }
    case.promised_on = Some(by);
    let text = note.as_deref().map_or(String::new(), |note| format!(": {note}"));
    log(&tx, id, NewEntry::of(Deed::Promised, format!("{} by {}{text}", case.money(case.due_minor)?, short_day(by)))).await?;
    replan(&tx, &mut case).await?;
    save(&tx, &case).await?;
    let event = told(&case, "dunning.promised", json!({ "promised_on": by, "note": note }));
    tx.commit(event).await
}

/// Nothing happens until somebody resumes it.
pub async fn pause(scope: &Scope, id: CaseId, reason: String) -> Result<()> {
    let tx = scope.write().await?;
    let mut case = in_state(&tx, id, &[CaseStatus::Open]).await?;
    (case.status, case.paused_on) = (CaseStatus::Paused, Some(scope.today()));
    log(&tx, id, NewEntry::of(Deed::Paused, reason.clone())).await?;
    save(&tx, &case).await?;
    let event = told(&case, "dunning.paused", json!({ "reason": reason }));
    tx.commit(event).await
}

/// Goes on: the calendar stood still meanwhile.
pub async fn resume(scope: &Scope, id: CaseId) -> Result<()> {
    let tx = scope.write().await?;
    let mut case = in_state(&tx, id, &[CaseStatus::Paused]).await?;
    case.shift_days = case.shift_days.saturating_add(calendar::shift(case.paused_on, scope.today()));
    (case.status, case.paused_on) = (CaseStatus::Open, None);
    log(&tx, id, NewEntry::of(Deed::Resumed, String::new())).await?;
    replan(&tx, &mut case).await?;
    save(&tx, &case).await?;
    let event = told(&case, "dunning.resumed", json!({}));
    tx.commit(event).await
}

/// Ends dunning of the invoice for good: it stays owed, and no new case is opened for it.
pub async fn close(scope: &Scope, id: CaseId, reason: String) -> Result<()> {
    let tx = scope.write().await?;
    let mut case = in_state(&tx, id, &[CaseStatus::Open, CaseStatus::Paused]).await?;
    exclusions::insert(&tx, case.customer_id, Some(case.invoice_id), &reason).await?;
    let events = react::end(&tx, &mut case, CaseStatus::Closed, Some(reason)).await?;
    tx.commit_all(events).await
}

/// Takes the next step, whenever it was planned for.
pub async fn take_now(scope: &Scope, id: CaseId) -> Result<()> {
    {
        let tx = scope.read().await?;
        let case = super::cases::read(&tx, id).await?;
        if case.status != CaseStatus::Open {
            return Err(Error::Conflict(format!("It is {}.", case.status.label().to_lowercase())));
        }
        if case.position() >= super::cases::steps(&tx, case.policy_id).await?.len() {
            return Err(Error::Conflict("Every step was taken.".into()));
        }
    }
    if steps::step(scope, id, true).await? { Ok(()) } else { Err(Error::Conflict("Somebody else was quicker: look again.".into())) }
}

/// Tries to collect now, beside the plan.
pub async fn retry_now(scope: &Scope, id: CaseId) -> Result<()> {
    let tx = scope.write().await?;
    let case = in_state(&tx, id, &[CaseStatus::Open, CaseStatus::Paused]).await?;
    retry::by_hand(tx, case).await
}

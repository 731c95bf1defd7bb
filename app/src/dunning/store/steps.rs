//! Taking steps: each in a transaction of its own, with its entry in the log.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use serde_json::json;

use super::AT_ONCE;
use super::cases::{self, Held, NewEntry, log, noticed, replan, save, steps};
use super::deeds::{self, Deeds};
use super::react::sync;
use crate::dunning::calendar::{self, Next};
use crate::dunning::model::{CaseId, CaseStatus, Deed, Stage, Step, StepAction, StepOutcome};
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::period::short_day;
use crate::kit::permission::Permission;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements;

/// Steps of one case in one run: more than any policy has, so that a fault cannot go round for ever.
const STEPS_MAX: usize = 60;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub cases: u64,
    pub steps: u64,
    pub failed: u64,
}

/// Takes every step that is due today, case by case. A case that fails does not keep the others waiting.
pub async fn take_all(scope: &Scope) -> Result<Taken> {
    #[derive(FromQueryResult)]
    struct Due {
        id: CaseId,
        next_on: NaiveDate,
    }
    let mut taken = Taken::default();
    let mut after = (NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default(), CaseId(uuid::Uuid::nil()));
    loop {
        let due: Vec<Due> = {
            let tx = scope.read().await?;
            let sql = format!(
                "SELECT id, next_on FROM dunning_cases WHERE seller_id = $1 AND status = 'open' AND next_on <= $2 \
                 AND (next_on, id) > ($3, $4) ORDER BY next_on, id LIMIT {AT_ONCE}"
            );
            tx.all(&sql, [tx.seller_id().0.into(), scope.today().into(), after.0.into(), after.1.0.into()]).await?
        };
        let Some(last) = due.last() else { return Ok(taken) };
        after = (last.next_on, last.id);
        for case in &due {
            taken.cases += 1;
            for _ in 0..STEPS_MAX {
                match step(scope, case.id, false).await {
                    Ok(true) => taken.steps += 1,
                    Ok(false) => break,
                    Err(Error::Unavailable) => return Err(Error::Unavailable),
                    Err(error) => {
                        tracing::warn!(case = %case.id, %error, "a step of dunning failed");
                        taken.failed += 1;
                        break;
                    }
                }
            }
        }
    }
}

/// Takes the next step of a case if its day has come, or in any case where somebody wants it `now`; whether anything was
/// done. A payment that nobody told of is noticed first.
pub async fn step(scope: &Scope, id: CaseId, now: bool) -> Result<bool> {
    let tx = scope.write().await?;
    let before = cases::read(&tx, id).await?;
    let steps = steps(&tx, before.policy_id).await?;
    if steps.get(before.position()).is_some_and(|s| s.action == StepAction::Cancel) {
        // Whoever changes subscriptions holds these before the customer.
        movements::hold(&tx).await?;
    }
    let mut case = cases::hold(&tx, id).await?;
    if case.steps_done != before.steps_done || case.status != CaseStatus::Open {
        return Ok(false);
    }
    let events = sync(&tx, &mut case).await?;
    if !events.is_empty() {
        save(&tx, &case).await?;
        tx.commit_all(events).await?;
        return Ok(true);
    }
    let today = scope.today();
    if let Some(promised) = case.promised_on.filter(|_| !now) {
        if promised >= today {
            return Ok(false);
        }
        return broken(tx, case, promised).await.map(|()| true);
    }
    let noticed = noticed(&tx, id, &steps).await?;
    let next = if now {
        (case.position() < steps.len()).then(|| Next::Take(case.position()))
    } else {
        calendar::next(&steps, case.position(), case.start(), &noticed, today)
    };
    let Some(next) = next else { return Ok(false) };
    take(tx, case, &steps, next).await.map(|()| true)
}

/// The promised day went by.
async fn broken(tx: Tx, mut case: Held, promised: NaiveDate) -> Result<()> {
    let (steps, today) = (steps(&tx, case.policy_id).await?, tx.scope().today());
    let noticed = noticed(&tx, case.id, &steps).await?;
    let planned = calendar::day_of(&steps, case.position(), case.start(), &noticed);
    // The promise moved the dates: what follows the next step keeps its distance.
    case.shift_days = case.shift_days.saturating_add(calendar::shift(planned, today));
    case.promised_on = None;
    log(&tx, case.id, NewEntry::of(Deed::PromiseBroken, format!("Nothing came by {}", short_day(promised)))).await?;
    replan(&tx, &mut case).await?;
    save(&tx, &case).await?;
    let title = format!("{} broke a promise to pay", case.customer_name);
    let body = format!("{} of {} was promised by {}.", case.money(case.due_minor)?, case.number, short_day(promised));
    let event = case.event("dunning.promise_broken").level(Level::Warning).notify(Level::Warning, title, body, case.link());
    tx.commit(event.notice_needs(Permission::ReadInvoices)).await
}

async fn take(tx: Tx, mut case: Held, steps: &[Step], next: Next) -> Result<()> {
    let (position, deeds) = match next {
        Next::Skip(at) => (at, Deeds::skipped("A later one was due as well")),
        Next::Take(at) => {
            let action = steps.get(at).map(|s| s.action).ok_or(Error::NotFound)?;
            (at, deeds::perform(&tx, &mut case, action).await?)
        }
    };
    let action = steps.get(position).map(|s| s.action).ok_or(Error::NotFound)?;
    let Deeds { outcome, details, mut events } = deeds;
    let entry = NewEntry { id: None, position: Some(position), deed: action.into(), outcome, details: details.clone() };
    let (entry, _) = log(&tx, case.id, entry).await?;
    if outcome == StepOutcome::Done && action == StepAction::Retry {
        super::retry::enqueue(&tx, &case, entry).await?;
    }
    case.steps_done += 1;
    // Whether it was collected again is known once the gateway was asked.
    if outcome == StepOutcome::Done && action != StepAction::Retry {
        case.stage = Stage::from(action);
    }
    // Written off is over.
    let ended = sync(&tx, &mut case).await?;
    replan(&tx, &mut case).await?;
    save(&tx, &case).await?;
    events.push(told(&case, action, outcome, &details));
    events.extend(ended);
    tx.commit_all(events).await
}

fn told(case: &Held, action: StepAction, outcome: StepOutcome, details: &serde_json::Value) -> Event {
    let all = json!({
        "invoice": case.invoice_id, "number": case.number, "customer": case.customer_id, "action": action, "outcome": outcome,
        "details": details,
    });
    let event = case.event("dunning.step_taken").details(all);
    let what = match (action, outcome) {
        (StepAction::Throttle, StepOutcome::Done) => "was slowed down",
        (StepAction::Suspend, StepOutcome::Done) => "was suspended",
        (StepAction::Cancel, StepOutcome::Done) => "was cancelled",
        (StepAction::WriteOff, StepOutcome::Done) => "was given up",
        _ => return event,
    };
    let body = format!("{} is not paid. {}", case.number, details["note"].as_str().unwrap_or_default());
    let event = event.level(Level::Warning).notify(Level::Warning, format!("{} {what}", case.customer_name), body, case.link());
    event.notice_needs(Permission::ReadInvoices)
}

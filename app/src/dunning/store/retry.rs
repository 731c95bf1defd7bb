//! Collecting again: the step is written first, a job asks the gateway, events say how it went.

use serde_json::json;

use super::cases::{Held, NewEntry, hold, log, replan, save};
use crate::dunning::model::{CaseId, CaseStatus, Deed, Stage, StepOutcome};
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::job::{self, NewJob};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::store::charges;
use crate::payments::{PaymentId, PaymentStatus};

/// The job that asks for one charge.
pub const RETRY_JOB: &str = "dunning.retry";

/// Asks for a charge once the transaction has committed; `entry` of the log is told what came of it.
pub(super) async fn enqueue(tx: &Tx, case: &Held, entry: uuid::Uuid) -> Result<()> {
    let payload = json!({ "case": case.id, "entry": entry });
    let job = NewJob { unique_key: Some(format!("dunning.retry/{entry}")), ..NewJob::new(RETRY_JOB, payload) };
    job::enqueue(tx, job).await.map(|_| ())
}

/// Asks for the charge that an entry of the log is about. Asked twice, it charges once: while a charge is under way, it is
/// that one.
pub async fn ask(scope: &Scope, case: CaseId, entry: uuid::Uuid) -> Result<Option<PaymentId>> {
    let invoice = super::cases::read(&scope.read().await?, case).await?.invoice_id;
    let (payment, outcome, details) = match crate::payments::store::charge(scope, invoice).await {
        Ok(payment) => (Some(payment), StepOutcome::Done, json!({ "note": "The payment gateway was asked", "payment": payment })),
        Err(Error::Conflict(why)) => (None, StepOutcome::Skipped, json!({ "note": why })),
        Err(error) => return Err(error),
    };
    let tx = scope.write().await?;
    let mut case = hold(&tx, case).await?;
    let sql = "UPDATE dunning_actions SET outcome = $3, details = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), entry.into(), outcome.into(), details.clone().into()]).await?;
    if let Some(payment) = payment {
        if matches!(case.stage, Stage::New | Stage::Email | Stage::Sms) {
            case.stage = Stage::Retry;
        }
        case.tried_method_id = charges::read(&tx, payment).await?.and_then(|state| state.method).map(|m| m.0).or(case.tried_method_id);
        save(&tx, &case).await?;
    }
    let event = case.event("dunning.retried");
    let all =
        json!({ "invoice": case.invoice_id, "number": case.number, "customer": case.customer_id, "outcome": outcome, "details": details });
    tx.commit(event.details(all)).await?;
    Ok(payment)
}

/// A charge failed: the case of its invoice knows, and does not try again what was declined for good.
pub(super) async fn declined(scope: &Scope, id: CaseId, payment: PaymentId) -> Result<bool> {
    let tx = scope.write().await?;
    let mut case = hold(&tx, id).await?;
    let Some(charge) = charges::read(&tx, payment).await? else { return Ok(false) };
    if !case.status.is_live() || charge.invoice != Some(case.invoice_id) || charge.status != PaymentStatus::Failed {
        return Ok(false);
    }
    let why = charge.failure_message.unwrap_or_else(|| "Declined".into());
    let note = if charge.hard_decline { format!("{why} It is not tried again with this method.") } else { why };
    // Told twice, it is written once.
    let entry = NewEntry { id: Some(payment.0), outcome: StepOutcome::Failed, ..NewEntry::of(Deed::Declined, note) };
    if !log(&tx, id, entry).await?.1 {
        return Ok(false);
    }
    case.tried_method_id = charge.method.map(|m| m.0);
    case.hard_decline |= charge.hard_decline;
    save(&tx, &case).await?;
    tx.commit(case.event("dunning.declined")).await?;
    Ok(true)
}

/// There is another primary method than the one tried: it is tried at once.
pub(super) async fn replaced(scope: &Scope, id: CaseId) -> Result<bool> {
    let tx = scope.write().await?;
    let mut case = hold(&tx, id).await?;
    let Some(method) = primary(&tx, &case).await?.filter(|m| Some(m.0) != case.tried_method_id || case.hard_decline) else {
        return Ok(false);
    };
    if case.status != CaseStatus::Open {
        return Ok(false);
    }
    (case.hard_decline, case.tried_method_id) = (false, Some(method.0));
    log(&tx, id, NewEntry::of(Deed::MethodReplaced, method.1)).await?;
    let (entry, _) = log(&tx, id, NewEntry::of(Deed::Retry, "The payment gateway is asked")).await?;
    enqueue(&tx, &case, entry).await?;
    replan(&tx, &mut case).await?;
    save(&tx, &case).await?;
    tx.commit(case.event("dunning.method_replaced")).await?;
    Ok(true)
}

/// The customer's primary method of a gateway and its label.
async fn primary(tx: &Tx, case: &Held) -> Result<Option<(uuid::Uuid, String)>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        id: uuid::Uuid,
        label: String,
    }
    let sql = "SELECT m.id, m.label FROM payment_methods m JOIN gateway_accounts g ON g.seller_id = m.seller_id AND g.gateway = m.gateway \
               AND g.enabled WHERE m.seller_id = $1 AND m.customer_id = $2 AND m.is_primary AND m.deleted_at IS NULL AND m.status = 'usable'";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), case.customer_id.0.into()]).await?;
    Ok(row.map(|row| (row.id, row.label)))
}

/// What the last charge of the invoice said before there was a case.
pub(super) async fn know_decline(tx: &Tx, case: &mut Held) -> Result<()> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        payment_method_id: Option<uuid::Uuid>,
        hard_decline: bool,
        is_primary: Option<bool>,
    }
    let sql = "SELECT p.payment_method_id, p.hard_decline, m.is_primary FROM charges c \
               JOIN payments p ON p.seller_id = c.seller_id AND p.id = c.payment_id AND p.status = 'failed' \
               LEFT JOIN payment_methods m ON m.seller_id = p.seller_id AND m.id = p.payment_method_id \
               WHERE c.seller_id = $1 AND c.invoice_id = $2 ORDER BY p.created_at DESC LIMIT 1";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), case.invoice_id.0.into()]).await?;
    if let Some(row) = row {
        case.tried_method_id = row.payment_method_id;
        case.hard_decline = row.hard_decline && row.is_primary.unwrap_or(false);
    }
    Ok(())
}

/// A person wants it tried now.
pub(super) async fn by_hand(tx: Tx, case: Held) -> Result<()> {
    let (entry, _) = log(&tx, case.id, NewEntry::of(Deed::Retry, "The payment gateway is asked")).await?;
    enqueue(&tx, &case, entry).await?;
    let event: Event = case.event("dunning.retry_asked");
    tx.commit(event).await
}

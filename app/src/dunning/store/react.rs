//! What happens elsewhere and changes a case: money comes or goes back, a charge is declined, a payment method is
//! replaced, an invoice is taken back.

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::cases::{self, Held, NewEntry, hold, log, save};
use super::{AT_ONCE, deeds, retry};
use crate::customers::{self, CustomerId};
use crate::dunning::model::{CaseId, CaseStatus, Deed};
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::event::{Delivery, Event, Level};
use crate::kit::permission::Permission;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::payments::PaymentId;

/// What was heard of a customer in dunning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub customer: CustomerId,
    /// The charge that failed.
    pub failed: Option<PaymentId>,
    /// There is another payment method to try.
    pub replaced: bool,
}

/// Whether an event may change a case: the customer that it is of, where that one is in dunning.
pub async fn touched(tx: &Tx, delivery: &Delivery) -> Result<Option<Heard>> {
    #[derive(FromQueryResult)]
    struct Found {
        customer_id: CustomerId,
    }
    let (kind, verb) = delivery.event.split_once('.').unwrap_or_default();
    let (prefix, table) = match (kind, verb) {
        ("payment", _) => ("pay", "payments"),
        ("refund", _) => ("rfd", "refunds"),
        ("credit_note", _) => ("crn", "credit_notes"),
        ("payment_method", _) => ("pmt", "payment_methods"),
        ("invoice", "voided" | "written_off" | "credited") => ("inv", "invoices"),
        ("customer", "credit_used") => ("cus", "customers"),
        _ => return Ok(None),
    };
    let Ok(id) = crate::kit::id::decode(prefix, &delivery.subject) else { return Ok(None) };
    let column = if table == "customers" { "id" } else { "customer_id" };
    let sql = format!(
        "SELECT t.{column} AS customer_id FROM {table} t WHERE t.seller_id = $1 AND t.id = $2 AND EXISTS (SELECT 1 FROM dunning_cases k \
         WHERE k.seller_id = t.seller_id AND k.customer_id = t.{column} AND k.status IN ('open', 'paused', 'lost'))"
    );
    let found: Option<Found> = tx.one(&sql, [tx.seller_id().0.into(), id.into()]).await?;
    let failed = (kind == "payment" && verb == "failed").then_some(PaymentId(id));
    let replaced = delivery.event == "payment_method.replaced";
    Ok(found.map(|found| Heard { customer: found.customer_id, failed, replaced }))
}

/// Looks at the cases of a customer of whom something was heard; gives how many changed.
pub async fn hear(scope: &Scope, heard: &Heard) -> Result<u64> {
    let ids = {
        let tx = scope.read().await?;
        let sql =
            "SELECT id FROM dunning_cases WHERE seller_id = $1 AND customer_id = $2 AND status IN ('open', 'paused', 'lost') ORDER BY id";
        tx.all::<Found>(sql, [tx.seller_id().0.into(), heard.customer.0.into()]).await?
    };
    let mut changed = 0;
    for Found { id } in ids {
        if let Some(payment) = heard.failed {
            changed += u64::from(retry::declined(scope, id, payment).await?);
        }
        changed += u64::from(look(scope, id).await?);
        if heard.replaced {
            changed += u64::from(retry::replaced(scope, id).await?);
        }
    }
    Ok(changed)
}

#[derive(FromQueryResult)]
struct Found {
    id: CaseId,
}

/// Notices what nobody told of: live cases of invoices that are not open any more.
pub async fn heal(scope: &Scope) -> Result<u64> {
    let (mut healed, mut after) = (0, CaseId(uuid::Uuid::nil()));
    loop {
        let found: Vec<Found> = {
            let tx = scope.read().await?;
            let sql = format!(
                "SELECT k.id FROM dunning_cases k JOIN invoices i ON i.seller_id = k.seller_id AND i.id = k.invoice_id \
                 WHERE k.seller_id = $1 AND k.status IN ('open', 'paused') AND i.status <> 'open' AND k.id > $2 ORDER BY k.id LIMIT {AT_ONCE}"
            );
            tx.all(&sql, [tx.seller_id().0.into(), after.0.into()]).await?
        };
        let Some(last) = found.last() else { return Ok(healed) };
        after = last.id;
        for case in &found {
            healed += u64::from(look(scope, case.id).await?);
        }
    }
}

/// Makes a case true to its invoice, in a transaction of its own.
async fn look(scope: &Scope, id: CaseId) -> Result<bool> {
    let tx = scope.write().await?;
    let mut case = hold(&tx, id).await?;
    let before = case.recovered_minor;
    let events = sync(&tx, &mut case).await?;
    if events.is_empty() && case.recovered_minor == before {
        return Ok(false);
    }
    save(&tx, &case).await?;
    if events.is_empty() {
        tx.commit_quietly().await?
    } else {
        tx.commit_all(events).await?
    }
    Ok(true)
}

/// Makes a case true to its invoice; gives what happened. The customer must be held. Whoever calls it saves the case.
pub(super) async fn sync(tx: &Tx, case: &mut Held) -> Result<Vec<Event>> {
    let fresh = cases::read(tx, case.id).await?;
    (case.due_minor, case.invoice_status) = (fresh.due_minor, fresh.invoice_status);
    let over = !case.status.is_live() && case.status != CaseStatus::Lost;
    if over {
        return Ok(Vec::new());
    }
    let left = match case.invoice_status.as_str() {
        "uncollectible" => given_up(tx, case).await?,
        "void" => case.at_risk_minor - case.recovered_minor,
        _ => case.due_minor,
    };
    let recovered = (case.at_risk_minor - left - credited(tx, case).await?).clamp(0, case.at_risk_minor);
    let more = recovered - case.recovered_minor;
    case.recovered_minor = recovered;
    let (status, reason) = match case.invoice_status.as_str() {
        "open" => (case.status, None),
        "void" => (CaseStatus::Closed, Some("The invoice was taken back")),
        "uncollectible" if left > 0 => (CaseStatus::Lost, Some("The invoice was given up")),
        "paid" if recovered == 0 => (CaseStatus::Closed, Some("The invoice was credited")),
        _ => (CaseStatus::Recovered, None),
    };
    if status != case.status {
        return end(tx, case, status, reason.map(str::to_owned)).await;
    }
    if more <= 0 {
        return Ok(Vec::new());
    }
    let note = format!("{} came, {} is left", case.money(more)?, case.money(left)?);
    log(tx, case.id, NewEntry::of(Deed::PartlyPaid, note)).await?;
    Ok(vec![case.event("dunning.partly_paid")])
}

/// Ends a case; gives back what it withheld, unless another keeps it so.
pub(super) async fn end(tx: &Tx, case: &mut Held, status: CaseStatus, reason: Option<String>) -> Result<Vec<Event>> {
    (case.status, case.closed_at, case.next_on) = (status, Some(tx.scope().now()), None);
    (case.promised_on, case.close_reason) = (None, reason.clone());
    save(tx, case).await?;
    let recovered = case.money(case.recovered_minor)?;
    let (deed, name, note) = match status {
        CaseStatus::Recovered => (Deed::Recovered, "dunning.recovered", format!("{recovered} came")),
        CaseStatus::Lost => (Deed::Lost, "dunning.lost", reason.unwrap_or_default()),
        _ => (Deed::Closed, "dunning.closed", reason.unwrap_or_default()),
    };
    log(tx, case.id, NewEntry::of(deed, note)).await?;
    let mut event = case.event(name);
    if status == CaseStatus::Recovered {
        let title = format!("{} paid {}", case.customer_name, case.number);
        event = event.notify(Level::Info, title, format!("{recovered} was recovered."), case.link()).notice_needs(Permission::ReadInvoices);
    }
    let mut events = vec![event];
    if status != CaseStatus::Lost {
        events.extend(deeds::lift(tx, case.customer_id, Some(case)).await?);
    }
    Ok(events)
}

#[derive(FromQueryResult)]
struct Sum {
    minor: i64,
}

/// What of the invoice is given up and has not come after all.
async fn given_up(tx: &Tx, case: &Held) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE((SELECT SUM(p.amount_minor) FROM ledger_entries e JOIN ledger_postings p \
               ON p.seller_id = e.seller_id AND p.entry_id = e.id WHERE e.seller_id = $1 AND e.kind = 'written_off' AND e.source = $3 \
               AND p.account = 'write_off'), 0) - COALESCE((SELECT SUM(a.amount_minor - a.released_minor) FROM payment_allocations a \
               JOIN payments m ON m.seller_id = a.seller_id AND m.id = a.payment_id AND m.status = 'succeeded' \
               WHERE a.seller_id = $1 AND a.invoice_id = $2 AND a.recovered), 0) AS BIGINT) AS minor";
    let values = [tx.seller_id().0.into(), case.invoice_id.0.into(), case.invoice_id.to_string().into()];
    Ok(tx.one::<Sum>(sql, values).await?.map_or(0, |sum| sum.minor))
}

/// What credit notes took off the invoice since the case was opened.
async fn credited(tx: &Tx, case: &Held) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(SUM(total_minor), 0) AS BIGINT) AS minor FROM credit_notes WHERE seller_id = $1 AND invoice_id = $2 \
               AND settlement = 'offset' AND created_at >= $3";
    let values = [tx.seller_id().0.into(), case.invoice_id.0.into(), case.opened_at.into()];
    Ok(tx.one::<Sum>(sql, values).await?.map_or(0, |sum| sum.minor))
}

/// Whether a customer is there at all.
pub(super) async fn known(tx: &Tx, customer: CustomerId) -> Result<String> {
    Ok(customers::store::read(tx, customer).await?.name)
}

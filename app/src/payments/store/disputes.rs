//! Payers who want their money back. It leaves with the dispute; won, it comes back; lost, what it paid is owed again. What
//! a gateway tells of one is applied with the customer held: a decision is the last word, older news changes nothing, and
//! what is told out of order comes to the same.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use super::reverse::credit_used;
use super::{allocate, list, refund};
use crate::customers;
use crate::invoices::InvoiceId;
use crate::invoices::ledger::{Account, Entry, EntryKind};
use crate::invoices::store::money::settle;
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::money::{Currency, Money};
use crate::kit::period::long_day;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::disputes::{Dispute, DisputeId, DisputeStatus};
use crate::payments::gateway::GatewayKind;
use crate::payments::model::{Destination, NewRefund, Payment, PaymentId, PaymentStatus, RefundId};

/// What a gateway says of a dispute.
#[derive(Clone, Debug)]
pub struct News {
    pub gateway: GatewayKind,
    /// The gateway's id of it.
    pub id: String,
    pub status: DisputeStatus,
    pub amount: Money,
    /// What it took for it in all, in minor units of the amount's currency, where it says so.
    pub fee: Option<i64>,
    pub reason: String,
    pub answer_by: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    id: DisputeId,
    status: DisputeStatus,
    currency: String,
    amount_minor: i64,
    held_minor: i64,
    fee_minor: i64,
    reason: String,
    answer_by: Option<DateTime<Utc>>,
    known_at: DateTime<Utc>,
    opened_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
}

const SELECT: &str = "SELECT id, status, currency, amount_minor, held_minor, fee_minor, reason, answer_by, known_at, opened_at, closed_at \
     FROM disputes WHERE seller_id = $1";

/// The disputes of a payment, the earliest first.
pub async fn of_payment(tx: &Tx, payment: PaymentId) -> Result<Vec<Dispute>> {
    let rows: Vec<Row> = tx.all(&format!("{SELECT} AND payment_id = $2 ORDER BY id"), [tx.seller_id().0.into(), payment.0.into()]).await?;
    let moment = |at| tx.scope().moment(at);
    let dispute = |row: Row| {
        let currency: Currency = row.currency.parse().map_err(bug)?;
        Ok(Dispute {
            id: row.id,
            status: row.status,
            amount: Money::new(row.amount_minor, currency),
            fee: Money::new(row.fee_minor, currency),
            reason: row.reason,
            opened: moment(row.opened_at),
            answer_by: row.answer_by.map(moment),
            closed: row.closed_at.map(moment),
        })
    };
    rows.into_iter().map(dispute).collect()
}

/// Applies what a gateway tells of a dispute of a payment; gives what happened.
pub async fn told(tx: &Tx, payment: PaymentId, news: &News) -> Result<Vec<Event>> {
    let customer = list::read(tx, payment).await?.customer;
    customers::store::hold(tx, &[customer]).await?;
    let payment = list::read(tx, payment).await?;
    if news.amount.currency() != payment.amount.currency() {
        return Err(Error::Conflict(format!("It is about {}, and the payment was in {}.", news.amount, payment.amount.currency())));
    }
    let find = async || -> Result<Option<Row>> {
        let values = [tx.seller_id().0.into(), news.gateway.into(), news.id.clone().into()];
        tx.one(&format!("{SELECT} AND gateway = $2 AND gateway_id = $3"), values).await
    };
    let known = find().await?;
    let fresh = known.is_none();
    if let Some(known) = &known {
        let older = news.at < known.known_at && !news.status.is_final();
        if known.status.is_final() || older {
            return Ok(Vec::new());
        }
    } else {
        insert(tx, &payment, news).await?;
    }
    let row = find().await?.ok_or_else(|| bug("what was just kept is gone"))?;
    let mut events = Vec::new();
    let takes_money = matches!(news.status, DisputeStatus::Open | DisputeStatus::Won | DisputeStatus::Lost);
    let held = if row.status == DisputeStatus::Inquiry && takes_money { open(tx, &payment, &row, news).await? } else { row.held_minor };
    fee(tx, &payment, &row, news.fee).await?;
    match news.status {
        DisputeStatus::Won => give_back(tx, &payment, row.id, held).await?,
        DisputeStatus::Lost => lose(tx, &payment, &row, held).await?,
        DisputeStatus::Inquiry | DisputeStatus::Open | DisputeStatus::Dropped => {}
    }
    let closed = news.status.is_final().then_some(news.at);
    let sql = "UPDATE disputes SET status = $3, known_at = $4, held_minor = $5, answer_by = COALESCE($6, answer_by), closed_at = $7 \
               WHERE seller_id = $1 AND id = $2";
    let values = [
        tx.seller_id().0.into(),
        row.id.0.into(),
        news.status.into(),
        news.at.max(row.known_at).into(),
        held.into(),
        news.answer_by.into(),
        closed.into(),
    ];
    tx.run(sql, values).await?;
    if fresh || row.status != news.status {
        events.push(event(&payment, row.id, news));
    }
    Ok(events)
}

async fn insert(tx: &Tx, payment: &Payment, news: &News) -> Result<()> {
    let sql = "INSERT INTO disputes (seller_id, id, payment_id, customer_id, gateway, gateway_id, status, currency, amount_minor, reason, \
               answer_by, known_at, opened_at) VALUES ($1, $2, $3, $4, $5, $6, 'inquiry', $7, $8, $9, $10, $11, $11)";
    let values = [
        tx.seller_id().0.into(),
        DisputeId::new().0.into(),
        payment.id.0.into(),
        payment.customer.0.into(),
        news.gateway.into(),
        news.id.clone().into(),
        news.amount.currency().to_string().into(),
        news.amount.minor().into(),
        news.reason.chars().take(200).collect::<String>().into(),
        news.answer_by.into(),
        news.at.into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

/// The money leaves; as much of it as is booked as being there.
async fn open(tx: &Tx, payment: &Payment, row: &Row, news: &News) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Sum {
        minor: i64,
    }
    let sql = "SELECT CAST(COALESCE(SUM(held_minor), 0) AS BIGINT) AS minor FROM disputes \
               WHERE seller_id = $1 AND payment_id = $2 AND status = 'open'";
    let others: Option<Sum> = tx.one(sql, [tx.seller_id().0.into(), payment.id.0.into()]).await?;
    let came = matches!(payment.status, PaymentStatus::Succeeded | PaymentStatus::Disputed);
    let left = if came { payment.amount.minor() - payment.refunded.minor() - others.map_or(0, |sum| sum.minor) } else { 0 };
    let held = news.amount.minor().min(left).max(0);
    let entry = entry(payment, EntryKind::DisputeOpened, row.id, "Disputed");
    settle(tx, tx.scope().today(), entry.debit(Account::Disputes, held).credit(Account::Cash, held)).await?;
    Ok(held)
}

/// What the gateway takes for it, when it is first known, and gives back where it does.
async fn fee(tx: &Tx, payment: &Payment, row: &Row, total: Option<i64>) -> Result<()> {
    let Some(total) = total.filter(|total| *total >= 0 && *total != row.fee_minor) else { return Ok(()) };
    let taken = total - row.fee_minor;
    let source = if taken > 0 { row.id.to_string() } else { format!("{}/back", row.id) };
    let entry = Entry::new(EntryKind::Fee, payment.customer, payment.amount.currency(), source, "Fee of a dispute");
    settle(tx, tx.scope().today(), entry.debit(Account::Fees, taken).credit(Account::Cash, taken)).await?;
    let sql = "UPDATE disputes SET fee_minor = $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), row.id.0.into(), total.into()]).await.map(|_| ())
}

async fn give_back(tx: &Tx, payment: &Payment, id: DisputeId, held: i64) -> Result<()> {
    let entry = entry(payment, EntryKind::DisputeWon, id, "Dispute won");
    settle(tx, tx.scope().today(), entry.debit(Account::Cash, held).credit(Account::Disputes, held)).await
}

/// The money stays gone: as with a reversal, what it paid is owed again, the latest invoice first, then what used the
/// credit it made; what is left of that is lost.
async fn lose(tx: &Tx, payment: &Payment, row: &Row, held: i64) -> Result<()> {
    if held == 0 {
        return Ok(());
    }
    let currency = payment.amount.currency();
    let (mut missing, mut entry) = (held, entry(payment, EntryKind::DisputeLost, row.id, "Dispute lost"));
    let whole = held == payment.amount.minor();
    for part in allocate::parts(tx, payment.id).await? {
        let taken = missing.min(part.minor);
        if taken > 0 {
            entry = refund::owed_again(entry, part.invoice_id, taken, part.given_up);
            missing -= taken;
            if !whole {
                release(tx, payment.id, part.invoice_id, taken).await?;
            }
        }
    }
    let credit = missing.min(allocate::credit(tx, payment.customer, currency).await?);
    entry = entry.debit(Account::CustomerCredit, credit);
    missing -= credit;
    for used in credit_used(tx, payment.customer, currency).await? {
        let back = missing.min(used.minor);
        if back > 0 {
            entry = entry.owed(used.id, back);
            missing -= back;
        }
    }
    settle(tx, tx.scope().today(), entry.debit(Account::WriteOff, missing).credit(Account::Disputes, held)).await?;
    let reason = format!("Dispute lost: {}", row.reason);
    if whole {
        let sql = "UPDATE payments SET status = 'reversed', reversed_at = $3, reverse_reason = $4 WHERE seller_id = $1 AND id = $2";
        tx.run(sql, [tx.seller_id().0.into(), payment.id.0.into(), tx.scope().now().into(), reason.into()]).await?;
        return Ok(());
    }
    let new = NewRefund { amount: None, to: Destination::Method, reason };
    refund::write(tx, RefundId::new(), payment, held, &new, "succeeded").await?;
    let sql = "UPDATE payments SET refunded_minor = refunded_minor + $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), payment.id.0.into(), held.into()]).await.map(|_| ())
}

async fn release(tx: &Tx, payment: PaymentId, invoice: InvoiceId, minor: i64) -> Result<()> {
    let sql = "UPDATE payment_allocations SET released_minor = released_minor + $4 \
               WHERE seller_id = $1 AND payment_id = $2 AND invoice_id = $3";
    tx.run(sql, [tx.seller_id().0.into(), payment.0.into(), invoice.0.into(), minor.into()]).await.map(|_| ())
}

fn entry(payment: &Payment, kind: EntryKind, id: DisputeId, label: &str) -> Entry {
    let label = payment.reference.as_ref().map_or_else(|| label.to_owned(), |reference| format!("{label}: {reference}"));
    Entry::new(kind, payment.customer, payment.amount.currency(), id, label)
}

fn event(payment: &Payment, id: DisputeId, news: &News) -> Event {
    let (name, amount) = (&payment.customer_name, news.amount);
    let by = news.answer_by.map_or(String::new(), |by| format!(" Send evidence by {}.", long_day(by.date_naive())));
    let (event, level, title, body) = match news.status {
        DisputeStatus::Inquiry => (
            "payment.dispute_inquired",
            Level::Warning,
            format!("The bank of {name} asks about {amount}"),
            format!("Reason: {}. No money has moved. Answer at the gateway.{by}", news.reason),
        ),
        DisputeStatus::Open => (
            "payment.disputed",
            Level::Critical,
            format!("{name} disputes {amount}"),
            format!("Reason: {}. The money is gone until it is decided. Answer at the gateway.{by}", news.reason),
        ),
        DisputeStatus::Won => {
            ("payment.dispute_won", Level::Info, format!("The dispute of {name} about {amount} is won"), "The money is back.".to_owned())
        }
        DisputeStatus::Lost => (
            "payment.dispute_lost",
            Level::Critical,
            format!("The dispute of {name} about {amount} is lost"),
            "The money stays gone, and what it paid is owed again.".to_owned(),
        ),
        DisputeStatus::Dropped => {
            let title = format!("The bank of {name} asks no more about {amount}");
            ("payment.dispute_dropped", Level::Info, title, "No money had moved.".to_owned())
        }
    };
    let details: Json =
        json!({ "dispute": id, "customer": payment.customer, "amount": amount, "reason": news.reason, "gateway": news.gateway });
    let event = Event::new(event, "payment", payment.id, payment.customer_name.clone()).level(level).details(details);
    event.notify(level, title, body, format!("/payments/{}", payment.id))
}

//! Refunds that a gateway carries out: begun in `refund`, booked when the gateway has said yes, or when it tells
//! of one that was made there. An event about a charge carries the sum of its refunds, so that its order and number do
//! not matter.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::list;
use super::refund::{Booking, book};
use super::unbook::unbook;
use crate::customers;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::job::{self, NewJob};
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::port::{RefundAnswer, RefundOrder, RefundOutcome};
use crate::payments::model::{Destination, Payment, PaymentId, PaymentStatus, RefundId, RefundStatus};

/// The job that asks the gateway.
pub const REFUND_JOB: &str = "payments.refund";

/// Asks the gateway once the refund's row is committed.
pub(super) async fn ask(tx: &Tx, id: RefundId) -> Result<()> {
    let job = NewJob { unique_key: Some(format!("refund/{id}")), ..NewJob::new(REFUND_JOB, json!({ "refund": id })) };
    job::enqueue(tx, job).await.map(|_| ())
}

#[derive(FromQueryResult)]
struct Row {
    id: RefundId,
    payment_id: PaymentId,
    currency: String,
    amount_minor: i64,
    reason: String,
    gateway: GatewayKind,
    charge: String,
}

const SELECT: &str = "SELECT r.id, r.payment_id, r.currency, r.amount_minor, r.reason, p.gateway, p.gateway_id AS charge \
     FROM refunds r JOIN payments p ON p.seller_id = r.seller_id AND p.id = r.payment_id \
     WHERE r.seller_id = $1 AND r.status = 'pending' AND p.gateway_id IS NOT NULL";

/// What to ask the gateway; `None`: it is answered.
pub async fn order(scope: &Scope, id: RefundId) -> Result<Option<(GatewayKind, RefundOrder)>> {
    let tx = scope.read().await?;
    let row: Option<Row> = tx.one(&format!("{SELECT} AND r.id = $2"), [tx.seller_id().0.into(), id.0.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let currency: Currency = row.currency.parse().map_err(crate::kit::db::bug)?;
    let order = RefundOrder { key: id.to_string(), charge: row.charge, amount: Money::new(row.amount_minor, currency) };
    Ok(Some((row.gateway, order)))
}

/// Applies the gateway's answer; once.
pub async fn answer(scope: &Scope, id: RefundId, answer: RefundAnswer) -> Result<()> {
    let tx = scope.write().await?;
    let sql = "UPDATE refunds SET gateway_id = COALESCE(gateway_id, $3) WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), answer.id.into()]).await?;
    let event = match answer.outcome {
        RefundOutcome::Pending => None,
        RefundOutcome::Succeeded => done(&tx, id).await?,
        RefundOutcome::Failed(why) => failed(&tx, id, &why).await?,
    };
    match event {
        Some(event) => tx.commit(event).await,
        None => tx.commit_quietly().await,
    }
}

async fn pending(tx: &Tx, id: RefundId) -> Result<Option<(Row, Payment)>> {
    let find = async || -> Result<Option<Row>> { tx.one(&format!("{SELECT} AND r.id = $2"), [tx.seller_id().0.into(), id.0.into()]).await };
    let Some(row) = find().await? else { return Ok(None) };
    let customer = list::read(tx, row.payment_id).await?.customer;
    customers::store::hold(tx, &[customer]).await?;
    // Nobody settles it from here on but us.
    let Some(row) = find().await? else { return Ok(None) };
    let payment = list::read(tx, row.payment_id).await?;
    Ok(Some((row, payment)))
}

/// The money went back.
async fn done(tx: &Tx, id: RefundId) -> Result<Option<Event>> {
    let Some((row, payment)) = pending(tx, id).await? else { return Ok(None) };
    settle(tx, &row, &payment).await.map(Some)
}

async fn settle(tx: &Tx, row: &Row, payment: &Payment) -> Result<Event> {
    let sql = "UPDATE refunds SET status = 'succeeded', settled_at = $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), row.id.0.into(), tx.scope().now().into()]).await?;
    let booking = Booking { id: row.id, minor: row.amount_minor, to: Destination::Method, reason: &row.reason, forced: true };
    book(tx, payment, booking).await
}

/// The gateway did not pay it back: nothing was booked, so nothing is taken back.
async fn failed(tx: &Tx, id: RefundId, why: &str) -> Result<Option<Event>> {
    let Some((row, payment)) = pending(tx, id).await? else { return Ok(None) };
    let why: String = why.chars().take(500).collect();
    let sql = "UPDATE refunds SET status = 'failed', failure_message = $3, settled_at = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), row.id.0.into(), why.clone().into(), tx.scope().now().into()]).await?;
    let amount = Money::new(row.amount_minor, payment.amount.currency());
    let details = json!({ "refund": row.id, "amount": amount, "message": why });
    let event = Event::new("payment.refund_failed", "payment", payment.id, payment.customer_name.clone()).level(Level::Warning);
    let title = format!("{amount} could not be paid back to {}", payment.customer_name);
    Ok(Some(event.details(details).notify(Level::Warning, title, why, format!("/payments/{}", payment.id))))
}

/// A refund that an event says failed after all.
pub(super) struct CameBack<'a> {
    /// The gateway's id of it.
    pub gateway_id: &'a str,
    /// Ours, where it bears it.
    pub ours: Option<&'a str>,
    /// The payment that it is of, where that is ours, and how much of it.
    pub of: Option<(PaymentId, i64)>,
    pub why: &'a str,
    pub at: DateTime<Utc>,
}

/// An event says that a refund failed after all. What was booked already is taken back, once.
pub(super) async fn failed_there(tx: &Tx, refund: CameBack<'_>) -> Result<Option<Event>> {
    let Some(known) = named(tx, &refund).await? else { return Ok(None) };
    let payment = list::read(tx, known.payment_id).await?;
    customers::store::hold(tx, &[payment.customer]).await?;
    // Nobody settles it from here on but us.
    let Some(known) = named(tx, &refund).await? else { return Ok(None) };
    let sql = "UPDATE refunds SET gateway_id = COALESCE(gateway_id, $3) WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), known.id.0.into(), refund.gateway_id.into()]).await?;
    match known.status {
        RefundStatus::Pending => failed(tx, known.id, refund.why).await,
        RefundStatus::Failed => Ok(None),
        RefundStatus::Succeeded => {
            let payment = list::read(tx, known.payment_id).await?;
            unbook(tx, known.id, known.amount_minor, &payment, refund.why, refund.at).await.map(Some)
        }
    }
}

#[derive(FromQueryResult)]
struct Known {
    id: RefundId,
    status: RefundStatus,
    payment_id: PaymentId,
    amount_minor: i64,
}

/// The refund by the gateway's id or ours; one that was made there, whose id nobody told, by its payment and amount.
async fn named(tx: &Tx, refund: &CameBack<'_>) -> Result<Option<Known>> {
    const SELECT: &str = "SELECT id, status, payment_id, amount_minor FROM refunds WHERE seller_id = $1 AND payment_id IS NOT NULL";
    let id = refund.ours.and_then(|id| id.parse::<RefundId>().ok()).map_or(uuid::Uuid::nil(), |id| id.0);
    let values = [tx.seller_id().0.into(), refund.gateway_id.into(), id.into()];
    if let Some(known) = tx.one(&format!("{SELECT} AND (gateway_id = $2 OR id = $3)"), values).await? {
        return Ok(Some(known));
    }
    let Some((payment, minor)) = refund.of else { return Ok(None) };
    let sql = format!(
        "{SELECT} AND payment_id = $2 AND amount_minor = $3 AND gateway_id IS NULL AND destination = 'method' AND status = 'succeeded' \
         ORDER BY id DESC LIMIT 1"
    );
    tx.one(&sql, [tx.seller_id().0.into(), payment.0.into(), minor.into()]).await
}

/// What of a payment's refunds came back only after `at`: an event of that time counts them still.
async fn came_back_since(tx: &Tx, payment: PaymentId, at: DateTime<Utc>) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Sum {
        minor: i64,
    }
    let sql = "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS minor FROM refunds WHERE seller_id = $1 AND payment_id = $2 \
               AND destination = 'method' AND status = 'failed' AND gateway_id IS NOT NULL AND settled_at >= $3";
    let sum: Option<Sum> = tx.one(sql, [tx.seller_id().0.into(), payment.0.into(), at.into()]).await?;
    Ok(sum.map_or(0, |sum| sum.minor))
}

/// So much of a payment has gone back in all: what of that is not booked is booked now. Refunds of ours that wait for an
/// answer are those first.
pub(super) async fn seen(tx: &Tx, id: PaymentId, total: Money, at: DateTime<Utc>) -> Result<Vec<Event>> {
    let customer = list::read(tx, id).await?.customer;
    customers::store::hold(tx, &[customer]).await?;
    let mut payment = list::read(tx, id).await?;
    if payment.status != PaymentStatus::Succeeded {
        return Ok(Vec::new());
    }
    if total.currency() != payment.amount.currency() || total.minor() > payment.amount.minor() {
        return Err(Error::Conflict(format!("{total} is more than the payment of {}.", payment.amount)));
    }
    let total = Money::new((total.minor() - came_back_since(tx, id, at).await?).max(0), total.currency());
    let mut events = Vec::new();
    let sql = format!("{SELECT} AND r.payment_id = $2 AND r.destination = 'method' ORDER BY r.id");
    let waiting: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    for row in waiting {
        if payment.refunded.minor() + row.amount_minor <= total.minor() {
            events.push(settle(tx, &row, &payment).await?);
            payment = list::read(tx, id).await?;
        }
    }
    let minor = total.minor() - payment.refunded.minor();
    if minor > 0 {
        let refund = RefundId::new();
        let sql = "INSERT INTO refunds (seller_id, id, payment_id, customer_id, status, destination, currency, amount_minor, reason, created_by, \
                   created_at, settled_at) VALUES ($1, $2, $3, $4, 'succeeded', 'method', $5, $6, $7, $8, $9, $9)";
        let reason = "Paid back at the gateway";
        let values = [
            tx.seller_id().0.into(),
            refund.0.into(),
            id.0.into(),
            payment.customer.0.into(),
            total.currency().to_string().into(),
            minor.into(),
            reason.into(),
            tx.scope().actor().name().into(),
            tx.scope().now().into(),
        ];
        tx.run(sql, values).await?;
        events.push(book(tx, &payment, Booking { id: refund, minor, to: Destination::Method, reason, forced: true }).await?);
    }
    Ok(events)
}

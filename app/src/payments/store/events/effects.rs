//! What an event does here. Everything is done by rules that the same news twice, or old news late, cannot fool; a thing
//! that is not ours is left alone.

use super::super::charges::{self, ChargeState};
use super::super::{answers, disputes, paybacks, setups};
use super::{billing, cards};
use crate::kit::event::Event;
use crate::kit::money::{Currency, Money};
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::disputes::DisputeStatus;
use crate::payments::gateway::port::{ChargeAnswer, Outcome};
use crate::payments::gateway::units;
use crate::payments::model::PaymentId;
use crate::payments::webhooks::EventStatus;
use crate::payments::webhooks::inbound::Inbound;

/// What happened: the events to commit with. `None`: it means nothing here.
pub(super) type Done = Result<Option<Vec<Event>>>;

/// Whether events of that type can mean anything here. The others are kept and left alone.
pub fn concerns(kind: &str) -> bool {
    let exactly = [
        "charge.dispute.closed",
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.refund.updated",
        "charge.refunded",
        "checkout.session.completed",
        "customer.subscription.deleted",
        "invoice.paid",
        "invoice.payment_failed",
        "invoice_payment.paid",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "payment_method.attached",
        "payment_method.automatically_updated",
        "payment_method.detached",
        "payment_method.updated",
        "refund.failed",
    ];
    exactly.contains(&kind)
}

/// Applies an event; says what became of it, and what happened.
pub async fn apply(tx: &Tx, event: &Inbound) -> Result<(EventStatus, Vec<Event>)> {
    let done = match event.kind.as_str() {
        "charge.refund.updated" if event.text("status") == Some("failed") => refund_failed(tx, event).await,
        "charge.refund.updated" => Ok(None),
        "charge.refunded" => refunded(tx, event).await,
        "checkout.session.completed" => checked_out(tx, event).await,
        "customer.subscription.deleted" => billing::subscription_ended(tx, event).await,
        "invoice.paid" => billing::invoice_paid(tx, event).await,
        "invoice.payment_failed" => billing::invoice_failed(tx, event).await,
        "invoice_payment.paid" => billing::invoice_payment(tx, event).await,
        "payment_method.attached" => cards::attached(tx, event).await,
        "payment_method.detached" => cards::detached(tx, event).await,
        "payment_method.updated" | "payment_method.automatically_updated" => cards::renewed(tx, event).await,
        "refund.failed" => refund_failed(tx, event).await,
        kind if kind.starts_with("charge.dispute.") => disputed(tx, event).await,
        _ => charge_changed(tx, event).await,
    }?;
    Ok(done.map_or((EventStatus::Ignored, Vec::new()), |events| (EventStatus::Applied, events)))
}

/// The gateway's id of the payment that an event is about: its intent, or the charge of one that has none.
fn payment_id(event: &Inbound) -> Option<&str> {
    let charge = event.text("charge").or(event.text("id").filter(|_| event.text("object") == Some("charge")));
    event.text("payment_intent").or(charge)
}

/// The charge of ours that an event is about: by the gateway's id, by the invoice there that it paid, or, where a crash lost
/// the id, by what we wrote on it.
async fn ours(tx: &Tx, event: &Inbound, gateway_id: Option<&str>) -> Result<Option<ChargeState>> {
    if let Some(id) = gateway_id
        && let Some(found) = charges::by_gateway_id(tx, event.gateway, id).await?
    {
        return Ok(Some(found));
    }
    if let Some(invoice) = event.text("invoice")
        && let Some(found) = charges::by_gateway_id(tx, event.gateway, invoice).await?
    {
        // Until now it went by the invoice's name.
        billing::learn(tx, &found, gateway_id).await?;
        return Ok(Some(found));
    }
    let Some(id) = event.metadata("payment").and_then(|id| id.parse::<PaymentId>().ok()) else { return Ok(None) };
    let found = charges::read(tx, id).await?.filter(|charge| charge.gateway == event.gateway);
    // Another attempt that bears our name, but is not the one that we know.
    Ok(found.filter(|charge| charge.gateway_id.is_none() || charge.gateway_id.as_deref() == gateway_id))
}

async fn charge_changed(tx: &Tx, event: &Inbound) -> Done {
    let (Some(answer), Some(charge)) = (event.charge_answer(), ours(tx, event, event.text("id")).await?) else { return Ok(None) };
    if matches!(answer.outcome, Outcome::Succeeded { .. }) {
        same_amount(event, &charge)?;
    }
    Ok(Some(answers::apply(tx, charge.payment, &answer).await?.into_iter().collect()))
}

/// Money that is not what was asked for is not booked as if it were.
fn same_amount(event: &Inbound, charge: &ChargeState) -> Result<()> {
    let came = amount(event, "amount_received").filter(|a| !a.is_zero()).or(amount(event, "amount"));
    match came {
        Some(came) if came != charge.amount => Err(Error::Conflict(format!("It is about {came}, and {} was asked for.", charge.amount))),
        _ => Ok(()),
    }
}

/// An amount of the event's object, in minor units as we count them.
pub(super) fn amount(event: &Inbound, key: &str) -> Option<Money> {
    let currency: Currency = event.text("currency")?.to_uppercase().parse().ok()?;
    Some(Money::new(units::ours(currency, event.object()[key].as_i64()?), currency))
}

/// The sum of all refunds of a charge: what of it we have not booked is booked. Told before the payment's own success, it
/// proves that.
async fn refunded(tx: &Tx, event: &Inbound) -> Done {
    let (Some(charge), Some(total)) = (ours(tx, event, payment_id(event)).await?, amount(event, "amount_refunded")) else {
        return Ok(None);
    };
    let id = payment_id(event).map(str::to_owned);
    let came = ChargeAnswer { id, outcome: Outcome::Succeeded { fee: None }, at: event.happened_at };
    let mut events: Vec<Event> = answers::apply(tx, charge.payment, &came).await?.into_iter().collect();
    events.extend(paybacks::seen(tx, charge.payment, total, event.happened_at).await?);
    Ok(Some(events))
}

async fn refund_failed(tx: &Tx, event: &Inbound) -> Done {
    let why = event.text("failure_reason").unwrap_or("The bank refused it.").replace('_', " ");
    let charge = ours(tx, event, payment_id(event)).await?.map(|charge| charge.payment);
    let refund = paybacks::CameBack {
        gateway_id: event.text("id").unwrap_or_default(),
        ours: event.metadata("refund"),
        of: charge.zip(amount(event, "amount").map(Money::minor)),
        why: &why,
        at: event.happened_at,
    };
    Ok(paybacks::failed_there(tx, refund).await?.map(|e| vec![e]))
}

/// A payer wants the money back, or it is decided whether they get it. Told before the payment's own success, it proves
/// that.
async fn disputed(tx: &Tx, event: &Inbound) -> Done {
    let status = match event.text("status").unwrap_or_default() {
        "warning_needs_response" | "warning_under_review" => DisputeStatus::Inquiry,
        "warning_closed" | "prevented" => DisputeStatus::Dropped,
        "needs_response" | "under_review" => DisputeStatus::Open,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        _ => return Ok(None),
    };
    let id = payment_id(event).map(str::to_owned);
    let (Some(charge), Some(amount)) = (ours(tx, event, id.as_deref()).await?, amount(event, "amount")) else { return Ok(None) };
    let came = ChargeAnswer { id, outcome: Outcome::Succeeded { fee: None }, at: event.happened_at };
    let mut events: Vec<Event> = answers::apply(tx, charge.payment, &came).await?.into_iter().collect();
    let news = disputes::News {
        gateway: event.gateway,
        id: event.text("id").unwrap_or_default().to_owned(),
        status,
        amount,
        fee: dispute_fee(event, amount.currency()),
        reason: event.text("reason").unwrap_or("not given").replace('_', " "),
        answer_by: event.object()["evidence_details"]["due_by"].as_i64().and_then(|at| chrono::DateTime::from_timestamp(at, 0)),
        at: event.happened_at,
    };
    events.extend(disputes::told(tx, charge.payment, &news).await?);
    Ok(Some(events))
}

/// What the gateway took for a dispute so far, where it settles in the payment's currency.
fn dispute_fee(event: &Inbound, currency: Currency) -> Option<i64> {
    let moves = event.object()["balance_transactions"].as_array().filter(|moves| !moves.is_empty())?;
    let fee = |of: &serde_json::Value| {
        let same = of["currency"].as_str().is_some_and(|code| code.eq_ignore_ascii_case(&currency.to_string()));
        of["fee"].as_i64().filter(|_| same).map(|fee| units::ours(currency, fee))
    };
    moves.iter().map(fee).sum()
}

async fn checked_out(tx: &Tx, event: &Inbound) -> Done {
    if event.text("mode") == Some("setup") {
        let ours = setups::given(tx, event.gateway, event.text("id").unwrap_or_default()).await?;
        return Ok(ours.then(Vec::new));
    }
    let Some(charge) = ours(tx, event, event.text("payment_intent")).await? else { return Ok(None) };
    let paid = event.text("payment_status") == Some("paid");
    let outcome = if paid { Outcome::Succeeded { fee: None } } else { Outcome::Pending };
    let answer = ChargeAnswer { id: event.text("payment_intent").map(str::to_owned), outcome, at: event.happened_at };
    Ok(Some(answers::apply(tx, charge.payment, &answer).await?.into_iter().collect()))
}

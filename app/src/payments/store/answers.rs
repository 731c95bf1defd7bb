//! What a gateway says of a charge, whoever brings it: the call's own answer, an event, or a question asked later. All
//! come through here with the customer held, so that the same news twice, or old news late, changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::allocate::{self, Allotted};
use super::charges::{self, ChargeState};
use super::fees;
use crate::customers;
use crate::invoices::InvoiceId;
use crate::invoices::ledger::{Entry, EntryKind};
use crate::invoices::store::money::settle;
use crate::kit::clock;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::port::{ChargeAnswer, Decline, Outcome};
use crate::payments::model::{PaymentId, PaymentStatus};

/// By how much a gateway's clock may be behind ours.
const SKEW_SECONDS: i64 = 5;

/// Applies what a gateway answered to a call of ours.
pub async fn answer(scope: &Scope, id: PaymentId, answer: ChargeAnswer) -> Result<()> {
    let tx = scope.write().await?;
    if let Some(gateway_id) = &answer.id {
        super::events::hold(&tx, gateway_id).await?;
    }
    let known_at = answer.at - TimeDelta::seconds(SKEW_SECONDS);
    let mut events: Vec<Event> = apply_as_of(&tx, id, &answer, known_at).await?.into_iter().collect();
    if let Some(gateway_id) = &answer.id {
        // Something of it may have been told before the gateway's id of it was known.
        let gateway = charges::read(&tx, id).await?.ok_or(Error::NotFound)?.gateway;
        events.extend(super::events::known_as(&tx, gateway, gateway_id).await?);
    }
    if events.is_empty() { tx.commit_quietly().await } else { tx.commit_all(events).await }
}

/// Applies an answer; gives what happened, if anything did.
pub async fn apply(tx: &Tx, id: PaymentId, answer: &ChargeAnswer) -> Result<Option<Event>> {
    apply_as_of(tx, id, answer, answer.at).await
}

/// As [`apply`], of news that other news is compared with as if it were of `known_at`.
async fn apply_as_of(tx: &Tx, id: PaymentId, answer: &ChargeAnswer, known_at: DateTime<Utc>) -> Result<Option<Event>> {
    let customer = charges::read(tx, id).await?.ok_or(Error::NotFound)?.customer;
    customers::store::hold(tx, &[customer]).await?;
    let charge = charges::read(tx, id).await?.ok_or(Error::NotFound)?;
    if !is_news(charge.status, charge.known_at, &answer.outcome, known_at) {
        return Ok(None);
    }
    keep_id(tx, &charge, answer, known_at).await?;
    match &answer.outcome {
        Outcome::Pending => stand(tx, &charge, PaymentStatus::Pending, None).await,
        Outcome::NeedsAction { url } => stand(tx, &charge, PaymentStatus::NeedsAction, url.clone()).await,
        Outcome::Succeeded { fee } => succeed(tx, &charge, *fee, answer.at).await.map(Some),
        Outcome::Failed(decline) => fail(tx, &charge, decline).await.map(Some),
        Outcome::Cancelled => cancel(tx, &charge).await.map(Some),
    }
}

/// Money that came is the last word. What failed stays so unless the money comes after all. Otherwise the later news wins.
fn is_news(status: PaymentStatus, known_at: Option<DateTime<Utc>>, outcome: &Outcome, at: DateTime<Utc>) -> bool {
    use PaymentStatus::{Cancelled, Disputed, Failed, NeedsAction, Pending, Reversed, Succeeded};
    match (status, outcome) {
        (Succeeded | Reversed | Disputed, _) => false,
        (_, Outcome::Succeeded { .. }) => true,
        (Failed | Cancelled, _) => false,
        (Pending | NeedsAction, _) => known_at.is_none_or(|known| at >= known),
    }
}

async fn keep_id(tx: &Tx, charge: &ChargeState, answer: &ChargeAnswer, known_at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE payments SET gateway_id = COALESCE(gateway_id, $3) WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), charge.payment.0.into(), answer.id.clone().into()]).await?;
    // One whose place another has taken does not come back.
    let under_way = matches!(answer.outcome, Outcome::Pending | Outcome::NeedsAction { .. });
    let sql = "UPDATE charges SET known_at = $3, under_way = (under_way AND $4) WHERE seller_id = $1 AND payment_id = $2";
    tx.run(sql, [tx.seller_id().0.into(), charge.payment.0.into(), known_at.into(), under_way.into()]).await.map(|_| ())
}

/// It is not decided yet.
async fn stand(tx: &Tx, charge: &ChargeState, status: PaymentStatus, url: Option<String>) -> Result<Option<Event>> {
    set_status(tx, charge.payment, status).await?;
    let sql = "UPDATE charges SET action_url = COALESCE($3, action_url) WHERE seller_id = $1 AND payment_id = $2";
    tx.run(sql, [tx.seller_id().0.into(), charge.payment.0.into(), url.into()]).await?;
    if charge.status == status {
        return Ok(None);
    }
    let name = if status == PaymentStatus::NeedsAction { "payment.needs_action" } else { "payment.pending" };
    let event = event(tx, name, charge).await?;
    let body = "Send the customer the link on the payment's page.";
    let title = format!("{} wants to be confirmed by the customer", charge.amount);
    let link = format!("/payments/{}", charge.payment);
    Ok(Some(if status == PaymentStatus::NeedsAction { event.notify(Level::Warning, title, body, link) } else { event }))
}

async fn set_status(tx: &Tx, id: PaymentId, status: PaymentStatus) -> Result<()> {
    let sql = "UPDATE payments SET status = $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), status.into()]).await.map(|_| ())
}

async fn event(tx: &Tx, name: &'static str, charge: &ChargeState) -> Result<Event> {
    let customer = customers::store::read(tx, charge.customer).await?;
    let details = json!({
        "customer": charge.customer, "amount": charge.amount, "invoice": charge.invoice, "gateway": charge.gateway,
        "reference": charge.reference,
    });
    Ok(Event::new(name, "payment", charge.payment, customer.name).details(details))
}

/// The money is there: it pays what it was meant for, as much as that still wants; the rest is the customer's credit.
async fn succeed(tx: &Tx, charge: &ChargeState, fee: Option<i64>, at: DateTime<Utc>) -> Result<Event> {
    let (seller, today) = (tx.scope().seller(), tx.scope().today());
    // In a sandbox it comes on the sandbox's day, whatever day it is where the gateway is.
    let paid_on = if seller.sandbox_now.is_some() { today } else { clock::day_of(at, seller.time_zone).min(today) };
    let kept = fee.unwrap_or(0).clamp(0, charge.amount.minor());
    let parts = wanted(tx, charge).await?;
    let sql = "DELETE FROM payment_allocations WHERE seller_id = $1 AND payment_id = $2";
    tx.run(sql, [tx.seller_id().0.into(), charge.payment.0.into()]).await?;
    allocate::write(tx, charge.payment, &parts).await?;
    let recovered: i64 = parts.iter().filter(|part| part.recovered).map(|part| part.minor).sum();
    let owed: Vec<(InvoiceId, i64)> = parts.iter().filter(|part| !part.recovered).map(|part| (part.invoice, part.minor)).collect();
    let label = match &charge.reference {
        Some(reference) => format!("{} {reference}", charge.paid_by.label()),
        None => charge.paid_by.label().to_owned(),
    };
    let entry = Entry::new(EntryKind::Payment, charge.customer, charge.amount.currency(), charge.payment, label);
    settle(tx, paid_on, entry.payment(charge.amount.minor() - recovered, kept, &owed).recovered(recovered, 0)).await?;
    let sql = "UPDATE payments SET status = 'succeeded', fee_minor = $3, paid_on = $4, settled_at = $5, failure_code = NULL, \
               failure_message = NULL, hard_decline = FALSE WHERE seller_id = $1 AND id = $2";
    let values = [tx.seller_id().0.into(), charge.payment.0.into(), kept.into(), paid_on.into(), tx.scope().now().into()];
    tx.run(sql, values).await?;
    if fee.is_none() {
        fees::ask_later(tx, charge.payment).await?;
    }
    event(tx, "payment.succeeded", charge).await
}

/// What the invoice that it was meant for still wants of it; of one that is not known, what is due first.
async fn wanted(tx: &Tx, charge: &ChargeState) -> Result<Vec<Allotted>> {
    let (amount, currency) = (charge.amount.minor(), charge.amount.currency());
    let open = allocate::wanting(tx, charge.customer, currency).await?;
    let Some(invoice) = charge.invoice else {
        let due: Vec<(InvoiceId, i64)> = open.iter().map(|i| (i.id, i.due_minor)).collect();
        let parts = crate::payments::model::oldest_first(amount, &due).into_iter();
        return Ok(parts.map(|(invoice, minor)| Allotted { invoice, minor, recovered: false }).collect());
    };
    let wants = open.into_iter().find(|i| i.id == invoice);
    let recovered = wants.is_none();
    let wants = if recovered { allocate::given_up(tx, invoice, charge.customer, currency).await? } else { wants };
    Ok(wants.map(|wants| Allotted { invoice, minor: wants.due_minor.min(amount), recovered }).into_iter().collect())
}

/// No money comes. Nothing is posted.
async fn fail(tx: &Tx, charge: &ChargeState, decline: &Decline) -> Result<Event> {
    let sql = "UPDATE payments SET status = 'failed', failure_code = $3, failure_message = $4, hard_decline = $5, settled_at = $6 \
               WHERE seller_id = $1 AND id = $2";
    let message: String = decline.message.chars().take(500).collect();
    let values = [
        tx.seller_id().0.into(),
        charge.payment.0.into(),
        decline.code.chars().take(100).collect::<String>().into(),
        message.clone().into(),
        decline.hard.into(),
        tx.scope().now().into(),
    ];
    tx.run(sql, values).await?;
    if decline.hard {
        let sql = "UPDATE payment_methods SET status = 'failed' WHERE seller_id = $1 AND id = $2";
        tx.run(sql, [tx.seller_id().0.into(), charge.method.map(|m| m.0).into()]).await?;
    }
    let event = event(tx, "payment.failed", charge).await?.level(Level::Warning);
    let mut details = event.details.clone();
    details["code"] = json!(decline.code);
    details["message"] = json!(message);
    details["hard_decline"] = json!(decline.hard);
    let title = format!("{} of {} failed", charge.amount, event.subject_label);
    let what = if decline.hard { "Ask for another payment method." } else { "It can be tried again." };
    let body = format!("{message} {what}");
    Ok(event.details(details).notify(Level::Warning, title, body, format!("/payments/{}", charge.payment)))
}

async fn cancel(tx: &Tx, charge: &ChargeState) -> Result<Event> {
    set_status(tx, charge.payment, PaymentStatus::Cancelled).await?;
    event(tx, "payment.cancelled", charge).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_the_last_word_and_old_news_is_none() {
        let at = |seconds: i64| DateTime::from_timestamp(1_794_744_000 + seconds, 0).expect("a time");
        let is_news = |status, known_at, (outcome, seconds): (Outcome, i64)| is_news(status, known_at, &outcome, at(seconds));
        let said = |outcome: Outcome, seconds: i64| (outcome, seconds);
        let no = || Outcome::Failed(Decline { code: "x".into(), message: "x".into(), hard: false });
        let yes = || Outcome::Succeeded { fee: None };
        let known = Some(at(100));
        assert!(is_news(PaymentStatus::Pending, None, said(no(), 0)));
        assert!(is_news(PaymentStatus::Pending, known, said(no(), 100)));
        assert!(!is_news(PaymentStatus::Pending, known, said(no(), 99)), "older");
        assert!(!is_news(PaymentStatus::NeedsAction, known, said(Outcome::Pending, 50)));
        assert!(is_news(PaymentStatus::Failed, known, said(yes(), 1)), "money came after all");
        assert!(!is_news(PaymentStatus::Failed, known, said(Outcome::Pending, 200)));
        for done in [PaymentStatus::Succeeded, PaymentStatus::Reversed] {
            for outcome in [yes(), no(), Outcome::Pending, Outcome::Cancelled] {
                assert!(!is_news(done, known, said(outcome, 200)), "{done}");
            }
        }
    }
}

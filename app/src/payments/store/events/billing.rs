//! Invoices and subscriptions of ours that live at the gateway.

use super::effects::{self, Done};
use crate::invoices::{Invoice, InvoiceId, InvoiceStatus};
use crate::kit::event::Event;
use crate::kit::money::Money;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::port::{ChargeAnswer, Decline, Outcome};
use crate::payments::model::{PaidBy, PaymentId};
use crate::payments::store::charges::{self, ChargeState, NewRow, Origin};
use crate::payments::store::links::{self, Linked};
use crate::payments::store::{allocate, answers, fees};
use crate::payments::webhooks::inbound::Inbound;
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::model::{Verb, When};

/// An invoice of ours that lives at the gateway.
async fn linked_invoice(tx: &Tx, event: &Inbound) -> Result<Option<Invoice>> {
    let Some(external) = event.text("id") else { return Ok(None) };
    match links::find(tx, event.gateway, Linked::Invoice, external).await? {
        Some(own) => crate::invoices::store::read(tx, InvoiceId(own)).await.map(Some),
        None => Ok(None),
    }
}

/// What paid an invoice there, in the shape of older and newer versions of the API; some say nothing of it.
fn payer_of(event: &Inbound) -> Option<&str> {
    let object = event.object();
    let payments = object["payments"]["data"].as_array().into_iter().flatten();
    let newer = payments.filter(|p| p["status"].as_str().is_none_or(|status| status == "paid"));
    let newer = newer.map(|p| &p["payment"]).find_map(|p| p["payment_intent"].as_str().or(p["charge"].as_str()));
    object["payment_intent"].as_str().or(newer).or(object["charge"].as_str()).filter(|id| !id.is_empty())
}

/// The payment of an invoice there, by what paid it or by the invoice.
async fn payment_of(tx: &Tx, event: &Inbound, invoice: &str, payer: Option<&str>) -> Result<Option<ChargeState>> {
    if let Some(payer) = payer
        && let Some(known) = charges::by_gateway_id(tx, event.gateway, payer).await?
    {
        return Ok(Some(known));
    }
    charges::by_external_invoice(tx, event.gateway, invoice).await
}

pub async fn invoice_paid(tx: &Tx, event: &Inbound) -> Done {
    let (Some(invoice), Some(came)) = (linked_invoice(tx, event).await?, effects::amount(event, "amount_paid")) else { return Ok(None) };
    let (external, payer) = (event.text("id").unwrap_or_default(), payer_of(event));
    if came.is_zero() {
        return Ok(None);
    }
    let payment = match payment_of(tx, event, external, payer).await? {
        // We charged it ourselves, or were told before; the event about the charge says the same.
        Some(known) => {
            learn(tx, &known, payer).await?;
            known.payment
        }
        None => told(tx, event, &invoice, came, payer.unwrap_or(external)).await?,
    };
    charges::lives_as(tx, payment, external).await?;
    let answer = ChargeAnswer { id: payer.map(str::to_owned), outcome: Outcome::Succeeded { fee: None }, at: event.happened_at };
    Ok(Some(answers::apply(tx, payment, &answer).await?.into_iter().collect()))
}

/// What paid an invoice there: the payment that went by the invoice's name has one of its own from here on.
pub async fn invoice_payment(tx: &Tx, event: &Inbound) -> Done {
    let (payment, invoice) = (&event.object()["payment"], event.text("invoice").unwrap_or_default());
    let payer = payment["payment_intent"].as_str().or(payment["charge"].as_str()).filter(|id| !id.is_empty());
    let (Some(known), true) = (charges::by_external_invoice(tx, event.gateway, invoice).await?, payer.is_some()) else { return Ok(None) };
    learn(tx, &known, payer).await?;
    Ok(Some(Vec::new()))
}

/// The gateway's id of a payment that went by the name of its invoice there; now it can be asked what it kept of it.
pub async fn learn(tx: &Tx, payment: &ChargeState, id: Option<&str>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    if charges::rename(tx, payment.payment, id).await? {
        fees::ask_now_that_known(tx, payment.payment).await?;
    }
    Ok(())
}

pub async fn invoice_failed(tx: &Tx, event: &Inbound) -> Done {
    let Some(invoice) = linked_invoice(tx, event).await? else { return Ok(None) };
    let amount = |key: &str| effects::amount(event, key).filter(|a| !a.is_zero());
    let open = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::PartiallyPaid | InvoiceStatus::Overdue);
    let Some(asked) = amount("amount_remaining").or(amount("amount_due")).filter(|_| open) else { return Ok(None) };
    // An attempt has no id of its own there; the event's makes it one attempt, however often it is told.
    if charges::by_gateway_id(tx, event.gateway, &event.id).await?.is_some() {
        return Ok(Some(Vec::new()));
    }
    let payment = told(tx, event, &invoice, asked, &event.id).await?;
    let message = "The gateway could not collect the invoice.".to_owned();
    let decline = Decline { code: "payment_failed".into(), message, hard: false };
    let answer = ChargeAnswer { id: None, outcome: Outcome::Failed(decline), at: event.happened_at };
    Ok(Some(answers::apply(tx, payment, &answer).await?.into_iter().collect()))
}

/// A payment that began at the gateway.
async fn told(tx: &Tx, event: &Inbound, invoice: &Invoice, amount: Money, id: &str) -> Result<PaymentId> {
    if amount.currency() != invoice.total.currency() {
        return Err(Error::Conflict(format!("It is about {amount}, and the invoice is in {}.", invoice.total.currency())));
    }
    crate::customers::store::hold(tx, &[invoice.customer]).await?;
    let row = NewRow {
        id: PaymentId::new(),
        customer: invoice.customer,
        paid_by: PaidBy::Card,
        method: None,
        gateway: event.gateway,
        gateway_id: Some(id.to_owned()),
        amount,
        reference: invoice.number.clone(),
    };
    charges::insert(tx, &row).await?;
    let minor = invoice.due.minor().min(amount.minor());
    if minor > 0 {
        allocate::write(tx, row.id, &[allocate::Allotted { invoice: invoice.id, minor, recovered: false }]).await?;
    }
    charges::note(tx, row.id, Some(invoice.id), Origin::Gateway, false).await?;
    Ok(row.id)
}

/// A subscription that lives at the gateway has ended there.
pub async fn subscription_ended(tx: &Tx, event: &Inbound) -> Done {
    let external = event.text("id").unwrap_or_default();
    let Some(own) = links::find(tx, event.gateway, Linked::Subscription, external).await? else { return Ok(None) };
    let reason = event.object()["cancellation_details"]["reason"].as_str().unwrap_or("ended at the gateway").replace('_', " ");
    let verb = Verb::Cancel { at: When::Now, reason: Some(reason) };
    match crate::subscriptions::store::perform_in(tx, SubscriptionId(own), &verb, None).await {
        Ok(event) => Ok(Some(vec![event])),
        // It has ended here already.
        Err(Error::Conflict(_)) => Ok(Some(Vec::<Event>::new())),
        Err(error) => Err(error),
    }
}

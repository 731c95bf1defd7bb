//! What an event does here. Everything is done by rules that the same news twice, or old news late, cannot fool; a thing
//! that is not ours is left alone.

use serde_json::json;

use super::super::answers;
use super::super::charges::{self, ChargeState, NewRow, Origin};
use super::super::links::{self, Linked};
use super::super::{allocate, disputes, methods, paybacks, setups};
use crate::customers::CustomerId;
use crate::invoices::{InvoiceId, InvoiceStatus};
use crate::kit::event::{Event, Level};
use crate::kit::money::{Currency, Money};
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::disputes::DisputeStatus;
use crate::payments::gateway::port::{ChargeAnswer, Decline, GivenCard, Outcome};
use crate::payments::gateway::units;
use crate::payments::methods::MethodForm;
use crate::payments::model::{PaidBy, PaymentId};
use crate::payments::webhooks::EventStatus;
use crate::payments::webhooks::inbound::Inbound;
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::model::{Verb, When};

/// What happened: the events to commit with. `None`: it means nothing here.
type Done = Result<Option<Vec<Event>>>;

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
        "customer.subscription.deleted" => subscription_ended(tx, event).await,
        "invoice.paid" => invoice_paid(tx, event).await,
        "invoice.payment_failed" => invoice_failed(tx, event).await,
        "payment_method.attached" => card_attached(tx, event).await,
        "payment_method.detached" => card_detached(tx, event).await,
        "payment_method.updated" | "payment_method.automatically_updated" => card_renewed(tx, event).await,
        "refund.failed" => refund_failed(tx, event).await,
        kind if kind.starts_with("charge.dispute.") => disputed(tx, event).await,
        _ => charge_changed(tx, event).await,
    }?;
    Ok(done.map_or((EventStatus::Ignored, Vec::new()), |events| (EventStatus::Applied, events)))
}

/// The charge of ours that an event is about: by the gateway's id, or, where a crash lost that, by what we wrote on it.
async fn ours(tx: &Tx, event: &Inbound, gateway_id: Option<&str>) -> Result<Option<ChargeState>> {
    if let Some(id) = gateway_id
        && let Some(found) = charges::by_gateway_id(tx, event.gateway, id).await?
    {
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
fn amount(event: &Inbound, key: &str) -> Option<Money> {
    let currency: Currency = event.text("currency")?.to_uppercase().parse().ok()?;
    Some(Money::new(units::ours(currency, event.object()[key].as_i64()?), currency))
}

/// The sum of all refunds of a charge: what of it we have not booked is booked. Told before the payment's own success, it
/// proves that.
async fn refunded(tx: &Tx, event: &Inbound) -> Done {
    let (Some(charge), Some(total)) = (ours(tx, event, event.text("payment_intent")).await?, amount(event, "amount_refunded")) else {
        return Ok(None);
    };
    let id = event.text("payment_intent").map(str::to_owned);
    let came = ChargeAnswer { id, outcome: Outcome::Succeeded { fee: None }, at: event.happened_at };
    let mut events: Vec<Event> = answers::apply(tx, charge.payment, &came).await?.into_iter().collect();
    events.extend(paybacks::seen(tx, charge.payment, total, event.happened_at).await?);
    Ok(Some(events))
}

async fn refund_failed(tx: &Tx, event: &Inbound) -> Done {
    let why = event.text("failure_reason").unwrap_or("The bank refused it.").replace('_', " ");
    let charge = ours(tx, event, event.text("payment_intent")).await?.map(|charge| charge.payment);
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
    let id = event.text("payment_intent").map(str::to_owned);
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

/// An invoice of ours that lives at the gateway.
async fn linked_invoice(tx: &Tx, event: &Inbound) -> Result<Option<crate::invoices::Invoice>> {
    let Some(external) = event.text("id") else { return Ok(None) };
    match links::find(tx, event.gateway, Linked::Invoice, external).await? {
        Some(own) => crate::invoices::store::read(tx, InvoiceId(own)).await.map(Some),
        None => Ok(None),
    }
}

/// What paid an invoice there: its payment intent, in the shape of older and newer versions of the API, or the invoice.
fn payer_of(event: &Inbound) -> Option<String> {
    let object = event.object();
    let newer = &object["payments"]["data"][0]["payment"]["payment_intent"];
    let found = [&object["payment_intent"], newer, &object["charge"], &object["id"]].into_iter().find_map(|v| v.as_str());
    found.map(str::to_owned)
}

async fn invoice_paid(tx: &Tx, event: &Inbound) -> Done {
    let (Some(invoice), Some(came)) = (linked_invoice(tx, event).await?, amount(event, "amount_paid")) else { return Ok(None) };
    let id = payer_of(event);
    if came.is_zero() || id.is_none() {
        return Ok(None);
    }
    if let Some(known) = charges::by_gateway_id(tx, event.gateway, id.as_deref().unwrap_or_default()).await? {
        // We charged it ourselves, and the event about the charge says the same.
        let answer = ChargeAnswer { id, outcome: Outcome::Succeeded { fee: None }, at: event.happened_at };
        return Ok(Some(answers::apply(tx, known.payment, &answer).await?.into_iter().collect()));
    }
    let payment = told(tx, event, &invoice, came, id.clone()).await?;
    let answer = ChargeAnswer { id, outcome: Outcome::Succeeded { fee: None }, at: event.happened_at };
    Ok(Some(answers::apply(tx, payment, &answer).await?.into_iter().collect()))
}

async fn invoice_failed(tx: &Tx, event: &Inbound) -> Done {
    let Some(invoice) = linked_invoice(tx, event).await? else { return Ok(None) };
    let asked = amount(event, "amount_remaining").filter(|a| !a.is_zero()).or(amount(event, "amount_due"));
    let open = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::PartiallyPaid | InvoiceStatus::Overdue);
    let Some(asked) = asked.filter(|a| open && !a.is_zero()) else { return Ok(None) };
    // An attempt has no id of its own there; the event's makes it one attempt, however often it is told.
    if charges::by_gateway_id(tx, event.gateway, &event.id).await?.is_some() {
        return Ok(Some(Vec::new()));
    }
    let payment = told(tx, event, &invoice, asked, Some(event.id.clone())).await?;
    let message = "The gateway could not collect the invoice.".to_owned();
    let decline = Decline { code: "payment_failed".into(), message, hard: false };
    let answer = ChargeAnswer { id: None, outcome: Outcome::Failed(decline), at: event.happened_at };
    Ok(Some(answers::apply(tx, payment, &answer).await?.into_iter().collect()))
}

/// A payment that began at the gateway.
async fn told(tx: &Tx, event: &Inbound, invoice: &crate::invoices::Invoice, amount: Money, id: Option<String>) -> Result<PaymentId> {
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
        gateway_id: id,
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
async fn subscription_ended(tx: &Tx, event: &Inbound) -> Done {
    let external = event.text("id").unwrap_or_default();
    let Some(own) = links::find(tx, event.gateway, Linked::Subscription, external).await? else { return Ok(None) };
    let reason = event.object()["cancellation_details"]["reason"].as_str().unwrap_or("ended at the gateway").replace('_', " ");
    let verb = Verb::Cancel { at: When::Now, reason: Some(reason) };
    match crate::subscriptions::store::perform_in(tx, SubscriptionId(own), &verb, None).await {
        Ok(event) => Ok(Some(vec![event])),
        // It has ended here already.
        Err(Error::Conflict(_)) => Ok(Some(Vec::new())),
        Err(error) => Err(error),
    }
}

/// The card of an event, where it is one.
fn card(event: &Inbound) -> Option<GivenCard> {
    let (token, card) = (event.text("id")?, &event.object()["card"]);
    let (year, month) = (card["exp_year"].as_i64()?, card["exp_month"].as_i64()?);
    Some(GivenCard { token: token.to_owned(), last_digits: card["last4"].as_str()?.to_owned(), expires: format!("{year:04}-{month:02}") })
}

fn form(event: &Inbound) -> Option<MethodForm> {
    Some(setups::card_form(event.gateway, &card(event)?))
}

async fn card_attached(tx: &Tx, event: &Inbound) -> Done {
    let external = event.text("customer").unwrap_or_default();
    let (Some(own), Some(form)) = (links::find(tx, event.gateway, Linked::Customer, external).await?, form(event)) else {
        return Ok(None);
    };
    let customer = CustomerId(own);
    crate::customers::store::hold(tx, &[customer]).await?;
    if methods::by_token(tx, &form.token).await?.iter().any(|m| m.customer == customer) {
        return Ok(Some(Vec::new()));
    }
    Ok(Some(methods::add_in(tx, customer, &form.parse()?).await?.1))
}

async fn card_detached(tx: &Tx, event: &Inbound) -> Done {
    let known = methods::by_token(tx, event.text("id").unwrap_or_default()).await?;
    let mut events = Vec::new();
    for method in known.iter().filter(|m| m.gateway == event.gateway.word()) {
        events.extend(methods::remove_in(tx, method.id).await?.1);
    }
    Ok((!events.is_empty()).then_some(events))
}

/// The bank sent the customer a new card, or its date was corrected: worth another try.
async fn card_renewed(tx: &Tx, event: &Inbound) -> Done {
    let Some(form) = form(event) else { return Ok(None) };
    let new = form.parse()?;
    let mut events = Vec::new();
    for method in methods::by_token(tx, &form.token).await?.iter().filter(|m| m.gateway == event.gateway.word()) {
        if (&method.label, method.expires_on) == (&new.label, new.expires_on) {
            continue;
        }
        let method = methods::renew(tx, method.id, &new.label, new.expires_on).await?;
        let details = json!({ "customer": method.customer, "expires_on": method.expires_on });
        let renewed = Event::new("payment_method.renewed", "payment_method", method.id, method.label.clone());
        events.push(renewed.level(Level::Info).details(details));
        events.extend(methods::replaced(&method).filter(|_| method.primary));
    }
    Ok((!events.is_empty()).then_some(events))
}

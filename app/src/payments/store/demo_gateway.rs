//! The built-in gateway's books. It plays the other side: what it keeps here, no other part of the program reads; it
//! tells what happens by signed events to the webhook, as a gateway outside does.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use crate::kit::db::{Sql, bug};
use crate::kit::job::{self, NewJob};
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;
use crate::kit::secret;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::model::TestCard;

/// The job that sends an event to the webhook.
pub const EVENT_JOB: &str = "payments.demo_event";
/// The job that answers late.
pub const LATE_JOB: &str = "payments.demo_answer";
/// How late.
const LATE_SECONDS: i64 = 60;

/// Something that the demo gateway keeps: a charge, a refund or a page for a card.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Thing {
    pub id: String,
    pub kind: String,
    /// The key that it was asked for under.
    pub asked_as: String,
    pub status: String,
    pub currency: Option<String>,
    pub amount_minor: i64,
    pub refunded_minor: i64,
    pub card: Option<String>,
    pub parent: Option<String>,
    pub description: String,
    pub return_url: Option<String>,
    pub changed_at: DateTime<Utc>,
}

impl Thing {
    pub fn amount(&self) -> Option<Money> {
        let currency: Currency = self.currency.as_deref()?.parse().ok()?;
        Some(Money::new(self.amount_minor, currency))
    }

    pub fn test_card(&self) -> Option<TestCard> {
        self.card.as_deref().and_then(TestCard::of_token)
    }
}

const SELECT: &str = "SELECT id, kind, asked_as, status, currency, amount_minor, refunded_minor, card, parent, description, return_url, \
     changed_at FROM demo_gateway_objects WHERE seller_id = $1";

/// A new thing, or the one that was asked for under the same key before.
pub struct Asked<'a> {
    pub kind: &'static str,
    pub key: &'a str,
    pub status: &'static str,
    pub amount: Option<Money>,
    pub card: Option<&'a str>,
    pub parent: Option<&'a str>,
    pub description: &'a str,
    pub return_url: Option<&'a str>,
}

/// Keeps what is asked for; gives it, and whether it is new. Something new tells its events once it is committed.
pub async fn keep(scope: &Scope, asked: Asked<'_>) -> Result<Thing> {
    let tx = scope.write().await?;
    let id = format!("demo_{}_{}", asked.kind, secret::token()?);
    let sql = "INSERT INTO demo_gateway_objects (seller_id, id, kind, asked_as, status, currency, amount_minor, card, parent, description, \
               return_url, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) \
               ON CONFLICT (seller_id, kind, asked_as) DO NOTHING";
    let values = [
        tx.seller_id().0.into(),
        id.into(),
        asked.kind.into(),
        asked.key.into(),
        asked.status.into(),
        asked.amount.map(|a| a.currency().to_string()).into(),
        asked.amount.map_or(0, Money::minor).into(),
        asked.card.map(str::to_owned).into(),
        asked.parent.map(str::to_owned).into(),
        asked.description.into(),
        asked.return_url.map(str::to_owned).into(),
        scope.now().into(),
    ];
    let new = tx.run(sql, values).await? > 0;
    let sql = format!("{SELECT} AND kind = $2 AND asked_as = $3");
    let thing: Option<Thing> = tx.one(&sql, [tx.seller_id().0.into(), asked.kind.into(), asked.key.into()]).await?;
    let thing = thing.ok_or_else(|| bug("what was just kept is gone"))?;
    if new {
        follow(&tx, &thing).await?;
        if let Some(parent) = asked.parent {
            let sql = "UPDATE demo_gateway_objects SET refunded_minor = refunded_minor + $3 WHERE seller_id = $1 AND id = $2";
            tx.run(sql, [tx.seller_id().0.into(), parent.into(), thing.amount_minor.into()]).await?;
        }
    }
    tx.commit_quietly().await?;
    Ok(thing)
}

/// What follows from how a thing stands: an event, a late answer.
async fn follow(tx: &Tx, thing: &Thing) -> Result<()> {
    let late = thing.test_card().is_some_and(|card| matches!(card, TestCard::AnswersLate | TestCard::DeclinesLate));
    if thing.kind == "charge" && thing.status == "processing" && late {
        let run_at = Some(tx.scope().now() + TimeDelta::seconds(LATE_SECONDS));
        job::enqueue(tx, NewJob { run_at, ..NewJob::new(LATE_JOB, json!({ "id": thing.id })) }).await?;
    }
    if thing.kind == "charge" && thing.status == "succeeded" && disputed(thing) {
        for (times, kind) in [(1, "charge.dispute.created"), (2, "charge.dispute.closed")] {
            tell(tx, kind, &thing.id, TimeDelta::seconds(times * LATE_SECONDS)).await?;
        }
    }
    let told = match (thing.kind.as_str(), thing.status.as_str()) {
        ("checkout", "open") => None,
        ("checkout", _) => Some(("checkout.session.completed", thing.id.clone())),
        ("refund", _) => thing.parent.clone().map(|parent| ("charge.refunded", parent)),
        (_, "processing") => Some(("payment_intent.processing", thing.id.clone())),
        (_, "requires_action") => Some(("payment_intent.requires_action", thing.id.clone())),
        (_, "succeeded") => Some(("payment_intent.succeeded", thing.id.clone())),
        (_, "canceled") => Some(("payment_intent.canceled", thing.id.clone())),
        _ => Some(("payment_intent.payment_failed", thing.id.clone())),
    };
    let Some((kind, id)) = told else { return Ok(()) };
    tell(tx, kind, &id, TimeDelta::zero()).await
}

/// An event about a thing, that long from now.
async fn tell(tx: &Tx, kind: &str, id: &str, later: TimeDelta) -> Result<()> {
    let (event, at) = (format!("evt_demo_{}", secret::token()?), tx.scope().now() + later);
    let payload = json!({ "event": event, "type": kind, "id": id, "created": at.timestamp() });
    job::enqueue(tx, NewJob { run_at: Some(at), ..NewJob::new(EVENT_JOB, payload) }).await.map(|_| ())
}

fn disputed(thing: &Thing) -> bool {
    thing.test_card().is_some_and(|card| matches!(card, TestCard::DisputeLost | TestCard::DisputeWon))
}

pub async fn read(scope: &Scope, id: &str) -> Result<Option<Thing>> {
    let tx = scope.read().await?;
    tx.one(&format!("{SELECT} AND id = $2"), [tx.seller_id().0.into(), id.into()]).await
}

/// The charge that was asked for under a key.
pub async fn by_key(scope: &Scope, kind: &str, key: &str) -> Result<Option<Thing>> {
    let tx = scope.read().await?;
    tx.one(&format!("{SELECT} AND kind = $2 AND asked_as = $3"), [tx.seller_id().0.into(), kind.into(), key.into()]).await
}

/// Moves a thing on from the status named; `false` where somebody did before.
pub async fn turn(scope: &Scope, id: &str, from: &str, to: &str, card: Option<String>) -> Result<bool> {
    let tx = scope.write().await?;
    let sql = "UPDATE demo_gateway_objects SET status = $4, card = COALESCE($5, card), changed_at = $6 \
               WHERE seller_id = $1 AND id = $2 AND status = $3";
    let values = [tx.seller_id().0.into(), id.into(), from.into(), to.into(), card.into(), scope.now().into()];
    if tx.run(sql, values).await? == 0 {
        return Ok(false);
    }
    let thing: Option<Thing> = tx.one(&format!("{SELECT} AND id = $2"), [tx.seller_id().0.into(), id.into()]).await?;
    follow(&tx, &thing.ok_or(Error::NotFound)?).await?;
    tx.commit_quietly().await?;
    Ok(true)
}

/// The event of a job's payload, as the webhook gets it; `None` where its thing is gone.
pub async fn event(scope: &Scope, payload: &Json) -> Result<Option<Json>> {
    let text = |key: &str| payload[key].as_str().unwrap_or_default().to_owned();
    let Some(thing) = read(scope, &text("id")).await? else { return Ok(None) };
    let page = crate::payments::gateway::demo::page(scope, &thing.id);
    let object = object(&thing, &text("type"), &page);
    Ok(Some(json!({
        "id": text("event"), "object": "event", "type": text("type"), "created": payload["created"], "data": { "object": object },
    })))
}

/// A thing as an event shows it; `page` is where its payer goes.
fn object(thing: &Thing, kind: &str, page: &str) -> Json {
    let currency = thing.currency.clone().unwrap_or_default().to_lowercase();
    match kind {
        "checkout.session.completed" => json!({
            "id": thing.id, "object": "checkout.session", "mode": "setup", "status": "complete",
            "client_reference_id": thing.asked_as, "metadata": { "setup": thing.asked_as },
        }),
        "charge.refunded" => json!({
            "id": format!("{}_charge", thing.id), "object": "charge", "payment_intent": thing.id, "amount": thing.amount_minor,
            "amount_refunded": thing.refunded_minor, "currency": currency, "metadata": { "payment": thing.asked_as },
        }),
        "charge.dispute.created" | "charge.dispute.closed" => dispute(thing, kind, &currency),
        _ => {
            // An event shows the charge as it was then, which its type says.
            let status = kind.trim_start_matches("payment_intent.");
            let failed = status == "payment_failed";
            let decline = decline(thing).filter(|_| failed);
            json!({
                "id": thing.id, "object": "payment_intent", "amount": thing.amount_minor, "currency": currency,
                "status": if failed { "requires_payment_method" } else { status },
                "metadata": { "payment": thing.asked_as }, "fee": fee(thing.amount_minor),
                "next_action": (status == "requires_action").then(|| json!({ "redirect_to_url": { "url": page } })),
                "last_payment_error": decline.map(|(code, message)| json!({ "code": "card_declined", "decline_code": code, "message": message })),
            })
        }
    }
}

/// What the demo gateway takes for a dispute, in minor units.
const DISPUTE_FEE: i64 = 1_500;

fn dispute(thing: &Thing, kind: &str, currency: &str) -> Json {
    let status = match (kind, thing.test_card()) {
        ("charge.dispute.closed", Some(TestCard::DisputeWon)) => "won",
        ("charge.dispute.closed", _) => "lost",
        _ => "needs_response",
    };
    json!({
        "id": format!("{}_dispute", thing.id), "object": "dispute", "payment_intent": thing.id, "amount": thing.amount_minor,
        "currency": currency, "reason": "fraudulent", "status": status, "metadata": { "payment": thing.asked_as },
        "balance_transactions": [{ "amount": -thing.amount_minor, "currency": currency, "fee": DISPUTE_FEE }],
    })
}

/// What the demo gateway keeps: 2.9 % and 30 minor units, no more than there is.
pub fn fee(minor: i64) -> i64 {
    (minor.saturating_mul(29).saturating_add(500) / 1000).saturating_add(30).min(minor)
}

/// Why a charge failed: the code and the words.
pub fn decline(thing: &Thing) -> Option<(&'static str, &'static str)> {
    match thing.test_card() {
        Some(TestCard::DeclinesHard) => Some(("stolen_card", "The card was reported stolen.")),
        Some(TestCard::NeedsAction) => Some(("card_declined", "The customer did not confirm the payment.")),
        Some(TestCard::DeclinesSoftly | TestCard::DeclinesLate) => Some(("insufficient_funds", "The card has insufficient funds.")),
        _ => Some(("card_declined", "The card was declined.")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_fee_is_never_more_than_the_amount() {
        assert_eq!((super::fee(10_000), super::fee(10), super::fee(1)), (320, 10, 1));
    }
}

//! An event, read. Only what every version of the gateway's API has is looked at: id, type, time, object. Typed parsers
//! fail on the events of another version.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::port::{self, ChargeAnswer, Decline, Outcome};

/// See the module.
#[derive(Clone, Debug)]
pub struct Inbound {
    pub gateway: GatewayKind,
    pub id: String,
    pub kind: String,
    pub happened_at: DateTime<Utc>,
    pub payload: Json,
}

impl Inbound {
    /// Reads a body whose signature was verified; `None`: it is no event.
    pub fn read(gateway: GatewayKind, body: &[u8], now: DateTime<Utc>) -> Option<Self> {
        let payload: Json = serde_json::from_slice(body).ok()?;
        Self::of(gateway, payload, now)
    }

    /// As [`read`](Self::read), of what is kept.
    pub fn of(gateway: GatewayKind, payload: Json, now: DateTime<Utc>) -> Option<Self> {
        let name = |key: &str, most: usize| {
            let text = payload[key].as_str().filter(|t| !t.is_empty() && t.len() <= most)?;
            text.bytes().all(|b| b.is_ascii_graphic()).then(|| text.to_owned())
        };
        let (id, kind) = (name("id", 255)?, name("type", 100)?);
        let happened_at = payload["created"].as_i64().and_then(|at| DateTime::from_timestamp(at, 0)).unwrap_or(now);
        payload["data"]["object"].as_object()?;
        // PostgreSQL keeps no NUL in a text.
        if payload.to_string().contains("\\u0000") {
            return None;
        }
        Some(Self { gateway, id, kind, happened_at, payload })
    }

    /// What it is about.
    pub fn object(&self) -> &Json {
        &self.payload["data"]["object"]
    }

    /// A text of its object; empty ones are none.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.object()[key].as_str().filter(|t| !t.is_empty())
    }

    /// What we wrote on the object when we asked for it.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.object()["metadata"][key].as_str().filter(|t| !t.is_empty())
    }

    /// What an event about a charge says of it; `None` for one that says nothing new.
    pub fn charge_answer(&self) -> Option<ChargeAnswer> {
        let object = self.object();
        let outcome = match self.kind.as_str() {
            "payment_intent.succeeded" => Outcome::Succeeded { fee: object["fee"].as_i64() },
            "payment_intent.payment_failed" => Outcome::Failed(decline(&object["last_payment_error"])),
            "payment_intent.processing" => Outcome::Pending,
            "payment_intent.requires_action" => {
                Outcome::NeedsAction { url: object["next_action"]["redirect_to_url"]["url"].as_str().map(str::to_owned) }
            }
            "payment_intent.canceled" => Outcome::Cancelled,
            _ => return None,
        };
        Some(ChargeAnswer { id: self.text("id").map(str::to_owned), outcome, at: self.happened_at })
    }
}

/// Why a payment failed, as the gateway puts it.
pub fn decline(error: &Json) -> Decline {
    let text = |key: &str| error[key].as_str().filter(|t| !t.is_empty());
    let code = text("decline_code").or(text("code")).unwrap_or("declined").to_owned();
    let message = text("message").unwrap_or("The payment was declined.").to_owned();
    let hard = port::is_hard(&code) || text("code").is_some_and(port::is_hard);
    Decline { code, message, hard }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_794_744_000, 0).expect("a time")
    }

    #[test]
    fn what_is_no_event_is_none() {
        let none = |body: &str| assert!(Inbound::read(GatewayKind::Stripe, body.as_bytes(), now()).is_none(), "{body}");
        for body in ["", "hello", "[]", "{}", "null", r#"{"id":"evt_1"}"#, r#"{"id":"evt_1","type":"x","data":{"object":7}}"#] {
            none(body);
        }
        none(r#"{"id":"","type":"x","data":{"object":{}}}"#);
        none(r#"{"id":7,"type":"x","data":{"object":{}}}"#);
        none(r#"{"id":"evt_1","type":"x","data":{"object":{"name":"\u0000"}}}"#);
        none(&json!({ "id": "e".repeat(256), "type": "x", "data": { "object": {} } }).to_string());
    }

    #[test]
    fn a_charge_is_read_whatever_else_there_is() {
        let event = json!({
            "id": "evt_1", "type": "payment_intent.payment_failed", "created": 1_794_744_001, "api_version": "2031-01-01.future",
            "data": { "object": { "id": "pi_1", "new_field": [1], "last_payment_error": {
                "code": "card_declined", "decline_code": "lost_card", "message": "Lost." } } },
        });
        let event = Inbound::of(GatewayKind::Stripe, event, now()).expect("an event");
        let answer = event.charge_answer().expect("an answer");
        assert_eq!((answer.id.as_deref(), answer.at.timestamp()), (Some("pi_1"), 1_794_744_001));
        let Outcome::Failed(decline) = answer.outcome else { panic!("{answer:?}") };
        assert_eq!((decline.code.as_str(), decline.hard), ("lost_card", true));
    }
}

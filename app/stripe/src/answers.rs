//! What Stripe answers, as far as it matters. Fields that are not named here may come, go and change.

use miniserde::Deserialize;

/// Where a charge stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeStatus {
    Processing,
    /// The payer has to confirm it at that address.
    NeedsAction(Option<String>),
    /// `fee`: kept by Stripe, in Stripe's minor units of the charge's own currency; known once the charge is settled.
    Succeeded {
        fee: Option<i64>,
    },
    Failed(Decline),
    Canceled,
}

/// Why a payment failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    pub code: String,
    pub message: String,
}

/// A PaymentIntent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub id: String,
    pub status: ChargeStatus,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refund {
    Pending(String),
    Succeeded(String),
    Failed { id: String, reason: String },
}

/// A page for a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setup {
    Open,
    Done(Card),
    Expired,
}

/// A card that Stripe holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub token: String,
    pub last4: String,
    pub month: u32,
    pub year: u32,
}

#[derive(Deserialize)]
pub(crate) struct Named {
    pub id: String,
}

#[derive(Deserialize)]
pub(crate) struct Account {
    pub id: String,
    pub email: Option<String>,
    pub business_profile: Option<Profile>,
}

#[derive(Deserialize)]
pub(crate) struct Profile {
    pub name: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Intent {
    id: String,
    status: String,
    currency: String,
    next_action: Option<NextAction>,
    last_payment_error: Option<PaymentError>,
    latest_charge: Option<LatestCharge>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    payment: Option<String>,
}

#[derive(Deserialize)]
struct NextAction {
    redirect_to_url: Option<Redirect>,
}

#[derive(Deserialize)]
struct Redirect {
    url: Option<String>,
}

#[derive(Deserialize)]
struct PaymentError {
    code: Option<String>,
    decline_code: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct LatestCharge {
    balance_transaction: Option<Balance>,
}

#[derive(Deserialize)]
struct Balance {
    fee: i64,
    currency: String,
}

#[derive(Deserialize)]
pub(crate) struct List<T> {
    pub data: Vec<T>,
}

impl Intent {
    /// What we wrote on it when it was made.
    pub fn payment(&self) -> Option<&str> {
        self.metadata.as_ref()?.payment.as_deref()
    }

    pub fn needs_authentication(&self) -> bool {
        let code = |error: &PaymentError| error.decline_code.clone().or(error.code.clone());
        self.last_payment_error.as_ref().and_then(code).as_deref() == Some("authentication_required")
    }

    pub fn charge(self) -> Charge {
        let status = match self.status.as_str() {
            "succeeded" => ChargeStatus::Succeeded { fee: self.fee() },
            "processing" | "requires_capture" => ChargeStatus::Processing,
            "requires_action" | "requires_confirmation" => {
                ChargeStatus::NeedsAction(self.next_action.and_then(|action| action.redirect_to_url).and_then(|redirect| redirect.url))
            }
            "canceled" => ChargeStatus::Canceled,
            _ => ChargeStatus::Failed(decline(self.last_payment_error)),
        };
        Charge { id: self.id, status }
    }

    /// A fee in another currency than the charge's says nothing that could be booked beside it.
    fn fee(&self) -> Option<i64> {
        let balance = self.latest_charge.as_ref()?.balance_transaction.as_ref()?;
        (balance.currency == self.currency).then_some(balance.fee)
    }
}

fn decline(error: Option<PaymentError>) -> Decline {
    let (code, message) = match error {
        Some(error) => (error.decline_code.or(error.code), error.message),
        None => (None, None),
    };
    Decline { code: code.unwrap_or_else(|| "declined".into()), message: message.unwrap_or_else(|| "The payment was declined.".into()) }
}

#[derive(Deserialize)]
pub(crate) struct RefundObject {
    id: String,
    status: Option<String>,
    failure_reason: Option<String>,
}

impl RefundObject {
    pub fn refund(self) -> Refund {
        match self.status.as_deref() {
            Some("succeeded") => Refund::Succeeded(self.id),
            Some("failed" | "canceled") => {
                let reason = self.failure_reason.unwrap_or_else(|| "the bank refused it".into()).replace('_', " ");
                Refund::Failed { id: self.id, reason }
            }
            _ => Refund::Pending(self.id),
        }
    }
}

/// A page that was just made. What it will lead to is an id there, not yet a thing.
#[derive(Deserialize)]
pub(crate) struct NewSession {
    pub id: String,
    pub url: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Session {
    status: Option<String>,
    setup_intent: Option<SetupIntent>,
}

#[derive(Deserialize)]
struct SetupIntent {
    status: String,
    payment_method: Option<Method>,
}

#[derive(Deserialize)]
struct Method {
    id: String,
    card: Option<CardFace>,
}

#[derive(Deserialize)]
struct CardFace {
    last4: String,
    exp_month: u32,
    exp_year: u32,
}

impl Session {
    pub fn setup(self) -> Setup {
        let method = self.setup_intent.filter(|intent| intent.status == "succeeded").and_then(|intent| intent.payment_method);
        match (self.status.as_deref(), method) {
            (_, Some(Method { id, card: Some(card) })) => {
                Setup::Done(Card { token: id, last4: card.last4, month: card.exp_month, year: card.exp_year })
            }
            (Some("expired"), _) => Setup::Expired,
            _ => Setup::Open,
        }
    }
}

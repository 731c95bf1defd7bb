//! What the program asks of a gateway.
//!
//! Every call carries a key that follows from a row of ours which was committed before: asked again after a crash, a
//! gateway gives the same answer and moves no money twice. Calls are made outside of any transaction.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::kit::money::Money;

/// Why a gateway gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayError {
    /// It does not answer, or not in time. What became of the call is unknown: ask again with the same key.
    Unavailable(String),
    /// It will not do this, however often it is asked: a wrong key, an unknown thing.
    Refused(String),
}

impl GatewayError {
    pub fn text(&self) -> &str {
        match self {
            Self::Unavailable(why) | Self::Refused(why) => why,
        }
    }
}

pub type GatewayResult<T> = Result<T, GatewayError>;

/// A customer, as a gateway wants to know one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The shown id of the customer.
    pub key: String,
    pub name: String,
    pub email: Option<String>,
}

/// Money to collect without the payer being there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeOrder {
    /// The shown id of the payment.
    pub key: String,
    pub amount: Money,
    /// The gateway's token of the card or mandate.
    pub token: String,
    /// The gateway's id of the payer.
    pub payer: String,
    /// For the payer's statement and the gateway's console: the number of the invoice.
    pub description: String,
    /// Where the payer comes back to after confirming it.
    pub return_url: String,
}

/// Money to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundOrder {
    /// The shown id of the refund.
    pub key: String,
    /// The gateway's id of the payment.
    pub charge: String,
    pub amount: Money,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    /// The gateway's word for it: `insufficient_funds`.
    pub code: String,
    /// For people.
    pub message: String,
    /// No use to try again with this card.
    pub hard: bool,
}

/// How a charge stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// On its way; the answer comes as an event, or when asked again.
    Pending,
    /// The payer has to confirm it there.
    NeedsAction {
        url: Option<String>,
    },
    Succeeded {
        /// Kept by the gateway, in minor units; `None`: not known yet.
        fee: Option<i64>,
    },
    Failed(Decline),
    Cancelled,
}

/// An answer about a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeAnswer {
    /// The gateway's id of it.
    pub id: Option<String>,
    pub outcome: Outcome,
    /// When it came to stand like this, by the gateway's clock.
    pub at: DateTime<Utc>,
}

/// How a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    Pending,
    Succeeded,
    Failed(String),
}

/// An answer about a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundAnswer {
    pub id: Option<String>,
    pub outcome: RefundOutcome,
}

/// A page on which the payer gives a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupOrder {
    /// The shown id of the setup.
    pub key: String,
    pub payer: String,
    /// Where the payer comes back to.
    pub return_url: String,
}

/// Where the payer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupPage {
    pub id: String,
    pub url: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupOutcome {
    Open,
    Done(GivenCard),
    Expired,
}

/// A card that the gateway holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenCard {
    pub token: String,
    pub last_digits: String,
    /// Its last month, `YYYY-MM`; blank where it has none.
    pub expires: String,
}

/// See the module.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Makes the payer known; gives the gateway's id of it.
    async fn know(&self, payer: &Payer) -> GatewayResult<String>;

    async fn charge(&self, order: &ChargeOrder) -> GatewayResult<ChargeAnswer>;

    /// How a charge stands now.
    async fn look(&self, charge: &str) -> GatewayResult<ChargeAnswer>;

    /// What became of a charge that was never answered, when the key is too old for repeating the call; `None`: it never
    /// arrived.
    async fn find(&self, order: &ChargeOrder) -> GatewayResult<Option<ChargeAnswer>>;

    /// Takes a charge back that the payer has not confirmed; gives how it stands then.
    async fn cancel(&self, charge: &str) -> GatewayResult<ChargeAnswer>;

    async fn refund(&self, order: &RefundOrder) -> GatewayResult<RefundAnswer>;

    async fn set_up(&self, order: &SetupOrder) -> GatewayResult<SetupPage>;

    async fn look_at_setup(&self, setup: &str) -> GatewayResult<SetupOutcome>;

    /// Forgets a card.
    async fn detach(&self, token: &str) -> GatewayResult<()>;

    /// Whether the keys work; gives the name of the account.
    async fn test(&self) -> GatewayResult<String>;
}

/// Decline codes after which it is no use to try again with the same card or account: those that Stripe's own retries
/// stop at (<https://docs.stripe.com/billing/revenue-recovery/smart-retries>), and a debit that was never allowed.
const HARD: &[&str] = &[
    "account_closed",
    "authentication_required",
    "debit_not_authorized",
    "highest_risk_level",
    "incorrect_number",
    "lost_card",
    "no_account",
    "pickup_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "stolen_card",
    "transaction_not_allowed",
];

/// Whether a decline code ends it for this card.
pub fn is_hard(code: &str) -> bool {
    HARD.contains(&code)
}

//! Gateways as pages, machines and stores know them.

use serde::{Deserialize, Serialize};

use crate::invoices::InvoiceId;
use crate::kit::moment::Moment;
use crate::kit::money::Money;
use crate::payments::model::{OpenInvoice, PaymentId};
use crate::{id, text_enum};

id!(
    /// A page on which a customer gives a card.
    SetupId,
    "set"
);

text_enum!(
    /// Who moves the money.
    pub enum GatewayKind {
        /// Built in, moves no money: for trying things out.
        Demo = "demo" => "Demo gateway",
        Stripe = "stripe" => "Stripe",
    }
);

impl GatewayKind {
    /// Whether an id is one of a payment, which it can be asked about: not that of an invoice there, or of the event that
    /// told of it.
    pub fn can_ask_about(self, id: &str) -> bool {
        match self {
            Self::Demo => true,
            Self::Stripe => id.starts_with("pi_"),
        }
    }
}

text_enum!(
    /// What of ours a gateway can have a name for.
    pub enum Linked {
        Customer = "customer" => "Customer",
        Invoice = "invoice" => "Invoice",
        Subscription = "subscription" => "Subscription",
    }
);

/// A thing of ours that lives at a gateway, or is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayLink {
    pub gateway: GatewayKind,
    pub kind: Linked,
    /// The gateway's: `in_1Abc`.
    pub external_id: String,
    /// Ours, as shown.
    pub id: String,
    /// An invoice's number, or the customer's name.
    pub label: String,
    pub created: Moment,
}

impl GatewayLink {
    /// Its page.
    pub fn href(&self) -> String {
        format!("/{}s/{}", self.kind, self.id)
    }
}

text_enum!(
    /// A card of the demo gateway, by what it does.
    pub enum TestCard {
        Succeeds = "succeeds" => "Pays",
        /// Worth another try later.
        DeclinesSoftly = "declines_softly" => "Declines: insufficient funds",
        /// No use to try again.
        DeclinesHard = "declines_hard" => "Declines: stolen",
        /// The payer has to confirm each payment.
        NeedsAction = "needs_action" => "Wants each payment confirmed",
        /// Answers a minute later, as debit orders do after days.
        AnswersLate = "answers_late" => "Answers a minute later",
        /// Answers no a minute later.
        DeclinesLate = "declines_late" => "Declines a minute later",
        /// A minute later the payer disputes it; another one on, the bank agrees with them.
        DisputeLost = "dispute_lost" => "Pays, is disputed, and lost",
        /// The same, but the bank agrees with the seller.
        DisputeWon = "dispute_won" => "Pays, is disputed, and won",
    }
);

impl TestCard {
    /// The number on it, as of Stripe's test cards where there is such a one.
    pub const fn number(self) -> &'static str {
        match self {
            Self::Succeeds => "4242 4242 4242 4242",
            Self::DeclinesSoftly => "4000 0000 0000 9995",
            Self::DeclinesHard => "4000 0000 0000 9979",
            Self::NeedsAction => "4000 0027 6000 3184",
            Self::AnswersLate => "4000 0000 0000 0077",
            Self::DeclinesLate => "4000 0000 0000 0341",
            Self::DisputeLost => "4000 0000 0000 0259",
            Self::DisputeWon => "4000 0000 0000 2685",
        }
    }

    /// The last four digits.
    pub fn digits(self) -> &'static str {
        self.number().rsplit(' ').next().unwrap_or_default()
    }

    /// A card's token says what it does: `demo_succeeds_…`.
    pub fn of_token(token: &str) -> Option<Self> {
        let rest = token.strip_prefix("demo_")?;
        Self::ALL.iter().copied().find(|card| rest.strip_prefix(card.word()).is_some_and(|rest| rest.starts_with('_')))
    }
}

/// A gateway as its settings show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayAccount {
    pub gateway: GatewayKind,
    pub enabled: bool,
    /// Charges what falls due without being asked.
    pub collects: bool,
    /// The key, masked; blank: none is kept.
    pub label: String,
    /// Where the gateway posts its events.
    pub webhook_path: String,
    /// Where payers come back to.
    pub site: String,
    pub updated_by: Option<String>,
}

/// The settings of a gateway as typed. Blank keys stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayForm {
    pub gateway: GatewayKind,
    pub enabled: bool,
    pub collects: bool,
    pub key: String,
    pub webhook: String,
    pub site: String,
}

/// What can be collected, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectStart {
    /// The primary method: `Card ***4242`.
    pub method: String,
    /// What is due first before the others.
    pub invoices: Vec<OpenInvoice>,
    /// Of those, what is being charged already, with its payment.
    pub under_way: Vec<(InvoiceId, PaymentId)>,
}

/// The demo gateway's page for a payer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayPage {
    /// Who asks.
    pub seller: String,
    /// To confirm; `None`: it asks for a card.
    pub amount: Option<Money>,
    /// Nobody has answered it.
    pub open: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_its_card_does() {
        for card in TestCard::ALL {
            assert_eq!(TestCard::of_token(&format!("demo_{card}_8f2")), Some(*card));
            assert_eq!(card.digits().len(), 4);
        }
        assert_eq!(TestCard::of_token("demo_succeedsx_1"), None);
        assert_eq!(TestCard::of_token("pm_1"), None);
    }
}

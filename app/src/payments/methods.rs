//! Payment methods: how they are typed, masked and told apart. What is secret of them is sealed and never shown again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::case;
use crate::kit::form::Check;
use crate::kit::moment::Moment;
use crate::{id, text_enum};

id!(
    /// A way a customer pays.
    PaymentMethodId,
    "pmt"
);

text_enum!(
    /// What it is.
    pub enum MethodKind {
        /// Held by a gateway; known here by its token and last digits.
        Card = "card" => "Card",
        BankAccount = "bank_account" => "Bank account",
        /// A mandate to collect from a bank account.
        DebitOrder = "debit_order" => "Debit order",
    }
);

text_enum!(
    /// Whether it can be used.
    pub enum MethodStatus {
        /// A mandate that the bank has not confirmed.
        Pending = "pending" => "Pending",
        Usable = "usable" => "Usable",
        Failed = "failed" => "Failed",
        /// Of its day, and never kept: it would be usable otherwise.
        Expired = "expired" => "Expired",
    }
);

/// A payment method, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: PaymentMethodId,
    pub customer: CustomerId,
    pub kind: MethodKind,
    pub gateway: String,
    /// `Bank ***1234`.
    pub label: String,
    pub expires_on: Option<NaiveDate>,
    pub primary: bool,
    pub status: MethodStatus,
    pub created: Moment,
}

/// A payment method as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodForm {
    pub kind: String,
    /// Of a card: the gateway that gave the token.
    pub gateway: String,
    /// Of a card: the gateway's token.
    pub token: String,
    /// Of a card: its last four digits and its last month.
    pub last_digits: String,
    pub expires: String,
    /// Of an account.
    pub holder: String,
    pub bank: String,
    pub account: String,
    /// Of a debit order: the number of its mandate.
    pub mandate: String,
}

/// What is sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<String>,
}

/// A payment method, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMethod {
    pub kind: MethodKind,
    pub gateway: String,
    pub label: String,
    pub details: Details,
    pub expires_on: Option<NaiveDate>,
}

impl NewMethod {
    /// What two of the same have in common, before it is hashed.
    pub fn identity(&self) -> String {
        let Details { token, bank, account, .. } = &self.details;
        let parts = [Some(self.kind.word().to_owned()), token.clone(), bank.as_ref().map(|b| case::lower(b)), account.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

impl MethodForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self) -> Result<NewMethod> {
        let mut check = Check::default();
        let kind: Option<MethodKind> = check.parse("kind", &self.kind);
        let found = kind.map(|kind| if kind == MethodKind::Card { self.card(&mut check) } else { self.account(&mut check, kind) });
        check.done_with(found)
    }

    fn card(&self, check: &mut Check) -> NewMethod {
        let gateway = check.text("gateway", &self.gateway, 40);
        let token = check.text("token", &self.token, 200);
        let digits = self.last_digits.trim();
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            check.refuse("last_digits", "must be the last four digits");
        }
        // A number of a card must never get here.
        if token.bytes().filter(u8::is_ascii_digit).count() > 11 && token.bytes().all(|b| b.is_ascii_digit() || b == b' ' || b == b'-') {
            check.refuse("token", "looks like the number of a card; only the gateway may know it");
        }
        let expires_on = self.expiry(check);
        let details = Details { token: Some(token), ..Details::default() };
        NewMethod { kind: MethodKind::Card, gateway, label: format!("Card ***{digits}"), details, expires_on }
    }

    /// `2027-04`: the card is good until the end of that month, so the day is the first one after.
    fn expiry(&self, check: &mut Check) -> Option<NaiveDate> {
        let text = self.expires.trim();
        if text.is_empty() {
            return None;
        }
        let month = crate::kit::period::day(&format!("{text}-01")).ok();
        let after = month.and_then(|day| day.checked_add_months(chrono::Months::new(1)));
        if after.is_none() {
            check.refuse("expires", "must be a month, such as 2027-04");
        }
        after
    }

    fn account(&self, check: &mut Check, kind: MethodKind) -> NewMethod {
        let holder = check.text("holder", &self.holder, 120);
        let bank = check.text("bank", &self.bank, 80);
        let account: String = check.text("account", &self.account, 60).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if !(4..=34).contains(&account.chars().count()) || !account.chars().all(|c| c.is_ascii_alphanumeric()) {
            check.refuse("account", "must be 4 to 34 letters and digits");
        }
        let mandate = check.optional_text("mandate", &self.mandate, 60);
        if kind == MethodKind::DebitOrder && mandate.is_none() {
            check.refuse("mandate", "is required of a debit order");
        }
        let account = case::upper(&account);
        let word = if kind == MethodKind::DebitOrder { "Debit order" } else { "Bank" };
        let label = format!("{word} ***{}", tail(&account));
        let details = Details { holder: Some(holder), bank: Some(bank), account: Some(account), mandate, token: None };
        NewMethod { kind, gateway: "manual".into(), label, details, expires_on: None }
    }
}

/// The last four characters, fewer of a short one: half of it stays hidden.
fn tail(account: &str) -> String {
    let count = account.chars().count();
    account.chars().skip(count - (count / 2).min(4)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bank(account: &str) -> MethodForm {
        let text = |t: &str| t.to_owned();
        MethodForm { kind: text("bank_account"), holder: text("Nile"), bank: text("First"), account: text(account), ..Default::default() }
    }

    #[test]
    fn an_account_is_masked() {
        assert_eq!(bank("62 1234-5678").parse().map(|m| m.label).as_deref(), Ok("Bank ***5678"));
        assert_eq!(bank("1234").parse().map(|m| m.label).as_deref(), Ok("Bank ***34"));
        assert!(bank("12").parse().is_err());
        let order = MethodForm { kind: "debit_order".into(), ..bank("6212345678") };
        assert!(order.parse().expect_err("no mandate").fields().first("mandate").is_some());
    }

    #[test]
    fn the_number_of_a_card_is_refused() {
        let form = |token: &str| MethodForm {
            kind: "card".into(),
            gateway: "stripe".into(),
            token: token.into(),
            last_digits: "4242".into(),
            expires: "2027-12".into(),
            ..Default::default()
        };
        let card = form("pm_1AbC").parse().expect("a card");
        assert_eq!((card.label.as_str(), card.expires_on.map(|d| d.to_string()).as_deref()), ("Card ***4242", Some("2028-01-01")));
        assert!(form("4242 4242 4242 4242").parse().expect_err("refused").fields().first("token").is_some());
    }

    #[test]
    fn the_same_account_written_otherwise_is_the_same() {
        let identity = |account: &str| bank(account).parse().expect("an account").identity();
        assert_eq!(identity("62 1234-5678"), identity("6212345678"));
        assert_ne!(identity("6212345678"), identity("6212345679"));
    }
}

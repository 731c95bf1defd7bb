//! Customers as pages and stores know them, and the rules of their fields.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kit::case;
use crate::kit::form::Check;
use crate::kit::moment::Moment;
use crate::kit::money::Money;
use crate::kit::{OrganizationId, Result};
use crate::{id, text_enum};

id!(
    /// Who buys from a seller.
    CustomerId,
    "cus"
);

text_enum!(
    /// Where a customer stands today.
    pub enum CustomerStatus {
        /// MRR above nothing.
        Paying = "paying" => "Paying",
        /// Never paid, and set to: a trial, or a start still to come.
        Trial = "trial" => "On trial",
        /// Paid before, pays nothing now.
        Former = "former" => "Former",
        /// Never paid, and not set to.
        NeverPaid = "never_paid" => "Never paid",
    }
);

impl CustomerStatus {
    /// Of a customer with that MRR and first paying day, as of `today`.
    pub fn of(mrr_minor: i64, first_paid_on: Option<NaiveDate>, today: NaiveDate) -> Self {
        match first_paid_on {
            _ if mrr_minor > 0 => Self::Paying,
            Some(day) if day > today => Self::Trial,
            Some(_) => Self::Former,
            None => Self::NeverPaid,
        }
    }
}

/// A customer: a row of the list and the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    /// The seller's own number for it.
    pub external_id: Option<String>,
    pub name: String,
    pub email: Option<String>,
    pub country: Option<String>,
    /// On the platform: the tenant that it is.
    pub organization: Option<TenantRef>,
    pub status: CustomerStatus,
    /// Today's, in the seller's currency; `None`: not for this reader.
    pub mrr: Option<Money>,
    /// May lie ahead, for a trial.
    pub first_paid_on: Option<NaiveDate>,
    pub created: Moment,
}

impl Customer {
    /// Its first paying day lies ahead.
    pub fn is_yet_to_pay(&self) -> bool {
        self.status == CustomerStatus::Trial
    }
}

/// The organization behind a customer of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantRef {
    pub id: OrganizationId,
    pub slug: String,
    pub name: String,
}

/// The figures above the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerStats {
    pub total: u64,
    pub paying: u64,
    pub on_trial: u64,
    /// In the last 30 days, today included.
    pub churned: u64,
    /// `None`: not for this reader.
    pub mrr: Option<Money>,
}

/// What the filters of the list offer beyond the statuses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFilters {
    pub countries: Vec<String>,
    /// Id and name.
    pub plans: Vec<(String, String)>,
}

/// One step of a customer's MRR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MrrStep {
    pub day: NaiveDate,
    pub kind: crate::movements::MovementKind,
    pub before: Money,
    pub after: Money,
    pub reason: Option<String>,
}

/// A customer's fields as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerForm {
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub country: String,
    #[serde(default)]
    pub external_id: String,
    /// On the platform: the short name of the tenant's organization.
    #[serde(default)]
    pub organization: String,
}

/// A customer's fields, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCustomer {
    pub name: String,
    pub email: Option<String>,
    pub country: Option<String>,
    pub external_id: Option<String>,
    /// The organization's short name.
    pub organization: Option<String>,
}

impl CustomerForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self) -> Result<NewCustomer> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, 200);
        let email = check.optional_email("email", &self.email);
        let country = check.optional_country("country", &self.country);
        let external_id = check.optional_text("external_id", &self.external_id, 100);
        let organization = check.optional_text("organization", &self.organization, 63).map(|slug| case::lower(&slug));
        check.done(|| NewCustomer { name, email, country, external_id, organization })
    }
}

/// The words that a customer is found by, in small letters: each word of its fields, and each field without spaces as a
/// whole, so that an address or a number is found as it is written.
pub fn words(name: &str, email: Option<&str>, external_id: Option<&str>) -> Vec<String> {
    let mut words = Vec::new();
    for field in [Some(name), email, external_id].into_iter().flatten() {
        let field = field.to_lowercase();
        for whole in field.split_whitespace() {
            words.extend(whole.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
            words.extend(whole.split_once('@').map(|(_, domain)| domain.to_owned()));
            words.push(whole.to_owned());
        }
    }
    words.retain(|word| !word.is_empty());
    // Longer ones would not fit an index row; nobody types them.
    words.iter_mut().for_each(|word| *word = word.chars().take(64).collect());
    words.sort();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> NaiveDate {
        crate::kit::period::day(text).expect("a day")
    }

    #[test]
    fn a_status_follows_from_mrr_and_the_first_paying_day() {
        let today = d("2026-11-21");
        assert_eq!(CustomerStatus::of(1, Some(d("2026-01-01")), today), CustomerStatus::Paying);
        assert_eq!(CustomerStatus::of(0, Some(d("2026-11-22")), today), CustomerStatus::Trial);
        assert_eq!(CustomerStatus::of(0, Some(today), today), CustomerStatus::Former);
        assert_eq!(CustomerStatus::of(0, None, today), CustomerStatus::NeverPaid);
    }

    #[test]
    fn a_form_is_trimmed_and_every_wrong_field_named() {
        let form = CustomerForm { name: " Nilewave ".into(), email: "Ops@Nilewave.example".into(), ..Default::default() };
        let parsed = form.parse().expect("valid");
        assert_eq!((parsed.name.as_str(), parsed.email.as_deref(), parsed.country), ("Nilewave", Some("ops@nilewave.example"), None));
        let wrong = CustomerForm { email: "nobody".into(), country: "Germany".into(), ..Default::default() };
        assert_eq!(wrong.parse().expect_err("refused").fields().0.keys().collect::<Vec<_>>(), ["country", "email", "name"]);
    }

    #[test]
    fn words_are_small_and_whole_ones_stay() {
        let found = words("Nile Wave-Net", Some("ops@nile.example"), Some("7590-VHVEG"));
        assert_eq!(
            found,
            ["7590", "7590-vhveg", "example", "net", "nile", "nile.example", "ops", "ops@nile.example", "vhveg", "wave", "wave-net"]
        );
    }
}

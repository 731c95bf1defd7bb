//! What an organization is, and the rules its settings keep.

use serde::{Deserialize, Serialize};

use crate::kit::form::Check;
use crate::kit::money::Currency;
use crate::kit::{OrganizationId, Result};

/// An organization as its settings show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    pub id: OrganizationId,
    pub slug: String,
    pub name: String,
    pub is_platform: bool,
    pub currency: Currency,
    pub time_zone: String,
    pub legal_name: Option<String>,
    pub tax_number: Option<String>,
    pub address: Option<String>,
    /// ISO 3166 code of two letters.
    pub country: Option<String>,
    /// Hundredths of a percent, 0 to 10,000.
    pub gross_margin_bp: i32,
}

impl Organization {
    /// The gross margin in percent, as a person types it: `82.5`.
    pub fn gross_margin(&self) -> String {
        let (whole, rest) = (self.gross_margin_bp / 100, self.gross_margin_bp % 100);
        let text = format!("{whole}.{rest:02}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// A tenant to be.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    pub slug: String,
    pub name: String,
    pub currency: Currency,
    /// An IANA name, such as `Africa/Cairo`.
    pub time_zone: String,
}

impl NewOrganization {
    /// From the raw texts of a form or a command.
    pub fn parse(slug: &str, name: &str, currency: &str, time_zone: &str) -> Result<Self> {
        let mut check = Check::default();
        let name = check.text("name", name, 120);
        let slug = check.text("slug", slug, 40);
        if !slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') || slug.starts_with('-') || slug.ends_with('-') {
            check.refuse("slug", "must be lower-case letters, digits and hyphens, such as nile-schools");
        }
        let time_zone = check.text("time_zone", time_zone, 60);
        let currency = check.parse::<Currency>("currency", currency);
        check.done_with(currency.map(|currency| Self { slug, name, currency, time_zone }))
    }
}

/// What the settings page sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationChange {
    pub name: String,
    pub currency: Currency,
    pub time_zone: String,
    pub legal_name: Option<String>,
    pub tax_number: Option<String>,
    pub address: Option<String>,
    pub country: Option<String>,
    pub gross_margin_bp: i32,
}

/// The raw texts of the settings form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationForm {
    pub name: String,
    pub currency: String,
    pub time_zone: String,
    pub legal_name: String,
    pub tax_number: String,
    pub address: String,
    pub country: String,
    pub gross_margin: String,
}

impl OrganizationChange {
    /// The one reading of the settings form, in the browser and on the server. Whether the time zone exists only the
    /// server knows.
    pub fn parse(form: &OrganizationForm) -> Result<Self> {
        let mut check = Check::default();
        let name = check.text("name", &form.name, 120);
        let time_zone = check.text("time_zone", &form.time_zone, 60);
        let legal_name = check.optional_text("legal_name", &form.legal_name, 200);
        let tax_number = check.optional_text("tax_number", &form.tax_number, 60);
        let address = check.optional_text("address", &form.address, 500);
        let country = check.optional_country("country", &form.country);
        let gross_margin_bp = basis_points(&form.gross_margin).unwrap_or_else(|| {
            check.refuse("gross_margin", "must be a percentage from 0 to 100 with at most two decimals");
            0
        });
        let currency = check.parse::<Currency>("currency", &form.currency);
        check.done_with(currency.map(|currency| Self {
            name,
            currency,
            time_zone,
            legal_name,
            tax_number,
            address,
            country,
            gross_margin_bp,
        }))
    }
}

/// `82.5` → 8250; digits only, so that no float comes near a rate.
fn basis_points(text: &str) -> Option<i32> {
    let text = text.trim().trim_end_matches('%').trim_end();
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str, most: usize| t.len() <= most && t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole, 3) || !digits(rest, 2) {
        return None;
    }
    let points = whole.parse::<i32>().ok()? * 100 + format!("{rest:0<2}").parse::<i32>().ok()?;
    (points <= 10_000).then_some(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Error;

    #[test]
    fn a_percentage_is_read_to_the_hundredth() {
        for (text, want) in [("82.5", Some(8250)), ("100", Some(10_000)), ("0", Some(0)), ("7.05 %", Some(705)), ("33.", Some(3300))] {
            assert_eq!(basis_points(text), want, "{text}");
        }
        for bad in ["", "100.01", "-1", "1e2", "12.345", "1,5", "."] {
            assert_eq!(basis_points(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let form = OrganizationForm { currency: "DOLLAR".into(), country: "E1".into(), gross_margin: "120".into(), ..Default::default() };
        let Err(Error::Invalid(fields)) = OrganizationChange::parse(&form) else { panic!("accepted") };
        assert_eq!(fields.0.keys().collect::<Vec<_>>(), ["country", "currency", "gross_margin", "name", "time_zone"]);
        assert!(NewOrganization::parse("-nile", "Nile", "USD", "UTC").is_err());
        assert!(NewOrganization::parse("nile-schools", "Nile", "USD", "UTC").is_ok());
    }
}

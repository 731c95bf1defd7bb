//! Parse, don't check: a form's raw strings become a valid value or a list of field errors, by the same function in
//! the browser and on the server.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::{Error, FieldErrors};
use super::money::{Currency, Money};

/// Collects the errors of a form while its fields are parsed one by one.
#[derive(Default)]
pub struct Check(FieldErrors);

impl Check {
    /// Text of at least one character and at most `max`, trimmed.
    pub fn text(&mut self, field: &str, raw: &str, max: usize) -> String {
        if raw.trim().is_empty() {
            self.0.add(field, "is required");
        }
        self.optional_text(field, raw, max).unwrap_or_default()
    }

    /// As [`text`](Self::text), `None` where blank.
    pub fn optional_text(&mut self, field: &str, raw: &str, max: usize) -> Option<String> {
        let text = raw.trim();
        if text.chars().count() > max {
            self.0.add(field, format!("must have at most {max} characters"));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
            self.0.add(field, "must not contain control characters");
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// An e-mail address by its shape: one `@`, something before it, a domain with a dot or a bare host after it.
    pub fn optional_email(&mut self, field: &str, raw: &str) -> Option<String> {
        let email = self.optional_text(field, raw, 254)?.to_lowercase();
        let shape = email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.') && !domain.ends_with('.')
        });
        if !shape || email.chars().any(|c| c.is_whitespace() || "<>()[],;:\\\"".contains(c)) {
            self.0.add(field, "must be an e-mail address, such as name@example.com");
        }
        Some(email)
    }

    /// An e-mail address that must be there.
    pub fn email(&mut self, field: &str, raw: &str) -> String {
        if raw.trim().is_empty() {
            self.0.add(field, "is required");
        }
        self.optional_email(field, raw).unwrap_or_default()
    }

    /// Anything with a `FromStr`; the error's text follows the field's name.
    pub fn parse<T: FromStr>(&mut self, field: &str, raw: &str) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        if raw.trim().is_empty() {
            self.0.add(field, "is required");
            return None;
        }
        raw.trim().parse().map_err(|e: T::Err| self.0.add(field, e.to_string())).ok()
    }

    /// A whole number from `low` to `high`.
    pub fn whole(&mut self, field: &str, raw: &str, low: i64, high: i64) -> i64 {
        match raw.trim().parse::<i64>() {
            Ok(n) if (low..=high).contains(&n) => n,
            _ => {
                self.0.add(field, format!("must be a whole number from {low} to {high}"));
                low
            }
        }
    }

    /// A day, `YYYY-MM-DD`.
    pub fn day(&mut self, field: &str, raw: &str) -> Option<NaiveDate> {
        if raw.trim().is_empty() {
            self.0.add(field, "is required");
            return None;
        }
        self.optional_day(field, raw)
    }

    /// A day, or nothing.
    pub fn optional_day(&mut self, field: &str, raw: &str) -> Option<NaiveDate> {
        let raw = raw.trim();
        if raw.is_empty() {
            return None;
        }
        super::period::day(raw).map_err(|e| self.0.add(field, e)).ok()
    }

    /// An amount in major units of `currency`.
    pub fn money(&mut self, field: &str, raw: &str, currency: Currency) -> Money {
        match Money::parse_major(raw.trim(), currency) {
            Ok(money) => money,
            Err(e) => {
                self.0.add(field, e.to_string());
                Money::zero(currency)
            }
        }
    }

    /// Adds an error found by a rule over several fields.
    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.0.add(field, message);
    }

    /// The value, where no field was refused.
    pub fn done<T>(self, value: impl FnOnce() -> T) -> Result<T, Error> {
        if self.0.is_empty() { Ok(value()) } else { Err(Error::Invalid(self.0)) }
    }

    /// As [`done`](Self::done), for a value that needs parts which are there only if nothing was refused.
    pub fn done_with<T>(self, value: Option<T>) -> Result<T, Error> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Error::Invalid(self.0)),
        }
    }
}

/// A form that was sent without JavaScript and refused, for the page that shows it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The server function's.
    pub path: String,
    pub error: Error,
    /// Its fields; of secret ones nothing.
    pub typed: Vec<(String, String)>,
}

/// Whether a field of that name holds what must be typed anew each time: passwords, codes, keys, account numbers.
pub fn is_secret(name: &str) -> bool {
    ["password", "code", "key", "secret", "token", "webhook", "account"].iter().any(|word| name.contains(word))
}

/// Why something is done that wants a reason.
pub fn reason(raw: &str) -> Result<String, Error> {
    let mut check = Check::default();
    let reason = check.text("reason", raw, 300);
    check.done(|| reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let mut check = Check::default();
        check.text("name", "  ", 10);
        check.email("email", "nobody");
        check.day("started_on", "2026-02-30");
        check.whole("quantity", "0", 1, 100);
        let Err(Error::Invalid(fields)) = check.done(|| ()) else { panic!("accepted") };
        assert_eq!(fields.0.keys().collect::<Vec<_>>(), ["email", "name", "quantity", "started_on"]);
    }

    #[test]
    fn addresses_are_lowered_and_kept() {
        let mut check = Check::default();
        assert_eq!(check.email("email", " Nadia@Nilewave.Example "), "nadia@nilewave.example");
        assert_eq!(check.optional_email("email", ""), None);
        assert!(check.done(|| ()).is_ok());
    }
}

//! Parse, don't check: a form's raw strings become a valid value or a list of field errors, by the same function in
//! the browser and on the server.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::case;
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
        if !is_readable(text) {
            self.0.add(field, UNREADABLE);
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// An e-mail address by its shape: one `@`, something before it, a domain with a dot or a bare host after it.
    pub fn optional_email(&mut self, field: &str, raw: &str) -> Option<String> {
        let email = case::lower(&self.optional_text(field, raw, 254)?);
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

    /// A country by its ISO 3166 code of two letters, in capitals; `None` where blank.
    pub fn optional_country(&mut self, field: &str, raw: &str) -> Option<String> {
        let code = raw.trim().to_ascii_uppercase();
        if code.is_empty() {
            return None;
        }
        if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
            self.0.add(field, "must be a country code of two letters, such as EG");
        }
        Some(code)
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

/// What is told of a text that is not [readable](is_readable).
pub const UNREADABLE: &str = "must be readable, without control, invisible or text-turning characters";

/// Whether a person sees what a text says: it has no control characters but line breaks and tabs, nothing that turns the
/// direction of what follows or hides in it, and it is not blank to the eye throughout. The marks and joiners that Arabic,
/// Persian and Hindi are written with may be in it.
pub fn is_readable(text: &str) -> bool {
    let shows = |c: char| !c.is_whitespace() && !is_blank(c);
    text.chars().all(|c| is_readable_char(c) || "\n\r\t".contains(c)) && (text.trim().is_empty() || text.chars().any(shows))
}

/// As [`is_readable`], of one character beside others, on one line.
pub fn is_readable_char(c: char) -> bool {
    let hides = matches!(c,
        // The direction turned or set apart.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Of no width, or for machines.
        | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !hides
}

/// It shows nothing by itself.
fn is_blank(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200c}'..='\u{200f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}')
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
    fn a_country_is_two_letters_in_capitals() {
        let mut check = Check::default();
        assert_eq!(check.optional_country("country", " eg "), Some("EG".into()));
        assert_eq!(check.optional_country("country", " "), None);
        assert!(check.done(|| ()).is_ok());
        for bad in ["Germany", "12", "D", "\u{dc}K"] {
            let mut check = Check::default();
            check.optional_country("country", bad);
            assert!(check.done(|| ()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_nobody_could_read_is_no_text() {
        for good in [
            "Nile",
            "Zeile\neins",
            "\u{645}\u{6cc}\u{200c}\u{62e}",
            "\u{200f}\u{5d0}",
            "co\u{ad}op",
            "",
            " ",
            "\u{1f468}\u{200d}\u{1f469}",
            "\u{2764}\u{fe0f}",
        ] {
            assert!(is_readable(good), "{good:?}");
        }
        for bad in ["a\u{0}", "a\u{202e}b", "\u{2066}a", "a\u{200b}b", "\u{200d}", "\u{feff}a", "\u{3164}", "\u{ad} \u{200e}", "\u{e0041}"]
        {
            assert!(!is_readable(bad), "{bad:?}");
        }
        let mut check = Check::default();
        check.text("name", "\u{202e}elin", 10);
        check.text("note", "\u{200d}", 10);
        let fields = check.done(|| ()).expect_err("refused").fields();
        assert_eq!((fields.first("name"), fields.first("note")), (Some(UNREADABLE), Some(UNREADABLE)));
    }

    #[test]
    fn addresses_are_lowered_and_kept() {
        let mut check = Check::default();
        assert_eq!(check.email("email", " Nadia@Nilewave.Example "), "nadia@nilewave.example");
        assert_eq!(check.optional_email("email", ""), None);
        assert!(check.done(|| ()).is_ok());
    }
}

//! What sessions and the second factor look like, and the rules of passwords and of the way back after signing in.

use serde::{Deserialize, Serialize};

use crate::kit::Result;
use crate::kit::form::Check;
use crate::kit::moment::Moment;

crate::id!(
    /// A session.
    SessionId,
    "ses"
);

/// Characters a password has at least.
pub const PASSWORD_MIN: usize = 10;
/// Characters a password has at most.
pub const PASSWORD_MAX: usize = 200;

/// One of the own sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    pub id: SessionId,
    /// The one that asks.
    pub current: bool,
    /// `Firefox on Linux`.
    pub device: String,
    pub address: Option<String>,
    pub organization: String,
    pub started: Moment,
    pub last_seen: Moment,
}

/// How the second factor of the own account stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecondFactor {
    Off,
    /// Begun and not yet confirmed by a code. This is the only time that secret and recovery codes are shown.
    Pending {
        /// In base 32, in groups of four.
        secret: String,
        /// The QR code: the side in modules, and the path of the dark ones.
        qr_side: usize,
        qr_path: String,
        recovery_codes: Vec<String>,
    },
    On {
        since: Moment,
        recovery_codes_left: u64,
    },
}

/// A password that keeps the rules: long enough, not the e-mail address. Length is what counts; there are no rules of
/// composition.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// Reads the field `field`.
    pub fn parse(field: &str, raw: &str, email: &str) -> Result<Self> {
        let mut check = Check::default();
        let length = raw.chars().count();
        if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
            check.refuse(field, format!("must have from {PASSWORD_MIN} to {PASSWORD_MAX} characters"));
        }
        if raw.trim().eq_ignore_ascii_case(email.trim()) && !email.is_empty() {
            check.refuse(field, "must not be the e-mail address");
        }
        check.done(|| Self(raw.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// Where to go after signing in: `next` where it is a page of this site, else the overview.
pub fn safe_next(next: &str) -> &str {
    let local = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    let printable = next.bytes().all(|b| b.is_ascii_graphic());
    let page = !["/sign-in", "/api/"].iter().any(|p| next.starts_with(p));
    if local && printable && page { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_the_site() {
        for good in ["/", "/customers?q=a%20b&sort=-mrr", "/settings/sessions#x"] {
            assert_eq!(safe_next(good), good);
        }
        for bad in [
            "",
            "customers",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x",
            "/caf\u{e9}",
            "/sign-in",
            "/api/app/x",
        ] {
            assert_eq!(safe_next(bad), "/", "{bad:?}");
        }
    }

    #[test]
    fn a_password_needs_length_and_nothing_else() {
        assert!(NewPassword::parse("password", "correct horse", "a@b.example").is_ok());
        assert!(NewPassword::parse("password", "пароль-пароль", "a@b.example").is_ok());
        assert!(NewPassword::parse("password", "short", "a@b.example").is_err());
        assert!(NewPassword::parse("password", &"x".repeat(201), "a@b.example").is_err());
        assert!(NewPassword::parse("password", "Someone@b.example", "someone@b.example").is_err());
    }
}

//! The one error. There is no blanket `From`: whoever calls something that can fail says what the failure means.

use std::collections::BTreeMap;
use std::fmt;

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use super::wire::WireEncoding;

/// What is wrong with which field of a form or a request body; the empty name is the form as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors(pub BTreeMap<String, Vec<String>>);

impl FieldErrors {
    /// One error of one field.
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.entry(field.to_owned()).or_default().push(message.into());
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first message of `field`.
    pub fn first(&self, field: &str) -> Option<&str> {
        self.0.get(field).and_then(|m| m.first()).map(String::as_str)
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (field, messages)) in self.0.iter().enumerate() {
            let separator = if i > 0 { "; " } else { "" };
            let name = if field.is_empty() { String::new() } else { format!("{} ", field.replace('_', " ")) };
            write!(f, "{separator}{name}{}", messages.join(", "))?;
        }
        Ok(())
    }
}

/// Everything that can go wrong, by what the caller can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Error {
    /// No such thing, or not yours: one answer for both.
    NotFound,
    /// The role lacks the permission named.
    Forbidden(String),
    /// Sign in first.
    SignedOut,
    /// Correct the fields and send again.
    Invalid(FieldErrors),
    /// The state does not allow it; the sentence says why.
    Conflict(String),
    /// Too many tries; wait that many seconds.
    TooMany(u64),
    /// A database or peer does not answer; try again.
    Unavailable,
    /// A defect, logged under this id.
    Bug(String),
    /// The page is of another build than the server; nothing was done.
    Outdated,
}

/// The result of nearly everything.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// One field's error.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::one(field, message))
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Forbidden(_) => 403,
            Self::SignedOut => 401,
            Self::Invalid(_) => 422,
            Self::Conflict(_) => 409,
            Self::TooMany(_) => 429,
            Self::Unavailable => 503,
            Self::Bug(_) => 500,
            Self::Outdated => 406,
        }
    }

    /// A short name: the `title` of a problem document and the heading of an error page.
    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::Forbidden(_) => "Not allowed",
            Self::SignedOut => "Signed out",
            Self::Invalid(_) => "Not valid",
            Self::Conflict(_) => "Not possible now",
            Self::TooMany(_) => "Too many tries",
            Self::Unavailable => "Not available",
            Self::Bug(_) => "Something went wrong",
            Self::Outdated => "Out of date",
        }
    }

    /// What to tell where there is but one field, whose name goes without saying: its messages; else the error.
    pub fn message(&self) -> String {
        match self {
            Self::Invalid(FieldErrors(fields)) if fields.len() == 1 => {
                fields.values().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
            }
            other => other.to_string(),
        }
    }

    /// The fields at fault, empty for other errors.
    pub fn fields(&self) -> FieldErrors {
        if let Self::Invalid(fields) = self { fields.clone() } else { FieldErrors::default() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("This does not exist, or you have no access to it."),
            Self::Forbidden(what) => write!(f, "Your role does not include \u{201c}{what}\u{201d}."),
            Self::SignedOut => f.write_str("Sign in to continue."),
            Self::Invalid(fields) => write!(f, "{fields}"),
            Self::Conflict(why) => f.write_str(why),
            Self::TooMany(seconds) => write!(f, "Too many tries. Wait {seconds} seconds and try again."),
            Self::Unavailable => f.write_str("The service does not answer just now. Try again in a moment."),
            Self::Bug(id) => write!(f, "This is our fault. Quote {id} when you report it."),
            Self::Outdated => f.write_str("Tenantry was updated since this page was loaded. Load it again; nothing was done."),
        }
    }
}

impl std::error::Error for Error {}

impl FromServerFnError for Error {
    type Encoder = WireEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        super::request::failed(error)
    }
}

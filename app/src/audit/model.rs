//! What an entry looks like.

use serde::{Deserialize, Serialize};

use crate::kit::moment::Moment;
use crate::text_enum;

crate::id!(
    /// An entry of the audit log.
    AuditEntryId,
    "aud"
);

text_enum!(
    /// How much a reader should mind.
    pub enum Severity {
        Info = "info" => "Info",
        Warning = "warning" => "Warning",
        Critical = "critical" => "Critical",
    }
);

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    pub id: AuditEntryId,
    pub at: Moment,
    /// `user`, `api_key` or `system`.
    pub actor_kind: String,
    pub actor: String,
    /// `subscription.changed`.
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub subject: String,
    pub level: Severity,
    pub address: Option<String>,
    pub request_id: Option<String>,
    /// Names and values, for reading.
    pub details: Vec<(String, String)>,
}

impl AuditRow {
    /// `Nadia Haddad`, `Key of the shop (API key)`, `schedule (program)`.
    pub fn actor_shown(&self) -> String {
        match self.actor_kind.as_str() {
            "api_key" => format!("{} (API key)", self.actor),
            "system" => format!("{} (program)", self.actor),
            _ => self.actor.clone(),
        }
    }

    /// The page of the subject, where it has one.
    pub fn href(&self) -> Option<String> {
        subject_href(&self.subject_kind, &self.subject_id)
    }
}

/// The page of a subject by its kind and shown id.
pub fn subject_href(kind: &str, id: &str) -> Option<String> {
    let path = match kind {
        "customer" => "customers",
        "plan" => "plans",
        "subscription" => "subscriptions",
        "import" => "imports",
        "job" => "jobs",
        _ => return None,
    };
    Some(format!("/{path}/{id}"))
}

/// Kinds of subjects that a filter offers, with their names.
pub const SUBJECTS: &[(&str, &str)] = &[
    ("customer", "Customer"),
    ("plan", "Plan"),
    ("subscription", "Subscription"),
    ("import", "Import"),
    ("exchange_rate", "Exchange rate"),
    ("user", "Person"),
    ("member", "Member"),
    ("session", "Session"),
    ("api_key", "API key"),
    ("organization", "Organization"),
    ("job", "Job"),
    ("view", "Saved view"),
];

//! What an entry looks like.

use serde::{Deserialize, Serialize};

use crate::kit::moment::Moment;
use crate::kit::readable::{page_of, words};
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

    /// What changed and what else is known, as names and values: `Quantity`, `1 → 2`.
    pub fn story(&self) -> Vec<(String, String)> {
        story(&self.details)
    }

    /// Other things that it tells of, and their pages.
    pub fn others(&self) -> Vec<(&'static str, String)> {
        let ids = self.details.iter().flat_map(|(_, value)| value.split(", ")).filter(|id| *id != self.subject_id);
        let mut pages: Vec<_> = ids.filter_map(page_of).collect();
        pages.sort();
        pages.dedup();
        pages
    }

    /// The page of the subject, where it has one.
    pub fn href(&self) -> Option<String> {
        subject_href(&self.subject_kind, &self.subject_id)
    }
}

/// An entry as the page of a thing tells it; written out on the server, so that pages have nothing to do but show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    pub at: Moment,
    pub level: Severity,
    /// `Subscription changed`.
    pub what: String,
    /// `changed`.
    pub verb: String,
    pub actor: String,
    /// The page of what it is about, where that is of another kind than the thing.
    pub subject: Option<String>,
    /// What changed and what else is known; empty where that is nothing.
    pub told: String,
    /// Other things that it tells of, and their pages.
    pub others: Vec<(String, String)>,
}

impl Activity {
    /// On the page of a thing of the kind `about`.
    pub fn of(row: &AuditRow, about: &str) -> Self {
        let told: Vec<String> = row.story().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        // The page of the thing itself leads nowhere new.
        let noun = about.replace('_', " ");
        let others = row.others().into_iter().filter(|(other, _)| !other.eq_ignore_ascii_case(&noun));
        Self {
            at: row.at.clone(),
            level: row.level,
            what: words(&row.action),
            verb: row.action.rsplit('.').next().unwrap_or_default().to_owned(),
            actor: row.actor_shown(),
            subject: (row.subject_kind != about).then(|| row.href()).flatten(),
            told: told.join(" \u{b7} "),
            others: others.map(|(other, page)| (other.to_owned(), page)).collect(),
        }
    }
}

/// Pairs of before and after as one change each; what stayed the same is left out, and so are identifiers, which tell
/// a reader nothing.
fn story(details: &[(String, String)]) -> Vec<(String, String)> {
    let value = |name: &str| details.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    let mut told = Vec::new();
    for (name, is) in details {
        let (side, what) = name.split_once(", ").unwrap_or((name, "value"));
        let rest = name.strip_prefix(side).unwrap_or_default();
        match side {
            "Before" => {
                let after = value(&format!("After{rest}")).unwrap_or("none");
                if after != is {
                    told.push((words(what), format!("{is} \u{2192} {after}")));
                }
            }
            "After" if value(&format!("Before{rest}")).is_some() => {}
            "After" => told.push((words(what), is.clone())),
            _ => told.push((name.clone(), is.clone())),
        }
    }
    told.retain(|(_, value)| !value.split(", ").all(is_an_id));
    told.into_iter().map(|(name, value)| (name.clone(), spoken(&name, value))).collect()
}

/// A word of the program as a person would say it: `bank_transfer` as `Bank transfer`, what is typed as it was.
fn spoken(name: &str, value: String) -> String {
    match (name, value.as_str()) {
        ("To", "method") => return "the way it came".into(),
        ("To", "credit") => return "the customer\u{2019}s credit".into(),
        _ => {}
    }
    let is_word = |part: &str| part.contains('_') && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let parts: Vec<String> = value.split(" \u{2192} ").map(|part| if is_word(part) { words(part) } else { part.to_owned() }).collect();
    parts.join(" \u{2192} ")
}

/// Whether a value has the shown form of an identifier, of whatever kind.
fn is_an_id(value: &str) -> bool {
    value.split_once('_').is_some_and(|(prefix, _)| prefix.len() <= 4 && crate::kit::id::decode(prefix, value).is_ok())
}

/// The page of a subject by its kind and shown id.
pub fn subject_href(kind: &str, id: &str) -> Option<String> {
    let path = match kind {
        "customer" => "customers",
        "plan" => "plans",
        "subscription" => "subscriptions",
        "invoice" => "invoices",
        "credit_note" => "credit-notes",
        "payment" => "payments",
        "receipt" => "receipts",
        "coupon" => "coupons",
        "meter" => "meters",
        "usage_upload" => "usage-uploads",
        "dunning_case" => "dunning",
        "dunning_policy" => "dunning/policies",
        "mail" => "mails",
        "gateway_event" => "webhook-events",
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
    ("invoice", "Invoice"),
    ("credit_note", "Credit note"),
    ("payment", "Payment"),
    ("payment_method", "Payment method"),
    ("receipt", "Receipt"),
    ("billing", "Billing"),
    ("coupon", "Coupon"),
    ("tax_rate", "Tax rate"),
    ("meter", "Meter"),
    ("usage_upload", "Usage file"),
    ("dunning_case", "Dunning case"),
    ("dunning_policy", "Dunning policy"),
    ("mail", "Letter"),
    ("mail_template", "Text of letters"),
    ("gateway", "Gateway"),
    ("gateway_event", "Webhook event"),
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

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn an_entry_is_told_as_the_page_of_its_thing_needs_it() {
        let (payment, invoice) = ("pay_01kaj5w2yre0rv6dwrc8b1a9xq", "inv_01kaj5w2yre0rv6dwrc8b1a9xq");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let row = AuditRow {
            id: AuditEntryId(uuid::Uuid::from_u128(1)),
            at: Moment { iso: String::new(), absolute: String::new(), relative: String::new() },
            actor_kind: "api_key".into(),
            actor: "The shop".into(),
            action: "payment.recorded".into(),
            subject_kind: "payment".into(),
            subject_id: payment.into(),
            subject: "Payment".into(),
            level: Severity::Info,
            address: None,
            request_id: None,
            details: vec![pair("Paid by", "bank_transfer"), pair("Settled", invoice), pair("Note", "thanks")],
        };
        let here = Activity::of(&row, "payment");
        assert_eq!((here.what.as_str(), here.actor.as_str(), here.subject.clone()), ("Payment recorded", "The shop (API key)", None));
        assert_eq!(here.verb, "recorded");
        assert_eq!(here.told, "Paid by: Bank transfer \u{b7} Note: thanks");
        assert_eq!(here.others, [pair("Invoice", &format!("/invoices/{invoice}"))]);
        let there = Activity::of(&row, "invoice");
        assert_eq!((there.subject, there.others), (Some(format!("/payments/{payment}")), Vec::new()));
    }

    #[test]
    fn a_change_is_told_once_and_what_stayed_is_not() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let details = [
            pair("After, ends on", "none"),
            pair("After, plan", "Pro"),
            pair("After, reason", "dear"),
            pair("Before, ends on", "none"),
            pair("Before, plan", "Basic"),
            pair("Customer", "cus_01kaj5w2yre0rv6dwrc8b1a9xq"),
            pair("On", "2026-03-01"),
        ];
        let told = [pair("Reason", "dear"), pair("Plan", "Basic \u{2192} Pro"), pair("On", "2026-03-01")];
        assert_eq!(story(&details), told);
        let price = [pair("After", "$59.00"), pair("Before", "$49.00")];
        assert_eq!(story(&price), [pair("Value", "$49.00 \u{2192} $59.00")]);
        let ids = "inv_01kaj5w2yre0rv6dwrc8b1a9xq, inv_01kaj5w2yre0rv6dwrc8b1a9xq";
        let paid = [pair("Owed again", ids), pair("Paid by", "bank_transfer"), pair("To", "method"), pair("Reason", "too dear, really")];
        let told = [pair("Paid by", "Bank transfer"), pair("To", "the way it came"), pair("Reason", "too dear, really")];
        assert_eq!(story(&paid), told);
    }
}

//! Letters as pages and stores know them.

use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::invoices::{CreditNoteId, InvoiceId};
use crate::kit::form::Check;
use crate::kit::language::Language;
use crate::kit::moment::Moment;
use crate::kit::money::Money;
use crate::kit::{Error, Result};
use crate::{id, text_enum};

id!(
    /// A letter to a customer.
    MailId,
    "mal"
);

/// Characters of a template's subject and body.
pub const SUBJECT_MAX: usize = 200;
pub const BODY_MAX: usize = 8_000;

text_enum!(
    /// What became of a letter.
    pub enum MailStatus {
        Queued = "queued" => "Queued",
        Sent = "sent" => "Sent",
        Failed = "failed" => "Failed",
        /// The mail server knows no such recipient.
        Bounced = "bounced" => "Bounced",
    }
);

text_enum!(
    /// What a letter is about; each has a text of its own.
    pub enum MailTemplate {
        Invoice = "invoice" => "Invoice",
        CreditNote = "credit_note" => "Credit note",
        PaymentReceived = "payment_received" => "Payment received",
        Reminder = "reminder" => "Payment reminder",
        PaymentFailed = "payment_failed" => "Payment failed",
        FinalNotice = "final_notice" => "Final notice",
        Throttled = "throttled" => "Service slowed down",
        Suspended = "suspended" => "Service suspended",
        Restored = "restored" => "Service restored",
    }
);

/// The places that a text may have, and what stands there. Each is there for every letter; where a letter has nothing to
/// say in it, it is empty, and `{{#if …}}` tells.
pub const PLACES: &[(&str, &str)] = &[
    ("seller.name", "your name"),
    ("customer.name", "the customer's name"),
    ("customer.account", "its account number"),
    ("document.number", "the number of the invoice or credit note"),
    ("document.issued_on", "when it was issued"),
    ("document.due_on", "when it is due"),
    ("document.total", "what it is over"),
    ("document.due", "what is still to be paid"),
    ("document.days_overdue", "days since it was due; empty where it is not"),
    ("amount", "an amount beside it: what was paid, or could not be"),
    ("reason", "why: of a failure or a suspension"),
];

/// A file that goes with a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    pub name: String,
    /// Of a kept file.
    pub key: String,
    pub content_type: String,
}

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    Invoice(InvoiceId),
    CreditNote(CreditNoteId),
    Nothing,
}

/// A letter to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail {
    pub customer: CustomerId,
    pub template: MailTemplate,
    pub about: About,
    /// For the place `amount`.
    pub amount: Option<Money>,
    /// For the place `reason`.
    pub reason: Option<String>,
    pub attachments: Vec<Attached>,
    /// Queued once under this key, however often it is asked for.
    pub once: Option<String>,
    /// To somebody else than the customer's address for bills.
    pub to: Option<String>,
}

impl NewMail {
    pub fn new(customer: CustomerId, template: MailTemplate) -> Self {
        let (about, attachments) = (About::Nothing, Vec::new());
        Self { customer, template, about, amount: None, reason: None, attachments, once: None, to: None }
    }

    pub fn about_invoice(self, id: InvoiceId) -> Self {
        Self { about: About::Invoice(id), ..self }
    }

    pub fn once(self, key: impl Into<String>) -> Self {
        Self { once: Some(key.into()), ..self }
    }
}

/// A letter: a row of the list and its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub id: MailId,
    pub customer: CustomerId,
    pub customer_name: String,
    pub to: String,
    pub template: MailTemplate,
    pub language: Language,
    pub subject: String,
    pub status: MailStatus,
    pub tries: i32,
    pub error: Option<String>,
    /// The shown id of what it is about.
    pub about: Option<String>,
    pub queued_by: String,
    pub created: Moment,
    pub sent: Option<Moment>,
}

impl Mail {
    /// The page of what it is about.
    pub fn about_link(&self) -> Option<String> {
        let about = self.about.as_ref()?;
        match about.split_once('_')?.0 {
            "inv" => Some(format!("/invoices/{about}")),
            "crn" => Some(format!("/credit-notes/{about}")),
            _ => None,
        }
    }
}

/// A letter with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDetail {
    pub mail: Mail,
    pub text: String,
    pub attachments: Vec<String>,
    /// The mail server or the folder that it went to.
    pub sent_by: Option<String>,
    pub message_id: String,
}

/// A text for one kind of letter in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub subject: String,
    pub body: String,
}

impl Text {
    /// Of its lengths; what the places may be only the server knows.
    pub fn parse(subject: &str, body: &str) -> Result<Self> {
        let mut check = Check::default();
        let subject = check.text("subject", subject, SUBJECT_MAX);
        if subject.contains(['\n', '\r']) {
            check.refuse("subject", "must be one line");
        }
        let body = check.text("body", &body.replace("\r\n", "\n"), BODY_MAX);
        check.done(|| Self { subject, body })
    }
}

/// A text as its page edits it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextDetail {
    pub template: MailTemplate,
    pub language: Language,
    pub text: Text,
    /// The seller's own words.
    pub own: bool,
    pub edited: Option<(String, Moment)>,
    /// How it reads for a real invoice, or for an invented one where there is none.
    pub preview: Result<Text, String>,
    pub preview_of: String,
}

/// What is sent by itself, and where letters go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    pub send_invoices: bool,
    pub reply_to: Option<String>,
    /// Letters leave this machine.
    pub leaves: bool,
    /// The mail server or the folder.
    pub place: String,
}

/// The words in the URL of a text's page.
pub fn text_of(template: &str, language: &str) -> Result<(MailTemplate, Language)> {
    let known = template.parse().ok().zip(language.parse().ok());
    known.ok_or(Error::NotFound)
}

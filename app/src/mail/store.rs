//! Letters in the database.

mod list;
#[cfg(test)]
mod tests;
mod texts;

pub use list::{attachment, chunk, get, html, list};
pub use texts::{preview, reset_text, save_settings, save_text, settings, text, texts};

use serde_json::json;

use super::model::{About, Mail, MailId, MailStatus, MailTemplate, NewMail, Text};
use super::write;
use crate::customers::{self, Customer};
use crate::invoices::store as invoices;
use crate::invoices::store::accounts::{self, Account};
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::job::{self, NewJob};
use crate::kit::language::Language;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// The job that sends one letter.
pub const SEND_JOB: &str = "mail.send";

/// Writes a letter and queues it, to go once `tx` commits. `None` where the customer has no address for bills, or the
/// letter was queued before under the same key.
pub async fn queue(tx: &Tx, new: NewMail) -> Result<Option<MailId>> {
    let customer = customers::store::read(tx, new.customer).await?;
    let account = accounts::of(tx, &[customer.id]).await?.remove(&customer.id);
    let Some(to) = new.to.clone().or_else(|| address(&customer, account.as_ref())) else { return Ok(None) };
    let settings = invoices::settings::settings(tx).await?;
    let language = Language::of(&[account.as_ref().and_then(|a| a.language.as_deref()), Some(&settings.language)]);
    let values = values(tx, &new, &customer, account.as_ref(), language).await?;
    let text = texts::current(tx, new.template, language).await?.0;
    // A text that was right when it was saved is right now; should it not be, the shipped one still goes out.
    let text = write::fill(&text, &values).or_else(|_| write::fill(&super::shipped::text(new.template, language), &values)).map_err(bug)?;
    let html = write::html(&text.body, language, &tx.scope().seller().name, settings.accent.as_deref());
    let attachments = serde_json::to_value(&new.attachments).map_err(bug)?;
    let row = Row { customer, to, template: new.template, language, text, html, attachments, about: about(&new), once: new.once };
    insert(tx, row).await
}

struct Row {
    customer: Customer,
    to: String,
    template: MailTemplate,
    language: Language,
    text: Text,
    html: String,
    attachments: serde_json::Value,
    about: Option<String>,
    once: Option<String>,
}

async fn insert(tx: &Tx, row: Row) -> Result<Option<MailId>> {
    let id = MailId::new();
    let sql = "INSERT INTO mails (seller_id, id, customer_id, recipient, template, language, subject, text_body, html_body, attachments, \
               about, status, once_key, queued_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'queued', $12, $13, $14) \
               ON CONFLICT (seller_id, once_key) DO NOTHING";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        row.customer.id.0.into(),
        row.to.into(),
        row.template.into(),
        row.language.into(),
        row.text.subject.into(),
        row.text.body.into(),
        row.html.into(),
        row.attachments.into(),
        row.about.into(),
        row.once.into(),
        tx.scope().actor().name().into(),
        tx.scope().now().into(),
    ];
    if tx.run(sql, values).await? == 0 {
        return Ok(None);
    }
    job::enqueue(tx, NewJob::new(SEND_JOB, json!({ "mail": id }))).await?;
    Ok(Some(id))
}

/// Where a customer's bills go.
pub fn address(customer: &Customer, account: Option<&Account>) -> Option<String> {
    account.and_then(|a| a.billing_email.clone()).or_else(|| customer.email.clone())
}

fn about(new: &NewMail) -> Option<String> {
    match new.about {
        About::Invoice(id) => Some(id.to_string()),
        About::CreditNote(id) => Some(id.to_string()),
        About::Nothing => None,
    }
}

/// What stands in the places of a letter.
async fn values(
    tx: &Tx,
    new: &NewMail,
    customer: &Customer,
    account: Option<&Account>,
    language: Language,
) -> Result<Vec<(&'static str, String)>> {
    let mut values = vec![
        ("seller.name", tx.scope().seller().name.clone()),
        ("customer.name", customer.name.clone()),
        ("customer.account", account.map(|a| a.number.clone()).unwrap_or_default()),
        ("amount", new.amount.map(|amount| language.amount(amount)).unwrap_or_default()),
    ];
    let mut reason = new.reason.clone();
    match new.about {
        About::Invoice(id) => {
            let invoice = invoices::read(tx, id).await?;
            let late = (tx.scope().today() - invoice.due_on).num_days();
            let due = if invoice.due.is_zero() { String::new() } else { language.amount(invoice.due) };
            values.extend([
                ("document.number", invoice.number.unwrap_or_default()),
                ("document.issued_on", language.day(invoice.issued_on)),
                ("document.due_on", language.day(invoice.due_on)),
                ("document.total", language.amount(invoice.total)),
                ("document.days_overdue", if late > 0 && !due.is_empty() { late.to_string() } else { String::new() }),
                ("document.due", due),
            ]);
        }
        About::CreditNote(id) => {
            let note = invoices::read_credit_note(tx, id).await?;
            reason = reason.or(Some(note.reason));
            values.extend([
                ("document.number", note.number),
                ("document.issued_on", language.day(note.issued_on)),
                ("document.total", language.amount(note.total)),
            ]);
        }
        About::Nothing => {}
    }
    values.push(("reason", reason.unwrap_or_default()));
    Ok(values)
}

/// Sends the same letter anew, to the address that the customer has now. A second copy has a Message-ID of its own, for
/// one that was delivered under the first would be thrown away.
///
/// # Errors
/// `Conflict` while it waits to be sent, or where the customer has no address any more.
pub async fn resend(scope: &Scope, id: MailId) -> Result<MailId> {
    let tx = scope.write().await?;
    let old = list::row(&tx, id).await?;
    if old.status() == MailStatus::Queued {
        return Err(Error::Conflict("It is on its way already.".into()));
    }
    let customer = customers::store::read(&tx, old.customer()).await?;
    let account = accounts::of(&tx, &[customer.id]).await?.remove(&customer.id);
    let to = address(&customer, account.as_ref()).ok_or_else(|| Error::Conflict("The customer has no e-mail address.".into()))?;
    let row = old.again(customer, to);
    let subject = row.text.subject.clone();
    let new = insert(&tx, row).await?.ok_or_else(|| bug("a letter without a key was there already"))?;
    tx.commit(Event::new("mail.resent", "mail", new, subject).details(json!({ "first": id }))).await?;
    Ok(new)
}

/// A letter that waits, with what is to be sent; `None` where it does not wait any more.
pub async fn waiting(scope: &Scope, id: MailId) -> Result<Option<list::Waiting>> {
    let tx = scope.read().await?;
    let reply_to = texts::reply_to(&tx).await?;
    let row = list::row(&tx, id).await?;
    (row.status() == MailStatus::Queued).then(|| row.waiting(reply_to)).transpose()
}

/// What became of a try to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sent {
        by: String,
    },
    /// It is tried again later.
    Later(String),
    Failed(String),
    Bounced(String),
}

/// Notes what became of a try.
pub async fn note(scope: &Scope, id: MailId, outcome: Outcome) -> Result<()> {
    use crate::kit::event::Level;
    let (status, error, by) = match outcome {
        Outcome::Sent { by } => (MailStatus::Sent, None, Some(by)),
        Outcome::Later(why) => (MailStatus::Queued, Some(why), None),
        Outcome::Failed(why) => (MailStatus::Failed, Some(why), None),
        Outcome::Bounced(why) => (MailStatus::Bounced, Some(why), None),
    };
    let tx = scope.write().await?;
    let sent_at = (status == MailStatus::Sent).then_some(scope.now());
    let sql = "UPDATE mails SET status = $3, tries = tries + 1, error = $4, sent_by = $5, sent_at = $6 \
               WHERE seller_id = $1 AND id = $2 AND status = 'queued'";
    let values = [tx.seller_id().0.into(), id.0.into(), status.into(), error.clone().into(), by.into(), sent_at.into()];
    let changed = tx.run(sql, values).await?;
    let Some(why) = error.filter(|_| changed > 0 && matches!(status, MailStatus::Failed | MailStatus::Bounced)) else {
        return tx.commit_quietly().await;
    };
    let mail: Mail = list::row(&tx, id).await?.mail(scope);
    let name = if status == MailStatus::Bounced { "mail.bounced" } else { "mail.failed" };
    let title = format!("A letter to {} could not be delivered", mail.customer_name);
    let event = Event::new(name, "mail", id, mail.subject).level(Level::Warning).details(json!({ "error": why, "to": mail.to }));
    let event = event.notify(Level::Warning, title, why, format!("/mails/{id}"));
    tx.commit(event.notice_needs(crate::kit::permission::Permission::ReadInvoices)).await
}

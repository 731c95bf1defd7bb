//! Letters, found and read.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use super::Row as NewRow;
use crate::customers::{Customer, CustomerId};
use crate::kit::db::{Sql, bug};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::language::Language;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::mail::model::{Attached, Mail, MailDetail, MailId, MailStatus, MailTemplate, Text};

const LIST: Keyset =
    Keyset { columns: &[Column::time("created", "m.created_at"), Column::text("to", "m.recipient")], default: "-created", id: "m.id" };
const COLUMNS: &str = "m.id, m.customer_id, c.name AS customer_name, m.recipient, m.template, m.language, m.subject, m.text_body, \
     m.html_body, m.attachments, m.about, m.status, m.tries, m.error, m.sent_by, m.queued_by, m.created_at, m.sent_at";
const TABLES: &str = "mails m JOIN customers c ON c.seller_id = m.seller_id AND c.id = m.customer_id";

#[derive(FromQueryResult)]
pub struct Row {
    id: MailId,
    customer_id: CustomerId,
    customer_name: String,
    recipient: String,
    template: MailTemplate,
    language: Language,
    subject: String,
    text_body: String,
    html_body: String,
    attachments: Json,
    about: Option<String>,
    status: MailStatus,
    tries: i32,
    error: Option<String>,
    sent_by: Option<String>,
    queued_by: String,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
}

/// A letter that is to be sent.
pub struct Waiting {
    pub to: String,
    pub reply_to: Option<String>,
    pub text: Text,
    pub html: String,
    pub attachments: Vec<Attached>,
    pub created_at: DateTime<Utc>,
}

impl Row {
    pub(super) fn status(&self) -> MailStatus {
        self.status
    }

    pub(super) fn customer(&self) -> CustomerId {
        self.customer_id
    }

    /// The same letter for another try.
    pub(super) fn again(self, customer: Customer, to: String) -> NewRow {
        let text = Text { subject: self.subject, body: self.text_body };
        let (template, language, attachments) = (self.template, self.language, self.attachments);
        NewRow { customer, to, template, language, text, html: self.html_body, attachments, about: self.about, once: None }
    }

    pub(super) fn waiting(self, reply_to: Option<String>) -> Result<Waiting> {
        let text = Text { subject: self.subject, body: self.text_body };
        let attachments = serde_json::from_value(self.attachments).map_err(bug)?;
        Ok(Waiting { to: self.recipient, reply_to, text, html: self.html_body, attachments, created_at: self.created_at })
    }

    pub(super) fn mail(self, scope: &Scope) -> Mail {
        Mail {
            id: self.id,
            customer: self.customer_id,
            customer_name: self.customer_name,
            to: self.recipient,
            template: self.template,
            language: self.language,
            subject: self.subject,
            status: self.status,
            tries: self.tries,
            error: self.error,
            about: self.about,
            queued_by: self.queued_by,
            created: scope.moment(self.created_at),
            sent: self.sent_at.map(|at| scope.moment(at)),
        }
    }
}

pub(super) async fn row(tx: &Tx, id: MailId) -> Result<Row> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE m.seller_id = $1 AND m.id = $2");
    tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)
}

/// A page of letters: search by address, subject or customer; filters `status`, `template`, `customer`, `about`,
/// `created_from`, `created_to`; sort `created`, `to`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Mail>> {
    let tx = scope.read().await?;
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok(page.map(|row| row.mail(scope)))
}

/// Up to `size` letters of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Mail>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<Row>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok((rows.into_iter().map(|row| row.mail(scope)).collect(), next))
}

fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "m");
    filter.any("m.status", query.filter("status"));
    filter.any("m.template", query.filter("template"));
    let customers: Vec<uuid::Uuid> =
        query.filter("customer").iter().map(|id| crate::kit::id::decode("cus", id).unwrap_or(uuid::Uuid::nil())).collect();
    filter.any("m.customer_id", &customers);
    filter.any("m.about", query.filter("about"));
    filter.days(tx, "m.created_at", query, "created")?;
    filter.contains(&["m.recipient", "m.subject", "c.name"], &query.q);
    Ok(filter)
}

pub async fn get(scope: &Scope, id: MailId) -> Result<MailDetail> {
    let row = row(&scope.read().await?, id).await?;
    let attached: Vec<Attached> = serde_json::from_value(row.attachments.clone()).map_err(bug)?;
    let message_id = scope.db().mailer().map(|m| m.message_id(&id.to_string())).unwrap_or_default();
    let (text, sent_by) = (row.text_body.clone(), row.sent_by.clone());
    Ok(MailDetail { text, attachments: attached.into_iter().map(|a| a.name).collect(), sent_by, message_id, mail: row.mail(scope) })
}

/// A letter as the customer's program shows it.
pub async fn html(scope: &Scope, id: MailId) -> Result<String> {
    Ok(row(&scope.read().await?, id).await?.html_body)
}

/// The file that went with a letter, by its place among them.
pub async fn attachment(scope: &Scope, id: MailId, place: usize) -> Result<Attached> {
    let row = row(&scope.read().await?, id).await?;
    let attached: Vec<Attached> = serde_json::from_value(row.attachments).map_err(bug)?;
    attached.into_iter().nth(place).ok_or(Error::NotFound)
}

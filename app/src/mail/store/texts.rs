//! The texts that a seller wrote, and what it wants sent.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::invoices::InvoiceId;
use crate::invoices::store as invoices;
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::form::Check;
use crate::kit::language::Language;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Result, moment::Moment};
use crate::mail::model::{MailSettings, MailTemplate, NewMail, Text, TextDetail};
use crate::mail::{shipped, write};

#[derive(FromQueryResult)]
struct Own {
    subject: String,
    body: String,
    updated_by: String,
    updated_at: DateTime<Utc>,
}

/// The text in use, and who wrote it where the seller did.
pub(super) async fn current(tx: &Tx, template: MailTemplate, language: Language) -> Result<(Text, Option<(String, Moment)>)> {
    let sql = "SELECT subject, body, updated_by, updated_at FROM mail_templates WHERE seller_id = $1 AND template = $2 AND language = $3";
    let own: Option<Own> = tx.one(sql, [tx.seller_id().0.into(), template.into(), language.into()]).await?;
    Ok(match own {
        Some(own) => (Text { subject: own.subject, body: own.body }, Some((own.updated_by, tx.scope().moment(own.updated_at)))),
        None => (shipped::text(template, language), None),
    })
}

/// Which texts the seller wrote itself.
pub async fn texts(scope: &Scope) -> Result<Vec<(MailTemplate, Language)>> {
    #[derive(FromQueryResult)]
    struct Written {
        template: MailTemplate,
        language: Language,
    }
    let tx = scope.read().await?;
    let sql = "SELECT template, language FROM mail_templates WHERE seller_id = $1 ORDER BY template, language";
    let rows: Vec<Written> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    Ok(rows.into_iter().map(|row| (row.template, row.language)).collect())
}

/// A text, with how it reads.
pub async fn text(scope: &Scope, template: MailTemplate, language: Language) -> Result<TextDetail> {
    let tx = scope.read().await?;
    let (text, edited) = current(&tx, template, language).await?;
    let (preview, preview_of) = shown(&tx, template, language, &text).await?;
    Ok(TextDetail { template, language, text, own: edited.is_some(), edited, preview, preview_of })
}

/// How a text would read for the latest invoice; the error is what is wrong with it.
pub async fn preview(scope: &Scope, template: MailTemplate, language: Language, text: &Text) -> Result<Result<Text, String>> {
    Ok(shown(&scope.read().await?, template, language, text).await?.0)
}

async fn shown(tx: &Tx, template: MailTemplate, language: Language, text: &Text) -> Result<(Result<Text, String>, String)> {
    if let Err(error) = write::check(text) {
        return Ok((Err(error.to_string()), String::new()));
    }
    #[derive(FromQueryResult)]
    struct Latest {
        id: InvoiceId,
    }
    let sql = "SELECT id FROM invoices WHERE seller_id = $1 AND status IN ('open', 'paid') ORDER BY issued_on DESC, id DESC LIMIT 1";
    let latest: Option<Latest> = tx.one(sql, [tx.seller_id().0.into()]).await?;
    let (values, of) = match latest {
        Some(Latest { id }) => {
            let invoice = invoices::read(tx, id).await?;
            let of = format!("{} of {}", invoice.number.clone().unwrap_or_default(), invoice.customer_name);
            let customer = crate::customers::store::read(tx, invoice.customer).await?;
            let account = invoices::accounts::of(tx, &[customer.id]).await?.remove(&customer.id);
            let new = NewMail::new(customer.id, template).about_invoice(id);
            (super::values(tx, &new, &customer, account.as_ref(), language).await?, of)
        }
        None => (write::invented(), "an invented invoice".to_owned()),
    };
    Ok((write::fill(text, &values), of))
}

/// Keeps a text of the seller's own.
///
/// # Errors
/// `Invalid` where it names what no letter has, or does more than filling places.
pub async fn save_text(scope: &Scope, template: MailTemplate, language: Language, text: Text) -> Result<()> {
    write::check(&text)?;
    let tx = scope.write().await?;
    let before = current(&tx, template, language).await?.0;
    let sql = "INSERT INTO mail_templates (seller_id, template, language, subject, body, updated_by, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (seller_id, template, language) DO UPDATE SET \
               subject = excluded.subject, body = excluded.body, updated_by = excluded.updated_by, updated_at = excluded.updated_at";
    let values = [
        tx.seller_id().0.into(),
        template.into(),
        language.into(),
        text.subject.clone().into(),
        text.body.clone().into(),
        scope.actor().name().into(),
        scope.now().into(),
    ];
    tx.run(sql, values).await?;
    tx.commit(changed(template, language).details(json!({ "before": before, "after": text }))).await
}

/// Goes back to the shipped text.
pub async fn reset_text(scope: &Scope, template: MailTemplate, language: Language) -> Result<()> {
    let tx = scope.write().await?;
    let before = current(&tx, template, language).await?.0;
    let sql = "DELETE FROM mail_templates WHERE seller_id = $1 AND template = $2 AND language = $3";
    tx.run(sql, [tx.seller_id().0.into(), template.into(), language.into()]).await?;
    tx.commit(changed(template, language).details(json!({ "before": before, "after": "shipped" }))).await
}

fn changed(template: MailTemplate, language: Language) -> Event {
    let label = format!("{}, {}", template.label(), language.label());
    Event::new("mail_template.changed", "mail_template", format!("{template}/{language}"), label)
}

#[derive(Default, FromQueryResult)]
struct SettingsRow {
    send_invoices: bool,
    reply_to: Option<String>,
}

async fn settings_row(tx: &Tx) -> Result<SettingsRow> {
    let sql = "SELECT send_invoices, reply_to FROM mail_settings WHERE seller_id = $1";
    let row = tx.one(sql, [tx.seller_id().0.into()]).await?;
    Ok(row.unwrap_or(SettingsRow { send_invoices: true, reply_to: None }))
}

pub(super) async fn reply_to(tx: &Tx) -> Result<Option<String>> {
    Ok(settings_row(tx).await?.reply_to)
}

/// What is sent by itself, and where letters go.
pub async fn settings(scope: &Scope) -> Result<MailSettings> {
    let row = settings_row(&scope.read().await?).await?;
    let (leaves, place) = scope.db().mailer().map(|m| (m.leaves(), m.place().to_owned())).unwrap_or_default();
    // Where the data lies on the machine is the operator's to know.
    let place = if leaves || scope.seller().is_platform { place } else { String::new() };
    Ok(MailSettings { send_invoices: row.send_invoices, reply_to: row.reply_to, leaves, place })
}

/// Changes what is sent by itself and where answers go.
pub async fn save_settings(scope: &Scope, send_invoices: bool, reply_to: &str) -> Result<()> {
    let mut check = Check::default();
    let reply_to = check.optional_email("reply_to", reply_to);
    let reply_to = check.done(|| reply_to)?;
    let tx = scope.write().await?;
    let sql = "INSERT INTO mail_settings (seller_id, send_invoices, reply_to, updated_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (seller_id) DO UPDATE SET send_invoices = excluded.send_invoices, reply_to = excluded.reply_to, \
               updated_at = excluded.updated_at";
    tx.run(sql, [tx.seller_id().0.into(), send_invoices.into(), reply_to.clone().into(), scope.now().into()]).await?;
    let seller = scope.seller();
    let event = Event::new("mail.settings_changed", "mail", seller.id, seller.name.clone());
    tx.commit(event.details(json!({ "send_invoices": send_invoices, "reply_to": reply_to }))).await
}

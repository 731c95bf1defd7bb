//! Making, keeping and sending documents.

#[cfg(test)]
mod tests;

use sea_orm::FromQueryResult;
use serde_json::json;
use tokio::sync::Semaphore;

use super::compose::{self, Look};
use crate::invoices::model::{CreditNote, InvoiceDetail};
use crate::invoices::store as invoices;
use crate::invoices::{CreditNoteId, InvoiceId, InvoiceStatus};
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::money::Money;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::mail::model::{About, Attached, NewMail};
use crate::mail::{self, MailId, MailTemplate};

/// Documents made at once: each takes a core.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// Bytes of a logo and of a document.
const LOGO_MAX: u64 = 2 * 1024 * 1024;
const PDF_MAX: u64 = 20 * 1024 * 1024;

/// A document as a file.
#[derive(Clone, Debug)]
pub struct Pdf {
    /// `INV-2026-00001.pdf`.
    pub name: String,
    pub bytes: Vec<u8>,
    /// Where it is kept; a draft's is not.
    pub key: Option<String>,
}

/// An invoice as PDF. What is issued is made once and kept.
pub async fn invoice_pdf(scope: &Scope, id: InvoiceId) -> Result<Pdf> {
    let detail = invoices::detail(scope, id).await?;
    let name = format!("{}.pdf", file_name(detail.invoice.number.as_deref().unwrap_or("draft")));
    let state = if detail.invoice.status == InvoiceStatus::Void { "-void" } else { "" };
    let key = detail.invoice.number.is_some().then(|| format!("documents/{}/{id}{state}.pdf", scope.seller().id));
    made_once(scope, name, key, async || {
        let document = composed(scope, &detail).await?;
        if let Some(number) = &detail.invoice.number {
            alert(scope, "invoice", &id.to_string(), number, &document).await?;
        }
        typeset(document).await
    })
    .await
}

/// The characters of an invoice that cannot be printed; none, as a rule.
pub async fn unprintable(scope: &Scope, id: InvoiceId) -> Result<String> {
    let detail = invoices::detail(scope, id).await?;
    invoice_pdf::missing(&composed(scope, &detail).await?).map_err(bug)
}

/// Somebody is told where a document that goes out has characters that cannot be printed.
async fn alert(scope: &Scope, kind: &'static str, id: &str, number: &str, document: &invoice_pdf::Document) -> Result<()> {
    let missing = invoice_pdf::missing(document).map_err(bug)?;
    if missing.is_empty() {
        return Ok(());
    }
    let some: String = missing.chars().take(40).collect();
    let event = Event::new("document.incomplete", kind, id, number).level(Level::Warning).details(json!({ "characters": some }));
    let body = format!("Some characters cannot be printed: {some}. Write them in another script, or send the document by other means.");
    let link = if kind == "invoice" { format!("/invoices/{id}/send") } else { format!("/credit-notes/{id}") };
    scope.write().await?.commit(event.notify(Level::Warning, format!("The PDF of {number} is incomplete"), body, link)).await
}

/// A credit note as PDF, made once and kept.
pub async fn credit_note_pdf(scope: &Scope, id: CreditNoteId) -> Result<Pdf> {
    let (note, lines) = {
        let tx = scope.read().await?;
        let note: CreditNote = invoices::read_credit_note(&tx, id).await?;
        let lines = invoices::credit_note_lines(&tx, &note).await?;
        (note, lines)
    };
    let name = format!("{}.pdf", file_name(&note.number));
    let key = format!("documents/{}/{id}.pdf", scope.seller().id);
    made_once(scope, name, Some(key), async || {
        let invoice = invoices::detail(scope, note.invoice).await?;
        let document = compose::credit_note(&note, &lines, &invoice, look(scope).await?);
        alert(scope, "credit_note", &id.to_string(), &note.number, &document).await?;
        typeset(document).await
    })
    .await
}

async fn made_once(scope: &Scope, name: String, key: Option<String>, make: impl AsyncFnOnce() -> Result<Vec<u8>>) -> Result<Pdf> {
    let Some(key) = key else { return Ok(Pdf { name, bytes: make().await?, key: None }) };
    let files = scope.db().files()?;
    let bytes = match files.read(&key, PDF_MAX).await {
        Err(Error::NotFound) => {
            let bytes = make().await?;
            // Two who ask at once both make it, and both make the same.
            files.put_bytes(&key, bytes.clone()).await?;
            bytes
        }
        kept => kept?,
    };
    Ok(Pdf { name, bytes, key: Some(key) })
}

async fn composed(scope: &Scope, detail: &InvoiceDetail) -> Result<invoice_pdf::Document> {
    let used = invoices::money::credit_at_issue(&scope.read().await?, detail.invoice.id).await?;
    let used = Money::new(used, detail.invoice.total.currency());
    Ok(compose::invoice(detail, used, look(scope).await?))
}

async fn typeset(document: invoice_pdf::Document) -> Result<Vec<u8>> {
    let _place = AT_ONCE.acquire().await.map_err(bug)?;
    tokio::task::spawn_blocking(move || invoice_pdf::render(&document)).await.map_err(bug)?.map_err(bug)
}

async fn look(scope: &Scope) -> Result<Look> {
    #[derive(FromQueryResult)]
    struct Kept {
        logo_key: Option<String>,
    }
    let (settings, kept) = {
        let tx = scope.read().await?;
        let sql = "SELECT logo_key FROM billing_settings WHERE seller_id = $1";
        (invoices::settings::settings(&tx).await?, tx.one::<Kept>(sql, [tx.seller_id().0.into()]).await?)
    };
    let logo = match kept.and_then(|k| k.logo_key) {
        // A logo that is gone is no reason to send no invoice.
        Some(key) => scope.db().files()?.read(&key, LOGO_MAX).await.ok().and_then(picture),
        None => None,
    };
    Ok(Look { accent: settings.accent, footer: settings.footer, logo })
}

/// What the bytes say that it is.
fn picture(bytes: Vec<u8>) -> Option<invoice_pdf::Logo> {
    use invoice_pdf::LogoFormat::{Jpeg, Png};
    let format = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") { Some(Png) } else { bytes.starts_with(b"\xff\xd8\xff").then_some(Jpeg) };
    format.map(|format| invoice_pdf::Logo { bytes, format })
}

/// A number as the name of a file.
fn file_name(number: &str) -> String {
    number.chars().map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '-' }).collect()
}

/// Sends an invoice to its customer, with the PDF; gives the letter.
///
/// # Errors
/// `Conflict` where it is a draft or void, or the customer has no e-mail address.
pub async fn send_invoice(scope: &Scope, id: InvoiceId) -> Result<MailId> {
    let sent = queue_invoice(scope, id, None).await?;
    sent.ok_or_else(|| Error::Conflict("The customer has no e-mail address. Add one, then send it.".into()))
}

/// As [`send_invoice`], once at most; `None` where it was sent so before, or there is no address.
pub async fn send_issued(scope: &Scope, id: InvoiceId) -> Result<Option<MailId>> {
    queue_invoice(scope, id, Some(format!("issued/{id}"))).await
}

async fn queue_invoice(scope: &Scope, id: InvoiceId, once: Option<String>) -> Result<Option<MailId>> {
    let invoice = invoices::get(scope, id).await?;
    match invoice.status {
        InvoiceStatus::Draft => return Err(Error::Conflict("It is a draft: issue it first.".into())),
        InvoiceStatus::Void => return Err(Error::Conflict("It is void.".into())),
        _ => {}
    }
    let pdf = invoice_pdf(scope, id).await?;
    let key = pdf.key.ok_or_else(|| bug("an issued invoice was not kept"))?;
    let attachments = vec![Attached { name: pdf.name, key, content_type: "application/pdf".into() }];
    let new = NewMail { attachments, once, about: About::Invoice(id), ..NewMail::new(invoice.customer, MailTemplate::Invoice) };
    let tx = scope.write().await?;
    let Some(mail) = mail::store::queue(&tx, new).await? else { return Ok(None) };
    let number = invoice.number.unwrap_or_default();
    tx.commit(Event::new("invoice.sent", "invoice", id, number).details(json!({ "mail": mail }))).await?;
    Ok(Some(mail))
}

/// Typesets an invented invoice, for the benchmark; gives its size.
pub fn bench_document(n: u64) -> Result<usize, String> {
    let text = |name: &str| format!("{name} {n}");
    let line = |k: u64| invoice_pdf::Line {
        description: text(&format!("Plan {k}")),
        period: Some("1 February 2026 to 28 February 2026".into()),
        quantity: "1".into(),
        unit: "$100.00".into(),
        amount: "$100.00".into(),
    };
    let document = invoice_pdf::Document {
        title: "Invoice".into(),
        number: text("INV"),
        language: "en".into(),
        seller: vec!["Seller".into()],
        buyer: vec![text("Customer"), text("Street")],
        lines: (0..10).map(line).collect(),
        ..invoice_pdf::Document::default()
    };
    invoice_pdf::render(&document).map(|bytes| bytes.len())
}

/// Whether an issued invoice is to go out by itself: the seller wants it, and it is news. What was imported, or billed
/// for what lies behind, is no news.
pub async fn is_to_go(tx: &Tx, id: InvoiceId) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Asked {
        fresh: i64,
    }
    let sql = "SELECT COUNT(*) AS fresh FROM invoices i WHERE i.seller_id = $1 AND i.id = $2 AND i.issued_on >= $3 \
               AND i.status IN ('open', 'paid') AND i.total_minor <> 0 \
               AND NOT EXISTS (SELECT 1 FROM mail_settings s WHERE s.seller_id = i.seller_id AND s.send_invoices = $4)";
    let since = tx.scope().today().checked_sub_days(chrono::Days::new(3)).unwrap_or(tx.scope().today());
    let asked: Option<Asked> = tx.one(sql, [tx.seller_id().0.into(), id.0.into(), since.into(), false.into()]).await?;
    Ok(asked.is_some_and(|a| a.fresh > 0))
}

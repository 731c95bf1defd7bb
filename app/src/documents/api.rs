//! What the pages ask the server.

use crate::invoices::InvoiceId;
use crate::kit::{Result, server};
use crate::mail::MailId;

/// The characters of an invoice that its PDF cannot show.
#[server]
pub async fn read_unprintable(id: InvoiceId) -> Result<String> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::ReadInvoices>()?;
    scope::answer_with_status(crate::documents::store::unprintable(&scope, id).await)
}

/// Sends an invoice with its PDF, and leads to the letter.
#[server]
pub async fn send_invoice(id: InvoiceId) -> Result<MailId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let mail = scope::answer_with_status(crate::documents::store::send_invoice(&scope, id).await)?;
    scope::redirect_page(&format!("/mails/{mail}"));
    Ok(mail)
}

//! Receipts in the database.

mod list;
mod review;
#[cfg(test)]
mod tests;

pub use list::{chunk, file, get, list};
pub use review::{approve, link, reject};

use serde_json::json;

use super::model::{ReceiptId, numbers_in};
use crate::invoices::{self, InvoiceId};
use crate::kit::Error;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::document::FileKind;
use crate::kit::event::{Event, Level};
use crate::kit::id::OrganizationId;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// A file that has arrived.
#[derive(Clone, Debug)]
pub struct NewReceipt {
    pub file_key: String,
    pub file_name: String,
    pub kind: FileKind,
    pub size_bytes: u64,
    /// Of its content, in hexadecimal digits.
    pub sha256: String,
    /// Chosen by whoever uploads it; otherwise by the number in the file's name.
    pub invoice: Option<InvoiceId>,
    /// Of whoever sends it from the customer's side, where they are told what became of it.
    pub uploader_organization: Option<OrganizationId>,
}

/// Puts a receipt into the queue.
pub async fn create(scope: &Scope, new: NewReceipt) -> Result<ReceiptId> {
    let tx = scope.write().await?;
    if known(&tx, &new.sha256).await? {
        return Err(Error::field("file", "was uploaded before"));
    }
    let invoice = match new.invoice {
        Some(id) => Some(invoices::store::read(&tx, id).await?),
        None => numbered(&tx, &new.file_name).await?,
    };
    let id = ReceiptId::new();
    let sql = "INSERT INTO receipts (seller_id, id, customer_id, invoice_id, file_key, file_name, content_type, size_bytes, sha256, status, \
               uploaded_by, uploader_id, uploader_organization, uploaded_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $11, $12, $13)";
    let person = scope.user().ok().map(|user| user.0);
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        invoice.as_ref().map(|i| i.customer.0).into(),
        invoice.as_ref().map(|i| i.id.0).into(),
        new.file_key.into(),
        new.file_name.clone().into(),
        new.kind.into(),
        i64::try_from(new.size_bytes).unwrap_or(i64::MAX).into(),
        new.sha256.into(),
        scope.actor().name().into(),
        person.into(),
        new.uploader_organization.map(|o| o.0).into(),
        scope.now().into(),
    ];
    tx.run(sql, values).await?;
    let number = invoice.as_ref().and_then(|i| i.number.clone());
    let body = match (&number, &invoice) {
        (Some(number), Some(invoice)) => format!("For {number} of {}.", invoice.customer_name),
        _ => "It names no invoice.".to_owned(),
    };
    let details = json!({ "kind": new.kind, "size_bytes": new.size_bytes, "invoice": number });
    let event = Event::new("receipt.uploaded", "receipt", id, new.file_name).details(details);
    tx.commit(event.notify(Level::Info, "A receipt waits for review", body, format!("/receipts/{id}"))).await?;
    Ok(id)
}

/// Whether the same file waits or was approved.
async fn known(tx: &Tx, sha256: &str) -> Result<bool> {
    #[derive(sea_orm::FromQueryResult)]
    struct Count {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM receipts WHERE seller_id = $1 AND sha256 = $2 AND status <> 'rejected'";
    Ok(tx.one::<Count>(sql, [tx.seller_id().0.into(), sha256.into()]).await?.is_some_and(|count| count.n > 0))
}

/// The invoice that a file's name names, where it names one that there is and only one.
async fn numbered(tx: &Tx, file_name: &str) -> Result<Option<invoices::Invoice>> {
    let mut found = Vec::new();
    for number in numbers_in(file_name) {
        found.extend(invoices::store::by_number(tx, &number).await?);
    }
    found.dedup();
    match found[..] {
        [id] => invoices::store::read(tx, id).await.map(Some),
        _ => Ok(None),
    }
}

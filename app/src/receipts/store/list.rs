//! The queue, and the files in it.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::db::{Sql, bug};
use crate::kit::document::FileKind;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::Money;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::PaymentId;
use crate::receipts::model::{LinkedInvoice, Receipt, ReceiptId, ReceiptStatus};

const LIST: Keyset =
    Keyset { columns: &[Column::time("uploaded", "r.uploaded_at"), Column::text("file", "r.file_name")], default: "-uploaded", id: "r.id" };
const COLUMNS: &str = "r.id, r.status, r.file_name, r.content_type, r.size_bytes, r.customer_id, c.name AS customer_name, r.invoice_id, \
     i.number, i.due_minor, i.currency, r.payment_id, r.reject_reason, r.uploaded_by, r.uploader_id, r.uploader_organization, r.uploaded_at, r.reviewed_by, \
     r.reviewed_at, r.file_key";
const TABLES: &str = "receipts r LEFT JOIN customers c ON c.seller_id = r.seller_id AND c.id = r.customer_id \
     LEFT JOIN invoices i ON i.seller_id = r.seller_id AND i.id = r.invoice_id";

#[derive(FromQueryResult)]
pub(super) struct Row {
    pub id: ReceiptId,
    pub status: ReceiptStatus,
    pub file_name: String,
    content_type: FileKind,
    size_bytes: i64,
    customer_id: Option<uuid::Uuid>,
    customer_name: Option<String>,
    invoice_id: Option<uuid::Uuid>,
    number: Option<String>,
    due_minor: Option<i64>,
    currency: Option<String>,
    payment_id: Option<uuid::Uuid>,
    reject_reason: Option<String>,
    uploaded_by: String,
    pub uploader_id: Option<uuid::Uuid>,
    /// Of who sent it from the customer's side.
    pub uploader_organization: Option<uuid::Uuid>,
    uploaded_at: DateTime<Utc>,
    reviewed_by: Option<String>,
    reviewed_at: Option<DateTime<Utc>>,
    file_key: String,
}

impl Row {
    /// The invoice that it is for.
    pub fn invoice(&self) -> Option<InvoiceId> {
        self.invoice_id.map(InvoiceId)
    }

    fn receipt(self, scope: &Scope) -> Result<Receipt> {
        let invoice = match (self.invoice_id, self.due_minor, self.currency) {
            (Some(id), Some(due), Some(currency)) => {
                let due = Money::new(due, currency.parse().map_err(bug)?);
                Some(LinkedInvoice { id: InvoiceId(id), number: self.number.unwrap_or_else(|| "Draft".into()), due })
            }
            _ => None,
        };
        Ok(Receipt {
            id: self.id,
            status: self.status,
            file_name: self.file_name,
            kind: self.content_type,
            size_bytes: u64::try_from(self.size_bytes).unwrap_or(0),
            customer: self.customer_id.map(CustomerId).zip(self.customer_name),
            invoice,
            payment: self.payment_id.map(PaymentId),
            reject_reason: self.reject_reason,
            uploaded_by: self.uploaded_by,
            uploaded: scope.moment(self.uploaded_at),
            reviewed_by: self.reviewed_by,
            reviewed: self.reviewed_at.map(|at| scope.moment(at)),
        })
    }
}

/// A page of receipts: search by file name or invoice number; filters `status`, `customer`, `invoice`; sort `uploaded`, `file`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Receipt>> {
    let tx = scope.read().await?;
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)).await?;
    let rows = page.rows.into_iter().map(|row| row.receipt(scope)).collect::<Result<_>>()?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` receipts of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Receipt>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<Row>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)).await?;
    Ok((rows.into_iter().map(|row| row.receipt(scope)).collect::<Result<_>>()?, next))
}

fn filter(tx: &Tx, query: &ListQuery) -> Where {
    let mut filter = Where::seller(tx, "r");
    filter.any("r.status", query.filter("status"));
    let customers: Vec<uuid::Uuid> =
        query.filter("customer").iter().map(|id| crate::kit::id::decode("cus", id).unwrap_or(uuid::Uuid::nil())).collect();
    filter.any("r.customer_id", &customers);
    let invoices: Vec<uuid::Uuid> =
        query.filter("invoice").iter().map(|id| crate::kit::id::decode("inv", id).unwrap_or(uuid::Uuid::nil())).collect();
    filter.any("r.invoice_id", &invoices);
    filter.contains(&["r.file_name", "i.number", "c.name"], &query.q);
    filter
}

pub async fn get(scope: &Scope, id: ReceiptId) -> Result<Receipt> {
    row(&scope.read().await?, id).await?.receipt(scope)
}

pub(super) async fn row(tx: &Tx, id: ReceiptId) -> Result<Row> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE r.seller_id = $1 AND r.id = $2");
    let row: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    row.ok_or(Error::NotFound)
}

/// The file of a receipt: its name, what it is, and where it lies.
pub async fn file(scope: &Scope, id: ReceiptId) -> Result<(String, FileKind, String)> {
    let row = row(&scope.read().await?, id).await?;
    Ok((row.file_name, row.content_type, row.file_key))
}

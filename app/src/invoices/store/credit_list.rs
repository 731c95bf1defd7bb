//! Credit notes, found and read.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;

use crate::customers::CustomerId;
use crate::customers::store::find_by_words_or;
use crate::invoices::credit_notes::{CreditNoteDetail, CreditNoteLine};
use crate::invoices::model::{CreditNote, CreditNoteId, InvoiceId, Settlement};
use crate::kit::db::{Sql, bug};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

const LIST: Keyset = Keyset {
    columns: &[Column::day("issued", "n.issued_on"), Column::text("number", "n.number"), Column::integer("total", "n.total_minor")],
    default: "-issued",
    id: "n.id",
};
pub(super) const COLUMNS: &str = "n.id, n.number, n.invoice_id, COALESCE(i.number, '') AS invoice_number, n.customer_id, c.name AS customer_name, \
     n.settlement, n.reason, n.currency, n.issued_on, n.subtotal_minor, n.tax_minor, n.total_minor, n.created_at";
pub(super) const TABLES: &str = "credit_notes n JOIN invoices i ON i.seller_id = n.seller_id AND i.id = n.invoice_id \
     JOIN customers c ON c.seller_id = n.seller_id AND c.id = n.customer_id";

#[derive(FromQueryResult)]
pub(super) struct Row {
    id: CreditNoteId,
    number: String,
    invoice_id: InvoiceId,
    invoice_number: String,
    customer_id: CustomerId,
    customer_name: String,
    settlement: Settlement,
    reason: String,
    currency: String,
    issued_on: NaiveDate,
    subtotal_minor: i64,
    tax_minor: i64,
    total_minor: i64,
    created_at: DateTime<Utc>,
}

impl Row {
    pub(super) fn note(self, scope: &Scope) -> Result<CreditNote> {
        let currency = self.currency.parse().map_err(bug)?;
        let money = |minor| Money::new(minor, currency);
        Ok(CreditNote {
            id: self.id,
            number: self.number,
            invoice: self.invoice_id,
            invoice_number: self.invoice_number,
            customer: self.customer_id,
            customer_name: self.customer_name,
            settlement: self.settlement,
            reason: self.reason,
            issued_on: self.issued_on,
            subtotal: money(self.subtotal_minor),
            tax: money(self.tax_minor),
            total: money(self.total_minor),
            created: scope.moment(self.created_at),
        })
    }
}

fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "n");
    let ids = |key: &str, prefix| -> Vec<uuid::Uuid> {
        query.filter(key).iter().map(|id| crate::kit::id::decode(prefix, id).unwrap_or(uuid::Uuid::nil())).collect()
    };
    filter.any("n.id", &ids("id", "crn"));
    filter.any("n.customer_id", &ids("customer", "cus"));
    filter.any("n.invoice_id", &ids("invoice", "inv"));
    filter.any("n.settlement", query.filter("settlement"));
    filter.any("n.currency", query.filter("currency"));
    for (key, condition) in [("issued_from", "n.issued_on >= ?"), ("issued_to", "n.issued_on <= ?")] {
        if let Some(text) = query.filter_one(key) {
            let day = crate::kit::period::day(text).map_err(|why| Error::field(key, why))?;
            filter.and(condition, [day.into()]);
        }
    }
    let number = query.q.trim().to_uppercase();
    let numbers = ("n.number = ? OR i.number = ?", vec![number.clone().into(), number.into()]);
    find_by_words_or(&mut filter, "n.customer_id", &query.q, numbers);
    Ok(filter)
}

/// A page of credit notes: search by number, the invoice's number or the customer; filters `settlement`, `customer`,
/// `invoice`, `currency`, `issued_from`, `issued_to`; sort `issued`, `number`, `total`.
pub async fn list_credit_notes(scope: &Scope, query: &ListQuery) -> Result<Page<CreditNote>> {
    let tx = scope.read().await?;
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    let rows = page.rows.into_iter().map(|row| row.note(scope)).collect::<Result<_>>()?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` credit notes of the list after `query.after`, and where to go on.
pub async fn chunk_credit_notes(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<CreditNote>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<Row>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok((rows.into_iter().map(|row| row.note(scope)).collect::<Result<_>>()?, next))
}

/// A credit note with its lines.
pub async fn get_credit_note(scope: &Scope, id: CreditNoteId) -> Result<CreditNoteDetail> {
    #[derive(FromQueryResult)]
    struct LineRow {
        description: String,
        amount_minor: i64,
        tax_minor: i64,
    }
    let tx = scope.read().await?;
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE n.seller_id = $1 AND n.id = $2");
    let row: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let note = row.ok_or(Error::NotFound)?.note(scope)?;
    let currency: Currency = note.total.currency();
    let sql = "SELECT n.description, n.amount_minor, n.tax_minor FROM credit_note_lines n JOIN invoice_lines l \
               ON l.seller_id = n.seller_id AND l.id = n.invoice_line_id \
               WHERE n.seller_id = $1 AND n.credit_note_id = $2 ORDER BY l.position";
    let rows: Vec<LineRow> = tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let line = |row: LineRow| CreditNoteLine {
        description: row.description,
        amount: Money::new(row.amount_minor, currency),
        tax: Money::new(row.tax_minor, currency),
    };
    Ok(CreditNoteDetail { created_by: created_by(&tx, id).await?, lines: rows.into_iter().map(line).collect(), note })
}

async fn created_by(tx: &Tx, id: CreditNoteId) -> Result<String> {
    #[derive(FromQueryResult)]
    struct By {
        created_by: String,
    }
    let sql = "SELECT created_by FROM credit_notes WHERE seller_id = $1 AND id = $2";
    let row: Option<By> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(row.ok_or(Error::NotFound)?.created_by)
}

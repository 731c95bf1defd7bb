//! An invoice's page: all that it says, what moved its money, what can still be taken back, and what happened to it.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::{credit, list, manual};
use crate::audit::{self, AuditRow};
use crate::invoices::ledger::EntryKind;
use crate::invoices::model::InvoiceId;
use crate::invoices::sheet::{InvoiceMove, InvoiceSheet};
use crate::kit::Result;
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// See the module.
pub async fn sheet(scope: &Scope, id: InvoiceId) -> Result<InvoiceSheet> {
    let detail = list::detail(scope, id).await?;
    let tx = scope.read().await?;
    let mut numbers = [None, None];
    for (number, other) in numbers.iter_mut().zip([detail.replaces, detail.replaced_by]) {
        if let Some(other) = other {
            *number = Some(list::read(&tx, other).await?.number.unwrap_or_else(|| "a draft".to_owned()));
        }
    }
    let [replaces_number, replaced_by_number] = numbers;
    Ok(InvoiceSheet {
        replaces_number,
        replaced_by_number,
        moves: moves(&tx, id, detail.invoice.total.currency()).await?,
        left: credit::left_of(&tx, &detail.invoice).await?,
        to_confirm: to_confirm(&tx, id).await?,
        would_be_due: manual::due_day(&tx, detail.invoice.customer, manual::wanted_due(&tx, id).await?).await?,
        detail,
    })
}

/// The charge of an invoice that waits for the customer: where it is shown, and can be cancelled.
async fn to_confirm(tx: &Tx, id: InvoiceId) -> Result<Option<(String, Money)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: uuid::Uuid,
        currency: String,
        amount_minor: i64,
    }
    let sql = "SELECT p.id, p.currency, p.amount_minor FROM charges c JOIN payments p ON p.seller_id = c.seller_id AND p.id = c.payment_id \
               WHERE c.seller_id = $1 AND c.invoice_id = $2 AND c.under_way AND p.status = 'needs_action'";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let amount = Money::new(row.amount_minor, row.currency.parse().map_err(bug)?);
    Ok(Some((format!("/payments/{}", crate::kit::id::encode("pay", row.id)), amount)))
}

/// What changed what it wants, from the ledger, the earliest first.
async fn moves(tx: &Tx, id: InvoiceId, currency: Currency) -> Result<Vec<InvoiceMove>> {
    #[derive(FromQueryResult)]
    struct Row {
        day: NaiveDate,
        kind: EntryKind,
        label: String,
        source: String,
        minor: i64,
    }
    let sql = "SELECT e.day, e.kind, e.label, e.source, CAST(SUM(p.amount_minor) AS BIGINT) AS minor FROM ledger_postings p \
               JOIN ledger_entries e ON e.seller_id = p.seller_id AND e.id = p.entry_id WHERE p.seller_id = $1 AND p.invoice_id = $2 \
               GROUP BY e.day, e.id, e.kind, e.label, e.source ORDER BY e.day, e.id";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let moved = |row: Row| InvoiceMove {
        day: row.day,
        what: row.kind.label().to_owned(),
        label: row.label,
        link: link(&row.source),
        amount: Money::new(row.minor, currency),
    };
    Ok(rows.into_iter().map(moved).collect())
}

/// The page of a document by its shown id.
fn link(source: &str) -> Option<String> {
    let page = [("pay_", "payments"), ("crn_", "credit-notes")].into_iter().find(|(prefix, _)| source.starts_with(prefix));
    page.map(|(_, page)| format!("/{page}/{source}"))
}

/// What was done to it and to what belongs to it.
pub async fn activity(scope: &Scope, id: InvoiceId, query: &ListQuery) -> Result<Page<AuditRow>> {
    let tx = scope.read().await?;
    list::read(&tx, id).await?;
    // Payments that paid it, once or still, and charges of it, which may have failed.
    let payments = "SELECT payment_id AS id FROM payment_allocations WHERE seller_id = $1 AND invoice_id = $2 \
                    UNION SELECT payment_id AS id FROM charges WHERE seller_id = $1 AND invoice_id = $2 LIMIT 200";
    let payments = ids(&tx, payments, "pay", id.0.into()).await?;
    let cases = "SELECT id FROM dunning_cases WHERE seller_id = $1 AND invoice_id = $2 LIMIT 50";
    let cases = ids(&tx, cases, "dun", id.0.into()).await?;
    let letters = ids(&tx, "SELECT id FROM mails WHERE seller_id = $1 AND about = $2 LIMIT 200", "mal", id.to_string().into()).await?;
    let notes = credit::of_invoice(&tx, id).await?.into_iter().map(|note| note.id.to_string()).collect();
    drop(tx);
    let own = vec![id.to_string()];
    let subjects = [("invoice", own), ("credit_note", notes), ("payment", payments), ("dunning_case", cases), ("mail", letters)];
    audit::store::of_subjects(scope, &subjects, query).await
}

/// The shown ids, which begin with `prefix`, of what a query about one thing finds.
async fn ids(tx: &Tx, sql: &str, prefix: &str, about: sea_orm::Value) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: uuid::Uuid,
    }
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), about]).await?;
    Ok(rows.into_iter().map(|row| crate::kit::id::encode(prefix, row.id)).collect())
}

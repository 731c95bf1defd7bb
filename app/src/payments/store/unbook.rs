//! A refund that was booked and then came back: its booking is taken back, too.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::invoices::InvoiceId;
use crate::invoices::ledger::{Account, Entry, EntryKind};
use crate::invoices::store::money::settle;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::money::Money;
use crate::kit::tx::Tx;
use crate::payments::model::{Payment, PaymentId, RefundId};

#[derive(FromQueryResult)]
struct Booked {
    account: Account,
    amount_minor: i64,
    invoice_id: Option<InvoiceId>,
}

/// Takes the booking of a refund back, whose customer is held. What it made owed again is paid again; where somebody paid
/// that meanwhile, the money is the customer's credit.
pub(super) async fn unbook(tx: &Tx, id: RefundId, minor: i64, payment: &Payment, why: &str, at: DateTime<Utc>) -> Result<Event> {
    let sql = "SELECT p.account, p.amount_minor, p.invoice_id FROM ledger_entries e JOIN ledger_postings p \
               ON p.seller_id = e.seller_id AND p.entry_id = e.id WHERE e.seller_id = $1 AND e.kind = 'refund' AND e.source = $2 \
               ORDER BY p.position";
    let booked: Vec<Booked> = tx.all(sql, [tx.seller_id().0.into(), id.to_string().into()]).await?;
    let mut entry = Entry::new(EntryKind::RefundReversed, payment.customer, payment.amount.currency(), id, "A refund came back");
    for posting in booked {
        entry = match posting.invoice_id {
            Some(invoice) => {
                let again = posting.amount_minor.min(due(tx, invoice).await?);
                retain(tx, payment.id, invoice, again).await?;
                entry.owed(invoice, -again).credit(Account::CustomerCredit, posting.amount_minor - again)
            }
            None => {
                if posting.account == Account::WriteOff {
                    retain_given_up(tx, payment.id, posting.amount_minor).await?;
                }
                entry.credit(posting.account, posting.amount_minor)
            }
        };
    }
    settle(tx, tx.scope().today(), entry).await?;
    let sql = "UPDATE refunds SET status = 'failed', failure_message = $3, settled_at = $4 WHERE seller_id = $1 AND id = $2";
    let why: String = why.chars().take(500).collect();
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), why.clone().into(), at.into()]).await?;
    let sql = "UPDATE payments SET refunded_minor = refunded_minor - $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), payment.id.0.into(), minor.into()]).await?;
    let amount = Money::new(minor, payment.amount.currency());
    let details = json!({ "refund": id, "amount": amount, "message": why });
    let event = Event::new("payment.refund_returned", "payment", payment.id, payment.customer_name.clone()).level(Level::Critical);
    let title = format!("A refund of {amount} to {} came back", payment.customer_name);
    let body = format!("{why} Its booking is taken back: pay it another way, or give credit.");
    Ok(event.details(details).notify(Level::Critical, title, body, format!("/payments/{}", payment.id)))
}

/// What an open invoice wants; nothing where it is not open.
async fn due(tx: &Tx, invoice: InvoiceId) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Due {
        due_minor: i64,
    }
    let sql = "SELECT due_minor FROM invoices WHERE seller_id = $1 AND id = $2 AND status = 'open'";
    let due: Option<Due> = tx.one(sql, [tx.seller_id().0.into(), invoice.0.into()]).await?;
    Ok(due.map_or(0, |due| due.due_minor.max(0)))
}

/// The payment pays so much of an invoice again; of one that its credit paid, there is nothing to note.
async fn retain(tx: &Tx, payment: PaymentId, invoice: InvoiceId, minor: i64) -> Result<()> {
    let sql = "UPDATE payment_allocations SET released_minor = CASE WHEN released_minor > $4 THEN released_minor - $4 ELSE 0 END \
               WHERE seller_id = $1 AND payment_id = $2 AND invoice_id = $3";
    tx.run(sql, [tx.seller_id().0.into(), payment.0.into(), invoice.0.into(), minor.into()]).await.map(|_| ())
}

/// The same of invoices that were given up.
async fn retain_given_up(tx: &Tx, payment: PaymentId, mut minor: i64) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Released {
        invoice_id: InvoiceId,
        released_minor: i64,
    }
    let sql = "SELECT a.invoice_id, a.released_minor FROM payment_allocations a JOIN invoices i ON i.seller_id = a.seller_id \
               AND i.id = a.invoice_id WHERE a.seller_id = $1 AND a.payment_id = $2 AND a.released_minor > 0 AND i.status = 'uncollectible' \
               ORDER BY i.issued_on, i.id";
    let released: Vec<Released> = tx.all(sql, [tx.seller_id().0.into(), payment.0.into()]).await?;
    for part in released {
        let back = minor.min(part.released_minor);
        retain(tx, payment, part.invoice_id, back).await?;
        minor -= back;
    }
    Ok(())
}

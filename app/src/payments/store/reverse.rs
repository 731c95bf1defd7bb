//! A payment that never was: recorded by mistake, or bounced.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::refund::owed_again;
use super::{allocate, list};
use crate::customers::{self, CustomerId};
use crate::invoices::InvoiceId;
use crate::invoices::ledger::{Account, Entry, EntryKind};
use crate::invoices::store::money::settle;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::money::Currency;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::model::{PaymentId, PaymentStatus};

/// Takes a payment back as if it had never come: its invoices are owed again, and so are those that used the credit it
/// made, the latest first.
pub async fn reverse(scope: &Scope, id: PaymentId, reason: String) -> Result<()> {
    let tx = scope.write().await?;
    let customer = list::read(&tx, id).await?.customer;
    customers::store::hold(&tx, &[customer]).await?;
    let payment = list::read(&tx, id).await?;
    if payment.status != PaymentStatus::Succeeded {
        return Err(Error::Conflict(format!("It is {}: there is nothing to reverse.", payment.status.label().to_lowercase())));
    }
    if !payment.refunded.is_zero() {
        return Err(Error::Conflict("A part of it was paid back: refund the rest instead.".into()));
    }
    let currency = payment.amount.currency();
    let parts = allocate::parts(&tx, id).await?;
    let rest = payment.amount.minor() - parts.iter().map(|p| p.minor).sum::<i64>();
    let credit = rest.min(allocate::credit(&tx, customer, currency).await?);
    let mut entry = Entry::new(EntryKind::PaymentReversed, customer, currency, id, format!("Reversed: {reason}"));
    entry = parts.iter().fold(entry, |entry, part| owed_again(entry, part.invoice_id, part.minor, part.given_up));
    entry = entry.debit(Account::CustomerCredit, credit);
    let mut missing = rest - credit;
    for used in credit_used(&tx, customer, currency).await? {
        let back = missing.min(used.minor);
        if back > 0 {
            entry = entry.owed(used.id, back);
            missing -= back;
        }
    }
    if missing > 0 {
        return Err(Error::Conflict("The credit that it made was paid out or given up: it cannot be reversed any more.".into()));
    }
    settle(&tx, scope.today(), entry.credit(Account::Cash, payment.amount.minor())).await?;
    let sql = "UPDATE payments SET status = 'reversed', reversed_at = $3, reverse_reason = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), scope.now().into(), reason.clone().into()]).await?;
    let details = json!({ "amount": payment.amount, "customer": customer, "reason": reason });
    let event = Event::new("payment.reversed", "payment", id, payment.customer_name.clone()).level(Level::Warning).details(details);
    let title = format!("{} of {} was reversed", payment.amount, payment.customer_name);
    tx.commit(event.notify(Level::Warning, title, reason, format!("/payments/{id}"))).await
}

/// What of an invoice credit paid.
#[derive(FromQueryResult)]
pub(super) struct Used {
    pub id: InvoiceId,
    pub minor: i64,
}

/// What of the customer's invoices credit paid: their total, less what is due, what payments pay and what notes took
/// off. The latest first.
pub(super) async fn credit_used(tx: &Tx, customer: CustomerId, currency: Currency) -> Result<Vec<Used>> {
    let sql = "SELECT id, minor FROM (SELECT i.id, i.issued_on, CAST(i.total_minor - i.due_minor \
               - COALESCE((SELECT SUM(a.amount_minor - a.released_minor) FROM payment_allocations a \
                   JOIN payments p ON p.seller_id = a.seller_id AND p.id = a.payment_id AND p.status = 'succeeded' \
                   WHERE a.seller_id = i.seller_id AND a.invoice_id = i.id), 0) \
               - COALESCE((SELECT SUM(n.total_minor) FROM credit_notes n WHERE n.seller_id = i.seller_id AND n.invoice_id = i.id \
                   AND n.settlement = 'offset'), 0) AS BIGINT) AS minor \
               FROM invoices i WHERE i.seller_id = $1 AND i.customer_id = $2 AND i.currency = $3 AND i.status IN ('open', 'paid') \
               AND i.total_minor > 0) AS used WHERE minor > 0 ORDER BY issued_on DESC, id DESC";
    tx.all(sql, [tx.seller_id().0.into(), customer.0.into(), currency.to_string().into()]).await
}

//! Which invoices a payment pays.

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::db::Sql;
use crate::kit::money::{Currency, Money};
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::model::{NewAllocation, NewPayment, PaymentId, oldest_first};

/// An invoice that wants money.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Wanting {
    pub id: InvoiceId,
    pub number: String,
    pub due_on: NaiveDate,
    pub due_minor: i64,
}

/// The customer's invoices that want money, what is due first before the others.
pub async fn wanting(tx: &Tx, customer: CustomerId, currency: Currency) -> Result<Vec<Wanting>> {
    let sql = "SELECT id, number, due_on, due_minor FROM invoices WHERE seller_id = $1 AND customer_id = $2 AND currency = $3 \
               AND status = 'open' AND due_minor > 0 ORDER BY due_on, issued_on, id";
    tx.all(sql, [tx.seller_id().0.into(), customer.0.into(), currency.to_string().into()]).await
}

/// An invoice that was given up, with what of that has not come after all.
pub async fn given_up(tx: &Tx, id: InvoiceId, customer: CustomerId, currency: Currency) -> Result<Option<Wanting>> {
    let sql = "SELECT i.id, i.number, i.due_on, CAST(COALESCE((SELECT SUM(p.amount_minor) FROM ledger_entries e JOIN ledger_postings p \
               ON p.seller_id = e.seller_id AND p.entry_id = e.id WHERE e.seller_id = i.seller_id AND e.kind = 'written_off' \
               AND e.source = $5 AND p.account = 'write_off'), 0) - COALESCE((SELECT SUM(a.amount_minor - a.released_minor) \
               FROM payment_allocations a JOIN payments m ON m.seller_id = a.seller_id AND m.id = a.payment_id AND m.status = 'succeeded' \
               WHERE a.seller_id = i.seller_id AND a.invoice_id = i.id AND a.recovered), 0) AS BIGINT) AS due_minor FROM invoices i \
               WHERE i.seller_id = $1 AND i.id = $2 AND i.customer_id = $3 AND i.currency = $4 AND i.status = 'uncollectible'";
    let values = [tx.seller_id().0.into(), id.0.into(), customer.0.into(), currency.to_string().into(), id.to_string().into()];
    let found: Option<Wanting> = tx.one(sql, values).await?;
    Ok(found.filter(|i| i.due_minor > 0))
}

/// What of a payment an invoice gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allotted {
    pub invoice: InvoiceId,
    pub minor: i64,
    /// It had been given up.
    pub recovered: bool,
}

/// What of a payment goes to which invoice; what is left is the customer's credit. An invoice that was given up gets
/// only what is meant for it. The customer must be held.
pub async fn allot(tx: &Tx, new: &NewPayment) -> Result<Vec<Allotted>> {
    let open = wanting(tx, new.customer, new.amount.currency()).await?;
    let Some(chosen) = &new.allocations else {
        let due: Vec<(InvoiceId, i64)> = open.iter().map(|i| (i.id, i.due_minor)).collect();
        let parts = oldest_first(new.amount.minor(), &due).into_iter();
        return Ok(parts.map(|(invoice, minor)| Allotted { invoice, minor, recovered: false }).collect());
    };
    let mut left = new.amount.minor();
    let mut parts: Vec<Allotted> = Vec::new();
    for NewAllocation { invoice, amount } in chosen {
        let refuse = |why: String| Err(Error::field("allocations", why));
        if parts.iter().any(|part| part.invoice == *invoice) {
            return refuse("must name each invoice once".into());
        }
        let found = open.iter().find(|i| i.id == *invoice).cloned();
        let recovered = found.is_none();
        let found = if recovered { given_up(tx, *invoice, new.customer, new.amount.currency()).await? } else { found };
        let Some(wants) = found else { return refuse(closed(tx, *invoice, new).await?) };
        let part = match amount {
            None => wants.due_minor.min(left),
            Some(part) if part.currency() != new.amount.currency() => return refuse("must be in the payment's currency".into()),
            Some(part) => part.minor(),
        };
        if part <= 0 || part > left {
            return refuse("must each be more than nothing, and together no more than the payment".into());
        }
        if part > wants.due_minor {
            return refuse(format!("give {} more than the {} it wants", wants.number, Money::new(wants.due_minor, new.amount.currency())));
        }
        left -= part;
        parts.push(Allotted { invoice: *invoice, minor: part, recovered });
    }
    Ok(parts)
}

/// Why an invoice cannot be paid.
async fn closed(tx: &Tx, invoice: InvoiceId, new: &NewPayment) -> Result<String> {
    let invoice = match crate::invoices::store::read(tx, invoice).await {
        Err(Error::NotFound) => return Ok("name an invoice that there is not".into()),
        other => other?,
    };
    if invoice.customer != new.customer {
        return Ok("name an invoice of another customer".into());
    }
    let number = invoice.number.unwrap_or_else(|| "a draft".into());
    if invoice.total.currency() != new.amount.currency() {
        return Ok(format!("name {number}, which is in {}", invoice.total.currency()));
    }
    Ok(format!("name {number}, which wants nothing ({})", invoice.status.label().to_lowercase()))
}

/// Writes what of a payment pays which invoice.
pub async fn write(tx: &Tx, payment: PaymentId, parts: &[Allotted]) -> Result<()> {
    for Allotted { invoice, minor, recovered } in parts {
        let sql =
            "INSERT INTO payment_allocations (seller_id, payment_id, invoice_id, amount_minor, recovered) VALUES ($1, $2, $3, $4, $5)";
        tx.run(sql, [tx.seller_id().0.into(), payment.0.into(), invoice.0.into(), (*minor).into(), (*recovered).into()]).await?;
    }
    Ok(())
}

/// A part of a payment that still pays an invoice.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Part {
    pub invoice_id: InvoiceId,
    pub minor: i64,
    /// It was given up: what it wants again is given up, too.
    pub given_up: bool,
}

/// The parts of a payment that still pay invoices, the latest invoice first.
pub async fn parts(tx: &Tx, payment: PaymentId) -> Result<Vec<Part>> {
    let sql = "SELECT a.invoice_id, a.amount_minor - a.released_minor AS minor, (i.status = 'uncollectible') AS given_up \
               FROM payment_allocations a JOIN invoices i ON i.seller_id = a.seller_id AND i.id = a.invoice_id \
               WHERE a.seller_id = $1 AND a.payment_id = $2 AND a.amount_minor > a.released_minor ORDER BY i.issued_on DESC, i.id DESC";
    tx.all(sql, [tx.seller_id().0.into(), payment.0.into()]).await
}

/// What the customer has with us, above zero.
pub async fn credit(tx: &Tx, customer: CustomerId, currency: Currency) -> Result<i64> {
    balance(tx, customer, currency, "customer_credit").await
}

/// What was promised back to the customer and not paid out yet.
pub async fn promised(tx: &Tx, customer: CustomerId, currency: Currency) -> Result<i64> {
    balance(tx, customer, currency, "refunds").await
}

async fn balance(tx: &Tx, customer: CustomerId, currency: Currency, account: &str) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Sum {
        minor: i64,
    }
    let sql = "SELECT CAST(COALESCE(-SUM(amount_minor), 0) AS BIGINT) AS minor FROM ledger_postings \
               WHERE seller_id = $1 AND customer_id = $2 AND currency = $3 AND account = $4";
    let sum: Option<Sum> = tx.one(sql, [tx.seller_id().0.into(), customer.0.into(), currency.to_string().into(), account.into()]).await?;
    Ok(sum.map_or(0, |s| s.minor).max(0))
}

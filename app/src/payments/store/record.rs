//! Money comes in.

use serde_json::json;

use super::allocate::{self, Allotted};
use crate::customers;
use crate::invoices::InvoiceId;
use crate::invoices::ledger::{Entry, EntryKind};
use crate::invoices::store::money::settle;
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::money::Money;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::model::{NewPayment, PaymentId};

/// Records a payment that has come. What it does not give to invoices is the customer's credit.
pub async fn record(scope: &Scope, new: NewPayment) -> Result<PaymentId> {
    let tx = scope.write().await?;
    let (id, event) = record_in(&tx, &new).await?;
    tx.commit(event).await?;
    Ok(id)
}

/// As [`record`], as a part of something greater; gives the event to commit with.
pub async fn record_in(tx: &Tx, new: &NewPayment) -> Result<(PaymentId, Event)> {
    let today = tx.scope().today();
    let paid_on = new.paid_on.unwrap_or(today);
    if paid_on > today {
        return Err(Error::field("paid_on", "must not lie ahead"));
    }
    if new.amount.minor() <= 0 {
        return Err(Error::field("amount", "must be more than nothing"));
    }
    let customer = match customers::store::read(tx, new.customer).await {
        Err(Error::NotFound) => return Err(Error::field("customer_id", "is no customer")),
        other => other?,
    };
    customers::store::hold(tx, &[new.customer]).await?;
    let parts = allocate::allot(tx, new).await?;
    let id = PaymentId::new();
    insert(tx, id, new, paid_on).await?;
    allocate::write(tx, id, &parts).await?;
    post(tx, id, new, paid_on, &parts).await?;
    let paid: i64 = parts.iter().map(|part| part.minor).sum();
    let rest = Money::new(new.amount.minor() - paid, new.amount.currency());
    let invoices: Vec<String> = parts.iter().map(|part| part.invoice.to_string()).collect();
    let details = json!({
        "customer": new.customer, "amount": new.amount, "paid_by": new.paid_by, "paid_on": paid_on, "reference": new.reference,
        "invoices": invoices, "to_credit": rest,
    });
    Ok((id, Event::new("payment.received", "payment", id, customer.name).details(details)))
}

async fn insert(tx: &Tx, id: PaymentId, new: &NewPayment, paid_on: chrono::NaiveDate) -> Result<()> {
    let sql = "INSERT INTO payments (seller_id, id, customer_id, status, method, currency, amount_minor, paid_on, reference, note, recorded_by, \
               created_at, settled_at) VALUES ($1, $2, $3, 'succeeded', $4, $5, $6, $7, $8, $9, $10, $11, $11)";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        new.customer.0.into(),
        new.paid_by.into(),
        new.amount.currency().to_string().into(),
        new.amount.minor().into(),
        paid_on.into(),
        new.reference.clone().into(),
        new.note.clone().into(),
        tx.scope().actor().name().into(),
        tx.scope().now().into(),
    ];
    tx.run(sql, values).await.map(|_| ())
}

async fn post(tx: &Tx, id: PaymentId, new: &NewPayment, paid_on: chrono::NaiveDate, parts: &[Allotted]) -> Result<()> {
    let label = match &new.reference {
        Some(reference) => format!("{} {reference}", new.paid_by.label()),
        None => new.paid_by.label().to_owned(),
    };
    let entry = Entry::new(EntryKind::Payment, new.customer, new.amount.currency(), id, label);
    let recovered: i64 = parts.iter().filter(|part| part.recovered).map(|part| part.minor).sum();
    let owed: Vec<(InvoiceId, i64)> = parts.iter().filter(|part| !part.recovered).map(|part| (part.invoice, part.minor)).collect();
    settle(tx, paid_on, entry.payment(new.amount.minor() - recovered, 0, &owed).recovered(recovered, 0)).await
}

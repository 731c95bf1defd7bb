//! What a gateway kept of a payment, where it says so only later.

use serde_json::json;

use super::charges;
use crate::customers;
use crate::invoices::ledger::{Account, Entry, EntryKind};
use crate::invoices::store::money::settle;
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::job::{self, NewJob};
use crate::kit::money::Money;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::model::{PaymentId, PaymentStatus};

/// The job that asks what a gateway kept.
pub const FEE_JOB: &str = "payments.fee";

/// Asks for the fee once the payment is committed.
pub async fn ask_later(tx: &Tx, id: PaymentId) -> Result<()> {
    ask(tx, id, format!("fee/{id}")).await
}

/// The same once the gateway's id of the payment is known, without which it could not be asked before.
pub async fn ask_now_that_known(tx: &Tx, id: PaymentId) -> Result<()> {
    ask(tx, id, format!("fee/{id}/known")).await
}

async fn ask(tx: &Tx, id: PaymentId, key: String) -> Result<()> {
    let run_at = Some(tx.scope().now() + chrono::TimeDelta::seconds(5));
    let job = NewJob { run_at, unique_key: Some(key), ..NewJob::new(FEE_JOB, json!({ "payment": id })) };
    job::enqueue(tx, job).await.map(|_| ())
}

/// Posts the fee of a payment that was posted without one; once.
pub async fn post(scope: &Scope, id: PaymentId, minor: i64) -> Result<bool> {
    let tx = scope.write().await?;
    let customer = charges::read(&tx, id).await?.ok_or(Error::NotFound)?.customer;
    customers::store::hold(&tx, &[customer]).await?;
    let charge = charges::read(&tx, id).await?.ok_or(Error::NotFound)?;
    if charge.status != PaymentStatus::Succeeded || minor <= 0 || minor > charge.amount.minor() {
        return Ok(false);
    }
    let sql = "UPDATE payments SET fee_minor = $3 WHERE seller_id = $1 AND id = $2 AND fee_minor = 0";
    if tx.run(sql, [tx.seller_id().0.into(), id.0.into(), minor.into()]).await? == 0 {
        return Ok(false);
    }
    let currency = charge.amount.currency();
    let entry = Entry::new(EntryKind::Fee, customer, currency, id, format!("Fee of {}", charge.gateway.label()));
    settle(&tx, scope.today(), entry.debit(Account::Fees, minor).credit(Account::Cash, minor)).await?;
    let name = customers::store::read(&tx, customer).await?.name;
    let details = json!({ "fee": Money::new(minor, currency), "gateway": charge.gateway });
    tx.commit(Event::new("payment.fee_noted", "payment", id, name).details(details)).await?;
    Ok(true)
}

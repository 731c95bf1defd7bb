//! What a person decides about a receipt. One is reviewed once.

use serde_json::json;

use super::list::{Row, row};
use crate::invoices;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::id::{OrganizationId, UserId};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::PaymentId;
use crate::payments::model::NewPayment;
use crate::payments::store as payments;
use crate::receipts::model::{ReceiptId, ReceiptStatus};

/// The receipt, held until the transaction ends, where it still waits.
async fn waiting(tx: &Tx, id: ReceiptId) -> Result<Row> {
    // Whoever writes it first is the one who reviews it: the other sees what was decided.
    let sql = "UPDATE receipts SET reviewed_at = reviewed_at WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let found = row(tx, id).await?;
    if found.status == ReceiptStatus::Waiting {
        return Ok(found);
    }
    Err(Error::Conflict(format!("It is {} already.", found.status.label().to_lowercase())))
}

/// Says which invoice a receipt is for, by its number.
pub async fn link(scope: &Scope, id: ReceiptId, number: &str) -> Result<()> {
    let tx = scope.write().await?;
    let receipt = waiting(&tx, id).await?;
    let number = number.trim().to_uppercase();
    let found = invoices::store::by_number(&tx, &number).await?.ok_or_else(|| Error::field("number", "is the number of no invoice"))?;
    let invoice = invoices::store::read(&tx, found).await?;
    let sql = "UPDATE receipts SET invoice_id = $3, customer_id = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), found.0.into(), invoice.customer.0.into()]).await?;
    tx.commit(Event::new("receipt.linked", "receipt", id, receipt.file_name).details(json!({ "invoice": number }))).await
}

/// Records the payment that a receipt proves.
pub async fn approve(scope: &Scope, id: ReceiptId, payment: NewPayment) -> Result<PaymentId> {
    let tx = scope.write().await?;
    let receipt = waiting(&tx, id).await?;
    let (paid, event) = payments::record_in(&tx, &payment).await?;
    // Another's payment is none of the invoice that the receipt was thought to be for.
    let sql = "UPDATE receipts SET status = 'approved', payment_id = $3, invoice_id = CASE WHEN customer_id = $4 THEN invoice_id END, \
               customer_id = $4, reviewed_by = $5, reviewed_at = $6 WHERE seller_id = $1 AND id = $2";
    let values =
        [tx.seller_id().0.into(), id.0.into(), paid.0.into(), payment.customer.0.into(), scope.actor().name().into(), scope.now().into()];
    tx.run(sql, values).await?;
    let name = receipt.file_name.clone();
    let review = Event::new("receipt.approved", "receipt", id, name.clone()).details(json!({ "payment": paid, "amount": payment.amount }));
    let body = format!("{} was recorded from {name}.", payment.amount);
    let review = told(review, &receipt, Level::Info, "Your receipt was approved", body);
    tx.commit_all(vec![event, review]).await?;
    Ok(paid)
}

/// Sends a receipt away, with the reason.
pub async fn reject(scope: &Scope, id: ReceiptId, reason: String) -> Result<()> {
    let tx = scope.write().await?;
    let receipt = waiting(&tx, id).await?;
    let sql = "UPDATE receipts SET status = 'rejected', reject_reason = $3, reviewed_by = $4, reviewed_at = $5 \
               WHERE seller_id = $1 AND id = $2";
    let values = [tx.seller_id().0.into(), id.0.into(), reason.clone().into(), scope.actor().name().into(), scope.now().into()];
    tx.run(sql, values).await?;
    let event = Event::new("receipt.rejected", "receipt", id, receipt.file_name.clone()).level(Level::Warning);
    let body = format!("{}: {reason}", receipt.file_name);
    let event = event.details(json!({ "reason": reason }));
    tx.commit(told(event, &receipt, Level::Warning, "Your receipt was rejected", body)).await
}

/// The notice goes to whoever uploaded it, where they are at home; where that was a machine, nobody waits for it.
fn told(event: Event, receipt: &Row, priority: Level, title: &str, body: String) -> Event {
    let Some(person) = receipt.uploader_id else { return event };
    let link = match (receipt.uploader_organization, receipt.invoice()) {
        (Some(_), Some(invoice)) => format!("/account/invoices/{invoice}"),
        (Some(_), None) => "/account/invoices".to_owned(),
        (None, _) => format!("/receipts/{}", receipt.id),
    };
    let event = event.notify(priority, title, body, link).notice_to(Some(UserId(person)));
    match receipt.uploader_organization {
        Some(organization) => event.notice_in(OrganizationId(organization)),
        None => event,
    }
}

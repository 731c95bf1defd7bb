//! The document that belongs to a payment: a deposit slip, a remittance advice.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::list::read;
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::model::PaymentId;

#[derive(FromQueryResult)]
struct Kept {
    attachment_key: Option<String>,
}

async fn kept(tx: &Tx, id: PaymentId) -> Result<Option<String>> {
    let sql = "SELECT attachment_key FROM payments WHERE seller_id = $1 AND id = $2";
    let row: Kept = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)?;
    Ok(row.attachment_key)
}

/// Where the document of a payment lies; not found where it has none.
pub async fn attachment(scope: &Scope, id: PaymentId) -> Result<String> {
    kept(&scope.read().await?, id).await?.ok_or(Error::NotFound)
}

/// Makes the file at `key` the document of a payment; gives the key of the one it replaces, to be deleted.
pub async fn attach(scope: &Scope, id: PaymentId, key: &str, name: &str) -> Result<Option<String>> {
    let tx = scope.write().await?;
    let payment = read(&tx, id).await?;
    let before = kept(&tx, id).await?;
    let sql = "UPDATE payments SET attachment_key = $3 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), key.into()]).await?;
    let details = json!({ "file": name, "replaced": before.is_some() });
    tx.commit(Event::new("payment.document_attached", "payment", id, payment.customer_name).details(details)).await?;
    Ok(before)
}

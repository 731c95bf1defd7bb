//! A charge that waits for its payer is called off: here it is asked for, at the gateway it is done.

use serde_json::json;

use super::{charges, list};
use crate::customers;
use crate::kit::event::Event;
use crate::kit::job::{self, NewJob};
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};
use crate::payments::model::{PaymentId, PaymentStatus};

/// Takes a charge back at the gateway that the payer has not confirmed yet. It stays under way until the gateway has
/// answered, so that it is not charged twice meanwhile; where the payer is faster, the money came and is booked.
pub async fn call_off(scope: &Scope, id: PaymentId) -> Result<()> {
    let tx = scope.write().await?;
    let payment = list::read(&tx, id).await?;
    customers::store::hold(&tx, &[payment.customer]).await?;
    let charge = charges::read(&tx, id).await?.filter(|charge| charge.gateway_id.is_some());
    let Some(charge) = charge else {
        return Err(Error::Conflict("No gateway knows of it: there is nothing to cancel.".into()));
    };
    if charge.status != PaymentStatus::NeedsAction {
        let stands = charge.status.label().to_lowercase();
        return Err(Error::Conflict(format!("It is {stands}: only what waits for the customer to confirm it can be cancelled.")));
    }
    job::enqueue(&tx, NewJob::new(charges::CANCEL_JOB, json!({ "payment": id }))).await?;
    let details = json!({ "customer": charge.customer, "amount": charge.amount, "invoice": charge.invoice, "gateway": charge.gateway });
    tx.commit(Event::new("payment.cancel_asked", "payment", id, payment.customer_name).details(details)).await
}

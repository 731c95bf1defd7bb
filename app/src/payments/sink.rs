//! What payments do about what happens elsewhere: an invoice that is issued is collected when it is due.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::store::charges;
use crate::kit::Result;
use crate::kit::event::Delivery;
use crate::kit::tx::Tx;

/// See the module.
pub fn sink<'a>(tx: &'a Tx, delivery: &'a Delivery) -> BoxFuture<'a, Result<Option<&'static str>>> {
    async move {
        match delivery.event.as_str() {
            "invoice.finalized" => {
                if let Ok(invoice) = delivery.subject.parse() {
                    charges::plan_collection(tx, invoice).await?;
                }
            }
            "payment_method.replaced" => {
                if let Ok(method) = delivery.subject.parse() {
                    charges::plan_collections(tx, method).await?;
                }
            }
            _ => {}
        }
        Ok(None)
    }
    .boxed()
}

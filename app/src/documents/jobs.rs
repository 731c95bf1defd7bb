//! A finalized invoice goes out by itself: the event asks for a job, the job makes the PDF and queues the letter.

use futures::future::BoxFuture;
use serde_json::json;

use super::store;
use crate::invoices::InvoiceId;
use crate::kit::db::bug;
use crate::kit::event::Delivery;
use crate::kit::job::{self, Counts, JobContext, NewJob, Registry};
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// The job that sends one invoice.
pub const SEND_JOB: &str = "documents.send";

pub fn register(registry: &mut Registry) {
    registry.handle(SEND_JOB, send);
}

/// Hears of invoices that are issued.
pub fn sink<'a>(tx: &'a Tx, delivery: &'a Delivery) -> BoxFuture<'a, Result<Option<&'static str>>> {
    Box::pin(async move {
        if delivery.event != "invoice.finalized" {
            return Ok(None);
        }
        let id: InvoiceId = delivery.subject.parse().map_err(bug)?;
        if store::is_to_go(tx, id).await? {
            let key = format!("{SEND_JOB}/{id}");
            job::enqueue(tx, NewJob { unique_key: Some(key), ..NewJob::new(SEND_JOB, json!({ "invoice": id })) }).await?;
        }
        Ok(None)
    })
}

async fn send(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let id: InvoiceId = context.payload["invoice"].as_str().unwrap_or_default().parse().map_err(bug)?;
    match store::send_issued(&scope, id).await {
        Ok(mail) => Ok(json!({ "queued": u8::from(mail.is_some()) })),
        // Taken back in the meantime: nothing to send any more.
        Err(Error::Conflict(why)) => Ok(json!({ "not_sent": why })),
        Err(error) => Err(error),
    }
}

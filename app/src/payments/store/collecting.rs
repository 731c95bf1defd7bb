//! Collecting what falls due without being asked.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::charges::{Chargeable, Origin, charge_with, chargeable, under_way, usable};
use crate::customers::CustomerId;
use crate::invoices::{Invoice, InvoiceId};
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::job::{self, NewJob};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::model::CollectStart;
use crate::payments::methods::PaymentMethodId;
use crate::payments::model::PaymentId;

/// The job that charges an invoice once it is due.
pub const COLLECT_JOB: &str = "payments.collect";

/// What can be collected now: all that is open of a customer, or one invoice; `None` where nothing can.
pub async fn start(scope: &Scope, customer: Option<CustomerId>, invoice: Option<InvoiceId>) -> Result<Option<CollectStart>> {
    let start = super::standing::start(scope, customer, invoice).await?;
    let tx = scope.read().await?;
    let Some(method) = chargeable(&tx, start.customer, None).await? else { return Ok(None) };
    let mut invoices = start.invoices;
    if invoice.is_some() {
        invoices.retain(|i| Some(i.id) == start.chosen);
    }
    let mut charged = Vec::new();
    for open in &invoices {
        charged.extend(under_way(&tx, open.id).await?.map(|payment| (open.id, payment)));
    }
    Ok((!invoices.is_empty()).then_some(CollectStart { method: method.label, invoices, under_way: charged }))
}

/// An invoice was issued: it is collected when it is due, where the customer has a method that can be charged.
pub async fn plan_collection(tx: &Tx, id: InvoiceId) -> Result<bool> {
    let invoice = match crate::invoices::store::read(tx, id).await {
        Err(Error::NotFound) => return Ok(false),
        other => other?,
    };
    // An expired one is not charged, but that it is has to be told when the money is due.
    let method = usable(tx, invoice.customer, None).await?.filter(|m| m.collects && invoice.due.minor() > 0);
    let Some(method) = method else { return Ok(false) };
    let scope = tx.scope();
    let run_at = crate::kit::clock::start_of(invoice.due_on, scope.seller().time_zone).max(scope.now());
    let job = NewJob {
        run_at: Some(run_at),
        unique_key: Some(format!("collect/{id}/{}", method.id)),
        ..NewJob::new(COLLECT_JOB, json!({ "invoice": id }))
    };
    job::enqueue(tx, job).await?;
    Ok(true)
}

/// A customer has another method: its open invoices that nobody has tried to collect are collected when they are due.
pub async fn plan_collections(tx: &Tx, method: PaymentMethodId) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Open {
        id: InvoiceId,
    }
    let sql = "SELECT i.id FROM payment_methods m JOIN invoices i ON i.seller_id = m.seller_id AND i.customer_id = m.customer_id \
               WHERE m.seller_id = $1 AND m.id = $2 AND i.status = 'open' AND NOT EXISTS (SELECT 1 FROM charges c \
               WHERE c.seller_id = i.seller_id AND c.invoice_id = i.id) ORDER BY i.due_on, i.id LIMIT 200";
    let open: Vec<Open> = tx.all(sql, [tx.seller_id().0.into(), method.0.into()]).await?;
    let mut planned = 0;
    for invoice in open {
        planned += u64::from(plan_collection(tx, invoice.id).await?);
    }
    Ok(planned)
}

/// Charges an invoice that is due, unless somebody has tried before; says why not.
pub async fn collect(scope: &Scope, id: InvoiceId) -> Result<std::result::Result<PaymentId, String>> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    {
        let tx = scope.read().await?;
        let sql = "SELECT COUNT(*) AS n FROM charges WHERE seller_id = $1 AND invoice_id = $2";
        let tried: Option<Count> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
        if tried.is_some_and(|c| c.n > 0) {
            return Ok(Err("It was tried before.".into()));
        }
        let invoice = crate::invoices::store::read(&tx, id).await?;
        let method = usable(&tx, invoice.customer, None).await?.filter(|m| m.collects);
        let Some(method) = method else { return Ok(Err("The customer has no method that can be charged.".into())) };
        if method.expired {
            drop(tx);
            return ask_for_another(scope, &invoice, &method).await.map(Err);
        }
    }
    match charge_with(scope, id, None, Origin::Automatic).await {
        Err(Error::Conflict(why)) => Ok(Err(why)),
        other => other.map(Ok),
    }
}

/// The customer's method has expired: somebody has to ask for another one. Gives what was said.
async fn ask_for_another(scope: &Scope, invoice: &Invoice, method: &Chargeable) -> Result<String> {
    if invoice.due.minor() <= 0 {
        return Ok("The invoice wants nothing.".into());
    }
    let why = format!("{} has expired.", method.label);
    let (name, number) = (&invoice.customer_name, invoice.number.clone().unwrap_or_default());
    let details = json!({ "customer": invoice.customer, "invoice": invoice.id, "method": method.label });
    let event = Event::new("payment_method.expired", "payment_method", method.id, method.label.clone()).level(Level::Warning);
    let body = format!("{number} of {} could not be collected. Ask for another payment method.", invoice.due);
    let link = format!("/customers/{}/payments", invoice.customer);
    let event = event.details(details).notify(Level::Warning, format!("{} of {name} has expired", method.label), body, link);
    scope.write().await?.commit(event).await?;
    Ok(why)
}

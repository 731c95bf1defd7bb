//! Events that came before what they are about: a refund before its payment, a payment before its invoice was linked. They
//! are kept with the gateway's ids, and applied, the oldest first, in the transaction that makes one of those ids known.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use super::effects;
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::webhooks::EventStatus;
use crate::payments::webhooks::inbound::Inbound;

/// The gateway's ids of what an event is about.
pub fn names(event: &Inbound) -> BTreeSet<String> {
    let object = event.object();
    let of_card = event.kind.starts_with("payment_method.");
    let keys = ["id", "payment_intent", "charge", "invoice"].into_iter().chain(of_card.then_some("customer"));
    let paid_by = |payment: &Json| ["payment_intent", "charge"].map(|key| payment["payment"][key].clone());
    let mut values: Vec<Json> = keys.map(|key| object[key].clone()).collect();
    values.extend(paid_by(object));
    values.extend(object["payments"]["data"].as_array().into_iter().flatten().flat_map(paid_by));
    let fits = |id: &&str| !id.is_empty() && id.len() <= 255 && id.bytes().all(|b| b.is_ascii_graphic());
    values.iter().filter_map(Json::as_str).filter(fits).map(str::to_owned).collect()
}

/// Lets nobody else take in an event about the same until `tx` ends: of two at once, neither would see what the other
/// brings. SQLite has one writer.
pub async fn hold(tx: &Tx, names: &BTreeSet<String>) -> Result<()> {
    if tx.db().is_sqlite() || names.is_empty() {
        return Ok(());
    }
    // In one order, so that two who wait for each other cannot be.
    let all = names.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1 || name, 0)) FROM unnest(string_to_array($2, ' ')) AS name";
    tx.run(sql, [tx.seller_id().to_string().into(), all.into()]).await.map(|_| ())
}

/// Notes what an event that meant nothing is about.
pub async fn keep(tx: &Tx, event: &Inbound, names: &BTreeSet<String>) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let rows = (0..names.len()).map(|i| format!("($1, $2, ${}, $3)", i + 4)).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO gateway_event_names (seller_id, gateway, name, event_id) VALUES {rows} ON CONFLICT DO NOTHING");
    let about = [tx.seller_id().0.into(), event.gateway.into(), event.id.clone().into()].into_iter();
    let values = about.chain(names.iter().map(|name| name.clone().into())).collect::<Vec<sea_orm::Value>>();
    tx.run(&sql, values).await.map(|_| ())
}

/// Something has these names from now on: applies what was kept about it, and about what that makes known. Gives what
/// happened.
pub async fn catch_up(tx: &Tx, gateway: GatewayKind, mut known: BTreeSet<String>) -> Result<Vec<Event>> {
    let mut happened = Vec::new();
    loop {
        let mut learned = BTreeSet::new();
        for event in waiting(tx, gateway, &known).await? {
            if let Some(events) = again(tx, &event).await? {
                learned.extend(names(&event));
                happened.extend(events);
            }
        }
        // Each round applies one at least, so there are no more rounds than events.
        if learned.is_empty() {
            return Ok(happened);
        }
        hold(tx, &learned.difference(&known).cloned().collect()).await?;
        known.extend(learned);
    }
}

/// What was kept about any of them, the oldest first.
async fn waiting(tx: &Tx, gateway: GatewayKind, names: &BTreeSet<String>) -> Result<Vec<Inbound>> {
    #[derive(FromQueryResult)]
    struct Row {
        payload: Json,
        happened_at: DateTime<Utc>,
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let places = (0..names.len()).map(|i| format!("${}", i + 3)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT e.payload, e.happened_at FROM gateway_events e WHERE e.seller_id = $1 AND e.gateway = $2 AND e.status = 'ignored' \
         AND e.event_id IN (SELECT n.event_id FROM gateway_event_names n WHERE n.seller_id = $1 AND n.gateway = $2 AND n.name IN ({places})) \
         ORDER BY e.happened_at, e.received_at, e.id LIMIT 500"
    );
    let values = [tx.seller_id().0.into(), gateway.into()].into_iter().chain(names.iter().map(|name| name.clone().into()));
    let rows: Vec<Row> = tx.all(&sql, values.collect::<Vec<sea_orm::Value>>()).await?;
    let read = |row: Row| Inbound::of(gateway, row.payload, row.happened_at);
    Ok(rows.into_iter().filter_map(read).filter(|event| effects::concerns(&event.kind)).collect())
}

/// Applies a kept event; `None` where it still means nothing. One that cannot be applied is kept as failed, and leaves
/// alone what it came with.
async fn again(tx: &Tx, event: &Inbound) -> Result<Option<Vec<Event>>> {
    tx.run("SAVEPOINT kept", []).await?;
    // One can make another known.
    let (status, error, events) = match Box::pin(effects::apply(tx, event)).await {
        Ok((EventStatus::Applied, events)) => (EventStatus::Applied, None, events),
        Ok(_) => return tx.run("RELEASE SAVEPOINT kept", []).await.map(|_| None),
        Err(Error::Unavailable) => return Err(Error::Unavailable),
        Err(error) => {
            tx.run("ROLLBACK TO SAVEPOINT kept", []).await?;
            (EventStatus::Failed, Some(error.to_string()), vec![super::failure(event, &error)])
        }
    };
    tx.run("RELEASE SAVEPOINT kept", []).await?;
    let sql = "UPDATE gateway_events SET status = $4, processed_at = $5, error = $6 \
               WHERE seller_id = $1 AND gateway = $2 AND event_id = $3 AND status = 'ignored'";
    let (now, id) = (tx.scope().now(), event.id.clone());
    let values = [tx.seller_id().0.into(), event.gateway.into(), id.into(), status.into(), now.into(), error.into()];
    if tx.run(sql, values).await? == 0 {
        return Err(bug("a kept event was applied by another"));
    }
    Ok(Some(events))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_about_every_id_that_it_names() {
        let of = |kind: &str, object: Json| {
            let payload = json!({ "id": "evt_1", "type": kind, "data": { "object": object } });
            let event = Inbound::of(GatewayKind::Stripe, payload, DateTime::UNIX_EPOCH).expect("an event");
            names(&event).into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("charge.refunded", json!({ "id": "ch_1", "payment_intent": "pi_1", "invoice": null })), "ch_1 pi_1");
        assert_eq!(of("charge.dispute.created", json!({ "id": "du_1", "charge": "ch_1", "customer": "cus_1" })), "ch_1 du_1");
        assert_eq!(of("payment_method.attached", json!({ "id": "pm_1", "customer": "cus_1" })), "cus_1 pm_1");
        let payment = json!({ "type": "payment_intent", "payment_intent": "pi_1" });
        assert_eq!(of("invoice.paid", json!({ "id": "in_1", "payments": { "data": [{ "payment": payment }] } })), "in_1 pi_1");
        assert_eq!(of("invoice_payment.paid", json!({ "id": "inpay_1", "invoice": "in_1", "payment": payment })), "in_1 inpay_1 pi_1");
    }
}

//! The gateways' names for things of ours: customers that it charges, and invoices and subscriptions that live there.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::model::GatewayLink;
pub use crate::payments::gateway::model::Linked;
use crate::subscriptions::SubscriptionId;

/// Links that a page shows.
const SHOWN: u64 = 100;

/// Notes the gateway's name for a thing; the same again changes nothing, another one is refused.
pub async fn link(tx: &Tx, gateway: GatewayKind, kind: Linked, external: &str, own: uuid::Uuid) -> Result<()> {
    let sql = "INSERT INTO external_ids (seller_id, gateway, kind, external_id, own_id, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT DO NOTHING";
    let now = tx.scope().now();
    let values = [tx.seller_id().0.into(), gateway.into(), kind.into(), external.into(), own.into(), now.into()];
    tx.run(sql, values).await?;
    match find(tx, gateway, kind, external).await? {
        Some(found) if found == own => Ok(()),
        _ => Err(Error::Conflict(format!("{} {external} or ours is linked to another already.", kind.label()))),
    }
}

#[derive(FromQueryResult)]
struct Own {
    own_id: uuid::Uuid,
}

/// Ours, by the gateway's name.
pub async fn find(tx: &Tx, gateway: GatewayKind, kind: Linked, external: &str) -> Result<Option<uuid::Uuid>> {
    let sql = "SELECT own_id FROM external_ids WHERE seller_id = $1 AND gateway = $2 AND kind = $3 AND external_id = $4";
    let row: Option<Own> = tx.one(sql, [tx.seller_id().0.into(), gateway.into(), kind.into(), external.into()]).await?;
    Ok(row.map(|row| row.own_id))
}

/// The gateway's name of a thing of ours.
pub async fn name(scope: &Scope, gateway: GatewayKind, kind: Linked, own: uuid::Uuid) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Name {
        external_id: String,
    }
    let tx = scope.read().await?;
    let sql = "SELECT external_id FROM external_ids WHERE seller_id = $1 AND gateway = $2 AND kind = $3 AND own_id = $4";
    let row: Option<Name> = tx.one(sql, [tx.seller_id().0.into(), gateway.into(), kind.into(), own.into()]).await?;
    Ok(row.map(|row| row.external_id))
}

/// As [`link`], for a thing named by its shown id, which must be the seller's.
pub async fn link_known(scope: &Scope, gateway: GatewayKind, kind: Linked, external: &str, id: &str) -> Result<()> {
    let external = external.trim();
    if external.is_empty() || external.len() > 255 || !external.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::field("external_id", "must be the gateway's id"));
    }
    let unknown = |_| Error::NotFound;
    let own = match kind {
        Linked::Customer => crate::customers::store::get(scope, id.parse().map_err(unknown)?).await?.id.0,
        Linked::Invoice => crate::invoices::store::get(scope, id.parse().map_err(unknown)?).await?.id.0,
        Linked::Subscription => crate::subscriptions::store::get(scope, id.parse().map_err(unknown)?).await?.id.0,
    };
    let tx = scope.write().await?;
    super::events::hold(&tx, external).await?;
    link(&tx, gateway, kind, external, own).await?;
    let details = json!({ "gateway": gateway, "external_id": external });
    let mut events = vec![Event::new("gateway.linked", kind.word(), id, external).details(details)];
    // What the gateway told of it before.
    events.extend(super::events::known_as(&tx, gateway, external).await?);
    tx.commit_all(events).await
}

/// What kind of thing an id is of.
fn kind_of(id: &str) -> Option<(Linked, uuid::Uuid)> {
    let customer = id.parse::<CustomerId>().ok().map(|id| (Linked::Customer, id.0));
    let subscription = || id.parse::<SubscriptionId>().ok().map(|id| (Linked::Subscription, id.0));
    customer.or_else(subscription).or_else(|| id.parse::<InvoiceId>().ok().map(|id| (Linked::Invoice, id.0)))
}

/// As [`link_known`], for what a person calls ours: an invoice by its number, and anything by its id or address.
pub async fn link_named(scope: &Scope, gateway: GatewayKind, external: &str, ours: &str) -> Result<()> {
    let nothing = || Error::field("ours", "is neither the number of an invoice nor the id of a customer, subscription or invoice");
    let ours = ours.trim().rsplit('/').next().unwrap_or_default();
    let (kind, id) = match kind_of(ours) {
        Some((kind, _)) => (kind, ours.to_owned()),
        None => {
            let found = crate::invoices::store::by_number(&scope.read().await?, &ours.to_uppercase()).await?;
            (Linked::Invoice, found.ok_or_else(nothing)?.to_string())
        }
    };
    link_known(scope, gateway, kind, external, &id).await
}

/// Forgets what a gateway, or all of them, call a thing of ours: events about it count here no more.
pub async fn unlink(scope: &Scope, gateway: Option<GatewayKind>, id: &str) -> Result<()> {
    let (kind, own) = kind_of(id).ok_or(Error::NotFound)?;
    let tx = scope.write().await?;
    let sql = "DELETE FROM external_ids WHERE seller_id = $1 AND kind = $2 AND own_id = $3 AND gateway = COALESCE($4, gateway)";
    let values = [tx.seller_id().0.into(), kind.into(), own.into(), gateway.map(GatewayKind::word).into()];
    if tx.run(sql, values).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.commit(Event::new("gateway.unlinked", kind.word(), id, id).details(json!({ "gateway": gateway }))).await
}

fn shown(kind: Linked, own: uuid::Uuid) -> String {
    match kind {
        Linked::Customer => CustomerId(own).to_string(),
        Linked::Invoice => InvoiceId(own).to_string(),
        Linked::Subscription => SubscriptionId(own).to_string(),
    }
}

/// The latest links, or those by the gateway's name.
pub async fn list(scope: &Scope, external: Option<&str>) -> Result<Vec<GatewayLink>> {
    #[derive(FromQueryResult)]
    struct Row {
        gateway: GatewayKind,
        kind: Linked,
        external_id: String,
        own_id: uuid::Uuid,
        label: Option<String>,
        created_at: DateTime<Utc>,
    }
    let tx = scope.read().await?;
    let mut values = vec![tx.seller_id().0.into()];
    values.extend(external.map(sea_orm::Value::from));
    let only = if external.is_some() { "AND external_id = $2" } else { "" };
    let sql = format!(
        "SELECT e.gateway, e.kind, e.external_id, e.own_id, COALESCE(i.number, c.name) AS label, e.created_at \
         FROM (SELECT * FROM external_ids WHERE seller_id = $1 {only} ORDER BY created_at DESC, external_id LIMIT {SHOWN}) e \
         LEFT JOIN invoices i ON i.seller_id = e.seller_id AND e.kind = 'invoice' AND i.id = e.own_id \
         LEFT JOIN subscriptions s ON s.seller_id = e.seller_id AND e.kind = 'subscription' AND s.id = e.own_id \
         LEFT JOIN customers c ON c.seller_id = e.seller_id AND c.id = COALESCE(s.customer_id, e.own_id) \
         ORDER BY e.created_at DESC, e.external_id"
    );
    let rows: Vec<Row> = tx.all(&sql, values).await?;
    let link = |row: Row| GatewayLink {
        gateway: row.gateway,
        kind: row.kind,
        id: shown(row.kind, row.own_id),
        label: row.label.unwrap_or_else(|| "Draft".into()),
        external_id: row.external_id,
        created: scope.moment(row.created_at),
    };
    Ok(rows.into_iter().map(link).collect())
}

//! The gateways' names for things of ours: customers that it charges, and invoices and subscriptions that live there.

use sea_orm::FromQueryResult;
use serde_json::json;

use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::text_enum;

text_enum!(
    /// What is linked.
    pub enum Linked {
        Customer = "customer" => "Customer",
        Invoice = "invoice" => "Invoice",
        Subscription = "subscription" => "Subscription",
    }
);

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
    let unknown = |_| Error::NotFound;
    let own = match kind {
        Linked::Customer => crate::customers::store::get(scope, id.parse().map_err(unknown)?).await?.id.0,
        Linked::Invoice => crate::invoices::store::get(scope, id.parse().map_err(unknown)?).await?.id.0,
        Linked::Subscription => crate::subscriptions::store::get(scope, id.parse().map_err(unknown)?).await?.id.0,
    };
    let tx = scope.write().await?;
    link(&tx, gateway, kind, external, own).await?;
    let details = json!({ "gateway": gateway, "external_id": external });
    tx.commit(Event::new("gateway.linked", kind.word(), id, external).details(details)).await
}

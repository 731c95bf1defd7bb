//! Events of gateways, found and read.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use crate::kit::db::Sql;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::webhooks::model::GatewayEventDetail;
use crate::payments::webhooks::{EventStatus, GatewayEvent, GatewayEventId};

const LIST: Keyset = Keyset { columns: &[Column::time("received", "e.received_at")], default: "-received", id: "e.id" };
const COLUMNS: &str = "e.id, e.gateway, e.event_id, e.kind, e.status, e.happened_at, e.received_at, e.replays, e.error";
const TABLES: &str = "gateway_events e";

#[derive(FromQueryResult)]
struct Row {
    id: GatewayEventId,
    gateway: GatewayKind,
    event_id: String,
    kind: String,
    status: EventStatus,
    happened_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
    replays: i32,
    error: Option<String>,
}

impl Row {
    fn event(self, scope: &Scope) -> GatewayEvent {
        GatewayEvent {
            id: self.id,
            gateway: self.gateway,
            event_id: self.event_id,
            kind: self.kind,
            status: self.status,
            happened: scope.moment(self.happened_at),
            received: scope.moment(self.received_at),
            replays: self.replays,
            error: self.error,
        }
    }
}

fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "e");
    filter.any("e.status", query.filter("status"));
    filter.any("e.kind", query.filter("kind"));
    filter.any("e.gateway", query.filter("gateway"));
    filter.contains(&["e.event_id", "e.kind", "e.error"], &query.q);
    filter.days(tx, "e.received_at", query, "received")?;
    Ok(filter)
}

/// A page of events, the latest first; search by id, type or error; filters `status`, `kind`, `gateway`, `received_from`,
/// `received_to`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<GatewayEvent>> {
    let tx = scope.read().await?;
    let page = LIST.page::<Row>(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok(page.map(|row| row.event(scope)))
}

/// Up to `size` events of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<GatewayEvent>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next) = LIST.chunk::<Row>(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok((rows.into_iter().map(|row| row.event(scope)).collect(), next))
}

/// The types of the latest events.
pub async fn kinds(scope: &Scope) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Kind {
        kind: String,
    }
    let tx = scope.read().await?;
    let sql = "SELECT DISTINCT kind FROM (SELECT kind FROM gateway_events WHERE seller_id = $1 ORDER BY received_at DESC, id DESC LIMIT 1000) \
               AS latest ORDER BY kind";
    let rows: Vec<Kind> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    Ok(rows.into_iter().map(|row| row.kind).collect())
}

/// An event with all that it said.
pub async fn detail(scope: &Scope, id: GatewayEventId) -> Result<GatewayEventDetail> {
    #[derive(FromQueryResult)]
    struct More {
        payload: Json,
        processed_at: Option<DateTime<Utc>>,
    }
    let tx = scope.read().await?;
    let values = || [tx.seller_id().0.into(), id.0.into()];
    let row: Option<Row> = tx.one(&format!("SELECT {COLUMNS} FROM {TABLES} WHERE e.seller_id = $1 AND e.id = $2"), values()).await?;
    let event = row.ok_or(Error::NotFound)?.event(scope);
    let more: Option<More> = tx.one("SELECT payload, processed_at FROM gateway_events WHERE seller_id = $1 AND id = $2", values()).await?;
    let more = more.ok_or(Error::NotFound)?;
    let payload = serde_json::to_string_pretty(&more.payload).unwrap_or_default();
    Ok(GatewayEventDetail { event, processed: more.processed_at.map(|at| scope.moment(at)), payload })
}

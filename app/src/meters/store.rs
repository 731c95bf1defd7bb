//! Meters in the database.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use serde_json::json;

use super::model::{Aggregation, Meter, MeterChoice, MeterId, MeterNames, NewMeter};
use crate::kit::db::{DbResult, Sql};
use crate::kit::event::Event;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

const LIST: Keyset = Keyset { columns: &[Column::text("name", "m.name"), Column::text("key", "m.key")], default: "name", id: "m.id" };
const COLUMNS: &str = "m.id, m.key, m.name, m.unit, m.aggregation, m.archived_at, m.created_at";

#[derive(FromQueryResult)]
struct Row {
    id: MeterId,
    key: String,
    name: String,
    unit: String,
    aggregation: Aggregation,
    archived_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn meter(self, scope: &Scope) -> Meter {
        Meter {
            id: self.id,
            key: self.key,
            name: self.name,
            unit: self.unit,
            aggregation: self.aggregation,
            archived: self.archived_at.is_some(),
            created: scope.moment(self.created_at),
        }
    }
}

/// A page of meters: search by name or key, filter `state` (`active`, `archived`), sort `name`, `key`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Meter>> {
    let tx = scope.read().await?;
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, "meters m", &filter(&tx, query)).await?;
    Ok(page.map(|row| row.meter(scope)))
}

/// Up to `size` meters of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Meter>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<Row>, _) = LIST.chunk(&tx, query, size, COLUMNS, "meters m", &filter(&tx, query)).await?;
    Ok((rows.into_iter().map(|row| row.meter(scope)).collect(), next))
}

fn filter(tx: &Tx, query: &ListQuery) -> Where {
    let mut filter = Where::seller(tx, "m");
    let states = query.filter("state");
    let (active, archived) = (states.iter().any(|s| s == "active"), states.iter().any(|s| s == "archived"));
    if active != archived {
        filter.and(if archived { "m.archived_at IS NOT NULL" } else { "m.archived_at IS NULL" }, []);
    }
    filter.contains(&["m.name", "m.key"], &query.q);
    filter
}

pub async fn get(scope: &Scope, id: MeterId) -> Result<Meter> {
    read(&scope.read().await?, id).await
}

/// As [`get`], in a transaction that is under way.
pub async fn read(tx: &Tx, id: MeterId) -> Result<Meter> {
    let sql = format!("SELECT {COLUMNS} FROM meters m WHERE m.seller_id = $1 AND m.id = $2");
    let row: Option<Row> = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(row.ok_or(Error::NotFound)?.meter(tx.scope()))
}

/// Every meter by its key, archived ones included.
pub async fn by_key(tx: &Tx) -> Result<BTreeMap<String, Meter>> {
    let rows: Vec<Row> = tx.all(&format!("SELECT {COLUMNS} FROM meters m WHERE m.seller_id = $1"), [tx.seller_id().0.into()]).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row.meter(tx.scope()))).collect())
}

/// The meters that a new price may count, by name.
pub async fn choices(scope: &Scope) -> Result<Vec<MeterChoice>> {
    choices_in(&scope.read().await?).await
}

/// As [`choices`], in a transaction that is under way.
pub async fn choices_in(tx: &Tx) -> Result<Vec<MeterChoice>> {
    let mut meters: Vec<Meter> = by_key(tx).await?.into_values().filter(|m| !m.archived).collect();
    meters.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(meters.into_iter().map(|m| MeterChoice { label: format!("{} ({})", m.name, m.unit), key: m.key }).collect())
}

/// Makes a meter.
pub async fn create(scope: &Scope, new: NewMeter) -> Result<MeterId> {
    let (tx, id) = (scope.write().await?, MeterId::new());
    let sql = "INSERT INTO meters (seller_id, id, key, name, unit, aggregation, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        new.key.clone().into(),
        new.name.clone().into(),
        new.unit.clone().into(),
        new.aggregation.into(),
        scope.now().into(),
    ];
    tx.execute_raw(scope.db().sql(sql, values)).await.taken("key", "key", "is another meter's already")?;
    let details = json!({ "key": new.key, "unit": new.unit, "aggregation": new.aggregation });
    tx.commit(Event::new("meter.created", "meter", id, new.name).details(details)).await?;
    Ok(id)
}

/// Changes what people read of it.
pub async fn update(scope: &Scope, id: MeterId, names: MeterNames) -> Result<()> {
    let tx = scope.write().await?;
    let before = read(&tx, id).await?;
    let sql = "UPDATE meters SET name = $3, unit = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), names.name.clone().into(), names.unit.clone().into()]).await?;
    let details = json!({ "before": { "name": before.name, "unit": before.unit }, "after": { "name": names.name, "unit": names.unit } });
    tx.commit(Event::new("meter.changed", "meter", id, names.name).details(details)).await
}

/// Takes no more events for it, or takes them again.
///
/// # Errors
/// `Conflict` where it is so already.
pub async fn set_archived(scope: &Scope, id: MeterId, archived: bool) -> Result<()> {
    let tx = scope.write().await?;
    let meter = read(&tx, id).await?;
    if meter.archived == archived {
        return Err(Error::Conflict(format!("{} is {} already.", meter.name, if archived { "archived" } else { "in use" })));
    }
    let at = archived.then(|| scope.now());
    tx.run("UPDATE meters SET archived_at = $3 WHERE seller_id = $1 AND id = $2", [tx.seller_id().0.into(), id.0.into(), at.into()])
        .await?;
    let name = if archived { "meter.archived" } else { "meter.unarchived" };
    tx.commit(Event::new(name, "meter", id, meter.name)).await
}

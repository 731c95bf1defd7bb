//! The table `saved_views`.

#[cfg(test)]
mod tests;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{List, NewView, ViewId, ViewRow};
use crate::kit::db::{DbResult, Sql};
use crate::kit::event::Event;
use crate::kit::permission::Permission;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// Views in a menu.
const SHOWN: usize = 200;
const TAKEN: &str = "is another view of yours already";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    list: List,
    name: String,
    query: String,
    shared: bool,
}

impl Row {
    fn shown(self, scope: &Scope) -> Result<ViewRow> {
        let own = self.user_id == scope.user()?.0;
        let Self { id, list, name, query, shared, .. } = self;
        Ok(ViewRow { id: ViewId(id), list, name, query, shared, may_change: own || shared && may_change_others(scope) })
    }
}

fn may_change_others(scope: &Scope) -> bool {
    scope.permissions().allows(Permission::WriteSettings)
}

/// The views of a list that the reader has, by name: the own ones and the shared ones.
pub async fn list(scope: &Scope, list: List) -> Result<Vec<ViewRow>> {
    let tx = scope.read().await?;
    let sql = format!(
        "SELECT v.id, v.user_id, v.list, v.name, v.query, v.shared FROM saved_views v \
         WHERE v.seller_id = $1 AND v.list = $2 AND (v.user_id = $3 OR v.shared) ORDER BY v.name, v.id LIMIT {SHOWN}"
    );
    let rows: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into(), list.into(), scope.user()?.0.into()]).await?;
    rows.into_iter().map(|row| row.shown(scope)).collect()
}

/// Saves a view.
pub async fn save(scope: &Scope, new: NewView) -> Result<ViewId> {
    let tx = scope.write().await?;
    let id = ViewId::new();
    let sql =
        "INSERT INTO saved_views (seller_id, id, user_id, list, name, query, shared, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        scope.user()?.0.into(),
        new.list.into(),
        new.name.clone().into(),
        new.query.into(),
        new.shared.into(),
        scope.now().into(),
    ];
    unless_taken(&tx, sql, values).await?;
    told(tx, "view.saved", id, new.name, new.shared).await?;
    Ok(id)
}

/// Gives a view another name, shares it or takes it back.
pub async fn change(scope: &Scope, id: ViewId, name: &str, shared: bool) -> Result<()> {
    let tx = scope.write().await?;
    let before = changeable(&tx, id).await?;
    let new = NewView::parse(before.list, &before.query, name, shared)?;
    let sql = "UPDATE saved_views SET name = $3, shared = $4 WHERE seller_id = $1 AND id = $2";
    unless_taken(&tx, sql, [tx.seller_id().0.into(), id.0.into(), new.name.clone().into(), shared.into()]).await?;
    told(tx, "view.changed", id, new.name, shared || before.shared).await
}

/// Deletes a view.
pub async fn delete(scope: &Scope, id: ViewId) -> Result<()> {
    let tx = scope.write().await?;
    let before = changeable(&tx, id).await?;
    tx.run("DELETE FROM saved_views WHERE seller_id = $1 AND id = $2", [tx.seller_id().0.into(), id.0.into()]).await?;
    told(tx, "view.deleted", id, before.name, before.shared).await
}

/// The view, where the scope may change it; one that it may not even see is unknown.
async fn changeable(tx: &Tx, id: ViewId) -> Result<Row> {
    let sql = "SELECT v.id, v.user_id, v.list, v.name, v.query, v.shared FROM saved_views v \
               WHERE v.seller_id = $1 AND v.id = $2 AND (v.user_id = $3 OR v.shared)";
    let row: Option<Row> = tx.one(sql, [tx.seller_id().0.into(), id.0.into(), tx.scope().user()?.0.into()]).await?;
    let row = row.ok_or(Error::NotFound)?;
    if row.user_id != tx.scope().user()?.0 && !may_change_others(tx.scope()) {
        return Err(Error::Forbidden(Permission::WriteSettings.label().to_owned()));
    }
    Ok(row)
}

async fn unless_taken<const N: usize>(tx: &Tx, sql: &str, values: [Value; N]) -> Result<()> {
    let done = tx.execute_raw(tx.db().sql(sql, values)).await;
    done.taken("name", "name", TAKEN).map(|_| ())
}

/// A view that others see is news to them; a private one concerns the open pages of its person alone.
async fn told(tx: Tx, event: &'static str, id: ViewId, name: String, shared: bool) -> Result<()> {
    if shared { tx.commit(Event::new(event, "view", id, name)).await } else { tx.commit_personally(event).await }
}

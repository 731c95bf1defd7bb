//! On the offer, or off it.

use super::{PlanId, plan};
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// Takes a plan off the offer, or puts it back.
///
/// # Errors
/// `Conflict` where it is there already.
pub async fn set_archived(scope: &Scope, id: PlanId, archived: bool) -> Result<()> {
    let tx = scope.write().await?;
    let plan = tx.get::<plan::Entity>(id.0).await?;
    if plan.archived_at.is_some() == archived {
        return Err(Error::Conflict(format!("{} is {} already.", plan.name, if archived { "archived" } else { "on offer" })));
    }
    let event = set(&tx, plan, archived).await?;
    tx.commit(event).await
}

/// As [`set_archived`] for several, all or none; those that are there already stay. Gives how many were not.
pub async fn set_archived_many(scope: &Scope, ids: &[PlanId], archived: bool) -> Result<u64> {
    let tx = scope.write().await?;
    let mut events = Vec::new();
    for id in ids {
        let plan = tx.get::<plan::Entity>(id.0).await?;
        if plan.archived_at.is_some() != archived {
            events.push(set(&tx, plan, archived).await?);
        }
    }
    let changed = events.len() as u64;
    if changed > 0 {
        tx.commit_all(events).await?;
    }
    Ok(changed)
}

async fn set(tx: &Tx, plan: plan::Model, archived: bool) -> Result<Event> {
    let at = archived.then(|| tx.scope().now());
    let values = [tx.seller_id().0.into(), plan.id.0.into(), at.into()];
    tx.run("UPDATE plans SET archived_at = $3 WHERE seller_id = $1 AND id = $2", values).await?;
    Ok(Event::new(if archived { "plan.archived" } else { "plan.unarchived" }, "plan", plan.id, plan.name))
}

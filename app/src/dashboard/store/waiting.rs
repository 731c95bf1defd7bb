//! What waits, counted for the sidebar.

use sea_orm::FromQueryResult;

use super::super::model::Waiting;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::permission::Permission;
use crate::kit::scope::Scope;
use crate::notifications;

/// See [`Waiting`]. Each figure is a few rows of an index, read anew at every event.
pub async fn waiting(scope: &Scope) -> Result<Waiting> {
    #[derive(FromQueryResult)]
    struct Counts {
        receipts: i64,
        dunning: i64,
        jobs: i64,
    }
    let tx = scope.read().await?;
    let unread = if scope.user().is_ok() { notifications::unread(&tx).await? } else { 0 };
    let sql = "SELECT (SELECT COUNT(*) FROM receipts WHERE seller_id = $1 AND status = 'waiting') AS receipts, \
               (SELECT COUNT(*) FROM dunning_cases WHERE seller_id = $1 AND status IN ('open', 'paused')) AS dunning, \
               (SELECT COUNT(*) FROM jobs WHERE seller_id = $1 AND status = 'dead') AS jobs";
    let counts: Option<Counts> = tx.one(sql, [tx.seller_id().0.into()]).await?;
    let Some(counts) = counts else { return Ok(Waiting { unread, ..Waiting::default() }) };
    let seen = |count: i64, permission| if scope.permissions().allows(permission) { u64::try_from(count).unwrap_or(0) } else { 0 };
    Ok(Waiting {
        unread,
        receipts: seen(counts.receipts, Permission::ReadPayments),
        dunning: seen(counts.dunning, Permission::ReadInvoices),
        jobs: seen(counts.jobs, Permission::ReadJobs),
    })
}

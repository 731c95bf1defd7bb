//! How far usage was invoiced.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::Sql;
use crate::kit::tx::Tx;
use crate::subscriptions::SubscriptionId;

/// For billing, in the transaction that issues: usage of days before these was invoiced. It holds the subscriptions.
pub async fn close(tx: &Tx, until: &[(SubscriptionId, NaiveDate)]) -> Result<()> {
    let rows = until.iter().map(|(id, day)| vec![id.0.into(), (*day).into()]).collect();
    let ending = "ON CONFLICT (seller_id, subscription_id) DO UPDATE SET closed_until = excluded.closed_until \
                  WHERE usage_closed.closed_until < excluded.closed_until";
    Rows::new(&["subscription_id", "closed_until"], rows).insert(tx, "usage_closed", ending).await.map(|_| ())
}

/// The first day of each that was not invoiced; those of which nothing was are left out.
pub async fn read(tx: &Tx, ids: &[SubscriptionId]) -> Result<BTreeMap<SubscriptionId, NaiveDate>> {
    #[derive(FromQueryResult)]
    struct Row {
        subscription_id: SubscriptionId,
        closed_until: NaiveDate,
    }
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys = Ids::of(ids.iter().map(|id| id.0));
    let sql =
        format!("SELECT subscription_id, closed_until FROM usage_closed WHERE seller_id = $1 AND {}", keys.among(tx, "subscription_id", 2));
    let found: Vec<Row> = tx.all(&sql, keys.keyed(tx)).await?;
    Ok(found.into_iter().map(|row| (row.subscription_id, row.closed_until)).collect())
}

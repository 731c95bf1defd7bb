//! How far usage was invoiced.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};

use super::{keyed, marks};
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::tx::Tx;
use crate::subscriptions::SubscriptionId;

/// Subscriptions of one statement; two parameters each.
const AT_ONCE: usize = 500;

/// For billing, in the transaction that issues: usage of days before these was invoiced. It holds the subscriptions.
pub async fn close(tx: &Tx, until: &[(SubscriptionId, NaiveDate)]) -> Result<()> {
    for chunk in until.chunks(AT_ONCE) {
        let sql = format!(
            "INSERT INTO usage_closed (seller_id, subscription_id, closed_until) VALUES {} \
             ON CONFLICT (seller_id, subscription_id) DO UPDATE SET closed_until = excluded.closed_until \
             WHERE usage_closed.closed_until < excluded.closed_until",
            (0..chunk.len()).map(|n| format!("($1, ${}, ${})", 2 * n + 2, 2 * n + 3)).collect::<Vec<_>>().join(", ")
        );
        let mut values: Vec<Value> = vec![tx.seller_id().0.into()];
        values.extend(chunk.iter().flat_map(|(id, day)| [Value::from(id.0), Value::from(*day)]));
        tx.run(&sql, values).await?;
    }
    Ok(())
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
    let sql = format!(
        "SELECT subscription_id, closed_until FROM usage_closed WHERE seller_id = $1 AND subscription_id IN ({})",
        marks(2, ids.len())
    );
    let found: Vec<Row> = tx.all(&sql, keyed(tx, ids)).await?;
    Ok(found.into_iter().map(|row| (row.subscription_id, row.closed_until)).collect())
}

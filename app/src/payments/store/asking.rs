//! Which charges are asked about again, and when.

use sea_orm::FromQueryResult;

use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::scope::Scope;
use crate::payments::model::PaymentId;

/// Charges that it is time to ask about again.
pub async fn to_ask(scope: &Scope) -> Result<Vec<PaymentId>> {
    #[derive(FromQueryResult)]
    struct Open {
        payment_id: PaymentId,
    }
    let tx = scope.read().await?;
    let sql = "SELECT payment_id FROM charges WHERE seller_id = $1 AND under_way AND ask_at <= $2 ORDER BY ask_at LIMIT 500";
    let rows: Vec<Open> = tx.all(sql, [tx.seller_id().0.into(), scope.now().into()]).await?;
    Ok(rows.into_iter().map(|row| row.payment_id).collect())
}

/// Notes that a charge is asked about; the next time is later each time, up to a day.
pub async fn asked(scope: &Scope, id: PaymentId) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Asked {
        asked: i32,
    }
    let tx = scope.write().await?;
    let sql = "UPDATE charges SET asked = asked + 1 WHERE seller_id = $1 AND payment_id = $2 RETURNING asked";
    let row: Option<Asked> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let times = u32::try_from(row.map_or(1, |row| row.asked)).unwrap_or(1);
    let minutes = 10i64.saturating_mul(3i64.saturating_pow(times.min(8))).min(24 * 60);
    let sql = "UPDATE charges SET ask_at = $3 WHERE seller_id = $1 AND payment_id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into(), (scope.now() + chrono::TimeDelta::minutes(minutes)).into()]).await?;
    tx.commit_quietly().await
}

//! What happened to a subscription, and to a customer with all its subscriptions.

use sea_orm::FromQueryResult;

use super::{SubscriptionId, list};
use crate::audit::{self, AuditRow};
use crate::customers::{self, CustomerId};
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;

/// Subscriptions of one customer that are looked after.
const AT_MOST: usize = 200;

pub async fn activity(scope: &Scope, id: SubscriptionId, query: &ListQuery) -> Result<Page<AuditRow>> {
    list::get(scope, id).await?;
    audit::store::of_subjects(scope, &[("subscription", vec![id.to_string()])], query).await
}

/// That of the customer itself and of its latest subscriptions.
pub async fn customer_activity(scope: &Scope, customer: CustomerId, query: &ListQuery) -> Result<Page<AuditRow>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: SubscriptionId,
    }
    let tx = scope.read().await?;
    customers::store::read(&tx, customer).await?;
    let sql =
        format!("SELECT id FROM subscriptions WHERE seller_id = $1 AND customer_id = $2 ORDER BY started_on DESC, id DESC LIMIT {AT_MOST}");
    let found: Vec<Found> = tx.all(&sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    drop(tx);
    let subscriptions = found.into_iter().map(|row| row.id.to_string()).collect();
    audit::store::of_subjects(scope, &[("customer", vec![customer.to_string()]), ("subscription", subscriptions)], query).await
}

//! Keeping movements and customers true to the phases.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::priced;
use crate::customers::{self, CustomerId};
use crate::kit::Result;
use crate::kit::bulk::Ids;
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::movements::{self, PaidStretch, Rebuilt};
use crate::subscriptions::model::SubscriptionId;

/// Customers whose phases are read by one statement.
const CUSTOMERS_AT_ONCE: usize = 2_000;
/// Customers whose phases are held in memory together.
const CUSTOMERS_TOGETHER: usize = 20_000;
/// Phases that a rebuild reads by one statement.
const PHASES_AT_ONCE: usize = 50_000;

#[derive(FromQueryResult)]
struct StretchRow {
    customer_id: Uuid,
    plan_id: Uuid,
    pays_from: NaiveDate,
    ends_on: Option<NaiveDate>,
    mrr_minor: i64,
    end_reason: Option<String>,
}

impl StretchRow {
    fn stretch(self) -> PaidStretch {
        PaidStretch { plan: self.plan_id, from: self.pays_from, until: self.ends_on, mrr_minor: self.mrr_minor, reason: self.end_reason }
    }
}

const COLUMNS: &str = "customer_id, plan_id, pays_from, ends_on, mrr_minor, end_reason";

/// Everything a customer ever paid for or is set to, without one subscription if so asked.
pub async fn stretches(tx: &Tx, customer: CustomerId, except: Option<SubscriptionId>) -> Result<Vec<PaidStretch>> {
    let sql = format!("SELECT {COLUMNS} FROM subscription_phases WHERE seller_id = $1 AND customer_id = $2 AND subscription_id <> $3");
    let except = except.map_or(Uuid::nil(), |id| id.0);
    let rows: Vec<StretchRow> = tx.all(&sql, [tx.seller_id().0.into(), customer.0.into(), except.into()]).await?;
    Ok(rows.into_iter().map(StretchRow::stretch).collect())
}

/// Makes movements and MRR of these customers true to their phases. Call [`movements::hold`] before reading anything
/// that the phases are changed by.
pub async fn refresh_customers(tx: &Tx, customers: &[CustomerId]) -> Result<()> {
    movements::hold(tx).await?;
    for chunk in customers.chunks(CUSTOMERS_TOGETHER) {
        let mut stretches: BTreeMap<Uuid, Vec<PaidStretch>> = chunk.iter().map(|c| (c.0, Vec::new())).collect();
        for chunk in chunk.chunks(CUSTOMERS_AT_ONCE) {
            let keys = Ids::of(chunk.iter().map(|c| c.0));
            let sql = format!("SELECT {COLUMNS} FROM subscription_phases WHERE seller_id = $1 AND {}", keys.among(tx, "customer_id", 2));
            for row in tx.all::<StretchRow>(&sql, keys.keyed(tx)).await? {
                stretches.entry(row.customer_id).or_default().push(row.stretch());
            }
        }
        let fresh = movements::refresh_many(tx, stretches.into_iter().collect()).await?;
        let fresh: Vec<_> = fresh.into_iter().map(|(id, mrr)| (CustomerId(id), mrr.today_minor, mrr.first_paid_on)).collect();
        customers::store::set_mrr_many(tx, &fresh).await?;
    }
    Ok(())
}

/// Derives all movements anew from the phases, and the customers' MRR from them; says what differed. First it prices the
/// phases anew whose plan charges by tiers of the quantity.
pub async fn rebuild(scope: &Scope) -> Result<Rebuilt> {
    // Committed by itself, because a rebuild reads what is committed. Where it ends here, the next rebuild goes on.
    let tx = scope.write().await?;
    movements::hold(&tx).await?;
    let repriced = priced::reprice(&tx).await?;
    tx.commit_quietly().await?;
    let tx = scope.write().await?;
    let rebuilt = movements::rebuild(&tx, page).await?;
    let customers = customers::store::sync_mrr(&tx).await?;
    let details = serde_json::json!({ "counts": rebuilt, "differing_customers": customers, "repriced_phases": repriced });
    let seller = scope.seller();
    tx.commit(Event::new("revenue.rebuilt", "organization", seller.id, seller.name.clone()).details(details)).await?;
    Ok(rebuilt)
}

/// The paid stretches of customers, by customer.
type Stretches = Vec<(Uuid, Vec<PaidStretch>)>;

/// Some customers after an id, each with all its stretches, in the order of their ids.
fn page(tx: &Tx, after: Option<Uuid>) -> BoxFuture<'_, Result<Stretches>> {
    read_page(tx, after.unwrap_or(Uuid::nil())).boxed()
}

async fn read_page(tx: &Tx, after: Uuid) -> Result<Vec<(Uuid, Vec<PaidStretch>)>> {
    let mut limit = PHASES_AT_ONCE;
    loop {
        let sql = format!(
            "SELECT {COLUMNS} FROM subscription_phases WHERE seller_id = $1 AND customer_id > $2 ORDER BY customer_id LIMIT {limit}"
        );
        let rows: Vec<StretchRow> = tx.all(&sql, [tx.seller_id().0.into(), after.into()]).await?;
        let whole = rows.len() < limit;
        let mut customers: Vec<(Uuid, Vec<PaidStretch>)> = Vec::new();
        for row in rows {
            match customers.last_mut() {
                Some((id, stretches)) if *id == row.customer_id => stretches.push(row.stretch()),
                _ => customers.push((row.customer_id, vec![row.stretch()])),
            }
        }
        // The last customer may have more phases than were read.
        if !whole {
            customers.pop();
        }
        if whole || !customers.is_empty() {
            return Ok(customers);
        }
        limit *= 2;
    }
}

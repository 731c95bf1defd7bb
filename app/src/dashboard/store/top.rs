//! The customers that pay most.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::super::model::TopCustomer;
use crate::kit::Result;
use crate::kit::bulk::Ids;
use crate::kit::db::Sql;
use crate::kit::id::encode;
use crate::kit::money::Money;
use crate::kit::tx::Tx;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    mrr_minor: i64,
}

#[derive(FromQueryResult)]
struct Before {
    customer_id: Uuid,
    after_minor: i64,
}

#[derive(FromQueryResult)]
struct OnPlan {
    customer_id: Uuid,
    name: String,
}

/// The five with the largest MRR, with what they paid the day before `first`.
pub async fn customers(tx: &Tx, first: NaiveDate, today: NaiveDate) -> Result<Vec<TopCustomer>> {
    let sql = "SELECT id, name, mrr_minor FROM customers WHERE seller_id = $1 AND mrr_minor > 0 ORDER BY mrr_minor DESC, id DESC LIMIT 5";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let keys = Ids::of(rows.iter().map(|r| r.id));
    // The last of each customer wins.
    let sql = format!(
        "SELECT customer_id, after_minor FROM mrr_movements WHERE seller_id = $1 AND day < $2 AND {} ORDER BY customer_id, day",
        keys.among(tx, "customer_id", 3)
    );
    let before: Vec<Before> = tx.all(&sql, keys.after(tx, [first.into()])).await?;
    let before: BTreeMap<Uuid, i64> = before.into_iter().map(|b| (b.customer_id, b.after_minor)).collect();
    let sql = format!(
        "SELECT s.customer_id, p.name FROM subscription_phases s JOIN plans p ON p.seller_id = s.seller_id AND p.id = s.plan_id \
         WHERE s.seller_id = $1 AND s.pays_from <= $2 AND (s.ends_on IS NULL OR s.ends_on > $2) AND {} \
         ORDER BY s.customer_id, s.mrr_minor",
        keys.among(tx, "s.customer_id", 3)
    );
    let plans: Vec<OnPlan> = tx.all(&sql, keys.after(tx, [today.into()])).await?;
    let plans: BTreeMap<Uuid, String> = plans.into_iter().map(|p| (p.customer_id, p.name)).collect();
    let money = |minor| Money::new(minor, tx.scope().currency());
    let customer = |r: &Row| TopCustomer {
        id: encode("cus", r.id),
        name: r.name.clone(),
        plan: plans.get(&r.id).cloned().unwrap_or_default(),
        mrr: money(r.mrr_minor),
        before: money(before.get(&r.id).copied().unwrap_or(0)),
    };
    Ok(rows.iter().map(customer).collect())
}

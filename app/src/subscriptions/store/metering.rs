//! What usage reads of subscriptions: those that events name, held against billing, and the periods that days lie in.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};

use super::billing;
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::period::Period;
use crate::kit::tx::Tx;
use crate::subscriptions::model::SubscriptionId;

/// A subscription that events are about.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Metered {
    pub id: SubscriptionId,
    pub external_id: Option<String>,
    pub customer_id: CustomerId,
    pub started_on: NaiveDate,
    /// The first day without service for good.
    pub ended_on: Option<NaiveDate>,
    /// The first day of its latest pause, over or not.
    pub paused_on: Option<NaiveDate>,
    /// The first day with service after that.
    pub resumes_on: Option<NaiveDate>,
}

impl Metered {
    /// Whether a day lies in its latest pause.
    pub fn is_paused_on(&self, day: NaiveDate) -> bool {
        self.paused_on.is_some_and(|from| from <= day) && self.resumes_on.is_none_or(|until| day < until)
    }
}

const COLUMNS: &str = "id, external_id, customer_id, started_on, ended_on, \
     (SELECT MAX(h.ends_on) FROM subscription_phases h WHERE h.seller_id = subscriptions.seller_id \
     AND h.subscription_id = subscriptions.id AND h.end_reason = 'paused') AS paused_on, \
     (SELECT MIN(n.starts_on) FROM subscription_phases n WHERE n.seller_id = subscriptions.seller_id AND n.subscription_id = subscriptions.id \
     AND n.starts_on >= (SELECT MAX(h.ends_on) FROM subscription_phases h WHERE h.seller_id = n.seller_id \
     AND h.subscription_id = n.subscription_id AND h.end_reason = 'paused')) AS resumes_on";

/// Those with one of these ids or external ids. To `write` they are held until the transaction ends: billing, which holds
/// them harder, comes before or after.
pub async fn find(tx: &Tx, ids: &[SubscriptionId], external: &[String], write: bool) -> Result<Vec<Metered>> {
    let mut ids: Vec<SubscriptionId> = ids.to_vec();
    if !external.is_empty() {
        let sql = format!("SELECT {COLUMNS} FROM subscriptions WHERE seller_id = $1 AND external_id IN ({})", marks(external.len()));
        let values = std::iter::once(Value::from(tx.seller_id().0)).chain(external.iter().map(|e| Value::from(e.as_str())));
        ids.extend(tx.all::<Metered>(&sql, values.collect::<Vec<_>>()).await?.into_iter().map(|s| s.id));
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let hold = if write && !tx.db().is_sqlite() { "FOR KEY SHARE" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM subscriptions WHERE seller_id = $1 AND id IN ({}) ORDER BY id {hold}", marks(ids.len()));
    let values = std::iter::once(Value::from(tx.seller_id().0)).chain(ids.iter().map(|id| Value::from(id.0)));
    tx.all(&sql, values.collect::<Vec<_>>()).await
}

/// The billing periods of these subscriptions that a day lies in; none of those out of service.
pub async fn periods(tx: &Tx, ids: &[SubscriptionId], day: NaiveDate) -> Result<BTreeMap<SubscriptionId, Period>> {
    let billed = billing::of_ids(tx, ids).await?;
    Ok(billed.into_iter().filter_map(|b| b.course.period_around(day).map(|period| (b.id, period))).collect())
}

fn marks(count: usize) -> String {
    (2..2 + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

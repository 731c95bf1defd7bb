//! What usage reads of subscriptions: those that events name, held against billing, and the periods that days lie in.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::billing;
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::bulk::Ids;
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
        let keys = Ids::external(external.iter().map(String::as_str));
        let sql = format!("SELECT {COLUMNS} FROM subscriptions WHERE seller_id = $1 AND {}", keys.among(tx, "external_id", 2));
        ids.extend(tx.all::<Metered>(&sql, keys.keyed(tx)).await?.into_iter().map(|s| s.id));
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let hold = if write && !tx.db().is_sqlite() { "FOR KEY SHARE" } else { "" };
    let keys = Ids::of(ids.iter().map(|id| id.0));
    let sql = format!("SELECT {COLUMNS} FROM subscriptions WHERE seller_id = $1 AND {} ORDER BY id {hold}", keys.among(tx, "id", 2));
    tx.all(&sql, keys.keyed(tx)).await
}

/// The billing periods of these subscriptions that a day lies in; none of those out of service.
pub async fn periods(tx: &Tx, ids: &[SubscriptionId], day: NaiveDate) -> Result<BTreeMap<SubscriptionId, Period>> {
    let billed = billing::of_ids(tx, ids).await?;
    Ok(billed.into_iter().filter_map(|b| b.course.period_around(day).map(|period| (b.id, period))).collect())
}

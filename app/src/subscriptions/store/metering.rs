//! What usage reads of subscriptions: those that events name, held against billing, and the periods that days lie in.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::billing;
use crate::kit::Result;
use crate::kit::bulk::Ids;
use crate::kit::db::Sql;
use crate::kit::period::Period;
use crate::kit::tx::Tx;
use crate::subscriptions::model::SubscriptionId;

/// A subscription that events are about.
#[derive(Clone, Debug)]
pub struct Metered {
    pub id: SubscriptionId,
    pub external_id: Option<String>,
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

#[derive(FromQueryResult)]
struct Head {
    id: SubscriptionId,
    external_id: Option<String>,
    started_on: NaiveDate,
    ended_on: Option<NaiveDate>,
}

const COLUMNS: &str = "id, external_id, started_on, ended_on";

/// Those with one of these ids or external ids. To `write` they are held until the transaction ends: billing, which holds
/// them harder, comes before or after.
pub async fn find(tx: &Tx, ids: &[SubscriptionId], external: &[String], write: bool) -> Result<Vec<Metered>> {
    let mut ids: Vec<SubscriptionId> = ids.to_vec();
    if !external.is_empty() {
        let keys = Ids::external(external.iter().map(String::as_str));
        let sql = format!("SELECT {COLUMNS} FROM subscriptions WHERE seller_id = $1 AND {}", keys.among(tx, "external_id", 2));
        ids.extend(tx.all::<Head>(&sql, keys.keyed(tx)).await?.into_iter().map(|s| s.id));
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let hold = if write && !tx.db().is_sqlite() { "FOR KEY SHARE" } else { "" };
    let keys = Ids::of(ids.iter().map(|id| id.0));
    let sql = format!("SELECT {COLUMNS} FROM subscriptions WHERE seller_id = $1 AND {} ORDER BY id {hold}", keys.among(tx, "id", 2));
    let heads: Vec<Head> = tx.all(&sql, keys.keyed(tx)).await?;
    let mut pauses = pauses(tx, &keys).await?;
    let metered = |head: Head| {
        let (paused_on, resumes_on) = pauses.remove(&head.id).unzip();
        let Head { id, external_id, started_on, ended_on } = head;
        Metered { id, external_id, started_on, ended_on, paused_on, resumes_on: resumes_on.flatten() }
    };
    Ok(heads.into_iter().map(metered).collect())
}

/// When the latest pause of each that ever paused began and ended.
async fn pauses(tx: &Tx, ids: &Ids) -> Result<BTreeMap<SubscriptionId, (NaiveDate, Option<NaiveDate>)>> {
    #[derive(FromQueryResult)]
    struct Pause {
        subscription_id: SubscriptionId,
        paused_on: NaiveDate,
        resumes_on: Option<NaiveDate>,
    }
    let sql = format!(
        "SELECT p.subscription_id, p.paused_on, (SELECT MIN(n.starts_on) FROM subscription_phases n WHERE n.seller_id = $1 \
         AND n.subscription_id = p.subscription_id AND n.starts_on >= p.paused_on) AS resumes_on \
         FROM (SELECT h.subscription_id, MAX(h.ends_on) AS paused_on FROM subscription_phases h \
         WHERE h.seller_id = $1 AND h.end_reason = 'paused' AND {} GROUP BY h.subscription_id) p",
        ids.among(tx, "h.subscription_id", 2)
    );
    let rows: Vec<Pause> = tx.all(&sql, ids.keyed(tx)).await?;
    Ok(rows.into_iter().map(|row| (row.subscription_id, (row.paused_on, row.resumes_on))).collect())
}

/// The billing periods of these subscriptions that a day lies in; none of those out of service.
pub async fn periods(tx: &Tx, ids: &[SubscriptionId], day: NaiveDate) -> Result<BTreeMap<SubscriptionId, Period>> {
    let billed = billing::of_ids(tx, ids).await?;
    Ok(billed.into_iter().filter_map(|b| b.course.period_around(day).map(|period| (b.id, period))).collect())
}

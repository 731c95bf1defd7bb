//! Many stretches at once, matched by the seller's own numbers: what an import writes. Whoever calls it also calls
//! [`movements::hold`](crate::movements::hold) before and [`refresh_customers`](super::refresh_customers) after.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{FromQueryResult, Value};

use super::phases::{self, KeyedPhase};
use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::{Sql, bug};
use crate::kit::money::Currency;
use crate::kit::tx::Tx;
use crate::movements::Rate;
use crate::subscriptions::course::Phase;
use crate::subscriptions::merge::{Clash, Known, Merged, NewStretch, Said, merge};
use crate::subscriptions::model::{PhaseId, SubscriptionId};

/// Subscriptions that are looked up by one statement.
const IDS_AT_ONCE: usize = 1_000;

/// A seller's exchange rates, all of them.
#[derive(Clone, Debug)]
pub struct RateTable {
    /// The seller's own currency.
    pub into: Currency,
    rates: HashMap<Currency, Vec<(NaiveDate, Rate)>>,
}

impl RateTable {
    /// Without any rate.
    pub fn new(into: Currency) -> Self {
        Self { into, rates: HashMap::new() }
    }

    pub async fn load(tx: &Tx) -> Result<Self> {
        #[derive(FromQueryResult)]
        struct Row {
            currency: String,
            starts_on: NaiveDate,
            rate_nano: i64,
        }
        let mut table = Self::new(tx.scope().currency());
        let sql = "SELECT currency, starts_on, rate_nano FROM exchange_rates WHERE seller_id = $1 ORDER BY currency, starts_on";
        for row in tx.all::<Row>(sql, [tx.seller_id().0.into()]).await? {
            let rate = Rate::from_nano(row.rate_nano).ok_or_else(|| bug("a rate of nought"))?;
            table.rates.entry(row.currency.parse().map_err(bug)?).or_default().push((row.starts_on, rate));
        }
        Ok(table)
    }

    /// The rate of `currency` on `day`, if there is one.
    pub fn on(&self, currency: Currency, day: NaiveDate) -> Option<Rate> {
        if currency == self.into {
            return Some(Rate::ONE);
        }
        let rates = self.rates.get(&currency)?;
        let after = rates.partition_point(|(starts_on, _)| *starts_on <= day);
        after.checked_sub(1).map(|at| rates[at].1)
    }
}

/// What was written, added up over the batches of an import.
#[derive(Debug, Default)]
pub struct Written {
    pub created: u64,
    pub changed: HashSet<SubscriptionId>,
    pub phases: u64,
    /// Stretches that were stored just so.
    pub unchanged: u64,
    /// Customers whose movements have to be derived anew.
    pub touched: HashSet<CustomerId>,
    pub clashes: Vec<Clash>,
}

#[derive(FromQueryResult)]
struct HeadRow {
    id: SubscriptionId,
    external_id: String,
    customer_id: CustomerId,
    trial_ends_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    payment_method: Option<String>,
    cancelled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    imported: Option<String>,
}

/// Writes stretches: new ones, and what differs of those that are known. One that clashes with the books is reported and
/// not written.
pub async fn upsert(tx: &Tx, stretches: Vec<NewStretch>, written: &mut Written) -> Result<()> {
    let mut groups: BTreeMap<String, Vec<NewStretch>> = BTreeMap::new();
    for stretch in stretches {
        groups.entry(stretch.subscription.clone()).or_default().push(stretch);
    }
    let mut known = known(tx, groups.keys()).await?;
    let (mut heads, mut rows, mut heard) = (Vec::new(), Vec::new(), Vec::new());
    for (external_id, stretches) in groups {
        let before = known.remove(&external_id);
        let count = stretches.len() as u64;
        let fresh = before.as_ref().is_none_or(|k| k.created_at == tx.scope().now());
        let merged = merge(before.as_ref(), stretches);
        let refused = merged.clashes.len() as u64;
        written.clashes.extend(merged.clashes.iter().cloned());
        if before.is_none() && refused < count {
            written.created += 1;
        }
        if merged.is_unchanged() {
            written.unchanged += count - refused;
            if merged.has_news {
                heard.push(vec![merged.id.0.into(), text(&merged.said)?.into()]);
            }
            continue;
        }
        if !fresh {
            written.changed.insert(merged.id);
        }
        written.unchanged += merged.rows_unchanged;
        if !merged.phases.is_empty() {
            written.touched.insert(merged.customer);
        }
        written.phases += merged.phases.len() as u64;
        rows.extend(merged.phases.iter().map(|phase| (merged.id, merged.customer, phase.clone())));
        heads.push((external_id, merged, before));
    }
    write_heads(tx, &heads).await?;
    Rows::new(&["id", "imported"], heard).update(tx, "subscriptions").await?;
    write_phases(tx, &rows).await
}

fn text(said: &Said) -> Result<String> {
    serde_json::to_string(said).map_err(bug)
}

async fn known(tx: &Tx, external_ids: impl Iterator<Item = &String>) -> Result<HashMap<String, Known>> {
    let ids: Vec<&String> = external_ids.collect();
    let mut known = HashMap::new();
    for chunk in ids.chunks(IDS_AT_ONCE) {
        let keys = Ids::external(chunk.iter().map(|id| id.as_str()));
        let sql = format!(
            "SELECT id, external_id, customer_id, trial_ends_on, ended_on, payment_method, cancelled_at, created_at, imported \
             FROM subscriptions WHERE seller_id = $1 AND {}",
            keys.among(tx, "external_id", 2)
        );
        let heads: Vec<HeadRow> = tx.all(&sql, keys.keyed(tx)).await?;
        let mut phases = phases_of(tx, &heads).await?;
        for head in heads {
            let HeadRow { id, external_id, customer_id, trial_ends_on, ended_on, payment_method, cancelled_at, created_at, imported } =
                head;
            let phases = phases.remove(&id).ok_or_else(|| bug("a subscription without phases"))?;
            let said = imported.map_or_else(|| Ok(Said::default()), |text| serde_json::from_str(&text)).map_err(bug)?;
            let of = Known { id, customer_id, trial_ends_on, ended_on, payment_method, cancelled_at, created_at, phases, said };
            known.insert(external_id, of);
        }
    }
    Ok(known)
}

async fn phases_of(tx: &Tx, heads: &[HeadRow]) -> Result<HashMap<SubscriptionId, Vec<Phase>>> {
    let mut phases: HashMap<SubscriptionId, Vec<Phase>> = HashMap::new();
    if heads.is_empty() {
        return Ok(phases);
    }
    let keys = Ids::of(heads.iter().map(|head| head.id.0));
    let sql = format!(
        "SELECT subscription_id, {} FROM subscription_phases WHERE seller_id = $1 AND {} ORDER BY starts_on",
        phases::COLUMNS,
        keys.among(tx, "subscription_id", 2)
    );
    for row in tx.all::<KeyedPhase>(&sql, keys.keyed(tx)).await? {
        phases.entry(row.subscription_id).or_default().push(row.phase.phase()?);
    }
    Ok(phases)
}

const HEAD: [&str; 15] = [
    "id",
    "external_id",
    "customer_id",
    "plan_id",
    "started_on",
    "trial_ends_on",
    "ended_on",
    "cancel_reason",
    "cancelled_at",
    "payment_method",
    "created_at",
    "mrr_minor",
    "bills_from",
    "bills_on",
    "imported",
];

async fn write_heads(tx: &Tx, heads: &[(String, Merged, Option<Known>)]) -> Result<()> {
    let (now, today) = (tx.scope().now(), tx.scope().today());
    let row = |(external_id, merged, before): &(String, Merged, Option<Known>)| -> Result<Vec<Value>> {
        let last = &merged.last;
        let ended_on = last.ends_on.filter(|_| !before.as_ref().is_some_and(|known| known.waits(last)));
        let cancelled_at = before.as_ref().and_then(|k| k.cancelled_at).unwrap_or(now);
        Ok(vec![
            merged.id.0.into(),
            external_id.as_str().into(),
            merged.customer.0.into(),
            last.priced.terms.plan.0.into(),
            merged.started_on.into(),
            merged.trial_ends_on.into(),
            ended_on.into(),
            ended_on.and(last.end_reason.clone()).into(),
            ended_on.map(|_| cancelled_at).into(),
            merged.payment_method.clone().into(),
            before.as_ref().map_or(now, |k| k.created_at).into(),
            last.priced.mrr_minor.into(),
            // What another system billed so far is billed here from now on.
            today.into(),
            today.into(),
            text(&merged.said)?.into(),
        ])
    };
    let ending = "ON CONFLICT (seller_id, id) DO UPDATE SET plan_id = excluded.plan_id, started_on = excluded.started_on, \
                  trial_ends_on = excluded.trial_ends_on, ended_on = excluded.ended_on, cancel_reason = excluded.cancel_reason, \
                  cancelled_at = excluded.cancelled_at, payment_method = excluded.payment_method, mrr_minor = excluded.mrr_minor, \
                  bills_on = excluded.started_on, imported = excluded.imported";
    Rows::new(&HEAD, heads.iter().map(row).collect::<Result<_>>()?).insert(tx, "subscriptions", ending).await.map(|_| ())
}

const PHASE: [&str; 16] = [
    "id",
    "subscription_id",
    "customer_id",
    "plan_id",
    "plan_version_id",
    "quantity",
    "unit_amount_minor",
    "currency",
    "interval_unit",
    "interval_count",
    "starts_on",
    "ends_on",
    "pays_from",
    "mrr_minor",
    "rate_nano",
    "end_reason",
];

async fn write_phases(tx: &Tx, rows: &[(SubscriptionId, CustomerId, Phase)]) -> Result<()> {
    let row = |(subscription, customer, phase): &(SubscriptionId, CustomerId, Phase)| -> Result<Vec<Value>> {
        let id = phase.id.unwrap_or_else(PhaseId::new);
        let keys = [id.0.into(), subscription.0.into(), customer.0.into()];
        Ok(keys.into_iter().chain(phases::columns(phase)?).collect())
    };
    let ending = "ON CONFLICT (seller_id, id) DO UPDATE SET plan_id = excluded.plan_id, plan_version_id = excluded.plan_version_id, \
                  quantity = excluded.quantity, unit_amount_minor = excluded.unit_amount_minor, currency = excluded.currency, \
                  interval_unit = excluded.interval_unit, interval_count = excluded.interval_count, ends_on = excluded.ends_on, \
                  pays_from = excluded.pays_from, mrr_minor = excluded.mrr_minor, rate_nano = excluded.rate_nano, end_reason = excluded.end_reason";
    let rows = rows.iter().map(row).collect::<Result<_>>()?;
    Rows::new(&PHASE, rows).insert(tx, "subscription_phases", ending).await.map(|_| ())
}

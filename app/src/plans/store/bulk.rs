//! The plans that an import meets: found by name, interval and currency, made where they are missing.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::insert;
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::money::{Currency, Money};
use crate::kit::period::Interval;
use crate::kit::tx::Tx;
use crate::plans::model::{NewPlan, PlanId, PlanVersionId};

/// What tells plans apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlanKey {
    pub name: String,
    pub interval: Interval,
    pub currency: Currency,
}

struct Known {
    id: PlanId,
    /// Amount and version, the latest first.
    prices: Vec<(i64, PlanVersionId)>,
}

/// The plans met so far.
#[derive(Default)]
pub struct Plans {
    known: HashMap<PlanKey, Known>,
    pub created: u64,
}

impl Plans {
    /// The plan, made at `price` where there is none; and its version that has this price, else the latest, whose other
    /// charges come with an own price.
    pub async fn find_or_make(&mut self, tx: &Tx, key: PlanKey, price: Money) -> Result<(PlanId, Option<PlanVersionId>)> {
        if !self.known.contains_key(&key) {
            let known = match find(tx, &key).await? {
                Some(id) => id,
                None => {
                    self.created += 1;
                    insert(tx, &NewPlan { name: key.name.clone(), interval: key.interval, price, trial_days: 0 }).await?
                }
            };
            let known = Known { id: known, prices: prices(tx, known).await? };
            self.known.insert(key.clone(), known);
        }
        let known = &self.known[&key];
        let version = known.prices.iter().find(|(amount, _)| *amount == price.minor()).or(known.prices.first());
        Ok((known.id, version.map(|(_, version)| *version)))
    }
}

async fn find(tx: &Tx, key: &PlanKey) -> Result<Option<PlanId>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: PlanId,
    }
    let sql = "SELECT id FROM plans WHERE seller_id = $1 AND name = $2 AND interval_unit = $3 AND interval_count = $4 AND currency = $5";
    let count = i32::try_from(key.interval.count).unwrap_or(i32::MAX);
    let values =
        [tx.seller_id().0.into(), key.name.as_str().into(), key.interval.unit.into(), count.into(), key.currency.to_string().into()];
    let found: Option<Found> = tx.one(sql, values).await?;
    Ok(found.map(|f| f.id))
}

async fn prices(tx: &Tx, plan: PlanId) -> Result<Vec<(i64, PlanVersionId)>> {
    #[derive(FromQueryResult)]
    struct Version {
        id: PlanVersionId,
        amount_minor: i64,
    }
    let sql = "SELECT id, amount_minor FROM plan_versions WHERE seller_id = $1 AND plan_id = $2 ORDER BY number DESC";
    let versions: Vec<Version> = tx.all(sql, [tx.seller_id().0.into(), plan.0.into()]).await?;
    Ok(versions.into_iter().map(|v| (v.amount_minor, v.id)).collect())
}

//! What terms come to in a month: the price of all units, and what the quantity costs by tiers beside it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::phases::{self, KeyedPhase};
use super::rates;
use crate::kit::bulk::{Ids, Rows};
use crate::kit::db::{Sql, bug};
use crate::kit::money::{Currency, Money};
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements::{Rate, monthly_minor};
use crate::plans::PlanVersionId;
use crate::plans::store::charges::tiers;
use crate::plans::tiers::Pricing;
use crate::subscriptions::course::{Phase, Priced, Terms};
use crate::subscriptions::model::SubscriptionId;

/// Phases that are priced anew by one statement.
const AT_ONCE: usize = 5_000;

/// What versions of plans charge by tiers of the quantity; a version that charges nothing so is not there.
pub type Tiers = BTreeMap<PlanVersionId, Vec<Pricing>>;

/// Terms at the rate of the day.
pub async fn price(tx: &Tx, terms: Terms, on: NaiveDate) -> Result<Priced> {
    let rate = rates::at(tx, terms.unit_amount.currency(), on).await?;
    let tiers = match terms.version {
        Some(version) => tiers(tx, Some(version)).await?,
        None => Tiers::default(),
    };
    let mrr_minor = monthly(&terms, rate, &tiers, tx.scope().currency());
    let mrr_minor = mrr_minor.map_err(|_| Error::field("price", "comes to too much a month with this quantity"))?;
    Ok(Priced { terms, rate, mrr_minor })
}

/// What terms come to in a month, in minor units of `into`: rounded once, with all that recurs in it.
pub fn monthly(terms: &Terms, rate: Rate, tiers: &Tiers, into: Currency) -> Result<i64> {
    let Terms { version, unit_amount, quantity, interval, .. } = *terms;
    let Some(beside) = version.and_then(|version| tiers.get(&version)) else {
        return monthly_minor(unit_amount, quantity, interval, rate, into);
    };
    let large = |_| Error::field("quantity", "makes the price too large");
    let mut sum = unit_amount.times_ratio(i128::from(quantity), 1).map_err(large)?;
    for pricing in beside {
        let more = Money::new(pricing.price(quantity).map_err(large)?, unit_amount.currency());
        sum = sum.plus(more).map_err(large)?;
    }
    monthly_minor(sum, 1, interval, rate, into)
}

/// Makes the monthly amounts of phases whose plan charges by tiers what they are now said to be; gives how many were not.
pub(super) async fn reprice(tx: &Tx) -> Result<u64> {
    let (tiers, into) = (tiers(tx, None).await?, tx.scope().currency());
    let (mut changed, mut after) = (0, Some(Uuid::nil()));
    while let Some(from) = after.filter(|_| !tiers.is_empty()) {
        let sql = format!(
            "SELECT subscription_id, {} FROM subscription_phases WHERE seller_id = $1 AND id > $2 AND plan_version_id IN \
             (SELECT c.plan_version_id FROM plan_charges c WHERE c.seller_id = $1 AND c.kind = 'tiers') ORDER BY id LIMIT {AT_ONCE}",
            phases::COLUMNS
        );
        let rows: Vec<KeyedPhase> = tx.all(&sql, [tx.seller_id().0.into(), from.into()]).await?;
        let full = rows.len() == AT_ONCE;
        let mut wrong: Vec<(SubscriptionId, Phase, i64)> = Vec::new();
        after = None;
        for KeyedPhase { subscription_id, phase } in rows {
            let phase = phase.phase()?;
            let mrr = monthly(&phase.priced.terms, phase.priced.rate, &tiers, into)?;
            after = phase.id.map(|id| id.0).filter(|_| full);
            if mrr != phase.priced.mrr_minor {
                wrong.push((subscription_id, phase, mrr));
            }
        }
        changed += wrong.len() as u64;
        write(tx, wrong).await?;
    }
    Ok(changed)
}

/// The phases, and the subscriptions whose last ones they are.
async fn write(tx: &Tx, wrong: Vec<(SubscriptionId, Phase, i64)>) -> Result<()> {
    if wrong.is_empty() {
        return Ok(());
    }
    let rows = wrong.iter().map(|(_, phase, mrr)| Ok(vec![phase.id.ok_or_else(|| bug("not stored"))?.0.into(), (*mrr).into()]));
    Rows::new(&["id", "mrr_minor"], rows.collect::<Result<_>>()?).update(tx, "subscription_phases").await?;
    let keys = Ids::of(wrong.iter().map(|(id, _, _)| id.0));
    let sql = format!(
        "UPDATE subscriptions SET mrr_minor = COALESCE((SELECT h.mrr_minor FROM subscription_phases h WHERE h.seller_id = $1 \
         AND h.subscription_id = subscriptions.id ORDER BY h.starts_on DESC LIMIT 1), 0) WHERE seller_id = $1 AND {}",
        keys.among(tx, "id", 2)
    );
    tx.run(&sql, keys.keyed(tx)).await.map(|_| ())
}

//! What plans charge beside their price, and what was used of what they meter.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use super::super::{keyed, marks};
use crate::invoices::cover::Terms as Price;
use crate::invoices::due::ended;
use crate::invoices::make::{Charge, ChargeKind, SubscriptionBook, Used};
use crate::invoices::model::ChargeId;
use crate::invoices::tiers::{PriceModel, Pricing, unit_of};
use crate::kit::Result;
use crate::kit::db::{Sql, bug};
use crate::kit::money::Money;
use crate::kit::period::Period;
use crate::kit::tx::Tx;
use crate::plans::{PlanId, PlanVersionId};
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::course::Terms;
use crate::subscriptions::store::billing::Billed;

/// Names and charges of the plans that subscriptions are on.
#[derive(Default)]
pub struct Prices {
    pub plans: BTreeMap<PlanId, String>,
    pub items: BTreeMap<String, String>,
    charges: BTreeMap<PlanVersionId, Vec<(String, Charge)>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: ChargeId,
    plan_version_id: PlanVersionId,
    kind: String,
    name: String,
    model: PriceModel,
    amount_minor: i64,
    package_size: i64,
    included: i64,
    tiers: Json,
}

pub async fn read(tx: &Tx, billed: &[Billed]) -> Result<Prices> {
    #[derive(FromQueryResult)]
    struct Name {
        id: PlanId,
        name: String,
    }
    let terms = || billed.iter().flat_map(|b| &b.course.phases).map(|p| p.priced.terms);
    let mut plans: Vec<uuid::Uuid> = terms().map(|t| t.plan.0).collect();
    let mut versions: Vec<uuid::Uuid> = terms().filter_map(|t| t.version).map(|v| v.0).collect();
    for ids in [&mut plans, &mut versions] {
        ids.sort();
        ids.dedup();
    }
    let mut prices = Prices::default();
    if plans.is_empty() {
        return Ok(prices);
    }
    let sql = format!("SELECT id, name FROM plans WHERE seller_id = $1 AND id IN ({})", marks(2, plans.len()));
    prices.plans = tx.all::<Name>(&sql, keyed(tx, plans)).await?.into_iter().map(|row| (row.id, row.name)).collect();
    if versions.is_empty() {
        return Ok(prices);
    }
    let sql = format!(
        "SELECT id, plan_version_id, kind, name, model, amount_minor, package_size, included, tiers FROM plan_charges \
         WHERE seller_id = $1 AND plan_version_id IN ({}) ORDER BY position, id",
        marks(2, versions.len())
    );
    for row in tx.all::<Row>(&sql, keyed(tx, versions)).await? {
        let tiers = serde_json::from_value(row.tiers).map_err(bug)?;
        let Row { model, amount_minor, package_size, included, .. } = row;
        let kind = match row.kind.as_str() {
            "setup" => ChargeKind::Setup,
            "minimum" => ChargeKind::Minimum,
            _ => ChargeKind::Usage,
        };
        let item = row.id.to_string();
        prices.items.insert(item.clone(), row.name.clone());
        let charge = Charge { item, kind, name: row.name, pricing: Pricing { model, amount_minor, package_size, included, tiers } };
        prices.charges.entry(row.plan_version_id).or_default().push((row.kind, charge));
    }
    Ok(prices)
}

impl Prices {
    /// What recurs in advance: the plan's price, and what is priced by tiers of the quantity.
    pub fn recurring(&self, terms: &Terms) -> Result<Vec<Price>> {
        let Terms { plan, unit_amount, quantity, .. } = *terms;
        let price = unit_amount.times_ratio(i128::from(quantity), 1).map_err(bug)?;
        let mut prices = vec![Price { item: "base".into(), plan, quantity, unit: unit_amount, price }];
        for (_, charge) in self.of(terms.version).filter(|(kind, _)| kind == "tiers") {
            let minor = charge.pricing.price(quantity).map_err(bug)?;
            let money = |minor| Money::new(minor, unit_amount.currency());
            prices.push(Price { item: charge.item.clone(), plan, quantity, unit: money(unit_of(minor, quantity)), price: money(minor) });
        }
        Ok(prices)
    }

    /// What is charged once or in arrears; the minimum last, because it tops up the others.
    pub fn charges(&self, version: Option<PlanVersionId>) -> Vec<Charge> {
        let mut charges: Vec<Charge> = self.of(version).filter(|(kind, _)| kind != "tiers").map(|(_, charge)| charge.clone()).collect();
        charges.sort_by_key(|charge| charge.kind == ChargeKind::Minimum);
        charges
    }

    fn of(&self, version: Option<PlanVersionId>) -> impl Iterator<Item = &(String, Charge)> {
        version.and_then(|v| self.charges.get(&v)).into_iter().flatten()
    }
}

/// What was used in the periods that ended and are not billed yet.
pub async fn used(tx: &Tx, book: &SubscriptionBook, until: chrono::NaiveDate) -> Result<Used> {
    let mut used = Used::new();
    if book.charges.iter().flatten().all(|c| c.kind != ChargeKind::Usage) {
        return Ok(used);
    }
    let floor = book.next.unwrap_or(until);
    for (at, period, _) in ended(&book.stretches, &book.rules, floor, until) {
        for charge in book.charges[at].iter().filter(|c| c.kind == ChargeKind::Usage) {
            let quantity = quantity(tx, book.id, &charge.item, period).await?;
            used.insert((charge.item.clone(), period.start, period.end), quantity);
        }
    }
    Ok(used)
}

/// The quantity of a charge's meter in the days of a period, by the meter's aggregation.
async fn quantity(tx: &Tx, subscription: SubscriptionId, item: &str, period: Period) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Sums {
        aggregation: String,
        total: i64,
        events: i64,
        highest: i64,
        latest: i64,
        subjects: i64,
    }
    let charge: ChargeId = item.parse().map_err(bug)?;
    let days = "usage_days d WHERE d.seller_id = $1 AND d.subscription_id = $3 AND d.meter_id = m.id AND d.day >= $4 AND d.day < $5";
    let sql = format!(
        "SELECT m.aggregation, (SELECT CAST(COALESCE(SUM(d.total), 0) AS BIGINT) FROM {days}) AS total, \
         (SELECT CAST(COALESCE(SUM(d.events), 0) AS BIGINT) FROM {days}) AS events, \
         (SELECT COALESCE(MAX(d.highest), 0) FROM {days}) AS highest, \
         COALESCE((SELECT d.latest FROM {days} ORDER BY d.latest_at DESC LIMIT 1), 0) AS latest, \
         (SELECT COUNT(DISTINCT e.subject) FROM usage_events e WHERE e.seller_id = $1 AND e.subscription_id = $3 AND e.meter_id = m.id \
          AND e.day >= $4 AND e.day < $5 AND m.aggregation = 'unique') AS subjects \
         FROM plan_charges c JOIN meters m ON m.seller_id = c.seller_id AND m.id = c.meter_id WHERE c.seller_id = $1 AND c.id = $2"
    );
    let values = [tx.seller_id().0.into(), charge.0.into(), subscription.0.into(), period.start.into(), period.end.into()];
    let sums: Option<Sums> = tx.one(&sql, values).await?;
    Ok(sums.map_or(0, |sums| match sums.aggregation.as_str() {
        "count" => sums.events,
        "max" => sums.highest,
        "last" => sums.latest,
        "unique" => sums.subjects,
        _ => sums.total,
    }))
}

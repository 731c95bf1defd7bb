//! What plans charge beside their price, and what was used of what they meter.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use crate::invoices::cover::Terms as Price;
use crate::invoices::due::next_day;
use crate::invoices::make::{Charge, ChargeKind, SubscriptionBook, Used};
use crate::kit::Result;
use crate::kit::bulk::Ids;
use crate::kit::db::{Sql, bug};
use crate::kit::money::Money;
use crate::kit::tx::Tx;
use crate::meters::{Aggregation, MeterId};
use crate::plans::charges::ChargeId;
use crate::plans::tiers::{PriceModel, Pricing, unit_of};
use crate::plans::{PlanId, PlanVersionId};
use crate::subscriptions::course::Terms;
use crate::subscriptions::store::billing::Billed;
use crate::usage;
use crate::usage::store::Asked;

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
    meter_id: Option<uuid::Uuid>,
    aggregation: Option<Aggregation>,
}

/// Those that courses name, and the names of what was `sold` before: a plan that gave way on its first day is in no course.
pub async fn read(tx: &Tx, billed: &[Billed], sold: &[&Price]) -> Result<Prices> {
    #[derive(FromQueryResult)]
    struct Name {
        id: PlanId,
        name: String,
    }
    let terms = || billed.iter().flat_map(|b| &b.course.phases).map(|p| p.priced.terms);
    let mut plans: Vec<uuid::Uuid> = terms().map(|t| t.plan.0).chain(sold.iter().map(|terms| terms.plan.0)).collect();
    let mut versions: Vec<uuid::Uuid> = terms().filter_map(|t| t.version).map(|v| v.0).collect();
    for ids in [&mut plans, &mut versions] {
        ids.sort();
        ids.dedup();
    }
    let mut prices = Prices::default();
    if plans.is_empty() {
        return Ok(prices);
    }
    let keys = Ids::of(plans);
    let sql = format!("SELECT id, name FROM plans WHERE seller_id = $1 AND {}", keys.among(tx, "id", 2));
    prices.plans = tx.all::<Name>(&sql, keys.keyed(tx)).await?.into_iter().map(|row| (row.id, row.name)).collect();
    if !versions.is_empty() {
        prices.read_charges(tx, versions).await?;
    }
    prices.name(tx, sold).await?;
    Ok(prices)
}

impl Prices {
    async fn read_charges(&mut self, tx: &Tx, versions: Vec<uuid::Uuid>) -> Result<()> {
        let keys = Ids::of(versions);
        let sql = format!(
            "SELECT c.id, c.plan_version_id, c.kind, c.name, c.model, c.amount_minor, c.package_size, c.included, c.tiers, c.meter_id, \
         m.aggregation FROM plan_charges c LEFT JOIN meters m ON m.seller_id = c.seller_id AND m.id = c.meter_id \
         WHERE c.seller_id = $1 AND {} ORDER BY c.position, c.id",
            keys.among(tx, "c.plan_version_id", 2)
        );
        for row in tx.all::<Row>(&sql, keys.keyed(tx)).await? {
            let tiers = serde_json::from_value(row.tiers).map_err(bug)?;
            let Row { model, amount_minor, package_size, included, .. } = row;
            let kind = match row.kind.as_str() {
                "setup" => ChargeKind::Setup,
                "minimum" => ChargeKind::Minimum,
                _ => ChargeKind::Usage,
            };
            let item = row.id.to_string();
            self.items.insert(item.clone(), row.name.clone());
            let meter = row.meter_id.map(MeterId).zip(row.aggregation).filter(|_| kind == ChargeKind::Usage);
            let pricing = Pricing { model, amount_minor, package_size, included, tiers };
            let charge = Charge { item, kind, name: row.name, pricing, meter };
            self.charges.entry(row.plan_version_id).or_default().push((row.kind, charge));
        }
        Ok(())
    }

    /// Reads what charges are called that no present version has.
    async fn name(&mut self, tx: &Tx, sold: &[&Price]) -> Result<()> {
        #[derive(FromQueryResult)]
        struct Name {
            id: ChargeId,
            name: String,
        }
        let unknown = sold.iter().filter(|terms| !self.items.contains_key(&terms.item));
        let mut ids: Vec<uuid::Uuid> = unknown.filter_map(|terms| terms.item.parse::<ChargeId>().ok()).map(|id| id.0).collect();
        ids.sort();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        let keys = Ids::of(ids);
        let sql = format!("SELECT id, name FROM plan_charges WHERE seller_id = $1 AND {}", keys.among(tx, "id", 2));
        self.items.extend(tx.all::<Name>(&sql, keys.keyed(tx)).await?.into_iter().map(|row| (row.id.to_string(), row.name)));
        Ok(())
    }

    /// Whether a version charges in arrears.
    pub fn in_arrears(&self, version: Option<PlanVersionId>) -> bool {
        self.of(version).any(|(kind, _)| kind == "usage" || kind == "minimum")
    }

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

/// What was used in the periods that ended and are not billed yet, and so far in the one that runs.
pub async fn used(tx: &Tx, book: &SubscriptionBook, until: chrono::NaiveDate) -> Result<Used> {
    if book.charges.iter().flatten().all(|c| c.kind != ChargeKind::Usage) {
        return Ok(Used::new());
    }
    let floor = book.next.unwrap_or(until);
    let until = next_day(&book.stretches, &book.rules, until).unwrap_or(until);
    let (mut keys, mut asked) = (Vec::new(), Vec::new());
    for (ended, charge) in book.ended(floor, until) {
        if let Some((meter, aggregation)) = charge.meter {
            keys.push((charge.item, ended.part.start, ended.part.end));
            asked.push(Asked { subscription: book.id, meter, aggregation, period: ended.part });
        }
    }
    let quantities = usage::store::used(tx, &asked).await?;
    Ok(keys.into_iter().zip(quantities).collect())
}

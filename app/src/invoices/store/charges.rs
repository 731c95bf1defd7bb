//! What the present version of a plan charges beside its price.

use sea_orm::{FromQueryResult, Value};
use serde_json::{Value as Json, json};

use super::insert;
use crate::invoices::catalogue::{ChargeType, NewCharge};
use crate::invoices::model::ChargeId;
use crate::invoices::tiers::{PriceModel, Tier};
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};
use crate::plans::{self, PlanId};

/// A charge, for the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeView {
    pub id: ChargeId,
    pub kind: ChargeType,
    pub name: String,
    pub model: PriceModel,
    pub amount_minor: i64,
    pub package_size: i64,
    pub included: i64,
    pub tiers: Vec<Tier>,
    pub meter: Option<String>,
}

/// The charges of a plan's present version, in order.
pub async fn of_plan(scope: &Scope, plan: PlanId) -> Result<Vec<ChargeView>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: ChargeId,
        kind: ChargeType,
        name: String,
        model: PriceModel,
        amount_minor: i64,
        package_size: i64,
        included: i64,
        tiers: Json,
        meter: Option<String>,
    }
    let tx = scope.read().await?;
    let version = plans::store::read(&tx, plan).await?.version;
    let sql = "SELECT c.id, c.kind, c.name, c.model, c.amount_minor, c.package_size, c.included, c.tiers, m.key AS meter FROM plan_charges c \
               LEFT JOIN meters m ON m.seller_id = c.seller_id AND m.id = c.meter_id \
               WHERE c.seller_id = $1 AND c.plan_version_id = $2 ORDER BY c.position, c.id";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), version.0.into()]).await?;
    let view = |row: Row| {
        let Row { id, kind, name, model, amount_minor, package_size, included, tiers, meter } = row;
        let tiers = serde_json::from_value(tiers).map_err(bug)?;
        Ok(ChargeView { id, kind, name, model, amount_minor, package_size, included, tiers, meter })
    };
    rows.into_iter().map(view).collect()
}

/// Adds a charge to the present version of a plan, as long as nobody is on it: what is sold does not change.
pub async fn add(scope: &Scope, plan: PlanId, new: NewCharge) -> Result<ChargeId> {
    #[derive(FromQueryResult)]
    struct Known {
        sold: i64,
        charges: i64,
        meter_id: Option<uuid::Uuid>,
    }
    let tx = scope.write().await?;
    let plan = plans::store::read(&tx, plan).await?;
    let sql = "SELECT (SELECT COUNT(*) FROM subscription_phases h WHERE h.seller_id = $1 AND h.plan_version_id = $2) AS sold, \
               (SELECT COUNT(*) FROM plan_charges c WHERE c.seller_id = $1 AND c.plan_version_id = $2) AS charges, \
               (SELECT m.id FROM meters m WHERE m.seller_id = $1 AND m.key = $3 AND m.archived_at IS NULL) AS meter_id";
    let meter = new.meter.clone().unwrap_or_default();
    let known: Option<Known> = tx.one(sql, [tx.seller_id().0.into(), plan.version.0.into(), meter.into()]).await?;
    let known = known.ok_or_else(|| bug("no answer"))?;
    if known.sold > 0 {
        return Err(Error::Conflict("Subscriptions are on this price: give the plan a new one first, then add to that.".into()));
    }
    if new.kind == ChargeType::Usage && known.meter_id.is_none() {
        return Err(Error::field("meter", "is the key of no meter"));
    }
    let id = ChargeId::new();
    let columns =
        ["id", "plan_version_id", "kind", "name", "model", "amount_minor", "package_size", "included", "tiers", "meter_id", "position"];
    let row: Vec<Value> = vec![
        id.0.into(),
        plan.version.0.into(),
        new.kind.into(),
        new.name.clone().into(),
        new.model.into(),
        new.amount_minor.into(),
        new.package_size.into(),
        new.included.into(),
        serde_json::to_value(&new.tiers).map_err(bug)?.into(),
        known.meter_id.filter(|_| new.kind == ChargeType::Usage).into(),
        i32::try_from(known.charges).unwrap_or(0).into(),
    ];
    insert(&tx, "plan_charges", &columns, vec![row]).await?;
    let details = json!({ "charge": new.name, "kind": new.kind, "model": new.model });
    tx.commit(Event::new("plan.charge_added", "plan", plan.id, plan.name).details(details)).await?;
    Ok(id)
}

//! What the versions of a plan charge beside its price.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};
use serde_json::{Value as Json, json};

use super::{check_move, hold, insert_version, read};
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::job::{self, NewJob};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::meters;
use crate::plans::charges::{Charge, ChargeForm, ChargeId, ChargeType, NewCharge};
use crate::plans::tiers::{PriceModel, Pricing};
use crate::plans::{Plan, PlanId, PlanVersionId};

/// The most charges of a version.
const CHARGES_MAX: usize = 50;

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

/// The charges of a version, in order.
pub async fn of_version(tx: &Tx, version: PlanVersionId) -> Result<Vec<Charge>> {
    let sql = "SELECT c.id, c.kind, c.name, c.model, c.amount_minor, c.package_size, c.included, c.tiers, m.key AS meter FROM plan_charges c \
               LEFT JOIN meters m ON m.seller_id = c.seller_id AND m.id = c.meter_id \
               WHERE c.seller_id = $1 AND c.plan_version_id = $2 ORDER BY c.position, c.id";
    let rows: Vec<Row> = tx.all(sql, [tx.seller_id().0.into(), version.0.into()]).await?;
    let view = |row: Row| {
        let Row { id, kind, name, model, amount_minor, package_size, included, tiers, meter } = row;
        let tiers = serde_json::from_value(tiers).map_err(bug)?;
        Ok(Charge { id, kind, name, model, amount_minor, package_size, included, tiers, meter })
    };
    rows.into_iter().map(view).collect()
}

/// What versions charge by tiers of the quantity, of one version or of all; one that charges nothing so is not there.
pub async fn tiers(tx: &Tx, version: Option<PlanVersionId>) -> Result<BTreeMap<PlanVersionId, Vec<Pricing>>> {
    #[derive(FromQueryResult)]
    struct Row {
        plan_version_id: PlanVersionId,
        model: PriceModel,
        amount_minor: i64,
        package_size: i64,
        included: i64,
        tiers: Json,
    }
    let sql = "SELECT plan_version_id, model, amount_minor, package_size, included, tiers FROM plan_charges \
               WHERE seller_id = $1 AND kind = 'tiers'";
    let rows: Vec<Row> = match version {
        Some(version) => tx.all(&format!("{sql} AND plan_version_id = $2"), [tx.seller_id().0.into(), version.0.into()]).await?,
        None => tx.all(sql, [tx.seller_id().0.into()]).await?,
    };
    let mut found: BTreeMap<PlanVersionId, Vec<Pricing>> = BTreeMap::new();
    for Row { plan_version_id, model, amount_minor, package_size, included, tiers } in rows {
        let tiers = serde_json::from_value(tiers).map_err(bug)?;
        found.entry(plan_version_id).or_default().push(Pricing { model, amount_minor, package_size, included, tiers });
    }
    Ok(found)
}

/// The charges of a plan's present version, in order.
pub async fn of_plan(scope: &Scope, plan: PlanId) -> Result<Vec<Charge>> {
    let tx = scope.read().await?;
    let version = read(&tx, plan).await?.version;
    of_version(&tx, version).await
}

/// Adds a charge: to the present version where nobody is on it, else to a new one. Existing subscriptions move to that on
/// the day named, or stay.
pub async fn add(scope: &Scope, plan: PlanId, new: NewCharge, move_from: Option<NaiveDate>) -> Result<ChargeId> {
    let tx = scope.write().await?;
    hold(&tx, plan).await?;
    let plan = read(&tx, plan).await?;
    let version = editable(&tx, &plan, None, move_from).await?;
    let id = insert(&tx, version, std::slice::from_ref(&new)).await?.pop().ok_or_else(|| bug("no charge"))?;
    let details = json!({ "charge": new.name, "kind": new.kind, "model": new.model, "existing_subscriptions_move_on": move_from });
    tx.commit(Event::new("plan.charge_added", "plan", plan.id, plan.name).details(details)).await?;
    Ok(id)
}

/// As [`add`], from a form: its amounts are in the plan's currency.
pub async fn add_as_typed(scope: &Scope, plan: PlanId, form: &ChargeForm, move_from: Option<NaiveDate>) -> Result<ChargeId> {
    let currency = super::get(scope, plan).await?.price.currency();
    add(scope, plan, form.parse(currency)?, move_from).await
}

/// Takes a charge off: as [`add`], from the present version or by a new one.
pub async fn remove(scope: &Scope, id: ChargeId, move_from: Option<NaiveDate>) -> Result<PlanId> {
    #[derive(FromQueryResult)]
    struct Found {
        plan_id: PlanId,
        name: String,
    }
    let tx = scope.write().await?;
    let sql = "SELECT v.plan_id, c.name FROM plan_charges c JOIN plan_versions v ON v.seller_id = c.seller_id AND v.id = c.plan_version_id \
               WHERE c.seller_id = $1 AND c.id = $2";
    let found: Option<Found> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let found = found.ok_or(Error::NotFound)?;
    hold(&tx, found.plan_id).await?;
    let plan = read(&tx, found.plan_id).await?;
    if !of_version(&tx, plan.version).await?.iter().any(|charge| charge.id == id) {
        return Err(Error::Conflict("It is a charge of an older price, which stays as it is.".into()));
    }
    if editable(&tx, &plan, Some(id), move_from).await? == plan.version {
        let sql = "DELETE FROM plan_charges WHERE seller_id = $1 AND id = $2";
        tx.run(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    }
    let details = json!({ "charge": found.name, "existing_subscriptions_move_on": move_from });
    tx.commit(Event::new("plan.charge_removed", "plan", plan.id, plan.name).details(details)).await?;
    Ok(plan.id)
}

/// The present version where nobody is on it; else a new one at the same price, with the same charges but one.
async fn editable(tx: &Tx, plan: &Plan, without: Option<ChargeId>, move_from: Option<NaiveDate>) -> Result<PlanVersionId> {
    #[derive(FromQueryResult)]
    struct Sold {
        sold: bool,
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM subscription_phases h WHERE h.seller_id = $1 AND h.plan_version_id = $2) AS sold";
    let sold: Option<Sold> = tx.one(sql, [tx.seller_id().0.into(), plan.version.0.into()]).await?;
    let version = if sold.is_some_and(|s| s.sold) {
        let version = insert_version(tx, plan.id, plan.version_number + 1, plan.price.minor()).await?;
        copy(tx, plan.version, version, without).await?;
        version
    } else {
        plan.version
    };
    if let Some(from) = move_from {
        check_move(tx, from)?;
        job::enqueue(tx, NewJob::new(super::MOVE_JOB, json!({ "plan": plan.id, "version": version, "from": from }))).await?;
    }
    Ok(version)
}

/// The charges of a version for another one, but one of them.
pub(super) async fn copy(tx: &Tx, from: PlanVersionId, to: PlanVersionId, without: Option<ChargeId>) -> Result<()> {
    let charges = of_version(tx, from).await?.into_iter().filter(|c| Some(c.id) != without);
    let new = charges.map(|c| NewCharge {
        kind: c.kind,
        name: c.name,
        model: c.model,
        amount_minor: c.amount_minor,
        package_size: c.package_size,
        included: c.included,
        tiers: c.tiers,
        meter: c.meter,
    });
    insert_known(tx, to, &new.collect::<Vec<_>>(), true).await.map(|_| ())
}

/// Writes charges after those that a version has.
pub(super) async fn insert(tx: &Tx, version: PlanVersionId, new: &[NewCharge]) -> Result<Vec<ChargeId>> {
    insert_known(tx, version, new, false).await
}

async fn insert_known(tx: &Tx, version: PlanVersionId, new: &[NewCharge], archived_too: bool) -> Result<Vec<ChargeId>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let before = of_version(tx, version).await?.len();
    if before + new.len() > CHARGES_MAX {
        return Err(Error::field("charges", format!("are more than {CHARGES_MAX}")));
    }
    let meters = meters::store::by_key(tx).await?;
    let mut ids = Vec::with_capacity(new.len());
    for (n, charge) in new.iter().enumerate() {
        let meter = match charge.meter.as_deref().filter(|_| charge.kind == ChargeType::Usage) {
            Some(key) => {
                let found = meters.get(key).filter(|m| archived_too || !m.archived);
                Some(found.ok_or_else(|| Error::field("meter", "is the key of no meter in use"))?.id)
            }
            None => None,
        };
        let id = ChargeId::new();
        let sql = "INSERT INTO plan_charges (seller_id, id, plan_version_id, kind, name, model, amount_minor, package_size, included, tiers, \
                   meter_id, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let values: [Value; 12] = [
            tx.seller_id().0.into(),
            id.0.into(),
            version.0.into(),
            charge.kind.into(),
            charge.name.clone().into(),
            charge.model.into(),
            charge.amount_minor.into(),
            charge.package_size.into(),
            charge.included.into(),
            serde_json::to_value(&charge.tiers).map_err(bug)?.into(),
            meter.map(|m| m.0).into(),
            i32::try_from(before + n).unwrap_or(0).into(),
        ];
        tx.run(sql, values).await?;
        ids.push(id);
    }
    Ok(ids)
}

/// Makes a plan with its charges.
pub async fn create_with(scope: &Scope, new: crate::plans::NewPlan, charges: Vec<NewCharge>) -> Result<PlanId> {
    let tx = scope.write().await?;
    let id = super::insert(&tx, &new).await?;
    let version = read(&tx, id).await?.version;
    insert(&tx, version, &charges).await?;
    let names: Vec<&str> = charges.iter().map(|c| c.name.as_str()).collect();
    let details = json!({
        "price": new.price, "interval": new.interval.label(), "trial_days": new.trial_days, "charges": names,
    });
    tx.commit(Event::new("plan.created", "plan", id, new.name).level(Level::Info).details(details)).await?;
    Ok(id)
}

//! Plans in the database.

pub mod bulk;
pub mod charges;
mod offer;
#[cfg(test)]
mod tests;

pub use offer::{set_archived, set_archived_many};

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, FromQueryResult, entity::prelude::*};
use serde_json::json;

use super::model::{NewPlan, NewPrice, Plan, PlanChoice, PlanDetail, PlanId, PlanVersion, PlanVersionId, PriceForm, bearable};
use crate::kit::bulk::Ids;
use crate::kit::db::{DbResult, Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::job::{self, NewJob};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

/// The job that moves existing subscriptions to a new price: `{"plan": …, "version": …, "from": "YYYY-MM-DD"}`.
pub const MOVE_JOB: &str = "subscriptions.move_to_version";

mod plan {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plans")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seller_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PlanId,
        pub name: String,
        pub interval_unit: String,
        pub interval_count: i32,
        pub currency: String,
        pub trial_days: i32,
        pub archived_at: Option<DateTime<Utc>>,
        pub created_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::seller_owned!(Entity);
}

const LIST: Keyset =
    Keyset { columns: &[Column::text("name", "p.name"), Column::time("created", "p.created_at")], default: "name", id: "p.id" };
const COLUMNS: &str = "p.id, p.name, p.interval_unit, p.interval_count, p.currency, p.trial_days, p.archived_at, p.created_at, \
     v.id AS version_id, v.number, v.amount_minor";
/// A plan and its latest version.
const TABLES: &str = "plans p JOIN plan_versions v ON v.seller_id = p.seller_id AND v.plan_id = p.id \
     AND v.number = (SELECT MAX(n.number) FROM plan_versions n WHERE n.seller_id = p.seller_id AND n.plan_id = p.id)";

#[derive(FromQueryResult)]
struct PlanRow {
    id: PlanId,
    name: String,
    interval_unit: IntervalUnit,
    interval_count: i32,
    currency: String,
    trial_days: i32,
    archived_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    version_id: PlanVersionId,
    number: i32,
    amount_minor: i64,
}

impl PlanRow {
    fn plan(self, scope: &Scope, standing: &BTreeMap<Uuid, Standing>) -> Result<Plan> {
        let currency: Currency = self.currency.parse().map_err(bug)?;
        let standing = standing.get(&self.id.0);
        Ok(Plan {
            id: self.id,
            name: self.name,
            interval: Interval { unit: self.interval_unit, count: u32::try_from(self.interval_count).unwrap_or(1) },
            price: Money::new(self.amount_minor, currency),
            version: self.version_id,
            version_number: self.number,
            trial_days: self.trial_days,
            archived: self.archived_at.is_some(),
            created: scope.moment(self.created_at),
            customers: standing.map_or(0, |s| u64::try_from(s.customers).unwrap_or(0)),
            mrr: scope.of_revenue(Money::new(standing.map_or(0, |s| s.mrr_minor), scope.currency())),
        })
    }
}

/// Where a plan stands today, from the movements' sums by day.
#[derive(FromQueryResult)]
struct Standing {
    plan_id: Uuid,
    mrr_minor: i64,
    customers: i64,
}

async fn standing(tx: &Tx, plans: &[PlanId]) -> Result<BTreeMap<Uuid, Standing>> {
    if plans.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys = Ids::of(plans.iter().map(|p| p.0));
    let sql = format!(
        "SELECT plan_id, CAST(SUM(new_minor + expansion_minor + reactivation_minor - contraction_minor - churn_minor) AS BIGINT) AS mrr_minor, \
         CAST(SUM(net_customers) AS BIGINT) AS customers FROM mrr_plan_days WHERE seller_id = $1 AND day <= $2 AND {} \
         GROUP BY plan_id",
        keys.among(tx, "plan_id", 3)
    );
    let rows: Vec<Standing> = tx.all(&sql, keys.after(tx, [tx.scope().today().into()])).await?;
    Ok(rows.into_iter().map(|row| (row.plan_id, row)).collect())
}

/// The conditions that a list's filters and search stand for.
fn filter(tx: &Tx, query: &ListQuery) -> Where {
    let mut filter = Where::seller(tx, "p");
    let states = query.filter("state");
    let (active, archived) = (states.iter().any(|s| s == "active"), states.iter().any(|s| s == "archived"));
    if active != archived {
        filter.and(if archived { "p.archived_at IS NOT NULL" } else { "p.archived_at IS NULL" }, []);
    }
    filter.any("p.currency", query.filter("currency"));
    let picked: Vec<Uuid> = query.filter("id").iter().map(|id| id.parse::<PlanId>().map_or(Uuid::nil(), |id| id.0)).collect();
    filter.any("p.id", &picked);
    filter.contains(&["p.name"], &query.q);
    filter
}

async fn with_standing(tx: &Tx, rows: Vec<PlanRow>) -> Result<Vec<Plan>> {
    let standing = standing(tx, &rows.iter().map(|p| p.id).collect::<Vec<_>>()).await?;
    rows.into_iter().map(|row| row.plan(tx.scope(), &standing)).collect()
}

/// A page of plans: search by name, filters `state` (`active`, `archived`), `currency` and `id`, sort `name`, `created`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<Plan>> {
    let tx = scope.read().await?;
    let page: Page<PlanRow> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)).await?;
    let rows = with_standing(&tx, page.rows).await?;
    Ok(Page { rows, next: page.next, previous: page.previous, total: page.total })
}

/// Up to `size` plans of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Plan>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next): (Vec<PlanRow>, _) = LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)).await?;
    Ok((with_standing(&tx, rows).await?, next))
}

/// A plan at its present price.
pub async fn get(scope: &Scope, id: PlanId) -> Result<Plan> {
    read(&scope.read().await?, id).await
}

/// As [`get`], in a transaction that is under way.
pub async fn read(tx: &Tx, id: PlanId) -> Result<Plan> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE p.seller_id = $1 AND p.id = $2");
    let row: Option<PlanRow> = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let standing = standing(tx, &[id]).await?;
    row.ok_or(Error::NotFound)?.plan(tx.scope(), &standing)
}

/// A plan and every price it had.
pub async fn detail(scope: &Scope, id: PlanId) -> Result<PlanDetail> {
    #[derive(FromQueryResult)]
    struct Version {
        id: PlanVersionId,
        number: i32,
        amount_minor: i64,
        created_at: DateTime<Utc>,
    }
    let tx = scope.read().await?;
    let plan = read(&tx, id).await?;
    let sql = "SELECT id, number, amount_minor, created_at FROM plan_versions WHERE seller_id = $1 AND plan_id = $2 ORDER BY number DESC";
    let versions: Vec<Version> = tx.all(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let versions = versions.into_iter().map(|v| PlanVersion {
        id: v.id,
        number: v.number,
        price: Money::new(v.amount_minor, plan.price.currency()),
        created: scope.moment(v.created_at),
    });
    let charges = charges::of_version(&tx, plan.version).await?;
    let meters = crate::meters::store::choices_in(&tx).await?;
    Ok(PlanDetail { versions: versions.collect(), charges, meters, plan })
}

/// The plans that a new subscription may take, by name; `also` even where it is archived.
pub async fn choices(scope: &Scope, also: Option<PlanId>) -> Result<Vec<PlanChoice>> {
    let tx = scope.read().await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE p.seller_id = $1 AND (p.archived_at IS NULL OR p.id = $2) ORDER BY p.name, p.id LIMIT 500"
    );
    let also = also.map_or(Uuid::nil(), |id| id.0);
    let rows: Vec<PlanRow> = tx.all(&sql, [tx.seller_id().0.into(), also.into()]).await?;
    let plans = rows.into_iter().map(|row| row.plan(scope, &BTreeMap::new()));
    let choice = |p: Plan| PlanChoice {
        id: p.id,
        label: format!("{}, {}", p.name, p.price_label()),
        price: p.price,
        interval: p.interval,
        trial_days: p.trial_days,
    };
    plans.map(|plan| plan.map(choice)).collect()
}

/// A plan's name, told apart from others of the same name.
#[derive(FromQueryResult)]
pub struct PlanName {
    pub id: PlanId,
    pub currency: String,
    name: String,
    interval_unit: IntervalUnit,
    interval_count: i32,
    #[sea_orm(skip)]
    pub label: String,
}

/// All plans by name, archived ones included: what a list is filtered by.
pub async fn names(scope: &Scope) -> Result<Vec<PlanName>> {
    let tx = scope.read().await?;
    let sql = "SELECT id, name, currency, interval_unit, interval_count FROM plans WHERE seller_id = $1 ORDER BY name, id LIMIT 300";
    let mut plans: Vec<PlanName> = tx.all(sql, [tx.seller_id().0.into()]).await?;
    for n in 0..plans.len() {
        let plan = &plans[n];
        let alone = plans.iter().filter(|other| other.name == plan.name).count() == 1;
        let interval = Interval { unit: plan.interval_unit, count: u32::try_from(plan.interval_count).unwrap_or(1) };
        let label = if alone { plan.name.clone() } else { format!("{} ({}, {})", plan.name, interval.label(), plan.currency) };
        plans[n].label = label;
    }
    Ok(plans)
}

/// Makes a plan with its first version.
pub async fn create(scope: &Scope, new: NewPlan) -> Result<PlanId> {
    let tx = scope.write().await?;
    let id = insert(&tx, &new).await?;
    let details = json!({ "price": new.price, "interval": new.interval.label(), "trial_days": new.trial_days });
    tx.commit(Event::new("plan.created", "plan", id, new.name).details(details)).await?;
    Ok(id)
}

/// As [`create`], without the event, for verbs of which it is a part.
pub async fn insert(tx: &Tx, new: &NewPlan) -> Result<PlanId> {
    bearable(new.price, new.interval)?;
    let id = PlanId::new();
    let row = plan::ActiveModel {
        seller_id: Set(tx.seller_id().0),
        id: Set(id),
        name: Set(new.name.clone()),
        interval_unit: Set(new.interval.unit.word().to_owned()),
        interval_count: Set(i32::try_from(new.interval.count).unwrap_or(1)),
        currency: Set(new.price.currency().to_string()),
        trial_days: Set(new.trial_days),
        archived_at: Set(None),
        created_at: Set(tx.scope().now()),
    };
    let inserted = plan::Entity::insert(row).exec_without_returning(&**tx).await;
    inserted.taken("name", "name", "is another plan's already, with this interval and currency")?;
    insert_version(tx, id, 1, new.price.minor()).await?;
    Ok(id)
}

async fn insert_version(tx: &Tx, plan: PlanId, number: i32, amount_minor: i64) -> Result<PlanVersionId> {
    let id = PlanVersionId::new();
    let sql = "INSERT INTO plan_versions (seller_id, id, plan_id, number, amount_minor, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [tx.seller_id().0.into(), id.0.into(), plan.0.into(), number.into(), amount_minor.into(), tx.scope().now().into()];
    tx.run(sql, values).await?;
    Ok(id)
}

/// Two changes at once would both be the next version; the row makes one wait.
async fn hold(tx: &Tx, id: PlanId) -> Result<()> {
    let sql = "UPDATE plans SET name = name WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into()]).await.map(|_| ())
}

/// Gives a plan a new price. Existing subscriptions stay on theirs; where asked, a job moves those at the plan's own
/// prices from that day on.
pub async fn change_price(scope: &Scope, id: PlanId, new: NewPrice) -> Result<()> {
    let tx = scope.write().await?;
    hold(&tx, id).await?;
    let plan = read(&tx, id).await?;
    if new.price.currency() != plan.price.currency() {
        return Err(Error::field("price", format!("must be in {}", plan.price.currency())));
    }
    bearable(new.price, plan.interval)?;
    if new.price == plan.price && new.move_from.is_none() {
        return Err(Error::field("price", "is the price it has already"));
    }
    let version = if new.price == plan.price {
        plan.version
    } else {
        let version = insert_version(&tx, id, plan.version_number + 1, new.price.minor()).await?;
        charges::copy(&tx, plan.version, version, None).await?;
        version
    };
    if let Some(from) = new.move_from {
        check_move(&tx, from)?;
        job::enqueue(&tx, NewJob::new(MOVE_JOB, json!({ "plan": id, "version": version, "from": from }))).await?;
    }
    let details = json!({ "before": plan.price, "after": new.price, "existing_subscriptions_move_on": new.move_from });
    let event = Event::new("plan.price_changed", "plan", id, plan.name.clone()).details(details);
    let body = match new.move_from {
        Some(day) => format!("{} instead of {}. Existing subscriptions move on {day}.", new.price, plan.price),
        None => format!("{} instead of {}. Existing subscriptions keep their price.", new.price, plan.price),
    };
    tx.commit(event.notify(Level::Info, format!("New price of {}", plan.name), body, format!("/plans/{id}"))).await
}

/// As [`change_price`], from a form: its amount is in the plan's currency.
pub async fn change_price_as_typed(scope: &Scope, id: PlanId, form: &PriceForm) -> Result<()> {
    let currency = get(scope, id).await?.price.currency();
    change_price(scope, id, form.parse(currency)?).await
}

/// Whole books are not rewritten backwards.
fn check_move(tx: &Tx, from: NaiveDate) -> Result<()> {
    if from < tx.scope().today() { Err(Error::field("move_from", "must be today or later")) } else { Ok(()) }
}

/// The versions of a plan by id, for whoever keeps one.
pub async fn version_price(tx: &Tx, plan: &Plan, version: PlanVersionId) -> Result<Money> {
    #[derive(FromQueryResult)]
    struct Amount {
        amount_minor: i64,
    }
    let sql = "SELECT amount_minor FROM plan_versions WHERE seller_id = $1 AND id = $2 AND plan_id = $3";
    let row: Option<Amount> = tx.one(sql, [tx.seller_id().0.into(), version.0.into(), plan.id.0.into()]).await?;
    row.map(|r| Money::new(r.amount_minor, plan.price.currency())).ok_or(Error::NotFound)
}

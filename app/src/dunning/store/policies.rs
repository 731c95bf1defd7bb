//! Policies: made, changed, chosen. The steps of a policy that cases run on never change: a change makes a new policy of
//! the same name, and cases that run go on as they began.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::cases::steps;
use crate::customers::CustomerId;
use crate::dunning::model::{NewPolicy, Policy, PolicyId, SHIPPED, SHIPPED_NAME, Step};
use crate::kit::db::{Sql, bug};
use crate::kit::event::Event;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};

#[derive(FromQueryResult)]
struct Row {
    id: PolicyId,
    name: String,
    is_default: bool,
    archived: bool,
    cases: i64,
    customers: i64,
}

const SELECT: &str = "SELECT p.id, p.name, p.is_default, (p.archived_at IS NOT NULL) AS archived, \
     (SELECT COUNT(*) FROM dunning_cases k WHERE k.seller_id = p.seller_id AND k.policy_id = p.id AND k.closed_at IS NULL) AS cases, \
     (SELECT COUNT(*) FROM dunning_choices d WHERE d.seller_id = p.seller_id AND d.policy_id = p.id) AS customers \
     FROM dunning_policies p WHERE p.seller_id = $1";

async fn whole(tx: &Tx, row: Row) -> Result<Policy> {
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(Policy {
        steps: steps(tx, row.id).await?,
        id: row.id,
        name: row.name,
        default: row.is_default,
        archived: row.archived,
        cases: count(row.cases),
        customers: count(row.customers),
    })
}

/// Gives a seller without any policy the one that the program ships.
pub async fn ensure(scope: &Scope) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Any {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM dunning_policies WHERE seller_id = $1";
    {
        let tx = scope.read().await?;
        let any: Option<Any> = tx.one(sql, [tx.seller_id().0.into()]).await?;
        if any.is_some_and(|any| any.n > 0) {
            return Ok(());
        }
    }
    let tx = scope.write().await?;
    // Whoever comes second finds the name taken.
    let id = PolicyId::new();
    let sql = "INSERT INTO dunning_policies (seller_id, id, name, is_default, created_at) VALUES ($1, $2, $3, TRUE, $4) \
               ON CONFLICT DO NOTHING";
    if tx.run(sql, [tx.seller_id().0.into(), id.0.into(), SHIPPED_NAME.into(), scope.now().into()]).await? > 0 {
        write_steps(&tx, id, SHIPPED).await?;
    }
    tx.commit_quietly().await
}

/// The policies in use, the default one first.
pub async fn list(scope: &Scope) -> Result<Vec<Policy>> {
    ensure(scope).await?;
    let tx = scope.read().await?;
    let sql = format!("{SELECT} AND p.archived_at IS NULL ORDER BY p.is_default DESC, p.name LIMIT 200");
    let mut policies = Vec::new();
    for row in tx.all::<Row>(&sql, [tx.seller_id().0.into()]).await? {
        policies.push(whole(&tx, row).await?);
    }
    Ok(policies)
}

pub async fn get(scope: &Scope, id: PolicyId) -> Result<Policy> {
    read(&scope.read().await?, id).await
}

pub(super) async fn read(tx: &Tx, id: PolicyId) -> Result<Policy> {
    let row: Option<Row> = tx.one(&format!("{SELECT} AND p.id = $2"), [tx.seller_id().0.into(), id.0.into()]).await?;
    whole(tx, row.ok_or(Error::NotFound)?).await
}

/// The policy of a customer: its own, else the default one.
pub(super) async fn of_customer(tx: &Tx, customer: CustomerId) -> Result<PolicyId> {
    #[derive(FromQueryResult)]
    struct Found {
        id: PolicyId,
    }
    let sql = "SELECT p.id FROM dunning_policies p LEFT JOIN dunning_choices d ON d.seller_id = p.seller_id AND d.policy_id = p.id \
               AND d.customer_id = $2 WHERE p.seller_id = $1 AND p.archived_at IS NULL AND (d.customer_id IS NOT NULL OR p.is_default) \
               ORDER BY CASE WHEN d.customer_id IS NULL THEN 1 ELSE 0 END LIMIT 1";
    let found: Option<Found> = tx.one(sql, [tx.seller_id().0.into(), customer.0.into()]).await?;
    Ok(found.ok_or_else(|| bug("no policy of dunning"))?.id)
}

async fn write_steps(tx: &Tx, policy: PolicyId, steps: &[Step]) -> Result<()> {
    let sql = "INSERT INTO dunning_steps (seller_id, policy_id, position, day, action) VALUES ($1, $2, $3, $4, $5)";
    for (position, step) in (0i32..).zip(steps) {
        tx.run(sql, [tx.seller_id().0.into(), policy.0.into(), position.into(), step.day.into(), step.action.into()]).await?;
    }
    Ok(())
}

async fn insert(tx: &Tx, new: &NewPolicy) -> Result<PolicyId> {
    let id = PolicyId::new();
    if new.default {
        let sql = "UPDATE dunning_policies SET is_default = FALSE WHERE seller_id = $1 AND is_default";
        tx.run(sql, [tx.seller_id().0.into()]).await?;
    }
    let sql =
        "INSERT INTO dunning_policies (seller_id, id, name, is_default, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let values = [tx.seller_id().0.into(), id.0.into(), new.name.clone().into(), new.default.into(), tx.scope().now().into()];
    if tx.run(sql, values).await? == 0 {
        return Err(Error::field("name", "is the name of another policy"));
    }
    write_steps(tx, id, &new.steps).await?;
    Ok(id)
}

fn details(new: &NewPolicy) -> serde_json::Value {
    let steps: Vec<String> = new.steps.iter().map(|s| format!("day {}: {}", s.day, s.action)).collect();
    json!({ "default": new.default, "steps": steps })
}

/// Makes a policy.
pub async fn create(scope: &Scope, new: NewPolicy) -> Result<PolicyId> {
    ensure(scope).await?;
    let tx = scope.write().await?;
    let id = insert(&tx, &new).await?;
    let event = Event::new("dunning.policy_created", "dunning_policy", id, new.name.clone()).details(details(&new));
    tx.commit(event).await?;
    Ok(id)
}

/// Changes a policy. Where its steps change and cases have run on it, the changed one is a new policy, whose id this
/// gives.
pub async fn update(scope: &Scope, id: PolicyId, new: NewPolicy) -> Result<PolicyId> {
    let tx = scope.write().await?;
    let old = current(&tx, id).await?;
    if old.default && !new.default {
        return Err(Error::field("default", "make another policy the default one first"));
    }
    let next = if old.steps != new.steps && used(&tx, id).await? {
        archive_row(&tx, &old).await?;
        let next = insert(&tx, &new).await?;
        let sql = "UPDATE dunning_choices SET policy_id = $3 WHERE seller_id = $1 AND policy_id = $2";
        tx.run(sql, [tx.seller_id().0.into(), id.0.into(), next.0.into()]).await?;
        next
    } else {
        in_place(&tx, &old, &new).await?;
        id
    };
    let event = Event::new("dunning.policy_changed", "dunning_policy", next, new.name.clone()).details(details(&new));
    tx.commit(event).await?;
    Ok(next)
}

async fn in_place(tx: &Tx, old: &Policy, new: &NewPolicy) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Taken {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM dunning_policies WHERE seller_id = $1 AND name = $2 AND id <> $3";
    let taken: Option<Taken> = tx.one(sql, [tx.seller_id().0.into(), new.name.clone().into(), old.id.0.into()]).await?;
    if taken.is_some_and(|t| t.n > 0) {
        return Err(Error::field("name", "is the name of another policy"));
    }
    if new.default && !old.default {
        let sql = "UPDATE dunning_policies SET is_default = FALSE WHERE seller_id = $1 AND is_default";
        tx.run(sql, [tx.seller_id().0.into()]).await?;
    }
    let sql = "UPDATE dunning_policies SET name = $3, is_default = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), old.id.0.into(), new.name.clone().into(), new.default.into()]).await?;
    if old.steps != new.steps {
        let sql = "DELETE FROM dunning_steps WHERE seller_id = $1 AND policy_id = $2";
        tx.run(sql, [tx.seller_id().0.into(), old.id.0.into()]).await?;
        write_steps(tx, old.id, &new.steps).await?;
    }
    Ok(())
}

/// The policy, where it is in use.
async fn current(tx: &Tx, id: PolicyId) -> Result<Policy> {
    // Whoever writes it first changes it: the other sees what came of it.
    let sql = "UPDATE dunning_policies SET name = name WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let policy = read(tx, id).await?;
    if policy.archived {
        return Err(Error::Conflict("It is not in use any more: it was changed or taken away.".into()));
    }
    Ok(policy)
}

async fn used(tx: &Tx, id: PolicyId) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Any {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM dunning_cases WHERE seller_id = $1 AND policy_id = $2 LIMIT 1) AS found";
    let any: Option<Any> = tx.one(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    Ok(any.is_some_and(|any| any.n > 0))
}

/// Takes it out of use, and leaves its name to others.
async fn archive_row(tx: &Tx, policy: &Policy) -> Result<()> {
    let shown = policy.id.to_string();
    let name = format!("{} (until {}, {})", policy.name, tx.scope().today(), &shown[shown.len() - 5..]);
    let sql = "UPDATE dunning_policies SET name = $3, is_default = FALSE, archived_at = $4 WHERE seller_id = $1 AND id = $2";
    tx.run(sql, [tx.seller_id().0.into(), policy.id.0.into(), name.into(), tx.scope().now().into()]).await.map(|_| ())
}

/// Takes a policy out of use. Cases that run on it go on; customers whose own it was get the default one.
pub async fn archive(scope: &Scope, id: PolicyId) -> Result<()> {
    let tx = scope.write().await?;
    let policy = current(&tx, id).await?;
    if policy.default {
        return Err(Error::Conflict("It is the default one: make another the default first.".into()));
    }
    archive_row(&tx, &policy).await?;
    let sql = "DELETE FROM dunning_choices WHERE seller_id = $1 AND policy_id = $2";
    tx.run(sql, [tx.seller_id().0.into(), id.0.into()]).await?;
    let event = Event::new("dunning.policy_archived", "dunning_policy", id, policy.name);
    tx.commit(event.details(json!({ "cases": policy.cases, "customers": policy.customers }))).await
}

//! The table `memberships`, with the names from `users`. Invitations have a file of their own.

pub mod invitations;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::model::{Member, Members};
use crate::auth::store::offered;
use crate::kit::db::Sql;
use crate::kit::error::{Error, Result};
use crate::kit::event::{Event, Level};
use crate::kit::id::UserId;
use crate::kit::permission::{Permission, Role};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

#[derive(FromQueryResult)]
struct Row {
    id: uuid::Uuid,
    name: String,
    email: String,
    role: Role,
    totp_confirmed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    last_seen_at: Option<DateTime<Utc>>,
}

const MEMBERS: &str = "SELECT u.id, u.name, u.email, m.role, u.totp_confirmed_at, m.created_at, \
     (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id AND s.organization_id = m.organization_id) AS last_seen_at \
     FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1";

/// The organization's members by name.
pub async fn list(scope: &Scope) -> Result<Members> {
    scope.require(Permission::WriteMembers)?;
    let tx = scope.read().await?;
    let rows: Vec<Row> = tx.all(&format!("{MEMBERS} ORDER BY u.name, u.id"), [tx.seller_id().0.into()]).await?;
    let own = scope.user().ok();
    let owner = own.is_none() || rows.iter().any(|row| Some(UserId(row.id)) == own && row.role == Role::Owner);
    let roles = offered(scope.seller()).iter().copied().filter(|role| owner || *role != Role::Owner).collect();
    let members = rows.into_iter().map(|row| Member {
        id: UserId(row.id),
        name: row.name,
        email: row.email,
        role: row.role,
        has_second_factor: row.totp_confirmed_at.is_some(),
        joined: scope.moment(row.created_at),
        last_seen: row.last_seen_at.map(|at| scope.moment(at)),
        is_self: Some(UserId(row.id)) == own,
        may_change: owner || row.role != Role::Owner,
    });
    let invited = invitations::open(&tx, owner).await?;
    Ok(Members { members: members.collect(), roles, invited })
}

/// Gives a member another role.
///
/// # Errors
/// `Conflict` for the last owner, `Forbidden` where an owner is concerned and the actor is none.
pub async fn change_role(scope: &Scope, id: UserId, role: Role) -> Result<()> {
    scope.require(Permission::WriteMembers)?;
    if !offered(scope.seller()).contains(&role) {
        return Err(Error::field("role", "is not one of this organization's"));
    }
    let tx = scope.write().await?;
    let member = lock(&tx, id).await?;
    if member.role == role {
        return Ok(());
    }
    guard_owners(&tx, &[member.role, role]).await?;
    tx.run(
        "UPDATE memberships SET role = $3 WHERE organization_id = $1 AND user_id = $2",
        [tx.seller_id().0.into(), id.0.into(), role.into()],
    )
    .await?;
    keep_an_owner(&tx).await?;
    let details = json!({ "before": member.role, "after": role });
    tx.commit(Event::new("member.role_changed", "user", id, member.name).level(Level::Warning).details(details)).await
}

/// Removes a member and ends their sessions in the organization. The account stays.
///
/// # Errors
/// As [`change_role`].
pub async fn remove(scope: &Scope, id: UserId) -> Result<()> {
    scope.require(Permission::WriteMembers)?;
    let tx = scope.write().await?;
    let member = lock(&tx, id).await?;
    guard_owners(&tx, &[member.role]).await?;
    let values = || [tx.seller_id().0.into(), id.0.into()];
    tx.run("DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2", values()).await?;
    tx.run("DELETE FROM sessions WHERE organization_id = $1 AND user_id = $2", values()).await?;
    keep_an_owner(&tx).await?;
    let details = json!({ "email": member.email, "role": member.role });
    tx.commit(Event::new("member.removed", "user", id, member.name).level(Level::Warning).details(details)).await
}

/// The member; holds the organization's row, so that two changes of its owners follow one another.
async fn lock(tx: &Tx, id: UserId) -> Result<Row> {
    tx.run("UPDATE organizations SET slug = slug WHERE id = $1", [tx.seller_id().0.into()]).await?;
    let row: Option<Row> = tx.one(&format!("{MEMBERS} AND u.id = $2"), [tx.seller_id().0.into(), id.0.into()]).await?;
    row.ok_or(Error::NotFound)
}

#[derive(FromQueryResult)]
struct Found {
    role: Role,
}

/// Only an owner touches owners. The program itself may.
async fn guard_owners(tx: &Tx, roles: &[Role]) -> Result<()> {
    let Ok(user) = tx.scope().user() else { return Ok(()) };
    if !roles.contains(&Role::Owner) {
        return Ok(());
    }
    let sql = "SELECT role FROM memberships WHERE organization_id = $1 AND user_id = $2";
    let own: Option<Found> = tx.one(sql, [tx.seller_id().0.into(), user.0.into()]).await?;
    match own {
        Some(Found { role: Role::Owner }) => Ok(()),
        _ => Err(Error::Forbidden("Manage owners".into())),
    }
}

async fn keep_an_owner(tx: &Tx) -> Result<()> {
    let sql = "SELECT role FROM memberships WHERE organization_id = $1 AND role = $2 LIMIT 1";
    let owner: Option<Found> = tx.one(sql, [tx.seller_id().0.into(), Role::Owner.into()]).await?;
    match owner {
        Some(_) => Ok(()),
        None => Err(Error::Conflict("An organization needs an owner. Make somebody else owner first.".into())),
    }
}

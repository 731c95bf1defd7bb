//! The table `invitations`: memberships to be. Of a link only its fingerprint is kept.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::guard_owners;
use crate::auth::store::session::{self, Current, NewSession};
use crate::auth::store::{self as accounts, Visit};
use crate::kit::clock;
use crate::kit::db::{Db, Sql};
use crate::kit::error::{Error, Result};
use crate::kit::event::{Event, Level};
use crate::kit::form::Check;
use crate::kit::id::OrganizationId;
use crate::kit::permission::{Permission, Role};
use crate::kit::scope::{Actor, Caller, Scope};
use crate::kit::secret::{fingerprint, token};
use crate::kit::tx::Tx;
use crate::kit::{UserId, seller};
use crate::members::model::{Invitation, InvitationId, Invited, NewInvitation, NewMember, Reader};

/// So long an invitation holds.
const HOLDS: TimeDelta = TimeDelta::days(7);

/// Invites somebody to become a member. A second invitation of the same address takes the place of the first.
///
/// # Errors
/// `Invalid` for a member already and for a role that the organization does not have, `Forbidden` for an owner invited by
/// somebody who is none.
pub async fn invite(scope: &Scope, new: &NewMember) -> Result<NewInvitation> {
    scope.require(Permission::WriteMembers)?;
    let offered = accounts::offered(scope.seller());
    if !offered.contains(&new.role) {
        return Err(Error::field("role", "is not one of this organization's"));
    }
    let tx = scope.write().await?;
    guard_owners(&tx, &[new.role]).await?;
    if is_member(&tx, &new.email).await? {
        return Err(Error::field("email", "is a member's already"));
    }
    let (id, token, now) = (InvitationId::new(), token()?, scope.real_now());
    let sql = "INSERT INTO invitations (id, organization_id, email, name, role, token_hash, invited_by, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (organization_id, email) DO UPDATE SET id = excluded.id, \
               name = excluded.name, role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by, \
               created_at = excluded.created_at, expires_at = excluded.expires_at";
    let values = [
        id.0.into(),
        tx.seller_id().0.into(),
        new.email.clone().into(),
        new.name.clone().into(),
        new.role.into(),
        fingerprint(&token).into(),
        scope.actor().name().into(),
        now.into(),
        (now + HOLDS).into(),
    ];
    tx.run(sql, values).await?;
    let details = json!({ "email": new.email, "role": new.role });
    tx.commit(Event::new("member.invited", "invitation", id, &new.name).level(Level::Warning).details(details)).await?;
    Ok(NewInvitation { id, email: new.email.clone(), path: format!("/invitation?token={token}") })
}

async fn is_member(tx: &Tx, email: &str) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Found {
        #[allow(dead_code)]
        role: Role,
    }
    let sql = "SELECT m.role FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 AND u.email = $2";
    Ok(tx.one::<Found>(sql, [tx.seller_id().0.into(), email.into()]).await?.is_some())
}

#[derive(FromQueryResult)]
struct Row {
    id: uuid::Uuid,
    organization_id: uuid::Uuid,
    email: String,
    name: String,
    role: Role,
    invited_by: String,
    expires_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, organization_id, email, name, role, invited_by, expires_at";

/// The organization's invitations that still hold, the latest first.
pub(super) async fn open(tx: &Tx, owner: bool) -> Result<Vec<Invited>> {
    let sql = format!("SELECT {COLUMNS} FROM invitations WHERE organization_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id");
    let rows: Vec<Row> = tx.all(&sql, [tx.seller_id().0.into(), tx.scope().real_now().into()]).await?;
    let shown = |row: Row| Invited {
        id: InvitationId(row.id),
        name: row.name,
        email: row.email,
        role: row.role,
        by: row.invited_by,
        expires: tx.scope().moment(row.expires_at),
        may_change: owner || row.role != Role::Owner,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Takes an invitation back: its link opens nothing any more.
///
/// # Errors
/// `NotFound` without such an invitation, `Forbidden` for one of an owner where the actor is none.
pub async fn withdraw(scope: &Scope, id: InvitationId) -> Result<()> {
    scope.require(Permission::WriteMembers)?;
    let tx = scope.write().await?;
    let sql = format!("DELETE FROM invitations WHERE organization_id = $1 AND id = $2 RETURNING {COLUMNS}");
    let gone: Row = tx.one(&sql, [tx.seller_id().0.into(), id.0.into()]).await?.ok_or(Error::NotFound)?;
    guard_owners(&tx, &[gone.role]).await?;
    let details = json!({ "email": gone.email, "role": gone.role });
    tx.commit(Event::new("invitation.withdrawn", "invitation", id, gone.name).level(Level::Warning).details(details)).await
}

/// The invitation of a link, as the caller sees it; `None` where it does not hold any more.
pub async fn read(db: &Db, token: &str, caller: Option<Caller>) -> Result<Option<Invitation>> {
    let Some(row) = find(db, token).await? else { return Ok(None) };
    let organization = seller::by_id(db, OrganizationId(row.organization_id)).await?.ok_or(Error::NotFound)?;
    let reader = match caller {
        Some(Caller::Member(_, viewer)) if viewer.email != row.email => Reader::Another(viewer.email),
        Some(Caller::Member(scope, _)) => {
            let confirmed = accounts::is_confirmed(&*db.system_read().await?, scope.user()?).await?;
            Reader::Invited { needs_password: !confirmed }
        }
        _ => Reader::Nobody,
    };
    let Row { email, name, role, invited_by, .. } = row;
    Ok(Some(Invitation { organization: organization.name, role, by: invited_by, name, email, reader }))
}

async fn find(db: &Db, token: &str) -> Result<Option<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM invitations WHERE token_hash = $1 AND expires_at > $2");
    db.system_read().await?.one(&sql, [fingerprint(token).into(), clock::now().into()]).await
}

fn gone() -> Error {
    Error::Conflict("This invitation was used or withdrawn, or is older than a week. Ask for another.".into())
}

/// Joins with a new account under that name and password, and signs in. An account that belongs to no organization any
/// more begins anew.
///
/// # Errors
/// `Conflict` where the invitation does not hold, or where the address has an account, which has to sign in first.
pub async fn join_anew(db: &Db, visit: &Visit, token: &str, name: &str, password: &str) -> Result<NewSession> {
    let row = find(db, token).await?.ok_or_else(gone)?;
    let mut check = Check::default();
    let name = check.text("name", name, 120);
    let name = check.done(|| name)?;
    let hash = accounts::hash_of(password, &row.email).await?;
    let organization = seller::by_id(db, OrganizationId(row.organization_id)).await?.ok_or_else(gone)?;
    let scope = Scope::of(db.clone(), Actor::System("invitation"), organization, Default::default(), clock::now(), visit.origin.clone());
    let tx = scope.write().await?;
    let made = match accounts::make(&tx, &row.email, &name, &hash).await? {
        Some(user) => Some(user),
        None => accounts::reset_powerless(&tx, &row.email, &name, &hash).await?,
    };
    let user = made.ok_or_else(|| Error::Conflict("Sign in with the account that you have, and open the link again.".into()))?;
    let joined = take(&tx, &row, user, &name).await?;
    let begun = accounts::begin(&tx, user, visit).await?;
    tx.commit_all(vec![joined, Event::new("session.started", "user", user, name)]).await?;
    Ok(begun)
}

/// Joins with the account that is signed in, and moves its session to the organization. Where only tenants vouch for the
/// account it takes a new password, given with the present one, and its other sessions end.
///
/// # Errors
/// `Conflict` where the invitation does not hold or is for another address; `Invalid` for a wrong or a bad password.
pub async fn join(scope: &Scope, current: &Current, token: &str, (old, new): (&str, &str)) -> Result<()> {
    let (db, user) = (scope.db(), scope.user()?);
    let row = find(db, token).await?.ok_or_else(gone)?;
    if !is_of(db, user, &row.email).await? {
        return Err(Error::Conflict(format!("This invitation is for {}. Sign in with that address.", row.email)));
    }
    if !accounts::is_confirmed(&*db.system_read().await?, user).await? {
        accounts::change_password(scope, current, old, new).await?;
    }
    let organization = seller::by_id(db, OrganizationId(row.organization_id)).await?.ok_or_else(gone)?;
    let slug = organization.slug.clone();
    let there = Scope::of(db.clone(), scope.actor().clone(), organization, Default::default(), scope.real_now(), scope.origin().clone());
    let tx = there.write().await?;
    let joined = take(&tx, &row, user, scope.actor().name()).await?;
    tx.commit(joined).await?;
    session::switch(scope, current.id, &slug).await
}

async fn is_of(db: &Db, user: UserId, email: &str) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Email {
        email: String,
    }
    let found: Option<Email> = db.system_read().await?.one("SELECT email FROM users WHERE id = $1", [user.0.into()]).await?;
    Ok(found.is_some_and(|found| found.email == email))
}

/// Uses the invitation up and makes `user` a member; gives what happened. The platform vouches for its people.
async fn take(tx: &Tx, row: &Row, user: UserId, name: &str) -> Result<Event> {
    let values = [row.id.into(), tx.scope().real_now().into()];
    if tx.run("DELETE FROM invitations WHERE id = $1 AND expires_at > $2", values).await? == 0 {
        return Err(gone());
    }
    if !accounts::join(tx, user, row.role).await? {
        return Err(Error::Conflict("You are a member already.".into()));
    }
    if tx.scope().seller().is_platform {
        accounts::confirm_account(tx, user).await?;
    }
    let details = json!({ "email": row.email, "role": row.role, "invited_by": row.invited_by });
    Ok(Event::new("member.joined", "user", user, name).level(Level::Warning).details(details))
}

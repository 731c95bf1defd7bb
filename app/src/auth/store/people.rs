//! Accounts made and joined to organizations.
//!
//! Whoever makes an account knows its first password, and an organization says of whom it likes that they have an address.
//! So an account that only tenants vouch for (`confirmed_at` is empty) never carries its password any further: whoever
//! operates the program replaces it, and an invitation asks for a new one. An account of the platform, or one that was
//! made on the command line, is confirmed.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::session::{self, NewSession};
use super::{ACCOUNTS, Row, Visit};
use crate::auth::model::NewPassword;
use crate::auth::password;
use crate::kit::clock;
use crate::kit::db::{Db, Sql, bug};
use crate::kit::error::{Error, Result};
use crate::kit::event::Event;
use crate::kit::form::Check;
use crate::kit::id::UserId;
use crate::kit::permission::Role;
use crate::kit::scope::{Scope, Seller};
use crate::kit::seller;
use crate::kit::tx::Tx;

#[derive(FromQueryResult)]
struct Id {
    id: uuid::Uuid,
}

/// The hash of a new password of the account `email`.
///
/// # Errors
/// `Invalid` where it breaks a rule.
pub async fn hash_of(new: &str, email: &str) -> Result<String> {
    password::hash(&NewPassword::parse("password", new, email)?).await
}

/// Makes an account; `None` where the address has one.
pub async fn make(tx: &Tx, email: &str, name: &str, hash: &str) -> Result<Option<UserId>> {
    let (id, now) = (UserId::new(), tx.scope().real_now());
    let sql = "INSERT INTO users (id, email, name, password_hash, password_changed_at, created_at) VALUES ($1, $2, $3, $4, $5, $5) \
               ON CONFLICT (email) DO NOTHING";
    let made = tx.run(sql, [id.0.into(), email.into(), name.into(), hash.into(), now.into()]).await?;
    Ok((made > 0).then_some(id))
}

/// Begins the account with that address anew, under a new password, where it belongs to no organization any more and so
/// can do nothing; `None` where it belongs to one.
pub async fn reset_powerless(tx: &Tx, email: &str, name: &str, hash: &str) -> Result<Option<UserId>> {
    let sql = "SELECT id FROM users WHERE email = $1 AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id)";
    let Some(Id { id }) = tx.one(sql, [email.into()]).await? else { return Ok(None) };
    reset(tx, UserId(id), name, hash).await?;
    tx.run("UPDATE users SET confirmed_at = NULL WHERE id = $1", [id.into()]).await?;
    Ok(Some(UserId(id)))
}

/// Puts another name and password in place of those of an account, and leaves nothing of how it was entered before.
async fn reset(tx: &Tx, user: UserId, name: &str, hash: &str) -> Result<()> {
    let sql = "UPDATE users SET name = $2, password_hash = $3, password_changed_at = $4, totp_secret = NULL, totp_confirmed_at = NULL, \
               totp_last_step = NULL WHERE id = $1";
    tx.run(sql, [user.0.into(), name.into(), hash.into(), tx.scope().real_now().into()]).await?;
    for table in ["recovery_codes", "sessions"] {
        tx.run(&format!("DELETE FROM {table} WHERE user_id = $1"), [user.0.into()]).await?;
    }
    Ok(())
}

/// Whether more than tenants vouch for who holds the account: see the module.
pub async fn is_confirmed(tx: &impl Sql, user: UserId) -> Result<bool> {
    let found: Option<Id> = tx.one("SELECT id FROM users WHERE id = $1 AND confirmed_at IS NOT NULL", [user.0.into()]).await?;
    Ok(found.is_some())
}

/// Notes that more than tenants vouch for who holds the account.
pub async fn confirm_account(tx: &Tx, user: UserId) -> Result<()> {
    let values = [user.0.into(), tx.scope().real_now().into()];
    tx.run("UPDATE users SET confirmed_at = COALESCE(confirmed_at, $2) WHERE id = $1", values).await.map(|_| ())
}

/// The roles that an organization has.
pub fn offered(seller: &Seller) -> &'static [Role] {
    if seller.is_platform { Role::PLATFORM } else { Role::TENANT }
}

/// Makes `user` a member of the scope's organization; `false` where they are one already.
pub async fn join(tx: &Tx, user: UserId, role: Role) -> Result<bool> {
    let offered = offered(tx.scope().seller());
    if !offered.contains(&role) {
        let names: Vec<&str> = offered.iter().map(|role| role.word()).collect();
        return Err(Error::field("role", format!("must be one of {}", names.join(", "))));
    }
    let values = [tx.seller_id().0.into(), user.0.into(), role.into(), tx.scope().real_now().into()];
    let sql = "INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    Ok(tx.run(sql, values).await? > 0)
}

/// Begins a session of a member of the scope's organization, who has just set the password.
pub async fn begin(tx: &Tx, user: UserId, visit: &Visit) -> Result<NewSession> {
    let row: Option<Row> = tx.one(&format!("{ACCOUNTS} WHERE u.id = $1 AND o.id = $2"), [user.0.into(), tx.seller_id().0.into()]).await?;
    session::start(tx, &row.ok_or(Error::SignedOut)?.account()?, visit, false).await
}

/// Makes a person a member of the organization `slug`: the command `user create`, and the demo world. Who operates the
/// program vouches for them. A confirmed account keeps its name and password; one that only tenants vouch for gets these.
///
/// # Errors
/// `NotFound` without such an organization, `Conflict` where the person is a member of it already, `Invalid` for a bad
/// e-mail address, name or password, or a role that the organization does not have.
pub async fn create_user(db: &Db, email: &str, name: &str, new_password: &str, slug: &str, role: Role) -> Result<UserId> {
    let mut check = Check::default();
    let (email, name) = (check.email("email", email), check.text("name", name, 120));
    let (email, name) = check.done(|| (email, name))?;
    let hash = hash_of(new_password, &email).await?;
    let seller = seller::by_slug(db, slug).await?.ok_or(Error::NotFound)?;
    let scope = Scope::system(db.clone(), "user create", seller, clock::now());
    let tx = scope.write().await?;
    let user = match make(&tx, &email, &name, &hash).await? {
        Some(user) => user,
        None => {
            let row: Option<Id> = tx.one("SELECT id FROM users WHERE email = $1", [email.clone().into()]).await?;
            UserId(row.ok_or_else(|| bug("an account that was there is gone"))?.id)
        }
    };
    if !join(&tx, user, role).await? {
        return Err(Error::Conflict(format!("{email} is a member of {slug} already.")));
    }
    if !is_confirmed(&*tx, user).await? {
        reset(&tx, user, &name, &hash).await?;
        confirm_account(&tx, user).await?;
    }
    tx.commit(Event::new("member.added", "user", user, name).details(json!({ "role": role }))).await?;
    Ok(user)
}

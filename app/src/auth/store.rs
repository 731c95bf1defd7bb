//! Accounts: signing in, the own password and name. People, sessions, the second factor and the throttle have files of
//! their own.

mod people;
pub mod second_factor;
pub mod session;
mod throttle;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

pub use self::people::{begin, confirm_account, create_user, hash_of, is_confirmed, join, make, offered, reset_powerless};
use self::session::{Current, NewSession};
use self::throttle::Subject;
use super::model::NewPassword;
use super::password;
use crate::kit::clock;
use crate::kit::db::{Db, Sql, bug};
use crate::kit::error::{Error, Result};
use crate::kit::event::{Event, Level};
use crate::kit::form::Check;
use crate::kit::id::{OrganizationId, UserId};
use crate::kit::permission::Role;
use crate::kit::scope::{Actor, Caller, Origin, Scope, Seller};
use crate::kit::seller;
use crate::kit::tx::Tx;

/// Where a sign-in comes from.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub origin: Origin,
    pub user_agent: Option<String>,
    /// The session that the browser has now, if any.
    pub session: Option<Current>,
}

/// A person in one organization.
pub(super) struct Account {
    pub user: UserId,
    pub email: String,
    pub name: String,
    password_hash: String,
    has_second_factor: bool,
    role: Role,
    seller: Seller,
}

impl Account {
    pub(super) fn scope(&self, db: &Db, now: DateTime<Utc>, origin: Origin) -> Scope {
        let actor = Actor::User { id: self.user, name: self.name.clone() };
        Scope::of(db.clone(), actor, self.seller.clone(), self.role.permissions(), now, origin)
    }

    fn event(&self, name: &'static str) -> Event {
        Event::new(name, "user", self.user, &self.name)
    }
}

#[derive(FromQueryResult)]
struct Row {
    user_id: uuid::Uuid,
    email: String,
    user_name: String,
    password_hash: String,
    totp_confirmed_at: Option<DateTime<Utc>>,
    role: Role,
    organization_id: uuid::Uuid,
    slug: String,
    name: String,
    currency: String,
    time_zone: String,
    kind: String,
    gross_margin_bp: i32,
}

impl Row {
    fn account(self) -> Result<Account> {
        Ok(Account {
            user: UserId(self.user_id),
            email: self.email,
            name: self.user_name,
            password_hash: self.password_hash,
            has_second_factor: self.totp_confirmed_at.is_some(),
            role: self.role,
            seller: Seller {
                id: OrganizationId(self.organization_id),
                slug: self.slug,
                name: self.name,
                currency: self.currency.parse().map_err(bug)?,
                time_zone: self.time_zone.parse().map_err(bug)?,
                is_platform: self.kind == "platform",
                gross_margin_bp: self.gross_margin_bp,
                // Signing in happens in the real world.
                sandbox_now: None,
            },
        })
    }
}

/// People with their organizations; who has none cannot sign in.
const ACCOUNTS: &str = "SELECT u.id AS user_id, u.email, u.name AS user_name, u.password_hash, u.totp_confirmed_at, m.role, \
     o.id AS organization_id, o.slug, o.name, o.currency, o.time_zone, o.kind, o.gross_margin_bp \
     FROM users u JOIN memberships m ON m.user_id = u.id JOIN organizations o ON o.id = m.organization_id";
/// The organization that a sign-in leads to: the platform, else the one joined first.
const FIRST: &str = "ORDER BY CASE o.kind WHEN 'platform' THEN 0 ELSE 1 END, m.created_at, o.slug LIMIT 1";

async fn account(tx: &impl Sql, condition: &str, value: sea_orm::Value) -> Result<Option<Account>> {
    tx.one::<Row>(&format!("{ACCOUNTS} WHERE {condition} {FIRST}"), [value]).await?.map(Row::account).transpose()
}

/// The person as a member of the organization `slug`.
pub(super) async fn account_in(db: &Db, user: UserId, slug: &str) -> Result<Option<Account>> {
    let tx = db.system_read().await?;
    let row: Option<Row> = tx.one(&format!("{ACCOUNTS} WHERE u.id = $1 AND o.slug = $2"), [user.0.into(), slug.into()]).await?;
    row.map(Row::account).transpose()
}

/// The person in the scope's organization.
async fn own_account(tx: &Tx) -> Result<Account> {
    let values = [tx.scope().user()?.0.into(), tx.seller_id().0.into()];
    let row: Option<Row> = tx.one(&format!("{ACCOUNTS} WHERE u.id = $1 AND o.id = $2"), values).await?;
    row.ok_or(Error::SignedOut)?.account()
}

/// Signs in with e-mail and password. Where the account has a second factor the session opens nothing until that is
/// given.
///
/// # Errors
/// `TooMany` with the seconds to wait while the account or the address is throttled; `Invalid` for a wrong password, an
/// unknown account and one without an organization alike, after the same time.
pub async fn sign_in(db: &Db, email: &str, password: &str, visit: &Visit) -> Result<NewSession> {
    let (email, now) = (email.trim().to_lowercase(), clock::now());
    if email.len() > 254 || password.chars().count() > super::model::PASSWORD_MAX {
        return Err(wrong());
    }
    let mut subjects = vec![Subject::Account(email.clone())];
    subjects.extend(visit.origin.address.map(Subject::Address));
    let counted = throttle::attempt(db, subjects, now).await?;
    let account = account(&*db.system_read().await?, "u.email = $1", email.into()).await?;
    if !password::matches(password, account.as_ref().map(|a| a.password_hash.clone())).await? {
        refuse(db, account.as_ref(), visit, "password", now).await?;
        return Err(wrong());
    }
    let account = account.ok_or_else(wrong)?;
    let tx = account.scope(db, now, visit.origin.clone()).write().await?;
    counted.succeeded(&*tx).await?;
    let session = session::start(&tx, &account, visit, account.has_second_factor).await?;
    if account.has_second_factor {
        tx.commit_quietly().await?;
    } else {
        tx.commit(account.event("session.started")).await?;
    }
    Ok(session)
}

fn wrong() -> Error {
    Error::field("", "E-mail or password is not right.")
}

/// Writes a failed try into the audit log: of the account's organization, or of the platform where there is no such
/// account.
async fn refuse(db: &Db, account: Option<&Account>, visit: &Visit, factor: &str, now: DateTime<Utc>) -> Result<()> {
    let (scope, event) = match account {
        Some(account) => (account.scope(db, now, visit.origin.clone()), account.event("session.refused")),
        None => {
            let platform = seller::by_slug(db, "platform").await?.ok_or_else(|| bug("there is no platform"))?;
            let actor = Actor::System("sign-in");
            let scope = Scope::of(db.clone(), actor, platform, Default::default(), now, visit.origin.clone());
            (scope, Event::new("session.refused", "user", "", "Unknown account"))
        }
    };
    let tx = scope.write().await?;
    tx.commit(event.level(Level::Warning).details(json!({ "factor": factor }))).await
}

/// Asks for the own password again before something that hurts; tries count as sign-ins do.
async fn confirm_password(scope: &Scope, field: &str, password: &str) -> Result<Account> {
    let account = own_account(&scope.read().await?).await?;
    let mut subjects = vec![Subject::Account(account.email.clone())];
    subjects.extend(scope.origin().address.map(Subject::Address));
    let counted = throttle::attempt(scope.db(), subjects, scope.real_now()).await?;
    if !password::matches(password, Some(account.password_hash.clone())).await? {
        let visit = Visit { origin: scope.origin().clone(), ..Default::default() };
        refuse(scope.db(), Some(&account), &visit, "password", scope.real_now()).await?;
        return Err(Error::field(field, "is not right"));
    }
    let tx = scope.db().system_write().await?;
    counted.succeeded(&*tx).await?;
    tx.commit().await?;
    Ok(account)
}

/// Changes the own password and ends the own other sessions; gives how many those were.
pub async fn change_password(scope: &Scope, current: &Current, old: &str, new: &str) -> Result<u64> {
    let account = confirm_password(scope, "current_password", old).await?;
    let new = NewPassword::parse("new_password", new, &account.email)?;
    if new.as_str() == old {
        return Err(Error::field("new_password", "must be another than the present one"));
    }
    let hash = password::hash(&new).await?;
    let tx = scope.write().await?;
    tx.run(
        "UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1",
        [account.user.0.into(), hash.into(), scope.real_now().into()],
    )
    .await?;
    let ended = session::end_others_in(&tx, account.user, current.id).await?;
    tx.commit(account.event("password.changed").level(Level::Warning).details(json!({ "sessions_ended": ended }))).await?;
    Ok(ended)
}

/// Changes the own name.
pub async fn rename(scope: &Scope, name: &str) -> Result<()> {
    let mut check = Check::default();
    let name = check.text("name", name, 120);
    let name = check.done(|| name)?;
    let tx = scope.write().await?;
    let account = own_account(&tx).await?;
    tx.run("UPDATE users SET name = $2 WHERE id = $1", [account.user.0.into(), name.clone().into()]).await?;
    let details = json!({ "before": account.name, "after": name });
    tx.commit(Event::new("profile.updated", "user", account.user, name).details(details)).await
}

/// Ends the session of a request, whatever its state.
pub async fn sign_out(db: &Db, caller: Option<Caller>, visit: &Visit) -> Result<()> {
    match (caller, &visit.session) {
        (Some(Caller::Member(scope, _)), Some(current)) => session::end(&scope, current.id).await,
        (_, Some(current)) => session::abandon(db, current).await,
        _ => Ok(()),
    }
}

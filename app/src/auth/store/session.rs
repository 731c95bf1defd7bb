//! Sessions: begun, recognised, listed, ended.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::{Account, Visit};
use crate::auth::model::{SessionId, SessionRow};
use crate::kit::clock;
use crate::kit::db::{Db, Sql, bug};
use crate::kit::error::{Error, Result};
use crate::kit::event::Event;
use crate::kit::id::{OrganizationId, UserId};
use crate::kit::permission::Role;
use crate::kit::scope::{Actor, Origin, Scope, Seller};
use crate::kit::secret;
use crate::kit::tx::Tx;
use crate::kit::viewer::Viewer;

/// A session ends so long after its last request.
pub const IDLE: TimeDelta = TimeDelta::hours(12);
/// A session ends so long after it began.
pub const ABSOLUTE: TimeDelta = TimeDelta::days(30);
/// The second factor has to follow the password so soon.
const PENDING: TimeDelta = TimeDelta::minutes(10);
/// The last request is noted so often at most.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// A session just begun: the cookie's value, seen here only.
pub struct NewSession {
    pub token: String,
    pub awaits_second_factor: bool,
}

/// The session of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    pub id: SessionId,
    pub user: UserId,
    /// The password was right; until the second factor is, it opens nothing.
    pub awaits_second_factor: bool,
}

/// What a cookie stands for. A session that awaits its second factor has no scope.
pub struct Recognised {
    pub current: Current,
    pub member: Option<(Scope, Viewer)>,
}

/// Begins a session of `account` in the transaction of the sign-in. The session that the browser had until now ends.
pub(super) async fn start(tx: &Tx, account: &Account, visit: &Visit, awaits_second_factor: bool) -> Result<NewSession> {
    let (token, now) = (secret::token()?, tx.scope().real_now());
    let expires = now + if awaits_second_factor { PENDING } else { ABSOLUTE };
    if let Some(before) = &visit.session {
        tx.run("DELETE FROM sessions WHERE id = $1", [before.id.0.into()]).await?;
    }
    tx.run(
        "INSERT INTO sessions (id, token_hash, user_id, organization_id, awaits_second_factor, address, user_agent, created_at, last_seen_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
        [
            SessionId::new().0.into(),
            secret::fingerprint(&token).into(),
            account.user.0.into(),
            tx.seller_id().0.into(),
            awaits_second_factor.into(),
            visit.origin.address.map(|a| a.to_string()).into(),
            visit.user_agent.as_ref().map(|agent| agent.chars().take(300).collect::<String>()).into(),
            now.into(),
            expires.into(),
        ],
    )
    .await?;
    Ok(NewSession { token, awaits_second_factor })
}

#[derive(FromQueryResult)]
struct Row {
    id: uuid::Uuid,
    user_id: uuid::Uuid,
    current_organization: uuid::Uuid,
    awaits_second_factor: bool,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    user_name: String,
    email: String,
    role: Role,
    organization_id: uuid::Uuid,
    slug: String,
    name: String,
    currency: String,
    time_zone: String,
    kind: String,
    gross_margin_bp: i32,
    sandbox_now: Option<DateTime<Utc>>,
}

/// One row for each organization of the person, so that the switcher costs no second query.
const RECOGNISE: &str = "SELECT s.id, s.user_id, s.organization_id AS current_organization, s.awaits_second_factor, s.last_seen_at, s.expires_at, \
     u.name AS user_name, u.email, m.role, o.id AS organization_id, o.slug, o.name, o.currency, o.time_zone, o.kind, o.gross_margin_bp, \
     o.sandbox_now \
     FROM sessions s JOIN users u ON u.id = s.user_id JOIN memberships m ON m.user_id = s.user_id \
     JOIN organizations o ON o.id = m.organization_id WHERE s.token_hash = $1 ORDER BY o.name";

/// The session of a cookie; `None` where it is unknown, ended or expired.
pub async fn recognise(db: &Db, token: &str, origin: Origin) -> Result<Option<Recognised>> {
    let now = clock::now();
    let tx = db.system_read().await?;
    let rows: Vec<Row> = tx.all(RECOGNISE, [secret::fingerprint(token).into()]).await?;
    drop(tx);
    let Some(row) = rows.iter().find(|row| row.organization_id == row.current_organization) else { return Ok(None) };
    if now >= row.expires_at || now - row.last_seen_at >= IDLE {
        return Ok(None);
    }
    let current = Current { id: SessionId(row.id), user: UserId(row.user_id), awaits_second_factor: row.awaits_second_factor };
    if row.awaits_second_factor {
        return Ok(Some(Recognised { current, member: None }));
    }
    if now - row.last_seen_at >= TOUCH {
        tokio::spawn(touch(db.clone(), current.id, now));
    }
    let seller = seller(row)?;
    let viewer = viewer(row, &seller, &rows);
    let actor = Actor::User { id: current.user, name: row.user_name.clone() };
    let scope = Scope::of(db.clone(), actor, seller, row.role.permissions(), now, origin);
    Ok(Some(Recognised { current, member: Some((scope, viewer)) }))
}

fn seller(row: &Row) -> Result<Seller> {
    Ok(Seller {
        id: OrganizationId(row.organization_id),
        slug: row.slug.clone(),
        name: row.name.clone(),
        currency: row.currency.parse().map_err(bug)?,
        time_zone: row.time_zone.parse().map_err(bug)?,
        is_platform: row.kind == "platform",
        gross_margin_bp: row.gross_margin_bp,
        sandbox_now: row.sandbox_now,
    })
}

fn viewer(row: &Row, seller: &Seller, rows: &[Row]) -> Viewer {
    let mut seen = HashSet::from([row.organization_id]);
    Viewer {
        name: row.user_name.clone(),
        email: row.email.clone(),
        role: row.role,
        permissions: row.role.permissions(),
        organization: seller.name.clone(),
        organization_slug: seller.slug.clone(),
        is_platform: seller.is_platform,
        sandbox: seller.sandbox_now.is_some(),
        currency: seller.currency,
        time_zone: seller.time_zone.name().to_owned(),
        others: rows.iter().filter(|other| seen.insert(other.organization_id)).map(|o| (o.slug.clone(), o.name.clone())).collect(),
    }
}

/// Notes the last request, off its path.
async fn touch(db: Db, id: SessionId, now: DateTime<Utc>) {
    let written = async {
        let tx = db.system_write().await?;
        tx.run("UPDATE sessions SET last_seen_at = $2 WHERE id = $1", [id.0.into(), now.into()]).await?;
        tx.commit().await
    };
    if let Err(error) = written.await {
        tracing::warn!(%error, "a session's last request was not noted");
    }
}

#[derive(FromQueryResult)]
struct Listed {
    id: uuid::Uuid,
    address: Option<String>,
    user_agent: Option<String>,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    organization: String,
}

/// The own sessions that are still good, the current one first.
pub async fn list(scope: &Scope, current: SessionId) -> Result<Vec<SessionRow>> {
    let tx = scope.read().await?;
    let rows: Vec<Listed> = tx
        .all(
            "SELECT s.id, s.address, s.user_agent, s.created_at, s.last_seen_at, o.name AS organization FROM sessions s \
             JOIN organizations o ON o.id = s.organization_id WHERE s.user_id = $1 AND s.awaits_second_factor = $2 AND s.expires_at > $3 \
             AND s.last_seen_at > $4 ORDER BY s.last_seen_at DESC",
            [scope.user()?.0.into(), false.into(), scope.real_now().into(), (scope.real_now() - IDLE).into()],
        )
        .await?;
    let mut rows: Vec<SessionRow> = rows.into_iter().map(|row| shown(row, scope, current)).collect();
    rows.sort_by_key(|row| !row.current);
    Ok(rows)
}

fn shown(row: Listed, scope: &Scope, current: SessionId) -> SessionRow {
    SessionRow {
        id: SessionId(row.id),
        current: row.id == current.0,
        device: device(row.user_agent.as_deref().unwrap_or_default()),
        address: row.address,
        organization: row.organization,
        started: scope.moment(row.created_at),
        last_seen: scope.moment(row.last_seen_at),
    }
}

/// Ends one of the own sessions; another person's is as unknown as none.
pub async fn end(scope: &Scope, id: SessionId) -> Result<()> {
    let tx = scope.write().await?;
    let ended = tx.run("DELETE FROM sessions WHERE id = $1 AND user_id = $2", [id.0.into(), scope.user()?.0.into()]).await?;
    if ended == 0 {
        return Err(Error::NotFound);
    }
    tx.commit(Event::new("session.ended", "session", id, scope.actor().name())).await
}

/// Ends all own sessions but the current one; gives how many.
pub async fn end_others(scope: &Scope, current: SessionId) -> Result<u64> {
    let tx = scope.write().await?;
    let ended = end_others_in(&tx, scope.user()?, current).await?;
    if ended > 0 {
        let event = Event::new("session.others_ended", "session", current, scope.actor().name()).details(json!({ "sessions": ended }));
        tx.commit(event).await?;
    }
    Ok(ended)
}

pub(super) async fn end_others_in(tx: &Tx, user: UserId, current: SessionId) -> Result<u64> {
    tx.run("DELETE FROM sessions WHERE user_id = $1 AND id <> $2", [user.0.into(), current.0.into()]).await
}

/// Ends a session that awaits its second factor: the person went back.
pub async fn abandon(db: &Db, current: &Current) -> Result<()> {
    let tx = db.system_write().await?;
    tx.run("DELETE FROM sessions WHERE id = $1", [current.id.0.into()]).await?;
    tx.commit().await
}

/// Moves the session to another organization of the person.
///
/// # Errors
/// `NotFound` where the person is no member of `slug`.
pub async fn switch(scope: &Scope, current: SessionId, slug: &str) -> Result<()> {
    let user = scope.user()?;
    let Some(account) = super::account_in(scope.db(), user, slug).await? else { return Err(Error::NotFound) };
    let there = account.scope(scope.db(), scope.real_now(), scope.origin().clone());
    let tx = there.write().await?;
    tx.run(
        "UPDATE sessions SET organization_id = $3 WHERE id = $1 AND user_id = $2",
        [current.0.into(), user.0.into(), tx.seller_id().0.into()],
    )
    .await?;
    tx.commit(Event::new("session.switched", "session", current, scope.actor().name()).details(json!({ "from": scope.seller().slug })))
        .await
}

/// Whether the session is still good, and in the organization of `scope`: what a stream asks that outlives its request.
pub async fn lasts(scope: &Scope, id: SessionId) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Lasting {
        expires_at: DateTime<Utc>,
        organization_id: uuid::Uuid,
    }
    let tx = scope.db().system_read().await?;
    let sql = "SELECT s.expires_at, s.organization_id FROM sessions s JOIN memberships m ON m.user_id = s.user_id AND \
         m.organization_id = s.organization_id WHERE s.id = $1";
    let row: Option<Lasting> = tx.one(sql, [id.0.into()]).await?;
    Ok(row.is_some_and(|row| row.expires_at > clock::now() && row.organization_id == scope.seller().id.0))
}

/// Removes what has expired, and counts of failures that nobody asks for any more; gives the sessions removed.
pub async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<u64> {
    let tx = db.system_write().await?;
    let gone = tx.run("DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2", [now.into(), (now - IDLE).into()]).await?;
    tx.run("DELETE FROM sign_in_failures WHERE last_at <= $1", [(now - TimeDelta::days(1)).into()]).await?;
    tx.commit().await?;
    Ok(gone)
}

/// `Firefox on Linux` from a browser's name for itself; good enough to recognise the own device by.
fn device(user_agent: &str) -> String {
    let find = |known: &[(&'static str, &'static str)]| known.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name);
    let browser = find(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn devices_are_named() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(device(firefox), "Firefox on Linux");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(device(phone), "Safari on iPhone");
        assert_eq!(device("x"), "Unknown device");
    }
}

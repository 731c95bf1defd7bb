//! The tables `api_keys` and `api_key_tokens`.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::model::{ApiKeyId, ApiKeyRow, ApiScope, NewApiKey};
use crate::kit::clock;
use crate::kit::db::{Db, Sql};
use crate::kit::error::{Error, Result};
use crate::kit::event::{Event, Level};
use crate::kit::form::Check;
use crate::kit::id::OrganizationId;
use crate::kit::permission::{Permission, Permissions, Role};
use crate::kit::scope::{Actor, Origin, Scope};
use crate::kit::{secret, seller};

/// What every key starts with.
const PREFIX: &str = "tk_live_";
/// Characters of a key that the list shows.
const HINT: usize = PREFIX.len() + 6;

#[derive(FromQueryResult)]
struct Row {
    id: uuid::Uuid,
    name: String,
    hint: String,
    scope: ApiScope,
    created_by: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Row {
    fn shown(self, scope: &Scope) -> ApiKeyRow {
        ApiKeyRow {
            id: ApiKeyId(self.id),
            name: self.name,
            hint: self.hint,
            scope: self.scope,
            created_by: self.created_by,
            created: scope.moment(self.created_at),
            last_used: self.last_used_at.map(|at| scope.moment(at)),
            revoked: self.revoked_at.map(|at| scope.moment(at)),
        }
    }
}

/// The seller's keys: those in use first, then the revoked, each latest first.
pub async fn list(scope: &Scope) -> Result<Vec<ApiKeyRow>> {
    scope.require(Permission::WriteApiKeys)?;
    let tx = scope.read().await?;
    let rows: Vec<Row> = tx
        .all(
            "SELECT id, name, hint, scope, created_by, created_at, last_used_at, revoked_at FROM api_keys WHERE seller_id = $1 \
             ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, created_at DESC, id DESC",
            [tx.seller_id().0.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.shown(scope)).collect())
}

/// Makes a key; gives its row and, this once, the key itself.
///
/// # Errors
/// `Invalid` where the name is blank or too long.
pub async fn create(scope: &Scope, name: &str, allows: ApiScope) -> Result<NewApiKey> {
    scope.require(Permission::WriteApiKeys)?;
    let mut check = Check::default();
    let name = check.text("name", name, 80);
    let name = check.done(|| name)?;
    let key = format!("{PREFIX}{}", secret::token()?);
    let (id, hash, hint) = (ApiKeyId::new(), secret::fingerprint(&key), key[..HINT].to_owned());
    let tx = scope.write().await?;
    tx.run(
        "INSERT INTO api_keys (seller_id, id, name, hint, token_hash, scope, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            tx.seller_id().0.into(),
            id.0.into(),
            name.clone().into(),
            hint.clone().into(),
            hash.clone().into(),
            allows.into(),
            scope.actor().name().into(),
            scope.real_now().into(),
        ],
    )
    .await?;
    tx.run(
        "INSERT INTO api_key_tokens (token_hash, seller_id, key_id) VALUES ($1, $2, $3)",
        [hash.into(), tx.seller_id().0.into(), id.0.into()],
    )
    .await?;
    let details = json!({ "scope": allows, "hint": hint });
    tx.commit(Event::new("api_key.created", "api_key", id, &name).level(Level::Warning).details(details)).await?;
    let row = ApiKeyRow {
        id,
        name,
        hint,
        scope: allows,
        created_by: scope.actor().name().to_owned(),
        created: scope.moment(scope.real_now()),
        last_used: None,
        revoked: None,
    };
    Ok(NewApiKey { row, key })
}

/// Revokes a key at once; one that is revoked already stays so.
pub async fn revoke(scope: &Scope, id: ApiKeyId) -> Result<()> {
    scope.require(Permission::WriteApiKeys)?;
    let tx = scope.write().await?;
    let row: Row = tx
        .one(
            "SELECT id, name, hint, scope, created_by, created_at, last_used_at, revoked_at FROM api_keys WHERE seller_id = $1 AND id = $2",
            [tx.seller_id().0.into(), id.0.into()],
        )
        .await?
        .ok_or(Error::NotFound)?;
    if row.revoked_at.is_some() {
        return Ok(());
    }
    tx.run(
        "UPDATE api_keys SET revoked_at = $3 WHERE seller_id = $1 AND id = $2",
        [tx.seller_id().0.into(), id.0.into(), scope.real_now().into()],
    )
    .await?;
    tx.run("DELETE FROM api_key_tokens WHERE seller_id = $1 AND key_id = $2", [tx.seller_id().0.into(), id.0.into()]).await?;
    tx.commit(Event::new("api_key.revoked", "api_key", id, row.name).level(Level::Warning).details(json!({ "hint": row.hint }))).await
}

#[derive(FromQueryResult)]
struct Token {
    seller_id: uuid::Uuid,
    key_id: uuid::Uuid,
}

/// The scope of whoever holds `key`; `None` where no such key is in use.
pub async fn authenticate(db: &Db, key: &str, origin: Origin) -> Result<Option<Scope>> {
    if !key.starts_with(PREFIX) || key.len() > 200 {
        return Ok(None);
    }
    let read = db.system_read().await?;
    let token: Option<Token> =
        read.one("SELECT seller_id, key_id FROM api_key_tokens WHERE token_hash = $1", [secret::fingerprint(key).into()]).await?;
    drop(read);
    let Some(token) = token else { return Ok(None) };
    let Some(seller) = seller::by_id(db, OrganizationId(token.seller_id)).await? else { return Ok(None) };
    let now = clock::now();
    let finder = Scope::system(db.clone(), "api key", seller.clone(), now);
    let tx = finder.read().await?;
    let row: Option<Row> = tx
        .one(
            "SELECT id, name, hint, scope, created_by, created_at, last_used_at, revoked_at FROM api_keys \
             WHERE seller_id = $1 AND id = $2 AND revoked_at IS NULL",
            [token.seller_id.into(), token.key_id.into()],
        )
        .await?;
    drop(tx);
    let Some(row) = row else { return Ok(None) };
    if row.last_used_at.is_none_or(|at| now - at >= TimeDelta::minutes(1)) {
        tokio::spawn(touch(finder, row.id));
    }
    let permissions = permissions(row.scope);
    Ok(Some(Scope::of(db.clone(), Actor::ApiKey { id: row.id, name: row.name }, seller, permissions, now, origin)))
}

/// A machine does what finance does, not what administers the organization: no keys, members or settings.
fn permissions(scope: ApiScope) -> Permissions {
    let all = Role::Finance.permissions().with(&[Permission::WriteJobs]);
    match scope {
        ApiScope::Read => all.read_only(),
        ApiScope::Write => all,
    }
}

/// Notes the use of a key, at most once a minute and off the request's path.
async fn touch(scope: Scope, id: uuid::Uuid) {
    let written = async {
        let tx = scope.write().await?;
        tx.run(
            "UPDATE api_keys SET last_used_at = $3 WHERE seller_id = $1 AND id = $2",
            [tx.seller_id().0.into(), id.into(), scope.real_now().into()],
        )
        .await?;
        tx.commit_quietly().await
    };
    if let Err(error) = written.await {
        tracing::warn!(%error, "the use of an API key was not noted");
    }
}

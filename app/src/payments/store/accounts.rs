//! Which gateways a seller works with. Their keys are sealed and leave this file only for a gateway.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::setups::meaning;
use crate::kit::db::{Sql, bug};
use crate::kit::event::{Event, Level};
use crate::kit::form::Check;
use crate::kit::scope::Scope;
use crate::kit::secret;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::demo::DemoGateway;
use crate::payments::gateway::model::{GatewayAccount, GatewayForm};
use crate::payments::gateway::port::Gateway;
use crate::payments::gateway::stripe::StripeGateway;

/// What is sealed of an account.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Secrets {
    /// Lets us call the gateway.
    #[serde(default)]
    pub key: String,
    /// Proves that an event is the gateway's.
    pub webhook: String,
    /// Where payers come back to: `https://billing.example`.
    #[serde(default)]
    pub site: String,
    /// Another address than the gateway's own: tests have their own gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An account with a gateway, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub gateway: GatewayKind,
    pub enabled: bool,
    pub collects: bool,
    pub label: String,
    pub updated_by: String,
    pub updated_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    gateway: GatewayKind,
    enabled: bool,
    collects: bool,
    label: String,
    updated_by: String,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn account(self) -> Account {
        let Self { gateway, enabled, collects, label, updated_by, updated_at } = self;
        Account { gateway, enabled, collects, label, updated_by, updated_at }
    }
}

const SELECT: &str = "SELECT gateway, enabled, collects, label, updated_by, updated_at FROM gateway_accounts WHERE seller_id = $1";

/// All accounts of the seller.
pub async fn all(scope: &Scope) -> Result<Vec<Account>> {
    let tx = scope.read().await?;
    let rows: Vec<Row> = tx.all(&format!("{SELECT} ORDER BY gateway"), [tx.seller_id().0.into()]).await?;
    Ok(rows.into_iter().map(Row::account).collect())
}

/// The account with one gateway.
pub async fn of(tx: &Tx, gateway: GatewayKind) -> Result<Option<Account>> {
    let row: Option<Row> = tx.one(&format!("{SELECT} AND gateway = $2"), [tx.seller_id().0.into(), gateway.into()]).await?;
    Ok(row.map(Row::account))
}

/// The secrets of an account in use; `None` where there is none.
pub async fn secrets(tx: &Tx, gateway: GatewayKind) -> Result<Option<Secrets>> {
    opened(tx, gateway, "AND enabled").await
}

/// The secrets that are kept, in use or not.
async fn kept(tx: &Tx, gateway: GatewayKind) -> Result<Option<Secrets>> {
    opened(tx, gateway, "").await
}

async fn opened(tx: &Tx, gateway: GatewayKind, only: &str) -> Result<Option<Secrets>> {
    #[derive(FromQueryResult)]
    struct Sealed {
        sealed_secrets: String,
    }
    let sql = format!("SELECT sealed_secrets FROM gateway_accounts WHERE seller_id = $1 AND gateway = $2 {only}");
    let row: Option<Sealed> = tx.one(&sql, [tx.seller_id().0.into(), gateway.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let text = tx.db().sealer()?.open(&row.sealed_secrets)?;
    serde_json::from_str(&text).map(Some).map_err(bug)
}

/// What talks to the gateway for this seller.
pub async fn connect(scope: &Scope, gateway: GatewayKind) -> Result<Box<dyn Gateway>> {
    let found = secrets(&scope.read().await?, gateway).await?;
    let none = || Error::Conflict(format!("{} is not in use: see Settings, Gateways.", gateway.label()));
    connect_with(scope, gateway, &found.ok_or_else(none)?)
}

fn connect_with(scope: &Scope, gateway: GatewayKind, secrets: &Secrets) -> Result<Box<dyn Gateway>> {
    match gateway {
        GatewayKind::Demo => Ok(Box::new(DemoGateway::new(scope.clone()))),
        GatewayKind::Stripe => {
            let gateway = StripeGateway::new(&secrets.key, secrets.url.as_deref(), &secrets.site, scope.currency());
            Ok(Box::new(gateway.map_err(meaning)?))
        }
    }
}

/// Calls the gateway with the keys that are kept; gives the name of the account there.
pub async fn test(scope: &Scope, gateway: GatewayKind) -> Result<String> {
    let found = kept(&scope.read().await?, gateway).await?;
    let secrets = found.ok_or_else(|| Error::Conflict("Save its keys first.".into()))?;
    connect_with(scope, gateway, &secrets)?.test().await.map_err(meaning)
}

/// Gateways in use, which can hold cards.
pub async fn in_use(scope: &Scope) -> Result<Vec<GatewayKind>> {
    Ok(all(scope).await?.into_iter().filter(|account| account.enabled).map(|account| account.gateway).collect())
}

/// Every gateway with its settings, as they are shown.
pub async fn shown(scope: &Scope) -> Result<Vec<GatewayAccount>> {
    let tx = scope.read().await?;
    let mut all = Vec::new();
    for gateway in GatewayKind::ALL.iter().copied() {
        let (account, secrets) = (of(&tx, gateway).await?, kept(&tx, gateway).await?);
        let seller = scope.seller();
        let place = if seller.is_platform { String::new() } else { format!("/{}", seller.slug) };
        all.push(GatewayAccount {
            gateway,
            enabled: account.as_ref().is_some_and(|a| a.enabled),
            collects: account.as_ref().is_none_or(|a| a.collects),
            label: account.as_ref().map(|a| a.label.clone()).unwrap_or_default(),
            webhook_path: format!("/api/webhooks/{gateway}{place}"),
            site: secrets.map(|s| s.site).unwrap_or_default(),
            updated_by: account.map(|a| a.updated_by),
        });
    }
    Ok(all)
}

/// Keeps an account as typed. A key that is left blank stays.
pub async fn save_typed(scope: &Scope, form: &GatewayForm) -> Result<()> {
    let (gateway, enabled, collects) = (form.gateway, form.enabled, form.collects);
    if gateway == GatewayKind::Demo {
        return save(scope, NewAccount { gateway, enabled, collects, secrets: None }).await;
    }
    let before = kept(&scope.read().await?, gateway).await?.unwrap_or_default();
    let mut check = Check::default();
    let mut secret = |name: &str, typed: &str, before: String, starts: &[&str]| {
        let typed = typed.trim();
        if typed.is_empty() && !before.is_empty() {
            return before;
        }
        let fits = starts.iter().any(|start| typed.starts_with(start)) && typed.len() <= 255;
        if !fits || !typed.bytes().all(|b| b.is_ascii_graphic()) {
            check.refuse(name, format!("must begin with {}", starts.join(" or ")));
        }
        typed.to_owned()
    };
    let key = secret("key", &form.key, before.key, &["sk_", "rk_"]);
    let webhook = secret("webhook", &form.webhook, before.webhook, &["whsec_"]);
    let site = form.site.trim().trim_end_matches('/').to_owned();
    let host = site.strip_prefix("https://").or(site.strip_prefix("http://"));
    if !host.is_some_and(|host| !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))) {
        check.refuse("site", "must be an address such as https://billing.example");
    }
    let secrets = Some(Secrets { key, webhook, site, url: before.url });
    let new = check.done(|| NewAccount { gateway, enabled, collects, secrets })?;
    save(scope, new).await
}

/// What to keep of an account.
pub struct NewAccount {
    pub gateway: GatewayKind,
    pub enabled: bool,
    pub collects: bool,
    /// `None`: as before.
    pub secrets: Option<Secrets>,
}

/// Keeps an account. The demo gateway's secrets are made here.
pub async fn save(scope: &Scope, new: NewAccount) -> Result<()> {
    let tx = scope.write().await?;
    let before = of(&tx, new.gateway).await?;
    let secrets = match new.secrets {
        Some(secrets) => Some(secrets),
        None if before.is_some() => None,
        None if new.gateway == GatewayKind::Demo => Some(Secrets { webhook: secret::token()?, ..Secrets::default() }),
        None => return Err(Error::field("key", "is required")),
    };
    let now = scope.now();
    let (seller, gateway) = (tx.seller_id().0, new.gateway);
    if let Some(secrets) = &secrets {
        let sealed = tx.db().sealer()?.seal(&serde_json::to_string(secrets).map_err(bug)?)?;
        let sql = "INSERT INTO gateway_accounts (seller_id, gateway, enabled, collects, sealed_secrets, label, updated_by, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (seller_id, gateway) DO UPDATE SET \
                   sealed_secrets = excluded.sealed_secrets, label = excluded.label";
        let values = [
            seller.into(),
            gateway.into(),
            new.enabled.into(),
            new.collects.into(),
            sealed.into(),
            masked(&secrets.key).into(),
            scope.actor().name().into(),
            now.into(),
        ];
        tx.run(sql, values).await?;
    }
    let sql =
        "UPDATE gateway_accounts SET enabled = $3, collects = $4, updated_by = $5, updated_at = $6 WHERE seller_id = $1 AND gateway = $2";
    let values = [seller.into(), gateway.into(), new.enabled.into(), new.collects.into(), scope.actor().name().into(), now.into()];
    tx.run(sql, values).await?;
    let details = json!({ "enabled": new.enabled, "collects": new.collects, "keys_changed": secrets.is_some() });
    let event = Event::new("gateway.changed", "gateway", gateway, gateway.label()).level(Level::Warning).details(details);
    tx.commit(event).await
}

/// `sk_test_***wxyz`: enough to tell two keys apart.
fn masked(key: &str) -> String {
    if key.is_empty() {
        return String::new();
    }
    let kind: String = key.match_indices('_').nth(1).map(|(at, _)| key[..=at].to_owned()).unwrap_or_default();
    let tail: String = if key.len() >= 16 { key.chars().skip(key.chars().count().saturating_sub(4)).collect() } else { String::new() };
    format!("{kind}***{tail}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_is_masked() {
        assert_eq!(super::masked("sk_test_51AbCdEfGhIjKlMnOpQr"), "sk_test_***OpQr");
        assert_eq!(super::masked("short"), "***");
        assert_eq!(super::masked(""), "");
    }
}

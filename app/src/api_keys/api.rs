//! Server functions of the API keys page.

use super::model::{ApiKeyId, ApiKeyRow, ApiScope, NewApiKey};
use crate::kit::{Result, server};

/// The keys, those in use first.
#[server]
pub async fn list_api_keys() -> Result<Vec<ApiKeyRow>> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteApiKeys>()?;
    crate::kit::scope::answer_with_status(crate::api_keys::store::list(&scope).await)
}

/// Makes a key; the answer is the only place that holds it.
#[server]
pub async fn create_api_key(name: String, scope: ApiScope) -> Result<NewApiKey> {
    let allows = scope;
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteApiKeys>()?;
    crate::kit::scope::answer_with_status(crate::api_keys::store::create(&scope, &name, allows).await)
}

/// Revokes a key at once.
#[server]
pub async fn revoke_api_key(key: ApiKeyId) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteApiKeys>()?;
    crate::kit::scope::answer_with_status(crate::api_keys::store::revoke(&scope, key).await)
}

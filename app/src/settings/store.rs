//! What the settings keep true over several features.

use crate::kit::error::{Error, Result};
use crate::kit::scope::Scope;
use crate::movements;
use crate::organizations::{self, OrganizationChange};

/// Changes the organization's settings; the currency only while nothing is booked in it.
///
/// # Errors
/// `Invalid` where the currency has entries or the time zone is unknown.
pub async fn update_organization(scope: &Scope, change: &OrganizationChange) -> Result<()> {
    if change.currency != scope.currency() {
        let tx = scope.read().await?;
        if movements::store::any(&tx).await? {
            return Err(Error::field("currency", "cannot change any more: revenue is booked in it"));
        }
    }
    organizations::store::update(scope, change).await
}

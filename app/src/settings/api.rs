//! Server functions of the settings pages.

use serde::{Deserialize, Serialize};

use crate::auth::{SecondFactor, SessionId, SessionRow};
use crate::kit::{Result, server};
use crate::organizations::Organization;

/// Changes the own name.
#[server]
pub async fn rename_me(name: String) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::auth::store::rename(&scope, &name).await)
}

/// Changes the own password and ends the own other sessions; gives how many those were.
#[server]
pub async fn change_password(current_password: String, new_password: String) -> Result<u64> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let here = crate::auth::here()?;
    let changed = crate::auth::store::change_password(&scope, here.session()?, &current_password, &new_password).await;
    crate::kit::scope::answer_with_status(changed)
}

/// The own sessions, this one first.
#[server]
pub async fn my_sessions() -> Result<Vec<SessionRow>> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let here = crate::auth::here()?;
    crate::kit::scope::answer_with_status(crate::auth::store::session::list(&scope, here.session()?.id).await)
}

/// Ends one of the own sessions.
#[server]
pub async fn end_session(session: SessionId) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::auth::store::session::end(&scope, session).await)
}

/// Ends all own sessions but this one; gives how many.
#[server]
pub async fn end_other_sessions() -> Result<u64> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let here = crate::auth::here()?;
    crate::kit::scope::answer_with_status(crate::auth::store::session::end_others(&scope, here.session()?.id).await)
}

/// How the own second factor stands.
#[server]
pub async fn my_second_factor() -> Result<SecondFactor> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let here = crate::auth::here()?;
    crate::kit::scope::answer_with_status(crate::auth::store::second_factor::status(&scope, here.state.sealer()).await)
}

/// Begins to set up the second factor.
#[server]
pub async fn begin_second_factor() -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let here = crate::auth::here()?;
    crate::kit::scope::answer_with_status(crate::auth::store::second_factor::begin(&scope, here.state.sealer()).await)
}

/// Leaves the setting up.
#[server]
pub async fn cancel_second_factor() -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::auth::store::second_factor::cancel(&scope).await)
}

/// Switches the second factor on with a first code.
#[server]
pub async fn confirm_second_factor(code: String) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let here = crate::auth::here()?;
    let confirmed = crate::auth::store::second_factor::confirm(&scope, here.state.sealer(), here.session()?, &code).await;
    crate::kit::scope::answer_with_status(confirmed)
}

/// Switches the second factor off.
#[server]
pub async fn disable_second_factor(password: String) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::auth::store::second_factor::disable(&scope, &password).await)
}

/// The organization, and what its form offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationSettings {
    pub organization: Organization,
    pub time_zones: Vec<String>,
}

/// The organization's settings.
#[server]
pub async fn my_organization() -> Result<OrganizationSettings> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteSettings>()?;
    let organization = crate::kit::scope::answer_with_status(crate::organizations::store::get(&scope).await)?;
    Ok(OrganizationSettings { organization, time_zones: crate::organizations::store::time_zones() })
}

/// Changes the organization's settings.
#[server]
#[allow(clippy::too_many_arguments)]
pub async fn update_organization(
    name: String,
    currency: String,
    time_zone: String,
    #[server(default)] legal_name: String,
    #[server(default)] tax_number: String,
    #[server(default)] address: String,
    #[server(default)] country: String,
    gross_margin: String,
) -> Result<()> {
    use crate::organizations::{OrganizationChange, OrganizationForm};
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::WriteSettings>()?;
    let form = OrganizationForm { name, currency, time_zone, legal_name, tax_number, address, country, gross_margin };
    let change = crate::kit::scope::answer_with_status(OrganizationChange::parse(&form))?;
    crate::kit::scope::answer_with_status(crate::settings::store::update_organization(&scope, &change).await)
}

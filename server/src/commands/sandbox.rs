//! `tenantry sandbox create`: an organization with a clock of its own, for trying things out.

use app::kit::clock;
use app::kit::scope::Scope;
use app::organizations::NewOrganization;
use app::{organizations, sandbox};
use chrono::NaiveDate;

use super::{open, seller, sentence};
use crate::config::Config;

/// What the command line says of it.
pub struct NewSandbox<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub currency: &'a str,
    pub time_zone: &'a str,
    pub on: NaiveDate,
}

/// Makes a tenant that is a sandbox; its clock begins at noon of the day.
pub async fn create(config: &Config, new: &NewSandbox<'_>) -> Result<(), String> {
    let db = open(config).await?;
    let form = NewOrganization::parse(new.slug, new.name, new.currency, new.time_zone).map_err(sentence)?;
    let scope = |seller| Scope::system(db.clone(), "command line", seller, clock::now());
    let platform = scope(seller(&db, organizations::store::PLATFORM).await?);
    organizations::store::create(&platform, &form).await.map_err(sentence)?;
    sandbox::store::begin(&scope(seller(&db, new.slug).await?), new.on).await.map_err(sentence)?;
    println!("{} is a sandbox; it is {} there.", new.slug, new.on);
    println!("A key for it: tenantry api-key create --organization {} --name NAME --scope write", new.slug);
    Ok(())
}

//! The table `organizations`. It belongs to no seller: each row is one.

use sea_orm::FromQueryResult;
use serde_json::json;

use super::model::{NewOrganization, Organization, OrganizationChange};
use crate::kit::clock;
use crate::kit::db::{Db, Sql, bug};
use crate::kit::error::{Error, Result};
use crate::kit::event::Event;
use crate::kit::id::OrganizationId;
use crate::kit::money::Currency;
use crate::kit::scope::{Scope, Seller};
use crate::kit::seller;
use crate::kit::tx::Tx;

/// The slug of the platform.
pub const PLATFORM: &str = "platform";

#[derive(FromQueryResult)]
struct Row {
    id: uuid::Uuid,
    slug: String,
    name: String,
    kind: String,
    currency: String,
    time_zone: String,
    legal_name: Option<String>,
    tax_number: Option<String>,
    address: Option<String>,
    country: Option<String>,
    gross_margin_bp: i32,
}

/// The platform, made (US dollars, UTC) where there is none yet. Two servers may start at once: one row comes of it.
pub async fn ensure_platform(db: &Db) -> Result<Seller> {
    if let Some(platform) = seller::by_slug(db, PLATFORM).await? {
        return Ok(platform);
    }
    let tx = db.system_write().await?;
    tx.run(
        "INSERT INTO organizations (id, slug, name, kind, currency, time_zone, created_at) VALUES ($1, $2, 'Platform', 'platform', $3, 'UTC', $4) \
         ON CONFLICT DO NOTHING",
        [OrganizationId::new().0.into(), PLATFORM.into(), Currency::USD.code().into(), clock::now().into()],
    )
    .await?;
    tx.commit().await?;
    seller::by_slug(db, PLATFORM).await?.ok_or_else(|| bug("the platform was made and is not there"))
}

/// Makes a tenant. Only the platform does; the tenant as its customer is the caller's to make.
///
/// # Errors
/// `Invalid` where the slug is taken or the time zone unknown, `Forbidden` for another seller than the platform.
pub async fn create(scope: &Scope, new: &NewOrganization) -> Result<OrganizationId> {
    if !scope.seller().is_platform {
        return Err(Error::Forbidden("Add tenants".into()));
    }
    known_time_zone(&new.time_zone)?;
    let (id, tx) = (OrganizationId::new(), scope.write().await?);
    let made = tx
        .run(
            "INSERT INTO organizations (id, slug, name, kind, currency, time_zone, created_at) VALUES ($1, $2, $3, 'tenant', $4, $5, $6) \
             ON CONFLICT (slug) DO NOTHING",
            [
                id.0.into(),
                new.slug.clone().into(),
                new.name.clone().into(),
                new.currency.code().into(),
                new.time_zone.clone().into(),
                scope.now().into(),
            ],
        )
        .await?;
    if made == 0 {
        return Err(Error::field("slug", "is taken"));
    }
    let details = json!({ "slug": new.slug, "currency": new.currency, "time_zone": new.time_zone });
    tx.commit(Event::new("organization.created", "organization", id, &new.name).details(details)).await?;
    Ok(id)
}

/// The scope's organization.
pub async fn get(scope: &Scope) -> Result<Organization> {
    read(&scope.read().await?).await
}

/// As [`get`], in a transaction that is under way.
pub async fn read(tx: &Tx) -> Result<Organization> {
    let row: Row = tx
        .one(
            "SELECT id, slug, name, kind, currency, time_zone, legal_name, tax_number, address, country, gross_margin_bp \
             FROM organizations WHERE id = $1",
            [tx.seller_id().0.into()],
        )
        .await?
        .ok_or(Error::NotFound)?;
    Ok(Organization {
        id: OrganizationId(row.id),
        slug: row.slug,
        name: row.name,
        is_platform: row.kind == "platform",
        currency: row.currency.parse().map_err(bug)?,
        time_zone: row.time_zone,
        legal_name: row.legal_name,
        tax_number: row.tax_number,
        address: row.address,
        country: row.country,
        gross_margin_bp: row.gross_margin_bp,
    })
}

/// Changes the settings. Whether the currency may change is the caller's to know: the books are kept in it.
///
/// # Errors
/// `Invalid` where the time zone is unknown.
pub async fn update(scope: &Scope, change: &OrganizationChange) -> Result<()> {
    known_time_zone(&change.time_zone)?;
    let before = get(scope).await?;
    let tx = scope.write().await?;
    tx.run(
        "UPDATE organizations SET name = $2, currency = $3, time_zone = $4, legal_name = $5, tax_number = $6, address = $7, country = $8, \
         gross_margin_bp = $9 WHERE id = $1",
        [
            tx.seller_id().0.into(),
            change.name.clone().into(),
            change.currency.code().into(),
            change.time_zone.clone().into(),
            change.legal_name.clone().into(),
            change.tax_number.clone().into(),
            change.address.clone().into(),
            change.country.clone().into(),
            change.gross_margin_bp.into(),
        ],
    )
    .await?;
    let details = json!({ "before": settings(&before), "after": settings(&changed(before.clone(), change)) });
    tx.commit(Event::new("organization.updated", "organization", before.id, &change.name).details(details)).await
}

/// Every time zone by its IANA name, for the field that offers them.
pub fn time_zones() -> Vec<String> {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect()
}

fn known_time_zone(name: &str) -> Result<()> {
    match name.parse::<chrono_tz::Tz>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::field("time_zone", "is not a time zone, such as Africa/Cairo")),
    }
}

fn changed(before: Organization, change: &OrganizationChange) -> Organization {
    let change = change.clone();
    Organization {
        name: change.name,
        currency: change.currency,
        time_zone: change.time_zone,
        legal_name: change.legal_name,
        tax_number: change.tax_number,
        address: change.address,
        country: change.country,
        gross_margin_bp: change.gross_margin_bp,
        ..before
    }
}

fn settings(of: &Organization) -> serde_json::Value {
    json!({
        "name": of.name, "currency": of.currency, "time_zone": of.time_zone, "legal_name": of.legal_name, "tax_number": of.tax_number,
        "address": of.address, "country": of.country, "gross_margin_bp": of.gross_margin_bp,
    })
}

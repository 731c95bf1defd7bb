//! Loads the seller of a scope. The organizations themselves are the `organizations` feature's; this is the one read
//! that every job and every request needs first.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use super::db::{Db, Sql, bug};
use super::error::Result;
use super::id::OrganizationId;
use super::scope::Seller;

const COLUMNS: &str = "SELECT id, slug, name, currency, time_zone, kind, gross_margin_bp, sandbox_now FROM organizations";

#[derive(FromQueryResult)]
struct Row {
    id: uuid::Uuid,
    slug: String,
    name: String,
    currency: String,
    time_zone: String,
    kind: String,
    gross_margin_bp: i32,
    sandbox_now: Option<DateTime<Utc>>,
}

impl Row {
    fn seller(self) -> Result<Seller> {
        Ok(Seller {
            id: OrganizationId(self.id),
            currency: self.currency.parse().map_err(bug)?,
            time_zone: self.time_zone.parse().map_err(bug)?,
            is_platform: self.kind == "platform",
            slug: self.slug,
            name: self.name,
            gross_margin_bp: self.gross_margin_bp,
            sandbox_now: self.sandbox_now,
        })
    }
}

pub async fn by_id(db: &Db, id: OrganizationId) -> Result<Option<Seller>> {
    let tx = db.system_read().await?;
    tx.one::<Row>(&format!("{COLUMNS} WHERE id = $1"), [id.0.into()]).await?.map(Row::seller).transpose()
}

pub async fn by_slug(db: &Db, slug: &str) -> Result<Option<Seller>> {
    let tx = db.system_read().await?;
    tx.one::<Row>(&format!("{COLUMNS} WHERE slug = $1"), [slug.into()]).await?.map(Row::seller).transpose()
}

/// The platform, once it is there.
pub async fn platform(db: &Db) -> Result<Option<Seller>> {
    let tx = db.system_read().await?;
    tx.one::<Row>(&format!("{COLUMNS} WHERE kind = 'platform'"), []).await?.map(Row::seller).transpose()
}

/// Every organization, the platform first: what a nightly job walks through.
pub async fn all(db: &Db) -> Result<Vec<Seller>> {
    let tx = db.system_read().await?;
    let rows = tx.all::<Row>(&format!("{COLUMNS} ORDER BY CASE kind WHEN 'platform' THEN 0 ELSE 1 END, slug"), []).await?;
    rows.into_iter().map(Row::seller).collect()
}

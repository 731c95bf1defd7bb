//! The demo world: a platform and three tenants with 18 months behind them (a school network, an internet provider
//! with subscribers, a clinic in trouble), made by the domain's own verbs with a moving now. The same each time but for
//! the day it ends on, which is today.

mod billing;
mod book;
mod extras;
mod payments;
mod world;

use chrono::Days;

use crate::auth::store::create_user;
use crate::kit::clock;
use crate::kit::db::{Db, Sql};
use crate::kit::error::Result;
use crate::kit::permission::Role;
use crate::kit::scope::Scope;
use crate::kit::seller;
use crate::{organizations, subscriptions};

/// What to sign in with.
pub const SIGN_INS: &str =
    "  operator      operator@tenantry.example   tenantry-demo\n  tenant staff  staff@nilewave.example      tenantry-demo";

const PASSWORD: &str = "tenantry-demo";

/// E-mail, name, organization, role.
const PEOPLE: &[(&str, &str, &str, Role)] = &[
    ("operator@tenantry.example", "Olivia Hart", "platform", Role::Owner),
    ("finance@tenantry.example", "Farid Noor", "platform", Role::Finance),
    ("support@tenantry.example", "Sara Quinn", "platform", Role::Support),
    ("auditor@tenantry.example", "Ravi Osei", "platform", Role::ReadOnly),
    ("staff@nilewave.example", "Salma Adel", "nilewave", Role::Owner),
    ("desk@nilewave.example", "Tarek Hamdy", "nilewave", Role::Staff),
    ("head@alnoor.example", "Amina Saleh", "alnoor", Role::Owner),
    ("office@harbour.example", "Hana Mwangi", "harbour", Role::Owner),
];

/// Slug, name, time zone of the tenants that have an organization of their own.
const TENANTS: &[(&str, &str, &str)] = &[
    ("nilewave", "Nilewave Internet", "Africa/Cairo"),
    ("alnoor", "Al Noor Schools", "Asia/Dubai"),
    ("harbour", "Harbour Clinics", "Africa/Nairobi"),
];

/// Whether the operator of the demo world is still there to sign in.
pub async fn is_here(db: &Db) -> Result<bool> {
    in_use(db, "SELECT COUNT(*) AS n FROM users WHERE email = 'operator@tenantry.example'").await
}

/// Makes the world in a database that nobody uses yet; `false` where somebody does.
pub async fn seed(db: &Db) -> Result<bool> {
    if in_use(db, "SELECT COUNT(*) AS n FROM users").await? {
        return Ok(false);
    }
    let now = clock::now();
    let platform = organizations::store::ensure_platform(db).await?;
    let scope = Scope::system(db.clone(), "demo", platform, now);
    if in_use_by(&scope, "SELECT COUNT(*) AS n FROM customers WHERE seller_id = $1").await? {
        return Ok(false);
    }
    for (slug, name, zone) in TENANTS {
        let form = organizations::NewOrganization {
            slug: (*slug).into(),
            name: (*name).into(),
            currency: scope.currency(),
            time_zone: (*zone).into(),
        };
        organizations::store::create(&scope, &form).await?;
    }
    for (email, name, organization, role) in PEOPLE {
        create_user(db, email, name, PASSWORD, organization, *role).await?;
    }
    book::platform(&scope).await?;
    // The days passed without the nightly job: what each customer pays today is read from the log.
    subscriptions::rebuild(&scope).await?;
    billing::months(&scope).await?;
    if let Some(provider) = seller::by_slug(db, "nilewave").await? {
        let scope = Scope::system(db.clone(), "demo", provider, now);
        book::provider(&scope).await?;
        subscriptions::rebuild(&scope).await?;
        billing::months(&scope).await?;
    }
    let tx = db.system_write().await?;
    // Bells that rang long ago have been heard.
    let recent = now.checked_sub_days(Days::new(4)).unwrap_or(now);
    tx.run("UPDATE outbox SET delivered_at = created_at WHERE created_at < $1", [recent.into()]).await?;
    tx.commit().await?;
    Ok(true)
}

#[derive(sea_orm::FromQueryResult)]
struct Count {
    n: i64,
}

async fn in_use(db: &Db, sql: &str) -> Result<bool> {
    Ok(db.system_read().await?.one::<Count>(sql, []).await?.is_some_and(|c| c.n > 0))
}

async fn in_use_by(scope: &Scope, sql: &str) -> Result<bool> {
    let tx = scope.read().await?;
    Ok(tx.one::<Count>(sql, [tx.seller_id().0.into()]).await?.is_some_and(|c| c.n > 0))
}

//! A database of its own for a test: a migrated SQLite file in a folder that goes with it, and one seller.

use chrono::{DateTime, Utc};
use migration::MigratorTrait;

use super::db::{As, DatabaseUrl, Db, Sql};
use super::id::OrganizationId;
use super::scope::{Scope, Seller};
use super::{clock, seller};

/// See the module. The seller keeps its books in USD and UTC.
pub struct TestWorld {
    scope: Scope,
    _folder: tempfile::TempDir,
}

impl TestWorld {
    pub async fn new() -> Self {
        Self::at(clock::now()).await
    }

    /// A world whose present is `now`.
    pub async fn at(now: DateTime<Utc>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url: DatabaseUrl = format!("sqlite:{}", folder.path().join("test.db").display()).parse().expect("an address");
        let db = Db::connect(&url, As::Owner).await.expect("a database");
        migration::Migrator::up(db.connection(), None).await.expect("migrated");
        let seller = make_seller(&db, "platform", now).await;
        Self { scope: Scope::system(db, "test", seller, now), _folder: folder }
    }

    /// May everything.
    pub fn scope(&self) -> Scope {
        self.scope.clone()
    }

    /// A second seller in the same database.
    pub async fn other_seller(&self) -> Scope {
        let seller = make_seller(self.scope.db(), "tenant", self.scope.now()).await;
        Scope::system(self.scope.db().clone(), "test", seller, self.scope.now())
    }
}

async fn make_seller(db: &Db, kind: &str, now: DateTime<Utc>) -> Seller {
    let id = OrganizationId::new();
    let tx = db.system_write().await.expect("writes");
    let values = [id.0.into(), id.to_string().into(), "A seller".into(), kind.into(), "USD".into(), "UTC".into(), now.into()];
    let sql = "INSERT INTO organizations (id, slug, name, kind, currency, time_zone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.run(sql, values).await.expect("a row");
    tx.commit().await.expect("committed");
    seller::by_id(db, id).await.expect("reads").expect("a seller")
}

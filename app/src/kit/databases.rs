//! For the tests of stores: each runs on a SQLite and on a PostgreSQL of its own, as the role that policies bind.

use std::future::Future;

use chrono::{DateTime, Utc};
use test_databases::{Cluster, sqlite_database};

use super::db::{As, DatabaseUrl, Db, Sql};
use super::id::OrganizationId;
use super::scope::Scope;
use super::secret::Sealer;
use super::seller;

/// Runs `test` on every database, with the scope of a new seller (USD, UTC) at noon of 15 November 2026.
pub async fn on_each_database<F: Future<Output = ()>>(test: impl Fn(Scope) -> F) {
    for db in databases().await {
        test(new_seller(&db, "platform", "USD", "UTC").await).await;
    }
}

/// The `now` of a test's scope.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_794_744_000, 0).expect("a time")
}

/// A new organization and its scope; the one with the slug `platform` is the platform.
pub async fn new_seller(db: &Db, slug: &str, currency: &str, zone: &str) -> Scope {
    let tx = db.system_write().await.expect("a transaction");
    let kind = if slug == "platform" { "platform" } else { "tenant" };
    let id = OrganizationId::new();
    let sql = "INSERT INTO organizations (id, slug, name, kind, currency, time_zone, created_at) VALUES ($1, $2, $2, $3, $4, $5, $6)";
    let values = [id.0.into(), slug.into(), kind.into(), currency.into(), zone.into(), noon().into()];
    tx.run(sql, values).await.expect("an organization");
    tx.commit().await.expect("a commit");
    let seller = seller::by_id(db, id).await.expect("an answer").expect("the organization");
    Scope::system(db.clone(), "test", seller, noon())
}

async fn databases() -> [Db; 2] {
    let cluster = Cluster::get();
    let file = cluster.folder().join(format!("{}.db", OrganizationId::new().0));
    let urls = [sqlite_database(&file), cluster.database().await];
    let [sqlite, postgres] = urls.map(|url| url.parse().expect("an address"));
    [connect(&sqlite).await, connect(&postgres).await]
}

/// As the role that policies bind, with a key of its own for secrets.
async fn connect(url: &DatabaseUrl) -> Db {
    let key = Sealer::generate().expect("a key");
    Db::connect(url, As::App).await.expect("a connection").with_sealer(Sealer::new(&key).expect("a sealer"))
}

//! A test's own database, and who lives in it.

use app::kit::clock;
use app::kit::db::{As, DatabaseUrl, Db};
use app::kit::files::Files;
use app::kit::id::OrganizationId;
use app::kit::mail::Mailer;
use app::kit::scope::{Scope, Seller};
use app::kit::secret::Sealer;
use app::kit::seller;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, QueryResult, TryGetable, Value};
use test_databases::{Cluster, sqlite_database};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// See `support`.
pub struct World {
    pub db: Db,
    pub url: DatabaseUrl,
    pub now: DateTime<Utc>,
    folder: tempfile::TempDir,
}

impl World {
    pub async fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match backend {
            Backend::Sqlite => sqlite_database(&folder.path().join("tenantry.db")),
            Backend::Postgres => Cluster::get().database().await,
        };
        let url: DatabaseUrl = url.parse().expect("an address");
        let files = Files::local(&folder.path().join("files")).expect("a folder");
        let db = Db::connect(&url, As::App).await.expect("a database").with_files(files);
        let key = Sealer::generate().expect("a key");
        let mailer = Mailer::folder(&folder.path().join("mail"), "billing@seller.example").expect("a mailer");
        let db = db.with_sealer(Sealer::new(&key).expect("a sealer")).with_mailer(mailer);
        Self { db, url, now: clock::now(), folder }
    }

    /// An empty database that nobody has migrated yet: what a program meets on its first start.
    pub async fn untouched(backend: Backend) -> (DatabaseUrl, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match backend {
            Backend::Sqlite => format!("sqlite:{}", folder.path().join("tenantry.db").display()),
            Backend::Postgres => Cluster::get().empty_database().await,
        };
        (url.parse().expect("an address"), folder)
    }

    /// A folder that goes with the world.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn is_sqlite(&self) -> bool {
        self.db.is_sqlite()
    }

    /// Another server's connections to the same database.
    pub async fn second(&self) -> Db {
        Db::connect(&self.url, As::App).await.expect("a database")
    }

    /// A connection that no policy binds, for tests that look at everything or set a scene that no verb makes.
    pub async fn admin(&self) -> Db {
        let admin = || Cluster::get().for_admin(self.url.as_str()).parse().expect("an address");
        let url = if self.is_sqlite() { self.url.clone() } else { admin() };
        Db::connect(&url, As::Owner).await.expect("a database")
    }

    /// The platform, made on first use.
    pub async fn platform(&self) -> Scope {
        self.organization("platform", "platform", "USD", "UTC").await
    }

    /// The tenant `slug`, made on first use: books in US dollars, days in UTC.
    pub async fn tenant(&self, slug: &str) -> Scope {
        self.organization(slug, "tenant", "USD", "UTC").await
    }

    /// An organization, made on first use, and a scope in it that may do everything.
    pub async fn organization(&self, slug: &str, kind: &str, currency: &str, time_zone: &str) -> Scope {
        Scope::system(self.db.clone(), "test", self.seller(slug, kind, currency, time_zone).await, self.now)
    }

    async fn seller(&self, slug: &str, kind: &str, currency: &str, time_zone: &str) -> Seller {
        if let Some(seller) = seller::by_slug(&self.db, slug).await.expect("reads") {
            return seller;
        }
        let values = [
            OrganizationId::new().0.into(),
            slug.into(),
            format!("The {slug}").into(),
            kind.into(),
            currency.into(),
            time_zone.into(),
            self.now.into(),
        ];
        let sql = "INSERT INTO organizations (id, slug, name, kind, currency, time_zone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.db.connection().execute_raw(self.db.sql(sql, values)).await.expect("an organization");
        seller::by_slug(&self.db, slug).await.expect("reads").expect("an organization")
    }
}

/// Every row of a query, outside any scope.
pub async fn rows(db: &Db, sql: &str, values: impl IntoIterator<Item = Value>) -> Vec<QueryResult> {
    db.connection().query_all_raw(db.sql(sql, values)).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
}

/// The first column of the first row.
pub async fn value<T: TryGetable>(db: &Db, sql: &str, values: impl IntoIterator<Item = Value>) -> T {
    let rows = rows(db, sql, values).await;
    let row = rows.first().unwrap_or_else(|| panic!("no row: {sql}"));
    row.try_get_by_index(0).unwrap_or_else(|e| panic!("{sql}: {e}"))
}

/// As [`value`], for a text.
pub async fn text(db: &Db, sql: &str, values: impl IntoIterator<Item = Value>) -> String {
    value(db, sql, values).await
}

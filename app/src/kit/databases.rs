//! Databases for the tests of stores: each test runs on SQLite and on a PostgreSQL of its own, on copies of a migrated
//! template, as the role that policies bind. The PostgreSQL is started once for each test program and stops with it.

use std::future::Future;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use tokio::sync::OnceCell;

use super::db::{As, DatabaseUrl, Db, Sql};
use super::id::OrganizationId;
use super::scope::Scope;
use super::seller;

static SQLITE: OnceCell<tempfile::TempDir> = OnceCell::const_new();
static POSTGRES: OnceCell<Cluster> = OnceCell::const_new();
static COPIES: AtomicU32 = AtomicU32::new(0);

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

async fn databases() -> Vec<Db> {
    let n = COPIES.fetch_add(1, Ordering::Relaxed);
    let cluster = POSTGRES.get_or_init(Cluster::start).await;
    vec![sqlite(n).await, cluster.copy(n).await]
}

async fn migrated(url: &str) {
    let owner = Db::connect(&url.parse().expect("an address"), As::Owner).await.expect("a connection");
    Migrator::up(owner.connection(), None).await.expect("the schema");
    migration::roles::grant(owner.connection()).await.expect("the role");
    owner.connection().clone().close().await.expect("closed");
}

async fn sqlite(n: u32) -> Db {
    let folder = SQLITE
        .get_or_init(|| async {
            let folder = tempfile::tempdir().expect("a folder");
            let template = folder.path().join("template.db");
            migrated(&format!("sqlite:{}", template.display())).await;
            let owner = Db::connect(&address(&template), As::Owner).await.expect("a connection");
            owner.connection().execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.expect("one file");
            folder
        })
        .await;
    let copy = folder.path().join(format!("{n}.db"));
    std::fs::copy(folder.path().join("template.db"), &copy).expect("a copy");
    Db::connect(&address(&copy), As::App).await.expect("a connection").with_sealer(sealer())
}

/// A key of its own.
fn sealer() -> super::secret::Sealer {
    let key = super::secret::Sealer::generate().expect("a key");
    super::secret::Sealer::new(&key).expect("a sealer")
}

fn address(path: &Path) -> DatabaseUrl {
    format!("sqlite:{}", path.display()).parse().expect("an address")
}

/// A PostgreSQL that listens on a socket in its own folder only.
struct Cluster {
    folder: PathBuf,
    _watch: Child,
}

impl Cluster {
    async fn start() -> Self {
        let programs = programs().expect("PostgreSQL's programs (initdb, postgres) are installed");
        let folder = tempfile::tempdir().expect("a folder").keep();
        // PostgreSQL refuses to run as root, so there it runs as the user that its package made.
        let user = user();
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).expect("the folder's owner");
        }
        let data = folder.join("data");
        let command = |program: &str| {
            let mut command = Command::new(program);
            if let Some((uid, gid)) = user {
                command.gid(gid).uid(uid);
            }
            command.current_dir(&folder).env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null());
            command
        };
        let made = command(&programs.join("initdb").display().to_string())
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "-D"])
            .arg(&data)
            .status();
        assert!(made.expect("initdb runs").success(), "initdb failed");
        // The shell stops the server and removes its folder when this program is gone, and with it the pipe that `cat` reads.
        let script = "\"$0\" -D data -k \"$PWD\" -c listen_addresses= -c fsync=off -c max_connections=300 >log 2>&1 & \
                      server=$!; cat; kill -INT $server; wait $server; rm -rf \"$PWD\"";
        let server = programs.join("postgres");
        let watch = command("sh").arg("-c").arg(script).arg(server).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a shell");
        let cluster = Self { folder, _watch: watch };
        cluster.until_it_answers().await;
        cluster.run("CREATE DATABASE template").await;
        migrated(&cluster.url("template")).await;
        cluster
    }

    fn url(&self, database: &str) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    async fn until_it_answers(&self) {
        for _ in 0..1200 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if self.folder.join(".s.PGSQL.5432").exists()
                && Db::connect(&self.url("postgres").parse().expect("an address"), As::Owner).await.is_ok()
            {
                return;
            }
        }
        panic!("PostgreSQL did not start: see {}", self.folder.join("log").display());
    }

    async fn run(&self, statement: &str) {
        let owner = Db::connect(&self.url("postgres").parse().expect("an address"), As::Owner).await.expect("a connection");
        owner.connection().execute_unprepared(statement).await.expect("a statement");
        owner.connection().clone().close().await.expect("closed");
    }

    async fn copy(&self, n: u32) -> Db {
        self.run(&format!("CREATE DATABASE copy_{n} TEMPLATE template")).await;
        Db::connect(&self.url(&format!("copy_{n}")).parse().expect("an address"), As::App)
            .await
            .expect("a connection")
            .with_sealer(sealer())
    }
}

/// Where PostgreSQL's programs are: the newest version under Debian's folder, else on the path.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|v| v.path().join("bin")).filter(|p| p.join("initdb").exists()).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.pop().or_else(|| std::env::split_paths(&path).find(|p| p.join("initdb").exists()))
}

/// For root: user and group of the PostgreSQL package.
fn user() -> Option<(u32, u32)> {
    let number = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse::<u32>().ok()
    };
    if number(&["-u"])? == 0 { Some((number(&["-u", "postgres"])?, number(&["-g", "postgres"])?)) } else { None }
}

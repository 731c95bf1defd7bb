//! Databases for tests: one temporary PostgreSQL and one migrated SQLite file for a whole test process, copied for every
//! test. Addresses go out, connections do not.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use migration::{Migrator, MigratorTrait as _};
use sea_orm_migration::sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};

/// Who owns the databases: no superuser, as in production.
const OWNER: &str = "tenantry_owner";
const ADMIN: &str = "postgres";
const TEMPLATE: &str = "tenantry_template";

/// A running PostgreSQL, its socket in `folder`. It ends when this process does, however it ends: a child waits for the
/// end of its standard input, which only this process holds.
pub struct Cluster {
    folder: PathBuf,
    watchdog: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static SQLITE: OnceLock<Vec<u8>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

impl Cluster {
    /// The cluster of this process, started by the first who asks.
    pub fn get() -> &'static Self {
        CLUSTER.get_or_init(|| {
            let cluster = Self::start();
            aside(cluster.make_template());
            cluster
        })
    }

    /// The address of a migrated database of its own.
    pub async fn database(&self) -> String {
        self.create(&format!("TEMPLATE {TEMPLATE}")).await
    }

    /// The address of an empty database of its own.
    pub async fn empty_database(&self) -> String {
        self.create("").await
    }

    /// The address of the same database for a superuser, whom no policy binds.
    pub fn for_admin(&self, url: &str) -> String {
        url.replace(OWNER, ADMIN)
    }

    /// A folder that goes when this process does.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    async fn create(&self, like: &str) -> String {
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.as_admin(&format!("CREATE DATABASE {name} {like} OWNER {OWNER}")).await;
        self.url(OWNER, &name)
    }

    fn url(&self, user: &str, database: &str) -> String {
        format!("postgres:///{database}?host={}&user={user}&sslmode=disable", self.folder.display())
    }

    async fn as_admin(&self, sql: &str) {
        let admin = connect(&self.url(ADMIN, "postgres")).await.expect("PostgreSQL answers");
        admin.execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        admin.close().await.expect("closed");
    }

    async fn make_template(&self) {
        self.as_admin(&format!("CREATE ROLE {OWNER} LOGIN CREATEROLE")).await;
        self.as_admin(&format!("CREATE DATABASE {TEMPLATE} OWNER {OWNER}")).await;
        migrate(&self.url(OWNER, TEMPLATE)).await;
    }

    fn start() -> Self {
        let programs = programs();
        // PostgreSQL refuses to run as root, so root runs it as another user, who must be able to enter the folder.
        let user = (owner_of("/proc/self") == 0).then(|| account("postgres"));
        let parent = if user.is_some() { PathBuf::from("/tmp") } else { std::env::temp_dir() };
        let folder = tempfile::Builder::new().prefix("tenantry-pg-").tempdir_in(parent).expect("a folder").keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("a private folder");
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).expect("given away");
        }
        let script = format!(
            "trap '' INT TERM HUP
             '{bin}/initdb' -D data -U {ADMIN} -A trust -E UTF8 --locale=C.UTF-8 --no-sync >log 2>&1 || exit 1
             '{bin}/postgres' -D data -k '{folder}' -c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
                 -c max_connections=300 -c shared_buffers=128MB -c max_wal_size=4GB -c autovacuum=off >>log 2>&1 </dev/null &
             server=$!
             cat >/dev/null
             kill -QUIT $server; wait $server; cd /; rm -rf '{folder}'",
            bin = programs.display(),
            folder = folder.display(),
        );
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0);
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        let mut cluster = Self { watchdog: command.spawn().expect("a shell"), folder };
        cluster.wait();
        cluster
    }

    fn wait(&mut self) {
        for _ in 0..600 {
            if self.folder.join(".s.PGSQL.5432").exists() && aside(ready(self.url(ADMIN, "postgres"))) {
                return;
            }
            if self.watchdog.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start:\n{log}");
    }
}

/// The address of a copy of the migrated SQLite file, as `path`.
pub fn sqlite_database(path: &Path) -> String {
    let template = SQLITE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("template.db");
        aside(migrate(&format!("sqlite://{}?mode=rwc", path.display())));
        std::fs::read(path).expect("a migrated file")
    });
    std::fs::write(path, template).expect("a copy");
    format!("sqlite:{}", path.display())
}

/// Migrates as the owner and leaves no connection behind: a template may have none.
async fn migrate(url: &str) {
    let owner = connect(url).await.expect("a database");
    Migrator::up(&owner, None).await.expect("migrated");
    migration::roles::grant(&owner).await.expect("granted");
    owner.close().await.expect("closed");
}

async fn ready(url: String) -> bool {
    match connect(&url).await {
        Ok(connection) => connection.close().await.is_ok(),
        Err(_) => false,
    }
}

async fn connect(url: &str) -> Result<DatabaseConnection, sea_orm_migration::DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

/// Waits for `work` on a runtime of its own, so that no connection outlives the test that happened to come first.
fn aside<T: Send>(work: impl Future<Output = T> + Send) -> T {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(work)
    };
    std::thread::scope(|s| s.spawn(run).join().expect("set up"))
}

/// The newest PostgreSQL here.
fn programs() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|d| Some((d.file_name().to_str()?.parse().ok()?, d.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    let in_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|p| p.join("initdb").exists());
    found.pop().map(|(_, bin)| bin).or_else(in_path).expect("the tests want PostgreSQL's programs: apt-get install postgresql")
}

fn owner_of(path: &str) -> u32 {
    std::fs::metadata(path).expect("there").uid()
}

/// User and group of an account.
fn account(name: &str) -> (u32, u32) {
    let accounts = std::fs::read_to_string("/etc/passwd").expect("accounts");
    let fields = accounts.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.first() == Some(&name));
    let fields = fields.unwrap_or_else(|| panic!("run the tests as another user than root, or make the user {name}"));
    (fields[2].parse().expect("a number"), fields[3].parse().expect("a number"))
}

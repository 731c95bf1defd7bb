//! The database: one SQLite file or one PostgreSQL. Seller-owned rows are reached through a [`Tx`](super::tx::Tx) made
//! from a scope; what belongs to no seller (people, sessions, jobs) through a [`SystemTx`].

use std::ops::Deref;
use std::panic::Location;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult,
    RuntimeErr, SqlErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};

use super::error::{Error, Result};
use super::files::Files;
use super::job::Progress;
use super::live::Live;
use super::mail::Mailer;
use super::secret::Sealer;

/// The role that the running program has on PostgreSQL: it owns nothing and cannot bypass a policy.
pub const APP_ROLE: &str = "tenantry_app";

/// Where the data lives: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<&str> {
        let path = self.0.strip_prefix("sqlite:")?;
        Some(path.strip_prefix("//").unwrap_or(path).split('?').next().unwrap_or_default())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the password, for logs.
    pub fn redacted(&self) -> String {
        match (self.0.find("://"), self.0.rfind('@')) {
            (Some(start), Some(at)) if start < at => {
                let user = self.0[start + 3..at].split(':').next().unwrap_or_default();
                format!("{}{user}{}", &self.0[..start + 3], &self.0[at..])
            }
            _ => self.0.clone(),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|p| text.starts_with(p) && text.len() > p.len());
        if known { Ok(Self(text.to_owned())) } else { Err("wants sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE".into()) }
    }
}

/// As whom to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// The owner of the tables: migrations only.
    Owner,
    /// [`APP_ROLE`]: everything else.
    App,
}

/// A pool of connections, and beside it the live bus, the files, the key for secrets and the progress of jobs. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    read: DatabaseConnection,
    write: DatabaseConnection,
    url: DatabaseUrl,
    live: Live,
    progress: Progress,
    files: Option<Files>,
    sealer: Option<Sealer>,
    mailer: Option<Mailer>,
}

impl Db {
    /// Connects, and on PostgreSQL takes the role that policies bind.
    pub async fn connect(url: &DatabaseUrl, who: As) -> Result<Self, DbErr> {
        let (read, write) = if url.is_sqlite() {
            // One writer: SQLite allows no more, and a pool of one is a fair queue where a busy handler would be a race.
            let writer = sqlite(url, 1).await?;
            (sqlite(url, 8).await?, writer)
        } else {
            let pool = postgres(url, who).await?;
            (pool.clone(), pool)
        };
        let (live, progress) = (Live::default(), Progress::default());
        Ok(Self(Arc::new(Inner { read, write, url: url.clone(), live, progress, files: None, sealer: None, mailer: None })))
    }

    /// The same database with a place for files.
    pub fn with_files(&self, files: Files) -> Self {
        Self(Arc::new(Inner { files: Some(files), ..(*self.0).clone() }))
    }

    /// Where files are kept.
    pub fn files(&self) -> Result<&Files> {
        self.0.files.as_ref().ok_or_else(|| bug("no place for files was given"))
    }

    /// The same database with the key that secrets in it are sealed under.
    pub fn with_sealer(&self, sealer: Sealer) -> Self {
        Self(Arc::new(Inner { sealer: Some(sealer), ..(*self.0).clone() }))
    }

    /// What seals secrets.
    pub fn sealer(&self) -> Result<&Sealer> {
        self.0.sealer.as_ref().ok_or_else(|| bug("no key for secrets was given"))
    }

    /// The same database with a way for letters.
    pub fn with_mailer(&self, mailer: Mailer) -> Self {
        Self(Arc::new(Inner { mailer: Some(mailer), ..(*self.0).clone() }))
    }

    /// What sends letters.
    pub fn mailer(&self) -> Result<&Mailer> {
        self.0.mailer.as_ref().ok_or_else(|| bug("no way for letters was given"))
    }

    pub fn url(&self) -> &DatabaseUrl {
        &self.0.url
    }

    pub fn is_sqlite(&self) -> bool {
        self.0.url.is_sqlite()
    }

    pub fn backend(&self) -> DbBackend {
        self.0.read.get_database_backend()
    }

    /// The bus on which committed events are announced.
    pub fn live(&self) -> &Live {
        &self.0.live
    }

    /// How far the jobs are that run in this process.
    pub fn progress(&self) -> &Progress {
        &self.0.progress
    }

    /// The plain connection, for migrations, the doctor and the benchmark.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.0.write
    }

    /// Each pool of connections: its name, how many are open, how many of those are idle.
    pub fn pools(&self) -> Vec<(&'static str, u32, u32)> {
        let (read, write) = (&self.0.read, &self.0.write);
        let count = |idle: usize| u32::try_from(idle).unwrap_or(u32::MAX);
        if self.is_sqlite() {
            let pools = [("read", read.get_sqlite_connection_pool()), ("write", write.get_sqlite_connection_pool())];
            pools.into_iter().map(|(name, pool)| (name, pool.size(), count(pool.num_idle()))).collect()
        } else {
            let pool = write.get_postgres_connection_pool();
            vec![("all", pool.size(), count(pool.num_idle()))]
        }
    }

    /// Begins to read what belongs to no seller.
    pub async fn system_read(&self) -> Result<SystemTx> {
        self.begin(false).await.map(SystemTx)
    }

    /// Begins to write what belongs to no seller.
    pub async fn system_write(&self) -> Result<SystemTx> {
        self.begin(true).await.map(SystemTx)
    }

    pub(super) async fn begin(&self, write: bool) -> Result<DatabaseTransaction> {
        let sqlite_transaction_mode =
            self.is_sqlite().then_some(if write { SqliteTransactionMode::Immediate } else { SqliteTransactionMode::Deferred });
        let access_mode = (!write && !self.is_sqlite()).then_some(AccessMode::ReadOnly);
        let pool = if write { &self.0.write } else { &self.0.read };
        pool.begin_with_options(TransactionOptions { isolation_level: None, access_mode, sqlite_transaction_mode }).await.db()
    }

    /// A statement for this backend. `$1`-style placeholders work on both.
    pub fn sql(&self, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), sql, values)
    }
}

async fn sqlite(url: &DatabaseUrl, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let path = url.path().unwrap_or_default();
    let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
    options.max_connections(connections).acquire_timeout(Duration::from_secs(120)).sqlx_logging_level(log_level()).map_sqlx_sqlite_opts(
        |o| {
            o.pragma("journal_mode", "WAL")
                .pragma("synchronous", "NORMAL")
                .pragma("foreign_keys", "ON")
                .pragma("cache_size", "-65536")
                .pragma("temp_store", "MEMORY")
                .pragma("mmap_size", "268435456")
                .busy_timeout(Duration::from_secs(60))
        },
    );
    Database::connect(options).await
}

/// How long PostgreSQL may take to let the first connection in.
const FIRST: Duration = Duration::from_secs(10);
/// How long a request or a job waits for a connection. Where there is none by then, the database is away.
const ACQUIRE: Duration = Duration::from_secs(5);

async fn postgres(url: &DatabaseUrl, who: As) -> Result<DatabaseConnection, DbErr> {
    let first = tokio::time::timeout(FIRST, first_connection(url, who)).await;
    let slow = |_| DbErr::Conn(RuntimeErr::Internal(format!("it does not answer within {} seconds", FIRST.as_secs())));
    first.map_err(slow)?.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    let mut options = ConnectOptions::new(url.as_str());
    options.max_connections(16).acquire_timeout(ACQUIRE).sqlx_logging_level(log_level());
    if who == As::App {
        // The pool's hook, which runs for each connection; sea-orm's own runs for the first alone.
        options.map_sqlx_postgres_pool_opts(|pool| pool.after_connect(|connection, _| Box::pin(take_role(connection))));
    }
    Database::connect(options).await
}

/// A connection beside the pool: a pool tries again and again, and in the end says only that it waited.
async fn first_connection(url: &DatabaseUrl, who: As) -> Result<(), sqlx::Error> {
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url.as_str()).await?;
    if who == As::App {
        take_role(&mut connection).await?;
    }
    sqlx::Connection::close(connection).await
}

async fn take_role(connection: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
    let role = sqlx::AssertSqlSafe(format!("SET ROLE {APP_ROLE}; SET TIME ZONE 'UTC'"));
    sqlx::Executor::execute(connection, role).await.map(|_| ())
}

fn log_level() -> log::LevelFilter {
    log::LevelFilter::Debug
}

/// A transaction over what belongs to no seller. Seller-owned tables show it nothing on PostgreSQL.
pub struct SystemTx(DatabaseTransaction);

impl SystemTx {
    /// Makes the writes last.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await.db()
    }
}

impl Deref for SystemTx {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.0
    }
}

/// Short forms over any transaction for SQL that the query builder says worse.
pub trait Sql: ConnectionTrait {
    /// Runs a statement with `$1`-style placeholders; gives the rows affected.
    fn run(&self, sql: &str, values: impl IntoIterator<Item = Value> + Send) -> impl Future<Output = Result<u64>> + Send;
    /// All rows of a query.
    fn all<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> impl Future<Output = Result<Vec<T>>> + Send;
    /// The first row of a query, if any.
    fn one<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> impl Future<Output = Result<Option<T>>> + Send;
}

impl Sql for DatabaseTransaction {
    #[track_caller]
    fn run(&self, sql: &str, values: impl IntoIterator<Item = Value> + Send) -> impl Future<Output = Result<u64>> + Send {
        let (statement, at) = (Statement::from_sql_and_values(self.get_database_backend(), sql, values), Location::caller());
        async move { self.execute_raw(statement).await.map(|r| r.rows_affected()).map_err(|e| from_db(e, at)) }
    }

    #[track_caller]
    fn all<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> impl Future<Output = Result<Vec<T>>> + Send {
        let (statement, at) = (Statement::from_sql_and_values(self.get_database_backend(), sql, values), Location::caller());
        async move { T::find_by_statement(statement).all(self).await.map_err(|e| from_db(e, at)) }
    }

    #[track_caller]
    fn one<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> impl Future<Output = Result<Option<T>>> + Send {
        let (statement, at) = (Statement::from_sql_and_values(self.get_database_backend(), sql, values), Location::caller());
        async move { T::find_by_statement(statement).one(self).await.map_err(|e| from_db(e, at)) }
    }
}

/// Says what a database failure means.
pub trait DbResult<T> {
    /// A failure here is a bug or an outage.
    fn db(self) -> Result<T>;
    /// A unique constraint over `column` is the user's to mend: an error of `field`.
    fn taken(self, column: &str, field: &str, message: &str) -> Result<T>;
}

impl<T> DbResult<T> for Result<T, DbErr> {
    #[track_caller]
    fn db(self) -> Result<T> {
        let at = Location::caller();
        self.map_err(|e| from_db(e, at))
    }

    #[track_caller]
    fn taken(self, column: &str, field: &str, message: &str) -> Result<T> {
        let at = Location::caller();
        self.map_err(|e| match e.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) if text.contains(column) => Error::field(field, message),
            _ => from_db(e, at),
        })
    }
}

fn from_db(error: DbErr, at: &'static Location<'static>) -> Error {
    match &error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => {
            tracing::error!(%error, %at, "the database does not answer");
            Error::Unavailable
        }
        DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) if is_outage(e) => {
            tracing::error!(%error, %at, "the connection to the database broke");
            Error::Unavailable
        }
        DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) if gave_way(e) => {
            tracing::warn!(%error, %at, "a transaction gave way to another");
            Error::Unavailable
        }
        _ => bug_at(&error, at),
    }
}

/// Whether the database is out of reach; everything else (a column of another type, say) is a defect of ours.
fn is_outage(error: &sqlx::Error) -> bool {
    use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
    matches!(error, Io(_) | Tls(_) | PoolTimedOut | PoolClosed | WorkerCrashed)
}

/// Whether PostgreSQL ended the transaction because another one waited for what it held: tried again, it will do.
fn gave_way(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code());
    matches!(code.as_deref(), Some("40P01" | "40001"))
}

/// A defect: logs `what` once with its place, and gives the id that the user sees.
#[track_caller]
pub fn bug(what: impl std::fmt::Display) -> Error {
    bug_at(&what, Location::caller())
}

fn bug_at(what: &dyn std::fmt::Display, at: &'static Location<'static>) -> Error {
    let id = uuid::Uuid::now_v7().simple().to_string()[20..].to_owned();
    tracing::error!(bug = %id, %at, "{what}");
    Error::Bug(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_refused_and_a_password_is_never_shown() {
        for bad in ["", "sqlite:", "mysql://x", "postgres://", "data.db"] {
            assert!(bad.parse::<DatabaseUrl>().is_err(), "{bad}");
        }
        let url: DatabaseUrl = "postgres://app:s3cret@db/tenantry".parse().expect("an address");
        assert_eq!(url.redacted(), "postgres://app@db/tenantry");
        let file: DatabaseUrl = "sqlite:data/tenantry.db".parse().expect("an address");
        assert_eq!(file.path(), Some("data/tenantry.db"));
    }
}

//! Bringing the database up: migrations as its owner, everything else as a role that policies bind.

use app::kit::db::{As, DatabaseUrl, Db};
use app::kit::files::Files;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

use crate::config::Config;

/// Any number of servers may start at once; one migrates, the others wait for it.
const MIGRATION_LOCK: i64 = 0x7465_6e61_6e74_7279;

/// Migrates, then connects as the program runs: [`As::App`].
pub async fn open(config: &Config) -> Result<Db, String> {
    config.make_data()?;
    let url = config.database_url()?;
    migrate(&url).await?;
    let db = connect(&url, As::App).await?;
    refuse_bypass(&db).await?;
    let files = Files::local(&config.files()).map_err(|e| format!("TENANTRY_DATA: {e}"))?;
    Ok(db.with_files(files).with_sealer(config.sealer()?).with_mailer(config.mailer()?))
}

/// Applies what is pending and grants the program's role its rights.
pub async fn migrate(url: &DatabaseUrl) -> Result<(), String> {
    let owner = connect(url, As::Owner).await?;
    let lock = owner.connection().begin().await.map_err(|e| failed(url, &e))?;
    if !owner.is_sqlite() {
        lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await.map_err(|e| failed(url, &e))?;
        run(owner.connection(), url).await?;
        return lock.commit().await.map_err(|e| failed(url, &e));
    }
    drop(lock);
    run(owner.connection(), url).await
}

async fn run(connection: &DatabaseConnection, url: &DatabaseUrl) -> Result<(), String> {
    let pending = Migrator::get_pending_migrations(connection).await.map_err(|e| failed(url, &e))?;
    if pending.is_empty() && migration::roles::granted(connection).await.map_err(|e| failed(url, &e))? {
        return Ok(());
    }
    Migrator::up(connection, None).await.map_err(|e| failed(url, &e))?;
    migration::roles::grant(connection).await.map_err(|e| failed(url, &e))
}

async fn connect(url: &DatabaseUrl, who: As) -> Result<Db, String> {
    if let Some(folder) = url.path().and_then(|p| std::path::Path::new(p).parent()).filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|e| format!("DATABASE_URL: cannot make the folder {}: {e}", folder.display()))?;
    }
    Db::connect(url, who).await.map_err(|e| failed(url, &e))
}

/// On PostgreSQL: refuses to run as a role that row-level security does not bind.
async fn refuse_bypass(db: &Db) -> Result<(), String> {
    if db.is_sqlite() {
        return Ok(());
    }
    let question = "SELECT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) \
         OR EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user) AS free";
    let row = db.connection().query_one_raw(db.sql(question, [])).await.map_err(|e| failed(db.url(), &e))?;
    match row.and_then(|r| r.try_get::<bool>("", "free").ok()) {
        Some(false) => Ok(()),
        _ => Err(format!(
            "DATABASE_URL: the role {} could bypass row-level security on this database; run `tenantry migrate` as its owner",
            migration::roles::APP_ROLE
        )),
    }
}

fn failed(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> String {
    let (error, role) = (error.to_string(), migration::roles::APP_ROLE);
    let hint = if error.contains("permission denied to create role") {
        format!(
            ". The program runs as the role {role}, which the account of DATABASE_URL may not make. Give it CREATEROLE, or have a \
             superuser run: CREATE ROLE {role} NOLOGIN; GRANT {role} TO the account"
        )
    } else if error.contains(role) {
        format!(". The program runs as the role {role}, which the account of DATABASE_URL must be a member of: GRANT {role} TO the account")
    } else {
        String::new()
    };
    format!("DATABASE_URL: {} does not work: {error}{hint}", url.redacted())
}

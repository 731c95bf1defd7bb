//! The role that the running program takes on PostgreSQL: it may read and write rows, owns nothing and bypasses no
//! policy. Run after the migrations, as their owner.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// Name of the role.
pub const APP_ROLE: &str = "tenantry_app";

/// Whether the role is there and has been granted its rights, which happens all at once.
pub async fn granted(connection: &DatabaseConnection) -> Result<bool, DbErr> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let question = format!(
        "SELECT COALESCE((SELECT has_table_privilege(oid, 'seaql_migrations', 'SELECT') FROM pg_roles WHERE rolname = '{APP_ROLE}'), false) AS granted"
    );
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, question)).await?;
    row.map_or(Ok(false), |row| row.try_get("", "granted"))
}

/// Makes the role where it is missing and grants it what it needs, no more: the audit log and the ledger can be added to and read.
pub async fn grant(connection: &DatabaseConnection) -> Result<(), DbErr> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    // Two servers may start at once, and the role is shared by all databases of the cluster.
    let statements = format!(
        "DO $$ BEGIN
             IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN CREATE ROLE {APP_ROLE} NOLOGIN; END IF;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         DO $$ BEGIN
             -- From PostgreSQL 16 on, whoever makes a role is its member without the right to take it.
             IF NOT pg_has_role(current_user, '{APP_ROLE}', CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN EXECUTE format('GRANT {APP_ROLE} TO %I', current_user); END IF;
         END $$;
         GRANT USAGE ON SCHEMA public TO {APP_ROLE};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
         REVOKE INSERT, UPDATE, DELETE ON seaql_migrations FROM {APP_ROLE};
         REVOKE UPDATE, DELETE ON audit_entries, ledger_entries, ledger_postings FROM {APP_ROLE};"
    );
    connection.execute_unprepared(&statements).await.map(|_| ())
}

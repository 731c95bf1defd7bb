//! Row-level security, read from PostgreSQL's catalogue and tried with the program's role: a table that somebody adds
//! without it fails here. SQLite has no such thing; there the types alone must be enough (`tenancy`).

use app::kit::db::{APP_ROLE, Db};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, TransactionTrait as _};

use crate::support::{World, rows, text, value};

/// Tables with a `seller_id` that are read before there is a scope, or by workers for all sellers. Each was looked at:
/// none holds what a seller's people wrote, and none is read by a page with SQL of its own kind.
const SYSTEM_TABLES: &[(&str, &str)] = &[
    ("api_key_tokens", "finds the seller of a key before there is a scope; holds a fingerprint and two ids"),
    ("job_runs", "the workers' record of what they ran, for all sellers"),
    ("jobs", "claimed by workers of all sellers"),
    ("outbox", "delivered by workers of all sellers"),
];

on_postgres!(
    every_table_of_a_seller_has_forced_row_level_security,
    the_programs_role_cannot_go_around_it,
    a_seller_reaches_its_own_rows_only,
    the_audit_log_is_append_only,
    the_server_refuses_a_role_that_could_bypass,
);

/// Tables with a column `seller_id`.
const OWNED: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'seller_id' AND NOT a.attisdropped WHERE c.relkind IN ('r', 'p')";

async fn names(db: &Db, sql: &str) -> Vec<String> {
    let found = rows(db, &format!("{sql} ORDER BY 1"), []).await;
    found.iter().map(|r| r.try_get_by_index(0).expect("a name")).collect()
}

async fn every_table_of_a_seller_has_forced_row_level_security(world: World) {
    let admin = world.admin().await;
    let protected = "AND c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid \
         AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.seller_id%' AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%app.seller_id%')";
    let (all, safe) = (names(&admin, OWNED).await, names(&admin, &format!("{OWNED} {protected}")).await);
    let open: Vec<&str> = all.iter().filter(|t| !safe.contains(t)).map(String::as_str).collect();
    assert_eq!(open, SYSTEM_TABLES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), "tables without forced row-level security");
    assert!(safe.len() >= 18, "{safe:?}");
    // One policy, for everybody and every command: a second one would open what the first closes.
    let odd = "SELECT p.polname || ' on ' || c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid \
         WHERE NOT p.polpermissive OR p.polcmd <> '*' OR p.polroles <> '{0}' \
         OR (SELECT COUNT(*) FROM pg_policy o WHERE o.polrelid = p.polrelid) <> 1";
    assert_eq!(names(&admin, odd).await, Vec::<String>::new());
}

async fn the_programs_role_cannot_go_around_it(world: World) {
    let role = format!("SELECT rolsuper::text || rolbypassrls::text || rolcreaterole::text FROM pg_roles WHERE rolname = '{APP_ROLE}'");
    assert_eq!(text(&world.db, &role, []).await, "falsefalsefalse");
    let owns = format!(
        "SELECT COUNT(*) FROM pg_class c WHERE pg_get_userbyid(c.relowner) = '{APP_ROLE}' AND c.relnamespace = 'public'::regnamespace"
    );
    assert_eq!(value::<i64>(&world.db, &owns, []).await, 0);
    let member = format!("SELECT COUNT(*) FROM pg_auth_members WHERE member = '{APP_ROLE}'::regrole");
    assert_eq!(value::<i64>(&world.db, &member, []).await, 0, "it is a member of no other role");
    for forbidden in
        ["ALTER TABLE customers DISABLE ROW LEVEL SECURITY", "CREATE TABLE mine (id INTEGER)", "DROP POLICY seller ON customers"]
    {
        let refused = world.db.connection().execute_unprepared(forbidden).await.expect_err(forbidden).to_string();
        assert!(refused.contains("must be owner") || refused.contains("permission denied"), "{forbidden}: {refused}");
    }
}

/// A transaction as the program begins it: of `seller`, or of none.
async fn begin(db: &Db, seller: Option<uuid::Uuid>) -> DatabaseTransaction {
    let tx = db.connection().begin().await.expect("begins");
    if let Some(seller) = seller {
        let set = db.sql("SELECT set_config('app.seller_id', $1, true)", [seller.to_string().into()]);
        tx.query_one_raw(set).await.expect("set");
    }
    tx
}

async fn count(tx: &DatabaseTransaction, db: &Db, sql: &str) -> i64 {
    let row = tx.query_one_raw(db.sql(sql, [])).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    row.expect("a row").try_get_by_index(0).expect("a count")
}

/// What the program may add to and never change.
const APPEND_ONLY: &[&str] = &["audit_entries", "ledger_entries", "ledger_postings"];

/// Rows that mean nothing need not make sense: the checks on columns are dropped in this test's own database.
async fn drop_checks(admin: &Db) {
    let checks = "SELECT conrelid::regclass::text || ' ' || quote_ident(conname) FROM pg_constraint \
                  WHERE contype = 'c' AND connamespace = 'public'::regnamespace";
    for check in names(admin, checks).await {
        let (table, name) = check.split_once(' ').expect("table and name");
        let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
        admin.connection().execute_unprepared(&drop).await.unwrap_or_else(|e| panic!("{drop}: {e}"));
    }
}

/// An INSERT of a row that means nothing and satisfies every constraint but foreign keys and checks.
async fn insert(admin: &Db, table: &str, seller: uuid::Uuid) -> String {
    let columns = format!(
        "SELECT column_name || ' ' || udt_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' \
         AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER'"
    );
    let columns = names(admin, &columns).await;
    let pairs = columns.iter().map(|c| c.split_once(' ').expect("name and type")).map(|(name, kind)| {
        let value = match kind {
            _ if name == "seller_id" => format!("'{seller}'"),
            "uuid" => "gen_random_uuid()".into(),
            "text" => "'read'".into(),
            "timestamptz" => "'2026-01-01T00:00:00Z'".into(),
            "date" => "'2026-01-01'".into(),
            "jsonb" => "'{}'".into(),
            "bool" => "false".into(),
            "int2" | "int4" | "int8" => "1".into(),
            other => panic!("{table}.{name}: say what a {other} may be"),
        };
        (name, value)
    });
    let (names, values): (Vec<&str>, Vec<String>) = pairs.unzip();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
}

async fn a_seller_reaches_its_own_rows_only(world: World) {
    let (a, b) = (world.platform().await.seller().id.0, world.tenant("nile").await.seller().id.0);
    let admin = world.admin().await;
    let tables = names(&admin, &format!("{OWNED} AND c.relrowsecurity")).await;
    drop_checks(&admin).await;
    // Both sellers have a row everywhere; foreign keys are switched off for the moment.
    let filled = admin.connection().begin().await.expect("begins");
    filled.execute_unprepared("SET LOCAL session_replication_role = replica").await.expect("a superuser");
    for table in &tables {
        for seller in [a, b] {
            let sql = insert(&admin, table, seller).await;
            filled.execute_unprepared(&sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        }
    }
    filled.commit().await.expect("commits");

    for table in &tables {
        for (own, foreign) in [(a, b), (b, a)] {
            let tx = begin(&world.db, Some(own)).await;
            assert_eq!(count(&tx, &world.db, &format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}: one's own");
            let foreigners = format!("SELECT COUNT(*) FROM {table} WHERE seller_id = '{foreign}'");
            assert_eq!(count(&tx, &world.db, &foreigners).await, 0, "{table}: another's");
            if !APPEND_ONLY.contains(&table.as_str()) {
                let taken = tx.execute_unprepared(&format!("DELETE FROM {table} WHERE seller_id = '{foreign}'")).await.expect("runs");
                assert_eq!(taken.rows_affected(), 0, "{table}: another's row deleted");
                let given = format!("UPDATE {table} SET seller_id = '{foreign}'");
                let refused = tx.execute_unprepared(&given).await.expect_err(table).to_string();
                assert!(refused.contains("row-level security"), "{table}: a row given away: {refused}");
            }
            drop(tx);
            let tx = begin(&world.db, Some(own)).await;
            let refused = tx.execute_unprepared(&insert(&admin, table, foreign).await).await.expect_err(table).to_string();
            assert!(refused.contains("row-level security"), "{table}: {refused}");
        }
        let tx = begin(&world.db, None).await;
        assert_eq!(count(&tx, &world.db, &format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}: nobody's");
        let refused = tx.execute_unprepared(&insert(&admin, table, a).await).await.expect_err(table).to_string();
        assert!(refused.contains("row-level security"), "{table}: {refused}");
    }
}

async fn the_audit_log_is_append_only(world: World) {
    let seller = world.platform().await.seller().id.0;
    let audit = ["UPDATE audit_entries SET actor_name = 'nobody'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"];
    let ledger = ["UPDATE ledger_postings SET amount_minor = 1", "DELETE FROM ledger_entries", "DELETE FROM ledger_postings"];
    for forbidden in audit.into_iter().chain(ledger) {
        let tx = begin(&world.db, Some(seller)).await;
        let refused = tx.execute_unprepared(forbidden).await.expect_err(forbidden).to_string();
        assert!(refused.contains("permission denied"), "{forbidden}: {refused}");
    }
}

/// A superuser's database whose tables the program's role owns: the server must not start on it.
async fn the_server_refuses_a_role_that_could_bypass(world: World) {
    let admin = world.admin().await;
    admin.connection().execute_unprepared(&format!("ALTER TABLE saved_views OWNER TO {APP_ROLE}")).await.expect("given");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(["api-key", "create", "--name", "x", "--data"])
        .arg(world.folder())
        .env("DATABASE_URL", world.url.as_str())
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("row-level security"), "{said}");
}

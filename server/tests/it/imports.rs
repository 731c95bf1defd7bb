//! Imports end to end: the real book to the cent, hostile files that leave nothing behind, a second time that changes
//! nothing, a worker that dies in the middle, the console's upload and the API.

mod books;
mod life;
mod refusals;

use std::path::{Path, PathBuf};

use app::imports::{self, ImportFailure, ImportOptions, Report};
use app::kit::scope::Scope;

use crate::support::{World, value};

/// The public sample that is beside the tests.
fn telco() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/telco-subscriptions.csv")
}

const HEADER: &str =
    "customer_id,customer_name,subscription_id,plan,interval,currency,amount,quantity,started_on,trial_ends_on,ended_on,cancel_reason";

/// A file with our header and these rows.
fn file(world: &World, name: &str, rows: &[&str]) -> PathBuf {
    let path = world.folder().join(name);
    std::fs::write(&path, format!("{HEADER}\n{}\n", rows.join("\n"))).expect("a file");
    path
}

async fn import(scope: &Scope, path: &Path) -> Result<Report, ImportFailure> {
    imports::run_file(scope, path, ImportOptions::default(), &mut |_, _| {}).await
}

async fn import_good(scope: &Scope, path: &Path) -> Result<Report, ImportFailure> {
    imports::run_file(scope, path, ImportOptions { skip_bad: true, ..Default::default() }, &mut |_, _| {}).await
}

/// How many rows a table has for whoever sees all of them.
async fn count(world: &World, table: &str) -> i64 {
    value(&world.admin().await, &format!("SELECT COUNT(*) FROM {table}"), []).await
}

/// Everything that an import writes.
const TABLES: &[&str] =
    &["customers", "customer_words", "plans", "plan_versions", "subscriptions", "subscription_phases", "mrr_movements", "mrr_days"];

async fn nothing_is_left(world: &World) {
    for table in TABLES {
        assert_eq!(count(world, table).await, 0, "{table}");
    }
}

/// MRR and paying customers at the end of a day, from the movement log.
async fn standing(world: &World, day: &str) -> (i64, i64) {
    let (db, day) = (world.admin().await, day.parse::<chrono::NaiveDate>().expect("a day"));
    let sql = "SELECT CAST(COALESCE(SUM(after_minor - before_minor), 0) AS BIGINT) FROM mrr_movements WHERE day <= $1";
    let mrr = value(&db, sql, [day.into()]).await;
    let sql = "SELECT COALESCE(SUM(CASE WHEN before_minor = 0 THEN 1 WHEN after_minor = 0 THEN -1 ELSE 0 END), 0) FROM mrr_movements WHERE day <= $1";
    (mrr, value(&db, sql, [day.into()]).await)
}

/// Sum and number of the movements of a kind in October 2026.
async fn october(world: &World, kind: &str) -> (i64, i64) {
    let db = world.admin().await;
    let days = ["2026-10-01", "2026-10-31"].map(|d| d.parse::<chrono::NaiveDate>().expect("a day"));
    let filter = "FROM mrr_movements WHERE kind = $1 AND day >= $2 AND day <= $3";
    let values = || [kind.into(), days[0].into(), days[1].into()];
    let sum = value(&db, &format!("SELECT CAST(COALESCE(SUM(ABS(after_minor - before_minor)), 0) AS BIGINT) {filter}"), values()).await;
    (sum, value(&db, &format!("SELECT COUNT(*) {filter}"), values()).await)
}

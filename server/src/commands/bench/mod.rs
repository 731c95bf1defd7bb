//! `tenantry bench`: the budgets of the design, each beside the raw limit it stands against in the same run: the same
//! rows by plain SQL, the same page as a file. Figures and ratios, no verdicts: the machine is shared.

mod billing;
mod book;
mod documents;
mod pages;
mod report;
mod usage;
mod webhooks;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use app::kit::clock;
use app::kit::db::{As, DatabaseUrl, Db};
use app::kit::scope::Scope;
use app::{movements, organizations, subscriptions};
use clap::Args;
use sea_orm::{ConnectionTrait, FromQueryResult};

use self::report::Report;
use super::sentence;
use crate::database;
use crate::site::Site;

#[derive(Args, Clone, Debug)]
pub struct BenchArgs {
    /// Customers of the book
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    customers: u32,
    /// Subscriptions of each customer, one after the other in time
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    each: u32,
    /// Invoices in the list, at least
    #[arg(long, default_value_t = 5_000_000)]
    invoices: u32,
    /// Also on PostgreSQL: an empty database there, and who may make roles
    #[arg(long, env = "TENANTRY_BENCH_POSTGRES")]
    postgres: Option<DatabaseUrl>,
    /// Leave SQLite out
    #[arg(long)]
    no_sqlite: bool,
    /// Folder for the SQLite file
    #[arg(long, default_value = "/tmp")]
    folder: PathBuf,
    /// Folder with the browser's half [default: `site` beside the program]
    #[arg(long, env = "LEPTOS_SITE_ROOT")]
    site: Option<PathBuf>,
    /// Requests for each page
    #[arg(long, default_value_t = 200)]
    requests: usize,
}

pub async fn run(args: &BenchArgs) -> Result<(), String> {
    let mut report = Report;
    report.machine();
    report.bundle(&Site::find(args.site.clone()));
    documents::measure(&mut report)?;
    if !args.no_sqlite {
        let file = args.folder.join(format!("tenantry-bench-{}.db", std::process::id()));
        let url = format!("sqlite:{}", file.display()).parse()?;
        let done = one_database(args, &url, "SQLite", &mut report).await;
        for ending in ["", "-wal", "-shm"] {
            // What is not there need not be removed.
            let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
        }
        done?;
    }
    if let Some(url) = &args.postgres {
        one_database(args, url, "PostgreSQL", &mut report).await?;
    }
    Ok(())
}

async fn one_database(args: &BenchArgs, url: &DatabaseUrl, name: &str, report: &mut Report) -> Result<(), String> {
    report.database(name);
    database::migrate(url).await?;
    let db = Db::connect(url, As::App).await.map_err(|e| e.to_string())?;
    let platform = organizations::store::ensure_platform(&db).await.map_err(sentence)?;
    let scope = Scope::system(db.clone(), "bench", platform, clock::now());
    let (rows, took) = book::load(&scope, args.customers, args.each).await.map_err(sentence)?;
    let plain = rate(rows, took);
    report.line("rows loaded by plain multi-row INSERTs", &format!("{rows} in {}", seconds(took)), &format!("{plain:.0} rows/s"), "");

    statistics(url).await?;
    let read = book::read_all(&scope).await.map_err(sentence)?;
    let started = Instant::now();
    let outcome = subscriptions::rebuild(&scope).await.map_err(sentence)?;
    let rebuilt = started.elapsed();
    let (movements, raw) = book::copy_movements(&scope).await.map_err(sentence)?;
    let subscriptions = u64::from(args.customers) * u64::from(args.each);
    report.ratio(
        &format!("MRR rebuild from {subscriptions} subscriptions ({outcome})"),
        rebuilt,
        "reading the phases and writing the same rows by plain SQL",
        read + raw,
    );
    report.line(
        "  movements written",
        &movements.to_string(),
        &format!("{:.0} rows/s", rate(movements, rebuilt)),
        &format!("{:.0} rows/s by plain SQL", rate(movements, raw)),
    );

    let started = Instant::now();
    let outcome = subscriptions::rebuild(&scope).await.map_err(sentence)?;
    report.ratio(&format!("the same again, where the log is true ({outcome})"), started.elapsed(), "reading the phases", read);

    let (change, roll_up) = change_to_dashboard(&scope).await?;
    report.ratio("one change until it is in the roll-up", change, "reading the roll-up", roll_up);
    billing::mark(&scope).await.map_err(sentence)?;
    statistics(url).await?;
    billing::measure(&scope, plain, report).await?;
    billing::fill(&scope, args.customers, args.invoices, report).await?;
    statistics(url).await?;
    webhooks::measure(&scope, report).await?;
    usage::measure(&scope, report).await?;
    statistics(url).await?;
    pages::measure(args, &scope, report).await
}

/// What PostgreSQL's autovacuum does within a minute of such a load, and of the tables that it would do it for: without it
/// the planner knows nothing of them, and told of an empty table that it is empty, it keeps plans that are only good for
/// empty ones. Only the owner may.
async fn statistics(url: &DatabaseUrl) -> Result<(), String> {
    #[derive(FromQueryResult)]
    struct Changed {
        relname: String,
    }
    if url.is_sqlite() {
        return Ok(());
    }
    let owner = Db::connect(url, As::Owner).await.map_err(|e| e.to_string())?;
    // The sessions tell their counts when they are idle for a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sql = "SELECT relname FROM pg_stat_user_tables WHERE n_mod_since_analyze > 50 ORDER BY relname";
    let changed = Changed::find_by_statement(owner.sql(sql, [])).all(owner.connection()).await.map_err(|e| e.to_string())?;
    for table in changed {
        let sql = format!("VACUUM ANALYZE {}", table.relname);
        owner.connection().execute_unprepared(&sql).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// A new subscription through the domain's verb, and how long until a reader sees it; beside the read alone.
async fn change_to_dashboard(scope: &Scope) -> Result<(Duration, Duration), String> {
    let customer = book::any_customer(scope).await.map_err(sentence)?;
    let plan = book::any_plan(scope).await.map_err(sentence)?;
    let started = Instant::now();
    subscriptions::store::create(scope, book::one_more(scope, customer, plan)).await.map_err(sentence)?;
    let read = Instant::now();
    let tx = scope.read().await.map_err(sentence)?;
    movements::moved_between(&tx, scope.today(), scope.today()).await.map_err(sentence)?;
    Ok((started.elapsed(), read.elapsed()))
}

fn rate(rows: u64, took: Duration) -> f64 {
    rows as f64 / took.as_secs_f64().max(1e-9)
}

fn seconds(took: Duration) -> String {
    format!("{:.2} s", took.as_secs_f64())
}

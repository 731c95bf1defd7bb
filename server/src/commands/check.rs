//! The doctor: looks whether everything that must hold does, and says what to do where it does not.

use app::invoices::store::checks;
use app::kit::clock;
use app::kit::db::{Db, Sql};
use app::kit::scope::{Scope, Seller};
use app::payments::store as payments;
use sea_orm::FromQueryResult;

use super::{open, sentence};
use crate::config::Config;

/// A question whose answer must be zero rows, for one seller (`$1`) and day (`$2`).
struct Invariant {
    holds: &'static str,
    /// Counts what breaks it, as `broken`.
    count: &'static str,
    remedy: &'static str,
}

const DEFECT: &str = "this is a defect: please report it";
const REBUILD: &str = "run `tenantry revenue rebuild`";

const INVARIANTS: &[Invariant] = &[
    Invariant {
        holds: "phases of a subscription never overlap",
        count: "SELECT COUNT(*) AS broken FROM subscription_phases a JOIN subscription_phases b ON b.seller_id = a.seller_id \
                AND b.subscription_id = a.subscription_id AND b.starts_on > a.starts_on \
                WHERE a.seller_id = $1 AND (a.ends_on IS NULL OR a.ends_on > b.starts_on) AND $2 = $2",
        remedy: DEFECT,
    },
    Invariant {
        holds: "each customer's MRR is the sum of its paying phases",
        count: "SELECT COUNT(*) AS broken FROM customers c LEFT JOIN (SELECT customer_id, CAST(SUM(mrr_minor) AS BIGINT) AS total FROM subscription_phases \
                WHERE seller_id = $1 AND pays_from <= $2 AND (ends_on IS NULL OR ends_on > $2) GROUP BY customer_id) p ON p.customer_id = c.id \
                WHERE c.seller_id = $1 AND c.mrr_minor <> COALESCE(p.total, 0)",
        remedy: REBUILD,
    },
    Invariant {
        holds: "each customer's movements add up to its MRR",
        count: "SELECT COUNT(*) AS broken FROM customers c LEFT JOIN (SELECT customer_id, CAST(SUM(after_minor - before_minor) AS BIGINT) AS total \
                FROM mrr_movements WHERE seller_id = $1 AND day <= $2 GROUP BY customer_id) m ON m.customer_id = c.id \
                WHERE c.seller_id = $1 AND c.mrr_minor <> COALESCE(m.total, 0)",
        remedy: REBUILD,
    },
    Invariant {
        holds: "the daily roll-up is the sum of the day's movements",
        count: "SELECT COUNT(*) AS broken FROM (SELECT day, CAST(SUM(after_minor - before_minor) AS BIGINT) AS total FROM mrr_movements \
                WHERE seller_id = $1 GROUP BY day) m JOIN mrr_days d ON d.seller_id = $1 AND d.day = m.day WHERE $2 = $2 AND \
                m.total <> d.new_minor + d.expansion_minor + d.reactivation_minor - d.contraction_minor - d.churn_minor",
        remedy: REBUILD,
    },
    Invariant {
        holds: "the plans' movements add up to the total",
        count: "SELECT COUNT(*) AS broken FROM (SELECT CAST(COALESCE(SUM(after_minor - before_minor), 0) AS BIGINT) AS total FROM mrr_movements WHERE seller_id = $1) m, \
                (SELECT CAST(COALESCE(SUM(after_minor - before_minor), 0) AS BIGINT) AS total FROM mrr_plan_movements WHERE seller_id = $1) p \
                WHERE m.total <> p.total AND $2 = $2",
        remedy: REBUILD,
    },
];

#[derive(FromQueryResult)]
struct Count {
    broken: i64,
}

pub async fn run(config: &Config) -> Result<(), String> {
    config.make_data()?;
    config.sealer()?;
    let db = open(config).await?;
    println!("ok       settings, database {} and its schema", db.url().redacted());
    let mut broken = system(&db).await?;
    for seller in app::kit::seller::all(&db).await.map_err(sentence)? {
        broken += books(&db, seller).await?;
    }
    if broken == 0 { Ok(()) } else { Err(format!("{broken} of the checks found something")) }
}

/// Prints a line; gives 1 where it is bad news.
fn line(what: &str, count: i64, remedy: &str) -> usize {
    if count == 0 {
        println!("ok       {what}");
        return 0;
    }
    println!("BROKEN   {what}: {count} times; {remedy}");
    1
}

/// Organizations that nobody can sign in to, as every new one is for a while. A sandbox is driven by a key.
const NOBODY: &str = "SELECT COUNT(*) AS broken FROM organizations o WHERE o.sandbox_now IS NULL AND NOT EXISTS \
     (SELECT 1 FROM memberships m WHERE m.organization_id = o.id)";

async fn system(db: &Db) -> Result<usize, String> {
    let tx = db.system_read().await.map_err(sentence)?;
    let count = async |sql: &str| tx.one::<Count>(sql, []).await.map(|found| found.map_or(0, |c| c.broken)).map_err(sentence);
    let dead = count("SELECT COUNT(*) AS broken FROM jobs WHERE status = 'dead'").await?;
    let mut broken = line("no job has failed for good", dead, "see the jobs page, and retry there");
    match count(NOBODY).await? {
        0 => println!("ok       every organization has somebody who can sign in"),
        n => println!("warning  nobody can sign in to {n} of the organizations; run `tenantry user create --organization SLUG`"),
    }
    if !db.is_sqlite() {
        let sql = "SELECT COUNT(*) AS broken FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'seller_id' \
             WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT c.relforcerowsecurity \
             AND c.relname NOT IN ('outbox', 'jobs', 'job_runs', 'api_key_tokens')";
        broken += line("every seller-owned table forces row-level security", count(sql).await?, "run `tenantry migrate` as the owner");
    }
    Ok(broken)
}

async fn books(db: &Db, seller: Seller) -> Result<usize, String> {
    let slug = seller.slug.clone();
    let scope = Scope::system(db.clone(), "doctor", seller, clock::now());
    let tx = scope.read().await.map_err(sentence)?;
    let mut broken = 0;
    for invariant in INVARIANTS {
        let found = tx.one::<Count>(invariant.count, [tx.seller_id().0.into(), scope.today().into()]).await.map_err(sentence)?;
        broken += line(&format!("{slug}: {}", invariant.holds), found.map_or(0, |c| c.broken), invariant.remedy);
    }
    for (holds, sql) in checks::CHECKS.iter().chain(payments::checks::CHECKS) {
        let found = tx.one::<Count>(sql, [tx.seller_id().0.into()]).await.map_err(sentence)?;
        broken += line(&format!("{slug}: {holds}"), found.map_or(0, |c| c.broken), DEFECT);
    }
    Ok(broken)
}

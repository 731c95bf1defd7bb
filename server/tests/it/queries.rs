//! No query per row: a page asks as many questions of the database for two hundred rows as for ten.
//!
//! Counted on PostgreSQL, whose driver reports every statement; the code above the
//! driver is the same on SQLite.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::api_keys::ApiScope;
use app::kit::event::{Event, Level, deliver_batch};
use app::kit::job;
use app::kit::permission::Role;
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use crate::support::{Backend, Client, World};

/// Counts the statements that the driver reports.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Lists and reports, and the pages of one thing: with the customer and plan that most rows belong to.
const PAGES: &[&str] = &[
    "/dashboard",
    "/customers?limit=200",
    "/customers/$customer",
    "/customers/$customer/activity",
    "/plans?limit=200",
    "/plans/$plan",
    "/subscriptions?limit=200",
    "/subscriptions/$subscription",
    "/revenue",
    "/audit?limit=200",
    "/jobs?limit=200",
    "/imports?limit=200",
    "/notifications?limit=200",
    "/api-keys",
];

/// Set in the process that counts.
const COUNTING: &str = "TENANTRY_TEST_COUNTING";

/// Pages are rendered on threads of their own, so the count has to be the whole process's: it is taken in another one,
/// in which no other test runs.
#[test]
fn pages_ask_no_more_for_more_rows() {
    if std::env::var_os(COUNTING).is_none() {
        let program = std::env::current_exe().expect("this program");
        let name = "queries::pages_ask_no_more_for_more_rows";
        let counted =
            std::process::Command::new(program).args(["--exact", name, "--nocapture"]).env(COUNTING, "1").output().expect("it runs");
        assert!(counted.status.success(), "{}{}", String::from_utf8_lossy(&counted.stdout), String::from_utf8_lossy(&counted.stderr));
        return;
    }
    let statements = Statements::default();
    tracing::subscriber::set_global_default(statements.clone()).expect("the first");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let world = World::new(Backend::Postgres).await;
        let scope = world.tenant("nile").await;
        let owner = world.member(&scope, Role::Owner).await;
        fill(&world, 0..10).await;
        let few = count(&world, &owner, &statements).await;
        fill(&world, 10..200).await;
        let many = count(&world, &owner, &statements).await;
        let table: Vec<String> = few.iter().zip(&many).map(|((page, few), (_, many))| format!("{page}: {few}, then {many}")).collect();
        println!("{}", table.join("\n"));
        assert!(few.iter().all(|(_, n)| *n > 0), "nothing is counted:\n{}", table.join("\n"));
        assert!(few.iter().zip(&many).all(|(few, many)| many.1 <= few.1), "\n{}\n", table.join("\n"));
    });
}

/// Statements for each page.
async fn count(world: &World, owner: &Client, statements: &Statements) -> Vec<(String, usize)> {
    let machine = world.machine(&world.tenant("nile").await, ApiScope::Read).await;
    let first = async |list: &str| {
        machine.get_json(&format!("/api/v1/{list}?limit=1")).await.json()["data"][0]["id"].as_str().expect("an id").to_owned()
    };
    let ids = [("$customer", first("customers").await), ("$plan", first("plans").await), ("$subscription", first("subscriptions").await)];
    let mut counts = Vec::new();
    for page in PAGES {
        let path = ids.iter().fold(page.to_string(), |path, (name, id)| path.replace(name, id));
        // Once before, for what is done at most once a minute.
        owner.get(&path).await.expect(200);
        let before = statements.0.load(Ordering::SeqCst);
        owner.get(&path).await.expect(200);
        counts.push((page.to_string(), statements.0.load(Ordering::SeqCst) - before));
    }
    counts
}

/// One customer with a subscription, one event, one notification, one job run and one plan for each number.
async fn fill(world: &World, numbers: std::ops::Range<u32>) {
    let scope = world.tenant("nile").await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let mut book = String::from("customer_id,customer_name,subscription_id,plan,interval,currency,amount,started_on\n");
    for n in numbers.clone() {
        book.push_str(&format!("C{n},Customer {n},S{n},Plan {},month,USD,{}.00,2026-01-{:02}\n", n % 60, 10 + n, 1 + n % 28));
        let tx = scope.write().await.expect("begins");
        let event = Event::new("note.added", "note", n, format!("Note {n}"));
        tx.commit(event.notify(Level::Info, format!("Note {n}"), "was added", "/dashboard")).await.expect("commits");
    }
    let import = machine.request(http::Method::POST, "/api/v1/imports/subscriptions").header("content-type", "text/csv");
    let import = machine.send(import, axum::body::Body::from(book)).await.expect(202).json();
    let (jobs, sinks) = (app::registry::jobs(), app::registry::sinks());
    while job::run_next(&world.db, &jobs).await.expect("runs") {}
    while deliver_batch(&world.db, &sinks).await.expect("delivers") > 0 {}
    let done = machine.get_json(&format!("/api/v1/imports/{}", import["id"].as_str().expect("an id"))).await.json();
    assert_eq!(done["status"], "done", "{done}");
}

//! No query per row: a page asks as many questions of the database for two hundred rows as for ten.
//!
//! Counted on PostgreSQL, whose driver reports every statement; the code above the
//! driver is the same on SQLite.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::api_keys::ApiScope;
use app::kit::clock;
use app::kit::event::{Event, Level, deliver_batch};
use app::kit::job;
use app::kit::permission::Role;
use app::kit::scope::Scope;
use app::payments::gateway::GatewayKind;
use app::payments::gateway::signature::sign;
use app::payments::store::accounts::{self, NewAccount, Secrets};
use serde_json::{Value as Json, json};
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
    "/invoices?limit=200",
    "/invoices/$invoice",
    "/payments?limit=200",
    "/receipts?limit=200",
    "/credit-notes?limit=200",
    "/dunning?limit=200",
    "/usage?limit=200",
    "/usage/events?limit=200",
    "/coupons?limit=200",
    "/meters?limit=200",
    "/mails?limit=200",
    "/webhook-events?limit=200",
    "/billing",
    "/reports",
    "/reports/aging",
    "/revenue/movements",
    "/revenue/cohorts",
    "/revenue/forecast",
];

/// What the lists of billing show at least, where each number has brought a row of it.
const ROWS: &[&str] =
    &["invoices", "payments", "receipts", "credit-notes", "dunning/cases", "usage/events", "coupons", "meters", "mails", "webhook-events"];

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
        for list in ROWS {
            let rows = world.machine(&scope, ApiScope::Read).await.get_json(&format!("/api/v1/{list}?limit=200")).await.expect(200).json();
            assert!(rows["data"].as_array().is_some_and(|rows| rows.len() >= 60), "{list} has {} rows", rows["data"]);
        }
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
    // The invoice with the most lines.
    let invoice =
        machine.get_json("/api/v1/invoices?limit=1&sort=-total").await.json()["data"][0]["id"].as_str().expect("an id").to_owned();
    let ids = [
        ("$customer", first("customers").await),
        ("$plan", first("plans").await),
        ("$subscription", first("subscriptions").await),
        ("$invoice", invoice),
    ];
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

/// One customer with a subscription, one event, one notification, one job run and one plan for each number, and for
/// some of them what [`fill_billing`] makes.
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
    let some = numbers.start..numbers.end.min(numbers.start + 50);
    fill_billing(world, &scope, &machine, some).await;
    while job::run_next(&world.db, &jobs).await.expect("runs") {}
    while deliver_batch(&world.db, &sinks).await.expect("delivers") > 0 {}
    while job::run_next(&world.db, &jobs).await.expect("runs") {}
}

async fn made(machine: &Client, path: &str, body: Json) -> Json {
    let answer = machine.post(&format!("/api/v1{path}"), &body).await;
    assert!(answer.status < 300, "{path}: {}", answer.body);
    answer.json()
}

fn id(of: &Json) -> String {
    of["id"].as_str().expect("an id").to_owned()
}

/// For each number a customer that is behind with an invoice, has paid a part of it and was credited another; a receipt, a
/// coupon, a meter with an event, an event of a gateway; and one invoice with a line for each.
async fn fill_billing(world: &World, scope: &Scope, machine: &Client, numbers: std::ops::Range<u32>) {
    let usd = |minor: i64| json!({ "minor": minor, "currency": "USD" });
    let yearly = json!({ "name": format!("Yearly {}", numbers.start), "interval": "year", "price": usd(36_500) });
    let plan = id(&made(machine, "/plans", yearly).await);
    let secrets = Secrets { key: "sk_test_1".into(), webhook: "whsec".into(), site: "https://nile.example".into(), url: None };
    let account = NewAccount { gateway: GatewayKind::Stripe, enabled: true, collects: false, secrets: Some(secrets) };
    accounts::save(scope, account).await.expect("an account");
    let since = (scope.today() - chrono::Days::new(60)).to_string();
    let mut sold = Vec::new();
    for n in numbers.clone() {
        let customer = id(&made(machine, "/customers", json!({ "name": format!("Buyer {n}"), "email": "bills@buyer.example" })).await);
        let new = json!({ "customer_id": customer, "plan_id": plan, "started_on": since });
        sold.push((n, customer, id(&made(machine, "/subscriptions", new).await)));
    }
    made(machine, "/billing/runs", json!({ "wait": true })).await;
    for (n, customer, subscription) in &sold {
        made(machine, "/payments", json!({ "customer_id": customer, "amount": usd(500) })).await;
        let invoice = machine.get_json(&format!("/api/v1/invoices?customer_id={customer}")).await.expect(200).json()["data"][0].clone();
        let part = json!([{ "line_id": invoice["lines"][0]["id"], "amount": usd(100) }]);
        let note = json!({ "lines": part, "settlement": "offset", "reason": "A mistake" });
        made(machine, &format!("/invoices/{}/credit-notes", id(&invoice)), note).await;
        let bytes = [&b"\x89PNG\r\n\x1a\n"[..], n.to_string().as_bytes()].concat();
        machine.upload("/api/v1/receipts", "file", &format!("{n}.png"), &bytes).await.expect(201);
        made(machine, "/coupons", json!({ "name": format!("Off {n}"), "percent_ppm": 100_000, "duration": "once" })).await;
        made(machine, "/meters", json!({ "key": format!("m{n}"), "name": format!("Meter {n}"), "unit": "u", "aggregation": "sum" })).await;
        let event = json!({ "event_id": format!("e{n}"), "meter": format!("m{n}"), "subscription_id": subscription });
        assert_eq!(made(machine, "/usage/events", json!({ "events": [event] })).await["new"], json!(1));
        let event = json!({ "id": format!("evt_{n}"), "object": "event", "type": "tax.settings.updated", "created": 1_794_744_000,
            "data": { "object": { "id": "x_1" } } });
        let body = event.to_string().into_bytes();
        let signature = sign("whsec", &body, clock::now());
        let request = world.stranger().request(http::Method::POST, "/api/webhooks/stripe/nile").header("content-type", "application/json");
        world.stranger().send(request.header("stripe-signature", signature), axum::body::Body::from(body)).await.expect(200);
    }
    let lines: Vec<Json> =
        sold.iter().map(|(n, _, _)| json!({ "description": format!("Work {n}"), "unit_amount": usd(100_000) })).collect();
    let large = id(&made(machine, "/invoices", json!({ "customer_id": sold[0].1, "lines": lines })).await);
    made(machine, &format!("/invoices/{large}/finalize"), json!({})).await;
    app::dunning::jobs::day(scope).await.expect("cases are opened");
}

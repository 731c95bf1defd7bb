//! The program is killed (kill -9) in the middle of an import, at several points, and started again: the book is in
//! whole or not at all, and in the end exactly once. And two servers on one PostgreSQL: what goes through one shows on
//! the other.

use std::time::{Duration, Instant};

use app::api_keys::ApiScope;
use app::kit::clock;
use app::kit::job;
use app::kit::permission::Role;
use chrono::TimeDelta;
use sea_orm::ConnectionTrait as _;

use crate::support::{Client, Program, World, text, value};

/// Rows of the book: enough for the import to take a while even on a fast machine.
const ROWS: i64 = 4_000;
/// How long after the job was seen to run the program is killed, in milliseconds.
const POINTS: &[u64] = &[0, 60, 180, 400, 800, 1_500];

on_both!(an_import_survives_being_killed);
on_postgres!(two_servers_show_each_others_changes);

fn book() -> String {
    let mut book = String::from("customer_id,customer_name,subscription_id,plan,interval,currency,amount,started_on,ended_on\n");
    for n in 0..ROWS {
        let ended = if n % 5 == 0 { "2026-06-01" } else { "" };
        book.push_str(&format!(
            "C{},Customer {},S{n},Plan {},month,USD,{}.50,2025-{:02}-01,{ended}\n",
            n / 2,
            n / 2,
            n % 7,
            10 + n % 90,
            1 + n % 12
        ));
    }
    book
}

/// Puts the book into the queue; gives the id of the import.
async fn enqueue(machine: &Client) -> String {
    let request = machine.request(http::Method::POST, "/api/v1/imports/subscriptions").header("content-type", "text/csv");
    let answer = machine.send(request, axum::body::Body::from(book())).await.expect(202).json();
    answer["id"].as_str().expect("an id").to_owned()
}

/// What the book amounts to.
async fn totals(world: &World) -> String {
    let admin = world.admin().await;
    let mut all = Vec::new();
    for what in [
        "COUNT(*) FROM customers",
        "COUNT(*) FROM plans",
        "COUNT(*) FROM subscriptions",
        "COUNT(*) FROM subscription_phases",
        "SUM(mrr_minor) FROM subscription_phases",
        "SUM(mrr_minor) FROM customers",
        "COUNT(*) FROM mrr_movements",
        "SUM(after_minor - before_minor) FROM mrr_movements",
        "SUM(new_minor + expansion_minor + reactivation_minor - contraction_minor - churn_minor) FROM mrr_days",
        "COUNT(*) FROM mrr_plan_movements",
    ] {
        let (aggregate, from) = what.split_once(" FROM ").expect("from");
        let sql = format!("SELECT CAST(COALESCE({aggregate}, 0) AS TEXT) FROM {from}");
        all.push(format!("{what}: {}", text(&admin, &sql, []).await));
    }
    all.join("\n")
}

async fn an_import_survives_being_killed(world: World) {
    let whole = {
        let calm = World::new(if world.is_sqlite() { crate::support::Backend::Sqlite } else { crate::support::Backend::Postgres }).await;
        let machine = calm.machine(&calm.platform().await, ApiScope::Write).await;
        enqueue(&machine).await;
        let jobs = app::registry::jobs();
        while job::run_next(&calm.db, &jobs).await.expect("runs") {}
        totals(&calm).await
    };
    assert!(whole.contains(&format!("COUNT(*) FROM subscriptions: {ROWS}\n")), "{whole}");
    let empty = totals(&world).await;

    let scope = world.platform().await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let id = enqueue(&machine).await;
    let admin = world.admin().await;
    let mut seen_in_the_middle = 0;
    for point in POINTS {
        let program = Program::work(&world.url, world.folder());
        wait(&world, "running").await;
        tokio::time::sleep(Duration::from_millis(*point)).await;
        program.kill();
        let now = totals(&world).await;
        assert!(now == empty || now == whole, "killed after {point} ms, and half of it is in:\n{now}\nof\n{whole}");
        if status(&world).await == "done" {
            break;
        }
        seen_in_the_middle += 1;
        // The half minute of the dead worker's lease passes. A kill is no failure of the job's: its tries begin anew.
        let past = (clock::now() - TimeDelta::seconds(1)).into();
        let lease =
            admin.sql("UPDATE jobs SET lease_until = $1, attempts = 1 WHERE kind = 'imports.subscriptions' AND status = 'running'", [past]);
        admin.connection().execute_raw(lease).await.expect("expired");
    }
    assert!(seen_in_the_middle >= 2, "the import was over before it could be killed");
    let program = Program::work(&world.url, world.folder());
    wait(&world, "done").await;
    // Whatever would run twice gets the time to.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    program.kill();
    assert_eq!(totals(&world).await, whole);
    let import = machine.get_json(&format!("/api/v1/imports/{id}")).await.expect(200).json();
    assert_eq!((&import["status"], &import["rows_good"]), (&"done".into(), &ROWS.into()), "{import}");
    let finished = "SELECT COUNT(*) FROM audit_entries WHERE subject_id = $1 AND action = 'import.finished'";
    assert_eq!(value::<i64>(&admin, finished, [id.into()]).await, 1, "it is told once that the import finished");

    // The same book once more changes nothing.
    enqueue(&machine).await;
    let jobs = app::registry::jobs();
    while job::run_next(&world.db, &jobs).await.expect("runs") {}
    assert_eq!(totals(&world).await, whole);
}

async fn status(world: &World) -> String {
    text(&world.db, "SELECT status FROM jobs WHERE kind = 'imports.subscriptions' ORDER BY created_at DESC LIMIT 1", []).await
}

/// Waits until the import's job has come so far (or further).
async fn wait(world: &World, hoped: &str) {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let status = status(world).await;
        if status == hoped || status == "done" {
            return;
        }
        assert!(status != "dead" && Instant::now() < end, "it is {status}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn two_servers_show_each_others_changes(world: World) {
    let scope = world.platform().await;
    let owner = world.member(&scope, Role::Owner).await;
    let key = app::api_keys::store::create(&scope, "A machine", ApiScope::Write).await.expect("a key").key;
    let (here, there) = (Program::serve(&world.url, world.folder()), Program::serve(&world.url, world.folder()));
    let mut heard = there.stream("/live", &format!("Cookie: {}\r\n", owner.cookie_header())).expect("a stream");
    let authorized = format!("Authorization: Bearer {key}\r\n");
    // `serve` answers once it is ready, but the connection that listens for the others may still be on its way.
    std::thread::sleep(Duration::from_millis(500));
    let answer = here.post("/api/v1/customers", &authorized, r#"{"name":"Customer 1"}"#).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let line = heard
        .find(|line| line.as_ref().map_or(true, |l| l.contains("customer.created")))
        .expect("the stream goes on")
        .expect("heard in time");
    assert!(line.contains("cus_"), "{line}");
    // And what one wrote, the other shows.
    let shown = there.get("/customers", &format!("Accept: text/html\r\nCookie: {}\r\n", owner.cookie_header())).expect("a page");
    assert!(shown.contains("Customer 1"), "{shown}");
    // A session that one server ends is over on the other.
    assert!(
        here.get("/dashboard", &format!("Accept: text/html\r\nCookie: {}\r\n", owner.cookie_header()))
            .expect("a page")
            .starts_with("HTTP/1.1 200")
    );
    let revoked = world.db.sql("DELETE FROM sessions WHERE user_id = $1", [owner.user.0.into()]);
    world.db.connection().execute_raw(revoked).await.expect("ended");
    for server in [&here, &there] {
        let answer = server.get("/dashboard", &format!("Accept: text/html\r\nCookie: {}\r\n", owner.cookie_header())).expect("a page");
        assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("/sign-in"), "{answer}");
    }
}

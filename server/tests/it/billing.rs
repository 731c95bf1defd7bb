//! Billing as a machine sees it, and a run that is killed.

use std::time::{Duration, Instant};

use app::api_keys::ApiScope;
use app::invoices::store::{self, checks};
use app::kit::clock;
use app::kit::job::{self, NewJob};
use app::kit::money::{Currency, Money};
use app::kit::period::{Interval, IntervalUnit};
use app::kit::scope::Scope;
use app::subscriptions::model::NewSubscription;
use chrono::{NaiveDate, TimeDelta};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value as Json, json};

use crate::support::{Client, Program, World, text, value};

on_both!(the_api_bills_as_it_says, an_imported_book_is_billed_from_now_on, a_run_survives_being_killed);

async fn made(machine: &Client, path: &str, body: Json) -> String {
    let answer = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
    answer["id"].as_str().expect("an id").to_owned()
}

/// `kind start..end quantity amount` of each line.
fn lines(of: &Json) -> Vec<String> {
    let line = |l: &Json| {
        let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
        format!(
            "{} {}..{} {} {}",
            text(&l["kind"]),
            text(&l["period"]["start"]),
            text(&l["period"]["end"]),
            l["quantity"],
            l["amount"]["minor"]
        )
    };
    of["lines"].as_array().expect("lines").iter().map(line).collect()
}

async fn the_api_bills_as_it_says(world: World) {
    let scope = world.tenant("nile").await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    machine.post("/api/v1/tax-rates", &json!({ "name": "VAT", "rate_ppm": 150_000, "starts_on": "2026-01-01" })).await.expect(201);
    let price = |minor| json!({ "minor": minor, "currency": "USD" });
    let monthly = |name, minor: i64| json!({ "name": name, "interval": "month", "interval_count": 1, "price": price(minor) });
    let basic = made(&machine, "/plans", monthly("Basic", 100_000)).await;
    let pro = made(&machine, "/plans", monthly("Pro", 250_000)).await;
    let customer = made(&machine, "/customers", json!({ "name": "Nile Wave", "email": "a@b.example" })).await;
    let new = json!({
        "customer_id": customer, "plan_id": basic, "started_on": "2026-02-01", "anchor_day": 13, "ends_on": null, "quantity": 1,
    });
    let subscription = made(&machine, "/subscriptions", new.clone()).await;
    let wrong = json!({ "customer_id": customer, "plan_id": basic, "anchor_day": 32 });
    assert!(machine.post("/api/v1/subscriptions", &wrong).await.expect(422).body.contains("anchor_day"));

    let run = machine.post("/api/v1/billing/runs", &json!({ "until": "2026-03-13", "wait": true })).await.expect(200).json();
    assert_eq!((&run["status"], &run["finalized"], &run["parked"]), (&json!("done"), &json!(3), &json!(0)), "{run}");

    let change = json!({ "subscription_id": subscription, "change": { "plan_id": pro, "quantity": 1 }, "at": "2026-03-16" });
    let preview = machine.post("/api/v1/invoices/preview", &change).await.expect(200).json();
    let want = ["credit 2026-03-16..2026-04-13 1 -90323", "charge 2026-03-16..2026-04-13 1 225806"];
    assert_eq!(lines(&preview), want, "{preview}");
    assert_eq!((preview["invoices"].as_array().map(Vec::len), lines(&preview["invoices"][0])), (Some(1), lines(&preview)));
    assert_eq!(preview["lines"][0]["amount"], price(-90_323));
    assert_eq!((&preview["subtotal"], &preview["tax"], &preview["total"]), (&price(135_483), &price(20_322), &price(155_805)));

    let at = json!({ "plan_id": pro, "at": "2026-03-16" });
    machine.post(&format!("/api/v1/subscriptions/{subscription}/change"), &at).await.expect(200);
    machine.post("/api/v1/billing/runs", &json!({ "until": "2026-04-13", "wait": true })).await.expect(200);
    let page = machine.get_json(&format!("/api/v1/invoices?customer_id={customer}")).await.expect(200).json();
    let bills = page["data"].as_array().expect("invoices");
    let told: Vec<(String, String)> = bills
        .iter()
        .map(|b| (b["issued_on"].as_str().expect("a day").to_owned(), b["number"].as_str().expect("a number").to_owned()))
        .collect();
    let days = ["2026-02-01", "2026-02-13", "2026-03-13", "2026-03-16", "2026-04-13"];
    let want: Vec<(String, String)> = (1..).zip(days).map(|(n, day)| (day.to_owned(), format!("INV-2026-{n:05}"))).collect();
    assert_eq!(told, want);
    assert_eq!(lines(&bills[0]), ["charge 2026-02-01..2026-02-13 1 38710"]);
    assert_eq!(lines(&bills[3]), lines(&preview));
    assert_eq!(bills[3]["total"], preview["total"]);
    assert_eq!((&bills[4]["total"], &bills[4]["amount_due"], &bills[4]["status"]), (&price(287_500), &price(287_500), &json!("overdue")));

    let found = async |status: &str| machine.get_json(&format!("/api/v1/invoices?status={status}&limit=1")).await;
    assert_eq!(found("finalized").await.expect(200).json()["data"][0]["id"], bills[0]["id"], "issued, and to be paid");
    assert!(found("finished").await.expect(422).body.contains("status"));
    let far = json!({ "until": scope.today() + TimeDelta::days(367), "wait": true });
    assert!(machine.post("/api/v1/billing/runs", &far).await.expect(422).body.contains("a year ahead"));

    let trial = machine.get_json("/api/v1/ledger/trial-balance").await.expect(200).json();
    assert_eq!((&trial["balanced"], &trial["totals"][0]["debit"]), (&json!(true), &trial["totals"][0]["credit"]), "{trial}");
    let balance = machine.get_json(&format!("/api/v1/customers/{customer}/balance")).await.expect(200).json();
    let total: i64 = bills.iter().map(|b| b["total"]["minor"].as_i64().expect("an amount")).sum();
    assert_eq!(balance["data"][0]["receivable"], price(total));
    corrections(&machine, bills[4]["id"].as_str().expect("an id")).await;
    assert_eq!(checks::run(&scope).await.expect("checked"), vec![]);
}

async fn corrections(machine: &Client, invoice: &str) {
    let path = format!("/api/v1/invoices/{invoice}");
    let note = json!({ "settlement": "offset", "reason": "A mistake" });
    let note = machine.post(&format!("{path}/credit-notes"), &note).await.expect(201).json();
    assert_eq!(
        (&note["number"], &note["total"]["minor"], &note["tax"]["minor"]),
        (&json!("CN-2026-00001"), &json!(287_500), &json!(37_500))
    );
    let after = machine.get_json(&path).await.expect(200).json();
    assert_eq!((&after["status"], &after["amount_due"]["minor"]), (&json!("paid"), &json!(0)), "{after}");
    machine.post(&format!("{path}/void"), &json!({})).await.expect(409);
}

/// Another system billed what is behind it.
async fn an_imported_book_is_billed_from_now_on(world: World) {
    let scope = world.platform().await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let book = "customer_id,customer_name,subscription_id,plan,interval,currency,amount,started_on\n\
                C1,One,S1,Basic,month,USD,10.00,2024-01-05\nC2,Two,S2,Basic,month,USD,10.00,2025-03-20\n";
    let request = machine.request(http::Method::POST, "/api/v1/imports/subscriptions").header("content-type", "text/csv");
    assert!(machine.send(request, axum::body::Body::from(book)).await.status < 300);
    let jobs = app::registry::jobs();
    while job::run_next(&world.db, &jobs).await.expect("runs") {}
    assert_eq!(value::<i64>(&world.admin().await, "SELECT COUNT(*) FROM subscriptions", []).await, 2);
    let soon = scope.today() + TimeDelta::days(40);
    let (_, counts) = store::run(&scope, soon).await.expect("runs");
    assert!(counts.drafted >= 2, "{counts:?}");
    let early: i64 = value(&world.admin().await, "SELECT COUNT(*) FROM invoices WHERE issued_on < $1", [scope.today().into()]).await;
    assert_eq!(early, 0);
    assert_eq!(checks::run(&scope).await.expect("checked"), vec![]);
}

/// Customers of the run that is killed, and the months behind them.
const CUSTOMERS: usize = 150;
const UNTIL: &str = "2026-06-30";

async fn sell(scope: &Scope) {
    let price = Money::new(2_999, Currency::USD);
    let new =
        app::plans::NewPlan { name: "Basic".into(), interval: Interval { unit: IntervalUnit::Month, count: 1 }, price, trial_days: 0 };
    let plan_id = app::plans::store::create(scope, new).await.expect("a plan");
    for n in 0..CUSTOMERS {
        let new = app::customers::NewCustomer { name: format!("Customer {n}"), ..Default::default() };
        let customer_id = app::customers::store::create(scope, new).await.expect("a customer");
        let new = NewSubscription {
            customer_id,
            plan_id,
            started_on: NaiveDate::from_ymd_opt(2026, 1, 1 + u32::try_from(n % 28).expect("small")).expect("a day"),
            trial_ends_on: None,
            ends_on: None,
            quantity: 1,
            price: None,
            external_id: None,
            payment_method: None,
            anchor_day: (n % 2 == 0).then_some(15),
        };
        app::subscriptions::store::create(scope, new).await.expect("a subscription");
    }
}

async fn totals(world: &World) -> String {
    let admin = world.admin().await;
    let sql = "SELECT CAST(COUNT(*) AS TEXT) || ' of ' || CAST(COALESCE(SUM(total_minor), 0) AS TEXT) FROM invoices";
    text(&admin, sql, []).await
}

async fn a_run_survives_being_killed(world: World) {
    let scope = world.platform().await;
    sell(&scope).await;
    let tx = scope.write().await.expect("begins");
    job::enqueue(&tx, NewJob::new(store::RUN_JOB, json!({ "until": UNTIL }))).await.expect("enqueued");
    tx.commit_quietly().await.expect("commits");
    let admin = world.admin().await;
    let mut killed_in_the_middle = 0;
    for point in [30, 60, 120, 200, 300] {
        let program = Program::work(&world.url, world.folder());
        wait(&world, "running").await;
        tokio::time::sleep(Duration::from_millis(point)).await;
        program.kill();
        assert_eq!(checks::run(&scope).await.expect("checked"), vec![], "killed after {point} ms");
        if status(&world).await == "done" {
            break;
        }
        killed_in_the_middle += 1;
        let past = (clock::now() - TimeDelta::seconds(1)).into();
        let lease = admin.sql("UPDATE jobs SET lease_until = $1, attempts = 1 WHERE kind = 'billing.run' AND status = 'running'", [past]);
        admin.connection().execute_raw(lease).await.expect("expired");
    }
    assert!(killed_in_the_middle >= 2, "the run was over before it could be killed");
    let program = Program::work(&world.url, world.folder());
    wait(&world, "done").await;
    program.kill();
    assert_eq!(checks::run(&scope).await.expect("checked"), vec![]);
    let done = totals(&world).await;
    // What a run without trouble comes to: nothing more, and each period once.
    store::run(&scope, UNTIL.parse().expect("a day")).await.expect("runs");
    assert_eq!(totals(&world).await, done);
    let twice = "SELECT COUNT(*) FROM (SELECT subscription_id, period_start FROM invoice_lines GROUP BY subscription_id, period_start \
                 HAVING COUNT(*) > 1) AS twice";
    assert_eq!(value::<i64>(&admin, twice, []).await, 0);
    let months: i64 = value(&admin, "SELECT COUNT(*) FROM invoices", []).await;
    // Each has six periods; a stub more where the anchor lies after the start's first month.
    assert!((6 * CUSTOMERS as i64..=7 * CUSTOMERS as i64).contains(&months), "{months}");
}

async fn status(world: &World) -> String {
    text(&world.db, "SELECT status FROM jobs WHERE kind = 'billing.run' ORDER BY created_at DESC LIMIT 1", []).await
}

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

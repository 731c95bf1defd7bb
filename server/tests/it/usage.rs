//! Usage as a machine sends it, until it is on an invoice.

use app::api_keys::ApiScope;
use app::invoices::store::checks;
use serde_json::{Value as Json, json};

use crate::support::{Client, World};

on_both!(what_is_used_is_billed, a_change_of_charges_is_a_new_version);

async fn made(machine: &Client, path: &str, body: Json) -> String {
    let answer = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
    answer["id"].as_str().expect("an id").to_owned()
}

async fn used(machine: &Client, subscription: &str, events: &[(&str, &str, i64)]) -> Json {
    let event = |(id, at, quantity): &(&str, &str, i64)| json!({ "event_id": id, "meter": "gb", "subscription_id": subscription, "at": at, "quantity": quantity });
    let events: Vec<Json> = events.iter().map(event).collect();
    machine.post("/api/v1/usage/events", &json!({ "events": events })).await.expect(200).json()
}

async fn run(machine: &Client, until: &str) {
    let run = machine.post("/api/v1/billing/runs", &json!({ "until": until, "wait": true })).await.expect(200).json();
    assert_eq!((&run["status"], &run["parked"]), (&json!("done"), &json!(0)), "{run}");
}

/// `kind start..end quantity amount` of each line, invoice by invoice.
async fn bills(machine: &Client, customer: &str) -> Vec<Vec<String>> {
    let page = machine.get_json(&format!("/api/v1/invoices?customer_id={customer}")).await.expect(200).json();
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    let line = |l: &Json| {
        let (start, end) = (text(&l["period"]["start"]), text(&l["period"]["end"]));
        format!("{} {start}..{end} {} {}", text(&l["kind"]), l["quantity"], l["amount"]["minor"])
    };
    let invoice = |i: &Json| i["lines"].as_array().expect("lines").iter().map(line).collect();
    page["data"].as_array().expect("invoices").iter().map(invoice).collect()
}

async fn what_is_used_is_billed(world: World) {
    let scope = world.tenant("nile").await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let meter = json!({ "key": "gb", "name": "Traffic", "unit": "GB", "aggregation": "sum" });
    made(&machine, "/meters", meter.clone()).await;
    machine.post("/api/v1/meters", &meter).await.expect(422);
    let price = json!({ "minor": 1_000, "currency": "USD" });
    let tiers = json!([{ "up_to": 100, "unit_minor": 5 }, { "up_to": null, "unit_minor": 2 }]);
    let charge = json!({ "kind": "usage", "name": "Traffic", "model": "graduated", "included": 100, "tiers": tiers, "meter": "gb" });
    let minimum = json!({ "kind": "minimum", "name": "Minimum", "model": "flat", "amount_minor": 1_200 });
    let plan = json!({ "name": "Metered", "interval": "month", "price": price, "charges": [charge, minimum] });
    let plan = made(&machine, "/plans", plan).await;
    let unknown = json!({ "name": "X", "interval": "month", "price": price, "charges": [
        { "kind": "usage", "name": "X", "model": "per_unit", "meter": "no such" }] });
    assert!(machine.post("/api/v1/plans", &unknown).await.expect(422).body.contains("meter"));
    let customer = made(&machine, "/customers", json!({ "name": "Nile Wave" })).await;
    let new = json!({ "customer_id": customer, "plan_id": plan, "started_on": "2026-03-01" });
    let subscription = made(&machine, "/subscriptions", new).await;

    let answer = used(&machine, &subscription, &[("a", "2026-03-05T10:00:00Z", 150), ("b", "2026-03-31", 70), ("c", "never", 1)]).await;
    assert_eq!((&answer["new"], &answer["duplicates"], &answer["refused"]), (&json!(2), &json!(0), &json!(1)), "{answer}");
    assert_eq!((&answer["results"][2]["index"], &answer["results"][2]["field"]), (&json!(2), &json!("at")), "{answer}");
    let again = used(&machine, &subscription, &[("a", "2026-03-05T10:00:00Z", 150)]).await;
    assert_eq!(again["results"][0]["status"], json!("duplicate"));
    let standing = machine.get_json(&format!("/api/v1/subscriptions/{subscription}/usage?on=2026-03-15")).await.expect(200).json();
    assert_eq!((&standing["period_start"], &standing["period_end"]), (&json!("2026-03-01"), &json!("2026-04-01")), "{standing}");
    assert_eq!(
        (&standing["data"][0]["quantity"], &standing["data"][0]["over"], &standing["data"][0]["percent"]),
        (&json!(220), &json!(120), &json!(220))
    );

    run(&machine, "2026-04-01").await;
    // 220 less the 100 included: 100 at 5, 20 at 2. The minimum is reached.
    let first = ["charge 2026-03-01..2026-04-01 1 1000".to_owned()];
    let second = ["charge 2026-04-01..2026-05-01 1 1000", "usage 2026-03-01..2026-04-01 220 540"];
    assert_eq!(bills(&machine, &customer).await, [first.to_vec(), second.map(str::to_owned).to_vec()]);

    // Late for March, which was invoiced: it counts in April.
    used(&machine, &subscription, &[("late", "2026-03-20T10:00:00Z", 110)]).await;
    let listed =
        machine.get_json(&format!("/api/v1/usage/events?subscription_id={subscription}&limit=1&from=2026-03-20&to=2026-03-20")).await;
    assert_eq!(listed.expect(200).json()["data"][0]["day"], json!("2026-04-01"));
    run(&machine, "2026-05-01").await;
    let third = ["charge 2026-05-01..2026-06-01 1 1000", "usage 2026-04-01..2026-05-01 110 50", "usage 2026-04-01..2026-05-01 1 150"];
    assert_eq!(
        bills(&machine, &customer).await.last(),
        Some(&third.map(str::to_owned).to_vec()),
        "usage, then what is missing to the minimum"
    );
    run(&machine, "2026-05-01").await;
    assert_eq!(bills(&machine, &customer).await.len(), 3, "nothing twice");
    assert_eq!(checks::run(&scope).await.expect("checked"), vec![]);
    pages(&world, &scope, &subscription).await;
}

async fn pages(world: &World, scope: &app::kit::scope::Scope, subscription: &str) {
    let owner = world.member(scope, app::kit::permission::Role::Owner).await;
    let page = owner.get(&format!("/usage/{subscription}?on=2026-03-15")).await.expect(200);
    for words in ["Traffic", "220 GB of 100 included, 220 %, 120 beyond it", "Show table"] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(owner.get("/usage/events").await.expect(200).body.contains("late"));
    assert!(owner.get("/meters").await.expect(200).body.contains("Sum of the quantities"));
    let csv = format!("event_id,meter,subscription,at,quantity\nf1,gb,{subscription},2026-06-03,4\n");
    let upload = owner.upload("/usage/upload", "file", "../usage.csv", csv.as_bytes()).await.expect(200);
    let jobs = app::registry::jobs();
    while app::kit::job::run_next(&world.db, &jobs).await.expect("runs") {}
    let page = owner.get(&upload.told::<String>()).await.expect(200);
    assert!(page.body.contains("Recorded") && page.body.contains("usage.csv"), "{}", page.body);
}

async fn a_change_of_charges_is_a_new_version(world: World) {
    let scope = world.tenant("nile").await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let usd = |minor: i64| json!({ "minor": minor, "currency": "USD" });
    let setup = json!({ "kind": "setup", "name": "Installation", "model": "flat", "amount_minor": 5_000 });
    let plan = json!({ "name": "Basic", "interval": "month", "price": usd(1_000), "charges": [setup] });
    let plan = made(&machine, "/plans", plan).await;
    let (old, young) =
        (made(&machine, "/customers", json!({ "name": "Old" })).await, made(&machine, "/customers", json!({ "name": "Young" })).await);
    made(&machine, "/subscriptions", json!({ "customer_id": old, "plan_id": plan, "started_on": "2026-03-01" })).await;
    let package = json!({ "kind": "tiers", "name": "Seats", "model": "package", "amount_minor": 300, "package_size": 10 });
    let charge = made(&machine, &format!("/plans/{plan}/charges"), package).await;
    let is = machine.get_json(&format!("/api/v1/plans/{plan}")).await.expect(200).json();
    assert_eq!(is["version"], json!(2));
    made(&machine, "/subscriptions", json!({ "customer_id": young, "plan_id": plan, "started_on": "2026-03-01", "quantity": 11 })).await;
    machine.post(&format!("/api/v1/plans/{plan}/prices"), &json!({ "price": usd(2_000) })).await.expect(200);
    let charges = machine.get_json(&format!("/api/v1/plans/{plan}/charges")).await.expect(200).json();
    assert_eq!(charges["data"].as_array().map(Vec::len), Some(2), "a new price keeps the charges: {charges}");
    let gone = machine.json(http::Method::DELETE, &format!("/api/v1/plan-charges/{charge}"), &json!({})).await;
    gone.expect(409);
    run(&machine, "2026-03-01").await;
    let one_off = "one_off 2026-03-01..2026-03-02 1 5000".to_owned();
    assert_eq!(bills(&machine, &old).await, [vec![one_off.clone(), "charge 2026-03-01..2026-04-01 1 1000".into()]]);
    let seats = ["charge 2026-03-01..2026-04-01 11 11000", "charge 2026-03-01..2026-04-01 11 600"].map(str::to_owned);
    assert_eq!(bills(&machine, &young).await, [vec![one_off, seats[0].clone(), seats[1].clone()]]);
}

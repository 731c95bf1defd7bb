//! A business of two years in minutes: sandboxes whose clock is advanced, and the published examples of others.

use app::api_keys::ApiScope;
use app::invoices::store::checks;
use app::kit::permission::Role;
use app::kit::scope::Scope;
use chrono::{Datelike as _, Days, NaiveDate};
use serde_json::{Value as Json, json};

use crate::support::{Client, World};

on_both!(
    two_years_of_month_ends_a_leap_day_a_new_price_and_three_currencies,
    the_clocks_leap_and_each_day_is_billed_once,
    published_examples_come_out_as_they_say,
    a_sandbox_is_made_before_the_first_invoice_and_nobody_else_sees_its_clock,
);

/// A sandbox, in the words of the scenarios.
pub struct Sandbox {
    pub machine: Client,
    owner: Client,
    scope: Scope,
    currency: &'static str,
}

impl Sandbox {
    pub async fn begin(world: &World, slug: &str, currency: &'static str, zone: &str, on: &str) -> Self {
        let scope = world.organization(slug, "tenant", currency, zone).await;
        let (machine, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
        let begun = machine.post("/api/v1/sandbox", &json!({ "on": on })).await.expect(200).json();
        assert_eq!((&begun["today"], &begun["done"]), (&json!(on), &json!(true)));
        Self { machine, owner, scope, currency }
    }

    pub async fn made(&self, path: &str, body: Json) -> String {
        let answer = self.machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
        answer["id"].as_str().expect("an id").to_owned()
    }

    /// One who never pays, and is left alone all the same: nobody suspends or cancels it.
    pub async fn customer(&self, name: &str) -> String {
        let id = self.made("/customers", json!({ "name": name })).await;
        let alone = json!({ "customer_id": id, "reason": "It pays nothing in a scenario" });
        let answer = self.machine.post("/api/v1/dunning/exclusions", &alone).await;
        assert!(answer.status < 300, "{}", answer.body);
        id
    }

    pub async fn plan(&self, name: &str, interval: &str, minor: i64, trial_days: i64) -> String {
        self.plan_in(self.currency, name, interval, minor, trial_days).await
    }

    async fn plan_in(&self, currency: &str, name: &str, interval: &str, minor: i64, trial_days: i64) -> String {
        let price = json!({ "minor": minor, "currency": currency });
        self.made("/plans", json!({ "name": name, "interval": interval, "price": price, "trial_days": trial_days })).await
    }

    /// From today on.
    pub async fn subscribe(&self, customer: &str, plan: &str, anchor_day: Json) -> String {
        self.made("/subscriptions", json!({ "customer_id": customer, "plan_id": plan, "anchor_day": anchor_day })).await
    }

    /// Until it is that day; a request moves the clock for some seconds only.
    pub async fn advance(&self, to: &str) {
        for _ in 0..60 {
            let state = self.machine.post("/api/v1/sandbox/advance", &json!({ "to": to })).await.expect(200).json();
            if state["done"] == json!(true) {
                assert_eq!(state["today"], json!(to), "{state}");
                return;
            }
        }
        panic!("the clock did not get to {to}");
    }

    /// Day, lines and total of each invoice that is issued, in the order of their numbers.
    pub async fn bills(&self, customer: &str) -> Vec<(String, Vec<String>, i64)> {
        let page = self.machine.get_json(&format!("/api/v1/invoices?customer_id={customer}&limit=200")).await.expect(200).json();
        let mut bills: Vec<&Json> = page["data"].as_array().expect("invoices").iter().filter(|b| !b["number"].is_null()).collect();
        bills.sort_by_key(|b| b["number"].as_str().unwrap_or_default().to_owned());
        let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
        let line = |l: &Json| {
            format!("{} {}..{} {}", text(&l["kind"]), text(&l["period"]["start"]), text(&l["period"]["end"]), l["amount"]["minor"])
        };
        let bill = |b: &Json| {
            let lines = b["lines"].as_array().expect("lines").iter().map(line).collect();
            (text(&b["issued_on"]), lines, b["total"]["minor"].as_i64().expect("a total"))
        };
        bills.into_iter().map(bill).collect()
    }

    /// Everything that must hold does, and every bill was made on its day.
    pub async fn sound(&self) {
        assert_eq!(checks::run(&self.scope).await.expect("checked"), vec![]);
        let trial = self.machine.get_json("/api/v1/ledger/trial-balance").await.expect(200).json();
        assert_eq!(trial["balanced"], json!(true), "{trial}");
    }
}

fn d(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The last days of so many months.
fn month_ends(first: &str, months: usize) -> Vec<String> {
    let mut days = Vec::new();
    let mut month = d(first).with_day(1).expect("a day");
    for _ in 0..months {
        let next = month.checked_add_months(chrono::Months::new(1)).expect("a month");
        days.push(next.checked_sub_days(Days::new(1)).expect("a day").to_string());
        month = next;
    }
    days
}

async fn two_years_of_month_ends_a_leap_day_a_new_price_and_three_currencies(world: World) {
    let town = Sandbox::begin(&world, "berlin", "USD", "Europe/Berlin", "2023-12-31").await;
    let basic = town.plan("Basic", "month", 3_100, 0).await;
    let first = town.customer("From the start").await;
    town.subscribe(&first, &basic, Json::Null).await;
    town.advance("2024-01-15").await;
    // No minor unit, and three decimals; from 15 to 31 January: 17 of 31 days.
    let mut abroad = Vec::new();
    for (currency, rate, price, stub) in [("JPY", "0.0067", 1_000, 548), ("KWD", "3.25", 10_000, 5_484)] {
        let fields = [("currency", currency), ("rate", rate), ("starts_on", "2023-01-01")];
        town.owner.call("/api/app/subscriptions/api/set_exchange_rate", &fields).await.expect(200);
        let (who, plan) = (town.customer(currency).await, town.plan_in(currency, &format!("Basic {currency}"), "month", price, 0).await);
        town.subscribe(&who, &plan, json!(1)).await;
        abroad.push((who, price, stub));
    }
    town.advance("2024-02-29").await;
    let leap = town.customer("Leap").await;
    let yearly = town.plan("Yearly", "year", 36_600, 0).await;
    town.subscribe(&leap, &yearly, Json::Null).await;
    town.advance("2024-12-31").await;
    // The catalogue changes: who is there keeps the price, who comes pays the new one.
    let fields = [("id", basic.as_str()), ("price", "40")];
    town.owner.call("/api/app/plans/api/change_plan_price", &fields).await.expect(200);
    let second = town.customer("After the change").await;
    town.subscribe(&second, &basic, json!(1)).await;
    town.advance("2025-12-31").await;

    let bills = town.bills(&first).await;
    assert_eq!(bills.iter().map(|b| b.0.clone()).collect::<Vec<_>>(), month_ends("2023-12-01", 25));
    assert!(bills.iter().all(|b| b.2 == 3_100), "{bills:?}");
    let bills: Vec<_> = town.bills(&leap).await.into_iter().map(|b| (b.0, b.2)).collect();
    assert_eq!(bills, [("2024-02-29".into(), 36_600), ("2025-02-28".into(), 36_600)]);
    let bills = town.bills(&second).await;
    assert_eq!(bills.len(), 13, "{bills:?}");
    // One day of December, then months from the first.
    assert_eq!((bills[0].0.as_str(), bills[0].2, bills[1].0.as_str(), bills[1].2), ("2024-12-31", 129, "2025-01-01", 4_000));
    for (who, price, stub) in abroad {
        let bills = town.bills(&who).await;
        assert_eq!((bills.len(), bills[0].2), (24, stub), "{bills:?}");
        assert!(bills[1..].iter().all(|b| b.2 == price && b.0.ends_with("-01")), "{bills:?}");
    }
    town.sound().await;
    let page = town.owner.get("/invoices").await.expect(200).body;
    assert!(page.contains("31 December 2025"), "the bar says what day it is");
}

async fn the_clocks_leap_and_each_day_is_billed_once(world: World) {
    // Midnight of 26 April 2024 is not there in Cairo; in October an hour comes twice.
    for (begins, ends) in [("2024-04-23", "2024-04-29"), ("2024-10-29", "2024-11-04")] {
        let town = Sandbox::begin(&world, &format!("cairo-{begins}"), "USD", "Africa/Cairo", begins).await;
        let who = town.customer("Somebody").await;
        let plan = town.plan("Daily", "day", 100, 0).await;
        town.subscribe(&who, &plan, Json::Null).await;
        town.advance(ends).await;
        let days: Vec<String> = town.bills(&who).await.into_iter().map(|b| b.0).collect();
        let want: Vec<String> = d(begins).iter_days().take_while(|day| *day <= d(ends)).map(|day| day.to_string()).collect();
        assert_eq!(days, want);
        town.sound().await;
    }
}

async fn published_examples_come_out_as_they_say(world: World) {
    let cases: Vec<Json> = serde_json::from_str(include_str!("../data/published.json")).expect("cases");
    for (n, case) in cases.iter().enumerate() {
        let (source, text) = (case["source"].as_str().expect("a source"), |v: &Json| v.as_str().unwrap_or_default().to_owned());
        let (zone, begins) = (text(&case["zone"]), text(&case["begins"]));
        let town = Sandbox::begin(&world, &format!("case-{n}"), "USD", &zone, &begins).await;
        let who = town.customer("Somebody").await;
        let of = &case["subscription"];
        let mut plans = std::collections::BTreeMap::new();
        for (name, minor) in case["plans"].as_object().expect("plans") {
            let trial = of["trial_days"].as_i64().unwrap_or(0);
            plans.insert(name.clone(), town.plan(name, "month", minor.as_i64().expect("a price"), trial).await);
        }
        let subscription = town.subscribe(&who, &plans[of["plan"].as_str().expect("a plan")], of["anchor_day"].clone()).await;
        if let Some(change) = case["change"].as_object() {
            town.advance(&text(&change["on"])).await;
            let to = json!({ "plan_id": plans[change["plan"].as_str().expect("a plan")], "at": "now" });
            town.machine.post(&format!("/api/v1/subscriptions/{subscription}/change"), &to).await.expect(200);
        }
        town.advance(&text(&case["until"])).await;
        let want: Vec<(String, Vec<String>, i64)> = case["ours"]
            .as_array()
            .expect("bills")
            .iter()
            .map(|b| {
                let lines = b["lines"].as_array().expect("lines").iter().map(text).collect();
                (text(&b["on"]), lines, b["total"].as_i64().expect("a total"))
            })
            .collect();
        let bills = town.bills(&who).await;
        assert_eq!(bills, want, "{source}");
        let theirs: Vec<i64> = case["theirs"].as_array().expect("figures").iter().map(|f| f.as_i64().expect("a figure")).collect();
        let ours: Vec<i64> = bills.iter().map(|b| b.2).collect();
        assert!(ours == theirs || case["policy"].as_str().is_some_and(|p| p.len() > 40), "{source}: {ours:?} and {theirs:?}, unexplained");
        town.sound().await;
    }
}

async fn a_sandbox_is_made_before_the_first_invoice_and_nobody_else_sees_its_clock(world: World) {
    let town = Sandbox::begin(&world, "trial", "USD", "UTC", "2030-06-15").await;
    let again = town.machine.post("/api/v1/sandbox", &json!({ "on": "2031-01-01" })).await.expect(409);
    assert!(again.body.contains("sandbox already"), "{}", again.body);
    for back in [json!({ "to": "2030-06-14" }), json!({ "to": "2030-06-16", "hours": 3 }), json!({}), json!({ "months": -1 })] {
        town.machine.post("/api/v1/sandbox/advance", &back).await.expect(422);
    }
    town.machine.post("/api/v1/sandbox/advance", &json!({ "hours": 36 })).await.expect(200);
    let state = town.machine.get_json("/api/v1/sandbox").await.expect(200).json();
    assert_eq!((&state["today"], &state["done"]), (&json!("2030-06-17"), &json!(true)));
    // Who is signed in stays so, whatever year it is in there.
    let page = town.owner.get("/settings/sandbox").await.expect(200).body;
    assert!(page.contains("17 June 2030") && page.contains("Advance to the day"), "its page");

    let scope = world.tenant("real").await;
    let (real, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
    real.get_json("/api/v1/sandbox").await.expect(409);
    real.post("/api/v1/sandbox/advance", &json!({ "to": "2031-01-01" })).await.expect(409);
    assert!(!owner.get("/customers").await.expect(200).body.contains("sandbox-bar"));
    let customer = real.post("/api/v1/customers", &json!({ "name": "Somebody" })).await.expect(201).json();
    let line = json!({ "description": "Work", "unit_amount": { "minor": 500, "currency": "USD" } });
    let new = json!({ "customer_id": customer["id"], "lines": [line] });
    let invoice = real.post("/api/v1/invoices", &new).await.expect(201).json();
    let issued = real.post(&format!("/api/v1/invoices/{}/finalize", invoice["id"].as_str().expect("an id")), &json!({})).await.expect(200);
    assert_eq!(issued.json()["issued_on"], json!(world.now.date_naive().to_string()), "the real day");
    real.post("/api/v1/sandbox", &json!({ "on": "2026-01-01" })).await.expect(409);
}

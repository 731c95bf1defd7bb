//! Longer stories: an invoice that is not paid under a moving clock, the tiers that others publish, and usage that comes in
//! while it is being billed.

use app::api_keys::ApiScope;
use app::invoices::store::{self, checks};
use app::kit::scope::Scope;
use app::usage::model::{NewEvent, Taken};
use chrono::{Days, NaiveDate};
use serde_json::{Value as Json, json};

use crate::sandbox::Sandbox;
use crate::support::World;

on_both!(
    who_does_not_pay_is_warned_suspended_and_cancelled_and_who_pays_gets_it_back,
    published_tiers_come_out_as_they_say,
    usage_that_comes_while_it_is_billed_is_billed_once,
    a_subscription_begins_with_a_code_pauses_and_comes_back,
    the_demo_world_meters_and_gives_coupons,
);

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The only case of a customer.
async fn case(town: &Sandbox, customer: &str) -> Json {
    let page =
        town.machine.get_json(&format!("/api/v1/dunning/cases?customer_id={customer}&status=all&sort=opened")).await.expect(200).json();
    let first = page["data"][0]["id"].as_str().unwrap_or_else(|| panic!("no case: {page}")).to_owned();
    town.machine.get_json(&format!("/api/v1/dunning/cases/{first}")).await.expect(200).json()
}

/// The steps taken: what, how many days after due, and how it went.
fn taken(case: &Json) -> Vec<(String, i64, String)> {
    let due: NaiveDate = text(&case["due_on"]).parse().expect("a day");
    let steps = case["steps"].as_array().expect("steps").iter().filter(|step| !step["outcome"].is_null());
    let step = |step: &Json| {
        let on: NaiveDate = text(&step["on"]).parse().expect("a day");
        (text(&step["action"]), (on - due).num_days(), text(&step["outcome"]))
    };
    steps.map(step).collect()
}

async fn suspended(town: &Sandbox, subscription: &str) -> bool {
    let is = town.machine.get_json(&format!("/api/v1/subscriptions/{subscription}/switches")).await.expect(200).json();
    is["service"] == json!("suspended")
}

async fn who_does_not_pay_is_warned_suspended_and_cancelled_and_who_pays_gets_it_back(world: World) {
    let town = Sandbox::begin(&world, "unpaid", "USD", "Africa/Cairo", "2026-01-01").await;
    let step = |day: i64, action: &str| json!({ "day": day, "action": action });
    let steps = json!([step(1, "email"), step(3, "retry"), step(10, "suspend"), step(30, "cancel")]);
    town.made("/dunning/policies", json!({ "name": "Short", "default": true, "steps": steps })).await;
    // Billed once in the time that is looked at.
    let plan = town.plan("Yearly", "year", 36_500, 0).await;
    let mut sold = Vec::new();
    for name in ["Pays late", "Never pays"] {
        let customer = town.made("/customers", json!({ "name": name, "email": "bills@buyer.example" })).await;
        let subscription = town.subscribe(&customer, &plan, Json::Null).await;
        sold.push((customer, subscription));
    }
    let [(late, late_line), (never, never_line)] = <[_; 2]>::try_from(sold).expect("two");
    town.advance("2026-01-02").await;
    let page = town.machine.get_json(&format!("/api/v1/invoices?customer_id={late}")).await.expect(200).json();
    let (invoice, due_on) = (text(&page["data"][0]["id"]), text(&page["data"][0]["due_on"]).parse::<NaiveDate>().expect("a day"));
    let day = |n: u64| (due_on + Days::new(n)).to_string();

    town.advance(&day(10)).await;
    // There is no card to collect from; everything else is done on its day.
    let until_suspension: Vec<(String, i64, String)> = [("email", 1, "done"), ("retry", 3, "skipped"), ("suspend", 10, "done")]
        .into_iter()
        .map(|(what, n, how)| (what.to_owned(), n, how.to_owned()))
        .collect();
    for (customer, line) in [(&late, &late_line), (&never, &never_line)] {
        let case = case(&town, customer).await;
        assert_eq!((taken(&case), text(&case["status"])), (until_suspension.clone(), "open".to_owned()), "{case}");
        assert!(suspended(&town, line).await);
    }
    let amount = json!({ "minor": 36_500, "currency": "USD" });
    let paid = json!({ "customer_id": late, "amount": amount, "allocations": [{ "invoice_id": invoice }] });
    town.made("/payments", paid).await;
    town.advance(&day(11)).await;
    let over = case(&town, &late).await;
    assert_eq!((text(&over["status"]), taken(&over)), ("recovered".to_owned(), until_suspension.clone()), "{over}");
    assert!(!suspended(&town, &late_line).await && suspended(&town, &never_line).await, "what dunning withheld it gives back, when paid");

    town.advance(&day(31)).await;
    let lost = case(&town, &never).await;
    assert_eq!(taken(&lost).last().map(|(what, n, how)| (what.as_str(), *n, how.as_str())), Some(("cancel", 30, "done")), "{lost}");
    let status = async |line: &str| {
        let is = town.machine.get_json(&format!("/api/v1/subscriptions/{line}")).await.expect(200).json();
        (text(&is["status"]), text(&is["cancel_reason"]))
    };
    assert_eq!(status(&late_line).await, ("active".to_owned(), String::new()));
    assert_eq!(status(&never_line).await, ("ended".to_owned(), "involuntary: not paid".to_owned()));
    let moves = town.machine.get_json("/api/v1/revenue/movements?from=2026-01&to=2026-02").await.expect(200).json();
    assert!(moves.to_string().contains("churn"), "{moves}");
    town.sound().await;
}

async fn published_tiers_come_out_as_they_say(world: World) {
    let cases: Vec<Json> = serde_json::from_str(include_str!("../data/published_tiers.json")).expect("cases");
    let town = Sandbox::begin(&world, "tiers", "USD", "UTC", "2026-03-01").await;
    town.made("/meters", json!({ "key": "calls", "name": "Calls", "unit": "calls", "aggregation": "sum" })).await;
    let mut sold = Vec::new();
    for (n, case) in cases.iter().enumerate() {
        let mut charge = case["charge"].clone();
        for (key, value) in [("kind", "usage"), ("name", "Calls"), ("meter", "calls")] {
            charge[key] = json!(value);
        }
        let price = json!({ "minor": 100, "currency": "USD" });
        let plan = json!({ "name": format!("Case {n}"), "interval": "month", "price": price, "charges": [charge] });
        let plan = town.made("/plans", plan).await;
        for (at, used) in case["uses"].as_array().expect("uses").iter().enumerate() {
            let customer = town.customer(&format!("Customer {n}.{at}")).await;
            let subscription = town.subscribe(&customer, &plan, Json::Null).await;
            let event = json!({ "event_id": format!("{n}.{at}"), "meter": "calls", "subscription_id": subscription, "quantity": used[0] });
            let answer = town.machine.post("/api/v1/usage/events", &json!({ "events": [event] })).await.expect(200).json();
            assert_eq!(answer["new"], json!(1), "{answer}");
            sold.push((case, customer, used));
        }
    }
    town.advance("2026-04-01").await;
    for (case, customer, used) in sold {
        let source = text(&case["source"]);
        let bills = town.bills(&customer).await;
        let lines: Vec<&String> = bills.iter().flat_map(|bill| &bill.1).filter(|line| line.starts_with("usage ")).collect();
        // What costs nothing is not on the bill, or on it as nothing.
        let ours: i64 = lines.iter().map(|line| line.rsplit(' ').next().expect("an amount").parse::<i64>().expect("a number")).sum();
        assert_eq!(Some(ours), used[1].as_i64(), "{source}: {used} {lines:?}");
    }
    for case in &cases {
        let uses = case["uses"].as_array().expect("uses");
        let same = uses.iter().any(|used| used[1] == case["theirs"]);
        assert!(same || case["policy"].as_str().is_some_and(|why| why.len() > 40), "{}: unexplained", case["source"]);
    }
    town.sound().await;
}

const SENDERS: u64 = 4;
const BATCHES: u64 = 12;
const EVENTS: u64 = 10;

/// Sends its batches; gives what was taken in.
async fn send(scope: Scope, sender: u64, subscriptions: Vec<String>) -> i64 {
    let mut sum = 0;
    for batch in 0..BATCHES {
        let event = |n: u64| {
            let number = (sender * BATCHES + batch) * EVENTS + n;
            let subscription = subscriptions[usize::try_from(number).expect("small") % subscriptions.len()].clone();
            // From March to June, up and down: some of it late for what is invoiced.
            let at = format!("2026-{:02}-{:02}", 3 + number * 7 % 4, 1 + number * 11 % 28);
            let quantity = i64::try_from(1 + number % 9).expect("small");
            NewEvent { event_id: format!("e{number}"), meter: "gb".into(), subscription, at, quantity, ..NewEvent::default() }
        };
        let events: Vec<NewEvent> = (0..EVENTS).map(event).collect();
        // As a sender does that hears nothing: again, and it counts once.
        for again in 0..2 {
            let taken = app::usage::store::record(&scope, &events).await.expect("taken in");
            let want = if again == 0 { Taken::New } else { Taken::Known };
            assert!(taken.iter().all(|one| *one == want), "{taken:?}");
        }
        sum += events.iter().map(|event| event.quantity).sum::<i64>();
    }
    sum
}

async fn usage_that_comes_while_it_is_billed_is_billed_once(world: World) {
    let scope = world.tenant("nile").await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let made = async |path: &str, body: Json| text(&machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json()["id"]);
    made("/meters", json!({ "key": "gb", "name": "Traffic", "unit": "GB", "aggregation": "sum" })).await;
    let charge = json!({ "kind": "usage", "name": "Traffic", "model": "per_unit", "amount_minor": 5, "meter": "gb" });
    let price = json!({ "minor": 1_000, "currency": "USD" });
    let plan = made("/plans", json!({ "name": "Metered", "interval": "month", "price": price, "charges": [charge] })).await;
    let (mut customers, mut subscriptions) = (Vec::new(), Vec::new());
    for n in 0..3 {
        let customer = made("/customers", json!({ "name": format!("Customer {n}") })).await;
        let new = json!({ "customer_id": customer, "plan_id": plan, "started_on": "2026-03-01" });
        subscriptions.push(made("/subscriptions", new).await);
        customers.push(customer);
    }
    let senders: Vec<_> = (0..SENDERS).map(|sender| tokio::spawn(send(scope.clone(), sender, subscriptions.clone()))).collect();
    let biller = scope.clone();
    let billing = tokio::spawn(async move {
        for until in ["2026-04-01", "2026-05-01", "2026-05-01", "2026-06-01", "2026-07-01"] {
            store::run(&biller, until.parse().expect("a day")).await.expect("billed");
        }
    });
    let mut sent = 0;
    for sender in senders {
        sent += sender.await.expect("sent");
    }
    billing.await.expect("billed");
    // Late for all that was invoiced meanwhile, it is on the next invoices; none of it on two.
    for until in ["2026-08-01", "2026-08-01", "2026-09-01"] {
        store::run(&scope, until.parse().expect("a day")).await.expect("billed");
    }
    let (mut billed, mut charged) = (0, 0);
    for customer in &customers {
        let page = machine.get_json(&format!("/api/v1/invoices?customer_id={customer}&limit=200")).await.expect(200).json();
        let issued = page["data"].as_array().expect("invoices").iter().filter(|i| !i["number"].is_null());
        let lines = issued.flat_map(|i| i["lines"].as_array().expect("lines"));
        for line in lines.filter(|line| line["kind"] == json!("usage")) {
            billed += line["quantity"].as_i64().expect("a quantity");
            charged += line["amount"]["minor"].as_i64().expect("an amount");
        }
    }
    assert_eq!((billed, charged), (sent, 5 * sent), "nothing is lost and nothing billed twice");
    assert_eq!(checks::run(&scope).await.expect("checked"), vec![]);
}

async fn a_subscription_begins_with_a_code_pauses_and_comes_back(world: World) {
    let town = Sandbox::begin(&world, "vacation", "USD", "UTC", "2026-03-01").await;
    let (who, plan) = (town.customer("Somebody").await, town.plan("Basic", "month", 3_100, 0).await);
    let coupon = town.made("/coupons", json!({ "name": "Half", "percent_ppm": 500_000, "duration": "once" })).await;
    town.made(&format!("/coupons/{coupon}/codes"), json!({ "code": "half" })).await;
    let new = |extra: Json| {
        let mut body = json!({ "customer_id": who, "plan_id": plan, "anchor_day": 1 });
        body.as_object_mut().expect("fields").extend(extra.as_object().expect("fields").clone());
        body
    };
    for (wrong, field) in [
        (json!({ "promotion_code": "nothing" }), "promotion_code"),
        (json!({ "promotion_code": "half", "coupon": coupon }), "promotion_code"),
        (json!({ "coupon": coupon.replace("cpn_0", "cpn_1") }), "coupon"),
    ] {
        let refused = town.machine.post("/api/v1/subscriptions", &new(wrong)).await.expect(422);
        assert!(refused.body.contains(field), "{}", refused.body);
    }
    let id = town.made("/subscriptions", new(json!({ "promotion_code": " HALF " }))).await;
    town.advance("2026-03-05").await;
    let days = json!({ "at": "2026-03-10", "resumes_on": "2026-03-20" });
    let paused = town.machine.post(&format!("/api/v1/subscriptions/{id}/pause"), &days).await.expect(200).json();
    assert_eq!((&paused["status"], &paused["pause"]), (&json!("active"), &json!({ "from": "2026-03-10", "until": "2026-03-20" })));
    assert!(town.machine.post(&format!("/api/v1/subscriptions/{id}/pause"), &days).await.expect(409).body.contains("Take it back first"));
    let back = town.machine.post(&format!("/api/v1/subscriptions/{id}/resume"), &json!({})).await.expect(200).json();
    assert_eq!((&back["pause"], back["phases"].as_array().map(Vec::len)), (&Json::Null, Some(1)));
    town.machine.post(&format!("/api/v1/subscriptions/{id}/pause"), &days).await.expect(200);
    town.advance("2026-03-12").await;
    let is = town.machine.get_json(&format!("/api/v1/subscriptions/{id}")).await.expect(200).json();
    assert_eq!((&is["status"], &is["ended_on"]), (&json!("paused"), &Json::Null));
    town.advance("2026-04-01").await;
    let totals: Vec<i64> = town.bills(&who).await.into_iter().map(|bill| bill.2).collect();
    // Half of March; of 22 days half comes back, for half was paid; 12 days of March, and April.
    assert_eq!(totals, [1_550, -1_100, 1_200, 3_100]);
    town.sound().await;
}

async fn the_demo_world_meters_and_gives_coupons(world: World) {
    use app::kit::paging::ListQuery;
    assert!(app::demo::seed(&world.db).await.expect("seeded"), "nobody uses it yet");
    let scope = world.platform().await;
    let using = app::usage::store::using(&scope, &ListQuery::default()).await.expect("a page");
    assert!(using.total > 3, "{}", using.total);
    assert_eq!(app::meters::store::list(&scope, &ListQuery::default()).await.expect("a page").total, 3);
    let coupons = store::coupons::list(&scope).await.expect("coupons");
    assert!(coupons.len() == 3 && coupons.iter().any(|c| c.redemptions >= 5 && c.codes == ["WELCOME20"]), "{coupons:?}");
    assert_eq!(checks::run(&scope).await.expect("checked"), vec![]);
}

//! Subscriptions as a machine sees them: trials, and prices in other currencies.

use app::api_keys::ApiScope;
use chrono::TimeDelta;
use http::Method;
use serde_json::{Value as Json, json};

use crate::support::World;

on_both!(a_trial_is_extended_and_ended, another_currency_needs_a_rate);

async fn a_trial_is_extended_and_ended(world: World) {
    let scope = world.tenant("nile").await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let (today, day) = (scope.today(), |days| (scope.today() + TimeDelta::days(days)).to_string());
    let price = json!({ "minor": 1000, "currency": "USD" });
    let plan = machine.post("/api/v1/plans", &json!({ "name": "Basic", "interval": "month", "price": price })).await.expect(201).json();
    let customer = machine.post("/api/v1/customers", &json!({ "name": "Nile Wave" })).await.expect(201).json();
    let new = json!({ "customer_id": customer["id"], "plan_id": plan["id"], "started_on": today, "trial_ends_on": day(7) });
    let made = machine.post("/api/v1/subscriptions", &new).await.expect(201).json();
    let path = format!("/api/v1/subscriptions/{}/trial", made["id"].as_str().expect("an id"));
    let to = async |ends_on: String| machine.json(Method::PUT, &path, &json!({ "ends_on": ends_on })).await;

    let longer = to(day(30)).await.expect(200).json();
    assert_eq!((&longer["trial_ends_on"], &longer["status"]), (&Json::from(day(30)), &Json::from("trial")), "{longer}");
    assert!(to("tomorrow".into()).await.expect(422).body.contains("ends_on"));
    to(day(-1)).await.expect(422);
    let ended = to(day(0)).await.expect(200).json();
    assert_eq!(ended["status"], "active", "{ended}");
    to(day(30)).await.expect(409);
}

async fn another_currency_needs_a_rate(world: World) {
    let scope = world.tenant("nile").await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let price = json!({ "minor": 1000, "currency": "EUR" });
    let plan = machine.post("/api/v1/plans", &json!({ "name": "Basic", "interval": "month", "price": price })).await.expect(201).json();
    let customer = machine.post("/api/v1/customers", &json!({ "name": "Nile Wave" })).await.expect(201).json();
    let new = json!({ "customer_id": customer["id"], "plan_id": plan["id"], "started_on": scope.today() });
    assert!(machine.post("/api/v1/subscriptions", &new).await.expect(422).body.contains("exchange rate"));

    let set = async |currency: &str, rate: &str| {
        let rate = json!({ "currency": currency, "starts_on": "2026-01-01", "rate": rate });
        machine.json(Method::PUT, "/api/v1/exchange-rates", &rate).await
    };
    assert!(set("EUR", "1,1").await.expect(422).body.contains("rate"));
    assert!(set("EURO", "1.1").await.expect(422).body.contains("currency"));
    assert!(set("USD", "1.1").await.expect(422).body.contains("needs no rate"));
    set("eur", "1.0834").await.expect(200);
    let rates = machine.get_json("/api/v1/exchange-rates").await.expect(200).json();
    assert_eq!(rates["data"], json!([{ "currency": "EUR", "starts_on": "2026-01-01", "rate": "1.0834" }]));
    let made = machine.post("/api/v1/subscriptions", &new).await.expect(201).json();
    assert_eq!(made["monthly"], json!({ "minor": 1083, "currency": "USD" }), "10.00 EUR");
}

//! The REST API as a machine meets it: what it refuses, and in which words.

use app::api_keys::ApiScope;
use axum::body::Body;
use http::Method;
use serde_json::{Value as Json, json};

use crate::support::{Answer, Client, World};

on_both!(
    a_body_is_refused_by_field_and_a_wish_misspelt_is_none,
    a_verb_without_wishes_needs_no_body,
    what_a_query_names_must_be_an_id,
    null_clears_a_field,
    a_price_must_be_bearable,
    a_key_that_reads_sees_an_import,
);

/// A subscription of a new customer to a new plan.
async fn subscribed(machine: &Client) -> Json {
    let price = json!({ "minor": 1000, "currency": "USD" });
    let plan = machine.post("/api/v1/plans", &json!({ "name": "Basic", "interval": "month", "price": price })).await.expect(201).json();
    let customer = machine.post("/api/v1/customers", &json!({ "name": "Nile Wave", "email": "a@nile.example" })).await.expect(201).json();
    let new = json!({ "customer_id": customer["id"], "plan_id": plan["id"], "started_on": "2026-01-01" });
    machine.post("/api/v1/subscriptions", &new).await.expect(201).json()
}

fn path(of: &Json, verb: &str) -> String {
    format!("/api/v1/subscriptions/{}{verb}", of["id"].as_str().expect("an id"))
}

async fn send(machine: &Client, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = machine.request(Method::POST, path);
    machine.send(if kind.is_empty() { request } else { request.header("content-type", kind) }, body.into()).await
}

async fn a_body_is_refused_by_field_and_a_wish_misspelt_is_none(world: World) {
    let machine = world.machine(&world.tenant("nile").await, ApiScope::Write).await;
    let subscription = subscribed(&machine).await;
    let cancel = path(&subscription, "/cancel");
    let refused = machine.post(&cancel, &json!({ "att": "period_end" })).await.expect(422).json();
    assert_eq!(refused["errors"]["att"], json!(["is no field of this request; there are at, reason, proration"]));
    assert_eq!(machine.get_json(&path(&subscription, "")).await.expect(200).json()["status"], "active");
    assert_eq!(machine.post(&cancel, &json!(["period_end"])).await.expect(422).json()["errors"][""], json!(["must be a JSON object"]));
    let refused = machine.post("/api/v1/subscriptions", &json!({})).await.expect(422).json();
    assert_eq!(refused["errors"], json!({ "customer_id": ["is required"] }));
    let refused = send(&machine, &cancel, "application/json", "{\"at\":").await.expect(422).json();
    assert!(refused["errors"][""][0].as_str().is_some_and(|why| why.starts_with("is not JSON at line 1")), "{refused}");
    for kind in ["", "text/plain"] {
        assert_eq!(send(&machine, &cancel, kind, "{}").await.expect(415).json()["status"], 415);
    }
    let large = format!("{{\"reason\":\"{}\"}}", "a".repeat(3_000_000));
    assert_eq!(send(&machine, &cancel, "application/json", large).await.expect(413).json()["title"], "Body too large");
    let refused = machine.get_json("/api/v1/revenue/movements?from=2026-01").await.expect(422).json();
    assert_eq!(refused["errors"], json!({ "to": ["is required"] }));
    let refused = machine.get_json("/api/v1/subscriptions?limit=many").await.expect(422).json();
    assert_eq!(refused["errors"], json!({ "limit": ["must be a whole number"] }));
}

async fn a_verb_without_wishes_needs_no_body(world: World) {
    let machine = world.machine(&world.tenant("nile").await, ApiScope::Write).await;
    let subscription = subscribed(&machine).await;
    for (verb, status) in [("/cancel", "ended"), ("/reactivate", "active"), ("/pause", "paused"), ("/resume", "active")] {
        let answer = send(&machine, &path(&subscription, verb), "", Body::empty()).await.expect(200).json();
        assert_eq!(answer["status"], status, "{verb}");
    }
}

async fn what_a_query_names_must_be_an_id(world: World) {
    let machine = world.machine(&world.tenant("nile").await, ApiScope::Write).await;
    let subscription = subscribed(&machine).await;
    for (query, field) in [
        ("subscriptions?customer_id=foo", "customer_id"),
        ("subscriptions?plan_id=zzz", "plan_id"),
        ("invoices?subscription_id=1", "subscription_id"),
    ] {
        let refused = machine.get_json(&format!("/api/v1/{query}")).await.expect(422).json();
        assert_eq!(refused["errors"], json!({ field: ["is not an identifier of this kind"] }), "{query}");
    }
    let of = format!("/api/v1/subscriptions?customer_id={}", subscription["customer_id"].as_str().expect("an id"));
    assert_eq!(machine.get_json(&of).await.expect(200).json()["data"].as_array().map(Vec::len), Some(1));
}

async fn null_clears_a_field(world: World) {
    let machine = world.machine(&world.tenant("nile").await, ApiScope::Write).await;
    let subscription = subscribed(&machine).await;
    let customer = format!("/api/v1/customers/{}", subscription["customer_id"].as_str().expect("an id"));
    let patch = async |body: Json| machine.json(Method::PATCH, &customer, &body).await;
    assert_eq!(patch(json!({ "country": "EG" })).await.expect(200).json()["email"], "a@nile.example");
    let cleared = patch(json!({ "email": null })).await.expect(200).json();
    assert_eq!((&cleared["email"], &cleared["country"]), (&Json::Null, &json!("EG")));
    assert_eq!(patch(json!({ "name": null })).await.expect(422).json()["errors"], json!({ "name": ["is required"] }));
    let unreadable = patch(json!({ "name": "Nile\u{202e}Wave" })).await.expect(422).json();
    assert!(unreadable["errors"]["name"][0].as_str().is_some_and(|why| why.starts_with("must be readable")), "{unreadable}");
}

async fn a_price_must_be_bearable(world: World) {
    let machine = world.machine(&world.tenant("nile").await, ApiScope::Write).await;
    let huge = json!({ "minor": 1_000_000_000_000_001_i64, "currency": "USD" });
    let refused = machine.post("/api/v1/plans", &json!({ "name": "Huge", "interval": "month", "price": huge })).await.expect(422).json();
    assert_eq!(refused["errors"], json!({ "price": ["is too large"] }));
    let subscription = subscribed(&machine).await;
    let many = json!({ "customer_id": subscription["customer_id"], "plan_id": subscription["plan_id"], "quantity": 1_000_000_000,
                       "price": { "minor": 1_000_000_000, "currency": "USD" } });
    let refused = machine.post("/api/v1/subscriptions", &many).await.expect(422).json();
    assert_eq!(refused["errors"].as_object().map(|fields| fields.keys().cloned().collect()), Some(vec!["price".to_owned()]), "{refused}");
}

async fn a_key_that_reads_sees_an_import(world: World) {
    let scope = world.tenant("nile").await;
    let (writer, reader) = (world.machine(&scope, ApiScope::Write).await, world.machine(&scope, ApiScope::Read).await);
    let book =
        "customer_id,customer_name,subscription_id,plan,interval,currency,amount,started_on\nc1,Nadia,s1,Pro,month,USD,5,2026-01-01\n";
    let begun = send(&writer, "/api/v1/imports/subscriptions", "text/csv", book).await.expect(202);
    assert_eq!(reader.get_json(begun.location()).await.expect(200).json()["id"], begun.json()["id"]);
    let refused = send(&reader, "/api/v1/imports/subscriptions", "text/csv", book).await.expect(403).json();
    assert_eq!(refused["detail"], "This key's scope does not include \u{201c}Import data\u{201d}.");
    let refused = send(&writer, "/api/v1/imports/subscriptions", "text/csv", "PK\u{3}\u{4} and so on").await.expect(422).json();
    assert!(refused["detail"].as_str().is_some_and(|d| d.starts_with("file cannot be imported: line 1: the file is a ZIP")), "{refused}");
}

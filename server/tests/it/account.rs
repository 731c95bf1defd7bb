//! The customer's side for machines: a tenant's own key, towards the platform that bills it.

use app::api_keys::ApiScope;
use app::kit::scope::Scope;
use serde_json::{Value as Json, json};

use crate::support::{Client, World};

on_both!(a_key_sees_what_its_own_organization_is_billed);

async fn made(machine: &Client, path: &str, body: Json) -> String {
    let answer = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
    answer["id"].as_str().expect("an id").to_owned()
}

/// The tenant as a customer of the platform: an open invoice with a payment on it, and a draft.
async fn billed(platform: &Client, tenant: &Scope, minor: i64) -> (String, String, String) {
    let slug = &tenant.seller().slug;
    let customer = made(platform, "/customers", json!({ "name": format!("Tenant {slug}"), "organization": slug })).await;
    let line = json!({ "description": "Hosting", "unit_amount": { "minor": minor, "currency": "USD" } });
    let new = json!({ "customer_id": customer, "lines": [line] });
    let (invoice, draft) = (made(platform, "/invoices", new.clone()).await, made(platform, "/invoices", new).await);
    platform.post(&format!("/api/v1/invoices/{invoice}/finalize"), &json!({})).await.expect(200);
    let paid =
        json!({ "customer_id": customer, "amount": { "minor": 100, "currency": "USD" }, "allocations": [{ "invoice_id": invoice }] });
    made(platform, "/payments", paid).await;
    (customer, invoice, draft)
}

async fn a_key_sees_what_its_own_organization_is_billed(world: World) {
    let platform = world.platform().await;
    let seller = world.machine(&platform, ApiScope::Write).await;
    let (nile, delta) = (world.tenant("nile").await, world.tenant("delta").await);
    let key = world.machine(&nile, ApiScope::Read).await;
    for path in ["invoices", "subscriptions", "payment-methods", "balance"] {
        key.get_json(&format!("/api/v1/account/{path}")).await.expect(404);
    }
    let (customer, ours, draft) = billed(&seller, &nile, 5_000).await;
    let (_, theirs, _) = billed(&seller, &delta, 7_000).await;
    let plan = json!({ "name": "Hosting", "interval": "month", "price": { "minor": 900, "currency": "USD" } });
    let plan = made(&seller, "/plans", plan).await;
    let new = json!({ "customer_id": customer, "plan_id": plan, "started_on": world.now.date_naive().to_string() });
    let subscription = made(&seller, "/subscriptions", new).await;
    let new = json!({ "kind": "bank_account", "holder": "Nile", "bank": "First", "account": "6212345678" });
    let method = made(&seller, &format!("/customers/{customer}/payment-methods"), new).await;

    let get = async |path: &str| key.get_json(&format!("/api/v1/account/{path}")).await.expect(200).json();
    let list = get("invoices").await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "no draft, nobody else's: {list}");
    assert_eq!((&list["data"][0]["id"], &list["data"][0]["amount_due"]["minor"]), (&json!(ours), &json!(4_900)), "{list}");
    assert_eq!(list["data"][0]["lines"][0]["description"], json!("Hosting"));
    assert_eq!(get("invoices?status=paid").await["data"], json!([]));
    let one = get(&format!("invoices/{ours}")).await;
    assert_eq!((&one["status"], &one["payments"][0]["amount"]["minor"]), (&json!("partially_paid"), &json!(100)), "{one}");
    for other in [&theirs, &draft, &"inv_nothing".to_owned()] {
        key.get_json(&format!("/api/v1/account/invoices/{other}")).await.expect(404);
    }
    let subscriptions = get("subscriptions").await;
    assert_eq!((&subscriptions["data"][0]["id"], &subscriptions["data"][0]["withheld"]), (&json!(subscription), &Json::Null));
    let methods = get("payment-methods").await;
    assert_eq!((&methods["data"][0]["id"], methods["data"].as_array().map(Vec::len)), (&json!(method), Some(1)), "{methods}");
    assert!(!methods.to_string().contains("6212345678"), "masked");
    let balance = get("balance").await;
    assert_eq!(balance["data"], json!([{ "owed": { "minor": 4_900, "currency": "USD" }, "credit": { "minor": 0, "currency": "USD" } }]));

    // The seller's own side is another matter: its key names no customer, and the tenant's sells nothing of the platform's.
    seller.get_json("/api/v1/account/invoices").await.expect(404);
    key.get_json(&format!("/api/v1/invoices/{ours}")).await.expect(404);
}

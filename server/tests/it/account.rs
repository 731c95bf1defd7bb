//! The customer's side for machines: a tenant's own key, towards the platform that bills it.

use app::api_keys::ApiScope;
use app::kit::event::deliver_batch;
use app::kit::job;
use app::kit::permission::Role;
use app::kit::scope::Scope;
use app::payments::gateway::GatewayKind;
use app::payments::store::accounts::{self, NewAccount};
use serde_json::{Value as Json, json};

use crate::support::{Client, World, text};

on_both!(a_key_sees_what_its_own_organization_is_billed, its_staff_fetch_pay_and_hear_of_their_invoices);

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

async fn work(world: &World) {
    let (jobs, sinks) = (app::registry::jobs(), app::registry::sinks());
    while deliver_batch(&world.db, &sinks).await.expect("delivers") > 0 || job::run_next(&world.db, &jobs).await.expect("runs") {}
}

async fn its_staff_fetch_pay_and_hear_of_their_invoices(world: World) {
    let platform = world.platform().await;
    let seller = world.machine(&platform, ApiScope::Write).await;
    let (nile, delta) = (world.tenant("nile").await, world.tenant("delta").await);
    let (customer, ours, draft) = billed(&seller, &nile, 5_000).await;
    let (_, theirs, _) = billed(&seller, &delta, 7_000).await;
    let owner = world.member(&nile, Role::Owner).await;
    let page = format!("/account/invoices/{ours}");

    let pdf = owner.get(&format!("{page}/pdf")).await.expect(200);
    assert!(pdf.body.starts_with("%PDF-") && pdf.header("content-type") == "application/pdf");
    for other in [&theirs, &draft] {
        owner.get_json(&format!("/account/invoices/{other}/pdf")).await.expect(404);
    }
    let shown = owner.get(&page).await.expect(200).body;
    assert!(shown.contains(&format!("{page}/pdf")) && shown.contains("Add a card to pay"), "nothing to pay with yet");
    let gateway = NewAccount { gateway: GatewayKind::Demo, enabled: true, collects: false, secrets: None };
    accounts::save(&platform, gateway).await.expect("a gateway");
    assert!(owner.get("/account/payment-methods").await.expect(200).body.contains("Add card by Demo gateway"));
    let led = owner.submit("/api/app/portal/api/add_own_card", &[("gateway", "demo")]).await;
    assert!(led.location().starts_with("/pay/demo?seller=platform"), "{}", led.location());
    let card = json!({ "kind": "card", "gateway": "demo", "token": "demo_succeeds_1", "last_digits": "4242", "expires": "2034-12" });
    made(&seller, &format!("/customers/{customer}/payment-methods"), card).await;
    assert!(owner.get(&page).await.expect(200).body.contains("Pay $49.00"));
    assert_eq!(owner.call("/api/app/portal/api/pay_own_invoice", &[("id", theirs.as_str())]).await.status, 404);
    assert_eq!(owner.submit("/api/app/portal/api/pay_own_invoice", &[("id", ours.as_str())]).await.location(), page);
    work(&world).await;
    let paid = seller.get_json(&format!("/api/v1/invoices/{ours}")).await.expect(200).json();
    assert_eq!(paid["status"], json!("paid"), "{paid}");

    // Who sends a receipt is told at home what became of it, and where they can see it.
    let line = json!({ "description": "Hosting", "unit_amount": { "minor": 700, "currency": "USD" } });
    let second = made(&seller, "/invoices", json!({ "customer_id": customer, "lines": [line] })).await;
    seller.post(&format!("/api/v1/invoices/{second}/finalize"), &json!({})).await.expect(200);
    let png = b"\x89PNG\r\n\x1a\n proof";
    owner.upload(&format!("/account/invoices/{second}/receipt"), "file", "proof.png", png).await.expect(200);
    let receipts = seller.get_json("/api/v1/receipts").await.expect(200).json();
    let receipt = receipts["data"][0]["id"].as_str().expect("an id");
    seller.post(&format!("/api/v1/receipts/{receipt}/reject"), &json!({ "reason": "Blurred" })).await.expect(200);
    work(&world).await;
    assert!(owner.get("/notifications").await.expect(200).body.contains("Your receipt was rejected"));
    let told = "SELECT link FROM notifications WHERE seller_id = $1 AND title = 'Your receipt was rejected'";
    assert_eq!(text(&world.admin().await, told, [nile.seller().id.0.into()]).await, format!("/account/invoices/{second}"));
}

//! Events of gateways as they come in over HTTP: who is believed, and what a forged, stale, oversized, strange or repeated
//! one does; the pages that show them; a card from the page where it is given to the invoice that it pays.

use app::api_keys::ApiScope;
use app::kit::clock;
use app::kit::event::deliver_batch;
use app::kit::job;
use app::kit::permission::Role;
use app::kit::scope::Scope;
use app::payments::gateway::signature::sign;
use app::payments::gateway::{GatewayKind, model::GatewayForm};
use app::payments::store::accounts::{self, NewAccount, Secrets};
use axum::body::Body;
use chrono::TimeDelta;
use http::Method;
use serde_json::{Value as Json, json};

use crate::support::{Answer, Client, World, text, value};

on_both!(
    only_what_is_signed_is_believed,
    a_sandbox_believes_by_the_clock_on_the_wall,
    a_card_is_given_and_pays,
    events_are_shown_and_replayed,
);

/// The seller's Stripe account, with a signing secret of its own.
async fn account(scope: &Scope, webhook: &str) {
    let secrets = Secrets { key: "sk_test_1".into(), webhook: webhook.into(), site: "https://nile.example".into(), url: None };
    let new = NewAccount { gateway: GatewayKind::Stripe, enabled: true, collects: true, secrets: Some(secrets) };
    accounts::save(scope, new).await.expect("an account");
}

async fn post(client: &Client, path: &str, signature: &str, body: &[u8]) -> Answer {
    let request = client.request(Method::POST, path).header("content-type", "application/json").header("stripe-signature", signature);
    client.send(request, Body::from(body.to_vec())).await
}

fn event(id: &str, kind: &str) -> Vec<u8> {
    json!({ "id": id, "object": "event", "type": kind, "created": 1_794_744_000, "data": { "object": { "id": "x_1" } } })
        .to_string()
        .into_bytes()
}

async fn count(world: &World, scope: &Scope) -> i64 {
    value(&world.admin().await, "SELECT COUNT(*) FROM gateway_events WHERE seller_id = $1", [scope.seller().id.0.into()]).await
}

async fn only_what_is_signed_is_believed(world: World) {
    let (nile, platform) = (world.tenant("nile").await, world.platform().await);
    account(&nile, "whsec_nile").await;
    let stripe = world.stranger();
    let (path, now) = ("/api/webhooks/stripe/nile", clock::now());
    let good = event("evt_1", "tax.settings.updated");
    let signed = sign("whsec_nile", &good, now);

    // Nobody else's signature, body or time will do.
    for (what, signature, body) in [
        ("no signature", String::new(), &good),
        ("another secret", sign("whsec_other", &good, now), &good),
        ("an empty secret", sign("", &good, now), &good),
        ("another body", sign("whsec_nile", &event("evt_2", "x"), now), &good),
        ("an old one", sign("whsec_nile", &good, now - TimeDelta::seconds(310)), &good),
        ("one from the future", sign("whsec_nile", &good, now + TimeDelta::seconds(310)), &good),
        ("a changed time", signed.replace("t=1", "t=2"), &good),
        ("rubbish", "t=,v1=".into(), &good),
    ] {
        let answer = post(&stripe, path, &signature, body).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.body);
    }
    let strange = b"<html>".to_vec();
    post(&stripe, path, &sign("whsec_nile", &strange, now), &strange).await.expect(400);
    let no_event = br#"{"id":"evt_9"}"#.to_vec();
    post(&stripe, path, &sign("whsec_nile", &no_event, now), &no_event).await.expect(400);
    let large = json!({ "id": "evt_3", "type": "x", "data": { "object": { "pad": "x".repeat(600_000) } } }).to_string().into_bytes();
    post(&stripe, path, &sign("whsec_nile", &large, now), &large).await.expect(413);
    assert_eq!(count(&world, &nile).await, 0, "nothing of it was kept");

    // The same body as another seller's, or nobody's, is not there.
    for elsewhere in ["/api/webhooks/stripe", "/api/webhooks/stripe/delta", "/api/webhooks/paypal/nile", "/api/webhooks/demo/nile"] {
        post(&stripe, elsewhere, &signed, &good).await.expect(404);
    }
    account(&platform, "whsec_platform").await;
    post(&stripe, "/api/webhooks/stripe", &signed, &good).await.expect(400);

    // What is signed is kept, whatever its kind; the same again is known.
    assert_eq!(post(&stripe, path, &signed, &good).await.expect(200).json()["status"], json!("ignored"));
    assert_eq!(post(&stripe, path, &signed, &good).await.expect(200).json()["status"], json!("known"));
    assert_eq!((count(&world, &nile).await, count(&world, &platform).await), (1, 0));
    let own = event("evt_1", "tax.settings.updated");
    post(&stripe, "/api/webhooks/stripe", &sign("whsec_platform", &own, now), &own).await.expect(200);
    assert_eq!(count(&world, &platform).await, 1, "another seller's event of the same id is another");
    // Many at once, each twice: each is kept once.
    let bodies: Vec<Vec<u8>> = (0..20).map(|n| event(&format!("evt_many_{}", n / 2), "invoice.paid")).collect();
    let signatures: Vec<String> = bodies.iter().map(|body| sign("whsec_nile", body, now)).collect();
    let all = bodies.iter().zip(&signatures).map(|(body, signature)| post(&stripe, path, signature, body));
    for answer in futures::future::join_all(all).await {
        answer.expect(200);
    }
    assert_eq!(count(&world, &nile).await, 11);
    // Switched off, it believes nobody.
    let off = GatewayForm {
        gateway: GatewayKind::Stripe,
        enabled: false,
        collects: false,
        key: String::new(),
        webhook: String::new(),
        site: "https://nile.example".into(),
    };
    accounts::save_typed(&nile, &off).await.expect("saved");
    post(&stripe, path, &signed, &good).await.expect(404);
}

/// Runs what is due, and what follows from it.
async fn a_sandbox_believes_by_the_clock_on_the_wall(world: World) {
    let nile = world.tenant("nile").await;
    account(&nile, "whsec_nile").await;
    world.machine(&nile, ApiScope::Write).await.post("/api/v1/sandbox", &json!({ "on": "2024-01-31" })).await.expect(200);
    let (body, now) = (event("evt_1", "tax.settings.updated"), clock::now());
    let tell = async |at| post(&world.stranger(), "/api/webhooks/stripe/nile", &sign("whsec_nile", &body, at), &body).await;
    tell(now - TimeDelta::days(1)).await.expect(400);
    tell(now).await.expect(200);
}

async fn work(world: &World) {
    let (jobs, sinks) = (app::registry::jobs(), app::registry::sinks());
    loop {
        let delivered = deliver_batch(&world.db, &sinks).await.expect("delivers");
        let ran = job::run_next(&world.db, &jobs).await.expect("runs");
        if delivered == 0 && !ran {
            return;
        }
    }
}

async fn made(machine: &Client, path: &str, body: Json) -> String {
    machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json()["id"].as_str().map(str::to_owned).expect("an id")
}

async fn a_card_is_given_and_pays(world: World) {
    let nile = world.tenant("nile").await;
    let (machine, owner) = (world.machine(&nile, ApiScope::Write).await, world.member(&nile, Role::Owner).await);
    owner
        .call("/api/app/payments/gateway/api/save_gateway", &[("gateway", "demo"), ("enabled", "true"), ("collects", "true")])
        .await
        .expect(200);
    let settings = owner.get("/settings/gateways").await.expect(200).body;
    assert!(settings.contains("/api/webhooks/demo/nile") && settings.contains("In use") && settings.contains("Signing secret"));
    let customer = made(&machine, "/customers", json!({ "name": "Nile Wave" })).await;
    let line = json!({ "description": "Work", "unit_amount": { "minor": 12_345, "currency": "USD" } });
    let invoice = made(&machine, "/invoices", json!({ "customer_id": customer, "lines": [line] })).await;
    machine.post(&format!("/api/v1/invoices/{invoice}/finalize"), &json!({})).await.expect(200);
    machine.post(&format!("/api/v1/invoices/{invoice}/charge"), &json!({})).await.expect(409);

    // The customer, who has no account here, gives a card on the gateway's page, without JavaScript.
    let page = machine.post(&format!("/api/v1/customers/{customer}/card-pages"), &json!({ "gateway": "demo" })).await.expect(201).json();
    let url = page["url"].as_str().expect("an address").to_owned();
    let payer = world.stranger();
    let shown = payer.get(&url).await.expect(200).body;
    assert!(shown.contains("The nile asks you for a card") && shown.contains("4242 4242 4242 4242"), "{shown}");
    payer.get(&format!("{url}x")).await.expect(404);
    let place = |url: &str| {
        let query = url.split_once('?').expect("a query").1.to_owned();
        let part = |name: &str| query.split('&').find_map(|p| p.strip_prefix(name)).expect("a part").to_owned();
        (part("seller="), part("page="))
    };
    let answer = async |url: &str, choice: &str| {
        let (seller, page) = place(url);
        payer.submit("/api/app/payments/gateway/api/answer_pay_page", &[("seller", &seller), ("page", &page), ("choice", choice)]).await
    };
    assert_eq!(answer(&url, "needs_action").await.location(), "/pay/thanks");
    payer.get("/pay/thanks").await.expect(200);
    work(&world).await;
    let methods = machine.get_json(&format!("/api/v1/customers/{customer}/payment-methods")).await.expect(200).json();
    assert_eq!((&methods["data"][0]["label"], &methods["data"][0]["primary"]), (&json!("Card ***3184"), &json!(true)), "{methods}");

    // It is charged; the bank wants it confirmed, on a page that only its address opens.
    let tab = owner.get(&format!("/customers/{customer}/payments")).await.expect(200).body;
    assert!(tab.contains("Charge Card ***3184") && tab.contains("Charge $123.45 now") && tab.contains("Add card by Demo gateway"));
    assert!(owner.get(&format!("/payments/new?invoice={invoice}")).await.expect(200).body.contains("Charge $123.45 now"));
    let posted = owner.submit("/api/app/payments/api/charge_invoice", &[("id", invoice.as_str())]).await;
    let payment = posted.location().trim_start_matches("/payments/").to_owned();
    assert!(owner.get(posted.location()).await.expect(200).body.contains("It is on its way"));
    work(&world).await;
    let waiting = machine.get_json(&format!("/api/v1/payments/{payment}")).await.expect(200).json();
    assert_eq!(waiting["status"], json!("needs_action"), "{waiting}");
    let url = waiting["action_url"].as_str().expect("an address").to_owned();
    assert!(owner.get(&format!("/payments/{payment}")).await.expect(200).body.contains("The customer has to confirm it"));
    assert!(payer.get(&url).await.expect(200).body.contains("$123.45"));
    answer(&url, "confirm").await;
    assert!(payer.get(&url).await.expect(200).body.contains("This page was answered"));
    work(&world).await;
    let paid = machine.get_json(&format!("/api/v1/invoices/{invoice}")).await.expect(200).json();
    assert_eq!(paid["status"], json!("paid"), "{paid}");
    let trial = machine.get_json("/api/v1/ledger/trial-balance").await.expect(200).json();
    assert_eq!(trial["balanced"], json!(true), "{trial}");
    let listed = owner.get("/webhook-events?status=applied").await.expect(200).body;
    assert!(listed.contains("payment_intent.succeeded") && listed.contains("checkout.session.completed"));
    let key =
        text(&world.admin().await, "SELECT sealed_secrets FROM gateway_accounts WHERE seller_id = $1", [nile.seller().id.0.into()]).await;
    assert!(!key.contains("webhook"), "sealed");
}

async fn events_are_shown_and_replayed(world: World) {
    let nile = world.tenant("nile").await;
    account(&nile, "whsec_nile").await;
    let (machine, owner) = (world.machine(&nile, ApiScope::Write).await, world.member(&nile, Role::Owner).await);
    let hostile = json!({ "id": "evt_1", "type": "invoice.paid", "created": 1_794_744_000,
        "data": { "object": { "id": "in_1", "name": "</pre><script>alert(1)</script>" } } });
    let body = hostile.to_string().into_bytes();
    post(&world.stranger(), "/api/webhooks/stripe/nile", &sign("whsec_nile", &body, clock::now()), &body).await.expect(200);
    let listed = machine.get_json("/api/v1/webhook-events?type=invoice.paid&gateway=stripe").await.expect(200).json();
    let id = listed["data"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!((&listed["data"][0]["status"], &listed["data"][0]["type"]), (&json!("ignored"), &json!("invoice.paid")));
    assert_eq!(machine.get_json("/api/v1/webhook-events?status=failed").await.expect(200).json()["data"], json!([]));
    let found = owner.get("/webhook-events?q=evt_1").await.expect(200).body;
    assert!(found.contains("invoice.paid") && found.contains(&id));
    let csv = owner.get("/webhook-events/export.csv?q=evt_1").await.expect(200).body;
    assert!(csv.contains("stripe,evt_1,invoice.paid,ignored"), "{csv}");
    let shown = owner.get(&format!("/webhook-events/{id}")).await.expect(200).body;
    assert!(shown.contains("Replay event") && !shown.contains("<script>alert(1)") && shown.contains("&lt;script&gt;alert(1)"));
    // The invoice is linked only afterwards: replayed, the event pays it.
    let customer = made(&machine, "/customers", json!({ "name": "Nile Wave" })).await;
    let line = json!({ "description": "Work", "unit_amount": { "minor": 700, "currency": "USD" } });
    let invoice = made(&machine, "/invoices", json!({ "customer_id": customer, "lines": [line] })).await;
    machine.post(&format!("/api/v1/invoices/{invoice}/finalize"), &json!({})).await.expect(200);
    let link = json!({ "gateway": "stripe", "kind": "invoice", "id": invoice, "external_id": "in_2" });
    machine.post("/api/v1/gateway-links", &link).await.expect(201);
    machine.post("/api/v1/gateway-links", &link).await.expect(201);
    let paid = json!({ "id": "evt_2", "type": "invoice.paid", "created": 1_794_744_000,
        "data": { "object": { "id": "in_2", "amount_paid": 700, "currency": "usd", "payment_intent": "pi_2" } } });
    let body = paid.to_string().into_bytes();
    post(&world.stranger(), "/api/webhooks/stripe/nile", &sign("whsec_nile", &body, clock::now()), &body).await.expect(200);
    let status = async || machine.get_json(&format!("/api/v1/invoices/{invoice}")).await.expect(200).json()["status"].clone();
    assert_eq!(status().await, json!("paid"));
    let listed = machine.get_json("/api/v1/webhook-events?status=applied").await.expect(200).json();
    let second = listed["data"][0]["id"].as_str().expect("an id").to_owned();
    let posted = owner.submit("/api/app/payments/webhooks/api/replay_gateway_event", &[("id", second.as_str())]).await;
    assert_eq!(posted.location(), format!("/webhook-events/{second}"));
    let again = machine.post(&format!("/api/v1/webhook-events/{second}/replay"), &json!({})).await.expect(200).json();
    assert_eq!((&again["replays"], &again["payload"]), (&json!(2), &paid));
    let payments = machine.get_json(&format!("/api/v1/payments?customer_id={customer}")).await.expect(200).json();
    assert_eq!(payments["data"].as_array().map(Vec::len), Some(1), "replays pay nothing twice");
}

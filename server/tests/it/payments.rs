//! Payments as a machine sees them, and receipts as a browser sends them.

use app::api_keys::ApiScope;
use app::kit::event::deliver_batch;
use app::kit::permission::Role;
use app::payments::PaymentId;
use axum::body::Body;
use http::{Method, header};
use serde_json::{Value as Json, json};

use crate::support::{Client, World};

on_both!(the_api_takes_payments_once, a_receipt_is_what_its_bytes_say, a_payment_has_a_document, the_pages_show_it);

fn usd(minor: i64) -> Json {
    json!({ "minor": minor, "currency": "USD" })
}

async fn made(machine: &Client, path: &str, body: Json) -> String {
    let answer = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
    answer["id"].as_str().expect("an id").to_owned()
}

/// A customer, and an issued invoice of it.
async fn billed(machine: &Client, minor: i64) -> (String, Json) {
    let customer = made(machine, "/customers", json!({ "name": "Nile Wave", "email": "a@b.example" })).await;
    let line = json!({ "description": "Work", "unit_amount": usd(minor) });
    let invoice = made(machine, "/invoices", json!({ "customer_id": customer, "lines": [line] })).await;
    (customer, machine.post(&format!("/api/v1/invoices/{invoice}/finalize"), &json!({})).await.expect(200).json())
}

async fn the_api_takes_payments_once(world: World) {
    let scope = world.tenant("nile").await;
    let machine = world.machine(&scope, ApiScope::Write).await;
    let (customer, invoice) = billed(&machine, 10_000).await;
    let body = json!({
        "customer_id": customer, "amount": usd(12_000), "method": "bank_transfer", "reference": "EFT 1",
        "allocations": [{ "invoice_id": invoice["id"] }],
    });
    let pay = async |body: &Json| {
        let request = machine.request(Method::POST, "/api/v1/payments").header("idempotency-key", "pay-1");
        let request = request.header(header::CONTENT_TYPE, "application/json");
        machine.send(request, Body::from(body.to_string())).await
    };
    let first = pay(&body).await.expect(201);
    let payment = first.json();
    assert_eq!(first.header("location"), format!("/api/v1/payments/{}", payment["id"].as_str().expect("an id")));
    assert_eq!((&payment["status"], &payment["allocated"]), (&json!("succeeded"), &usd(10_000)), "{payment}");
    assert_eq!((&payment["allocations"][0]["invoice_number"], &payment["refundable"]), (&invoice["number"], &usd(12_000)));
    assert_eq!(pay(&body).await.expect(201).json()["id"], payment["id"], "sent again, it is the same payment");
    pay(&json!({ "customer_id": customer, "amount": usd(1) })).await.expect(409);

    let bills = machine.get_json(&format!("/api/v1/invoices?customer_id={customer}")).await.expect(200).json();
    assert_eq!((&bills["data"][0]["status"], &bills["data"][0]["amount_due"]), (&json!("paid"), &usd(0)));
    let all = machine.get_json(&format!("/api/v1/payments?customer_id={customer}")).await.expect(200).json();
    assert_eq!(all["data"].as_array().map(Vec::len), Some(1), "{all}");
    let id = payment["id"].as_str().expect("an id");
    let refunds = format!("/api/v1/payments/{id}/refunds");
    let refund = machine.post(&refunds, &json!({ "amount": usd(2_500), "reason": "Asked for" })).await.expect(201).json();
    assert_eq!((&refund["to"], &refund["amount"]), (&json!("method"), &usd(2_500)));
    machine.post(&refunds, &json!({ "amount": usd(9_501), "reason": "Too much" })).await.expect(422);
    machine.post(&refunds, &json!({ "amount": usd(1) })).await.expect(422);
    let payment = machine.get_json(&format!("/api/v1/payments/{id}")).await.expect(200).json();
    assert_eq!((&payment["refunded"], &payment["allocated"]), (&usd(2_500), &usd(9_500)), "{payment}");
    machine.post(&format!("/api/v1/payments/{id}/reverse"), &json!({ "reason": "Bounced" })).await.expect(409);
    let trial = machine.get_json("/api/v1/ledger/trial-balance").await.expect(200).json();
    assert_eq!(trial["balanced"], json!(true), "{trial}");

    let methods = format!("/customers/{customer}/payment-methods");
    let account = json!({ "kind": "bank_account", "holder": "Nile", "bank": "First", "account": "6212345678" });
    made(&machine, &methods, account.clone()).await;
    let listed = machine.get_json(&format!("/api/v1{methods}")).await.expect(200);
    assert!(listed.body.contains("Bank ***5678") && !listed.body.contains("6212345678"), "{}", listed.body);
    machine.post(&format!("/api/v1{methods}"), &account).await.expect(422);
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot much of a picture";

async fn a_receipt_is_what_its_bytes_say(world: World) {
    let scope = world.tenant("nile").await;
    let (machine, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
    let (_, invoice) = billed(&machine, 10_000).await;
    let number = invoice["number"].as_str().expect("a number");
    let send = async |name: &str, bytes: &[u8]| owner.upload("/receipts/upload", "file", name, bytes).await;
    for (name, bytes) in [("proof.png", &b"<svg onload=alert(1)>"[..]), ("proof.pdf", b"MZ program"), ("a.jpg", b""), ("b.pdf", b"<html>")]
    {
        assert!(send(name, bytes).await.expect(422).body.contains("no PDF, PNG or JPG"), "{name}");
    }
    let large = [PNG, &vec![0; 5 * 1024 * 1024]].concat();
    assert!(send("large.png", &large).await.expect(422).body.contains("5 MB"));
    // It says PDF and is a picture: a picture it is.
    let sent = send(&format!("../{} ü.pdf", number.to_lowercase()), PNG).await.expect(200);
    let page = sent.told::<String>();
    let file = owner.get(&format!("{page}/file")).await.expect(200);
    assert_eq!((file.header("content-type"), file.header("x-content-type-options")), ("image/png", "nosniff"));
    assert!(file.header("content-security-policy").contains("sandbox") && file.header("content-disposition").starts_with("inline"));
    assert!(!file.header("content-disposition").contains(".."));
    let shown = owner.get(&page).await.expect(200).body;
    assert!(shown.contains(number) && shown.contains("Approve receipt"), "it is linked by its name");
    assert!(world.stranger().get(&format!("{page}/file")).await.location().starts_with("/sign-in"));
    let id = page.rsplit('/').next().expect("an id");
    let fields = [
        ("id", id),
        ("customer", invoice["customer_id"].as_str().expect("an id")),
        ("amount", "100.00"),
        ("currency", "USD"),
        ("paid_by", "bank_transfer"),
        ("invoice", invoice["id"].as_str().expect("an id")),
    ];
    owner.call("/api/app/receipts/api/approve_receipt", &fields).await.expect(200);
    owner.call("/api/app/receipts/api/approve_receipt", &fields).await.expect(409);
    let paid = machine.get_json(&format!("/api/v1/invoices/{}", invoice["id"].as_str().expect("an id"))).await.expect(200).json();
    assert_eq!(paid["status"], json!("paid"));

    // Whoever uploads hears what became of it, and nobody else does.
    let clerk = world.member(&scope, Role::Billing).await;
    let sent = clerk.upload("/receipts/upload", "file", "scan.png", &[PNG, b"another"].concat()).await.expect(200);
    let id = sent.told::<String>().rsplit('/').next().expect("an id").to_owned();
    owner.call("/api/app/receipts/api/reject_receipt", &[("id", id.as_str()), ("reason", "Blurred")]).await.expect(200);
    let sinks = app::registry::sinks();
    while deliver_batch(&world.db, &sinks).await.expect("delivers") > 0 {}
    let bell = async |of: &Client| of.call("/api/app/notifications/api/read_bell", &[]).await.expect(200).body;
    assert!(bell(&clerk).await.contains("Your receipt was rejected"));
    assert!(!bell(&owner).await.contains("Your receipt was rejected"));
}

async fn a_payment_has_a_document(world: World) {
    let scope = world.tenant("nile").await;
    let (machine, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
    let (customer, first) = billed(&machine, 10_000).await;
    let line = json!({ "description": "More work", "unit_amount": usd(5_000) });
    let second_id = made(&machine, "/invoices", json!({ "customer_id": customer, "lines": [line] })).await;
    machine.post(&format!("/api/v1/invoices/{second_id}/finalize"), &json!({})).await.expect(200);
    // Split by hand in the form: a part of each.
    let first_id = first["id"].as_str().expect("an id");
    let (one, two) = (format!("split[{first_id}]"), format!("split[{second_id}]"));
    let mut fields = vec![("customer", customer.as_str()), ("amount", "50"), ("currency", "USD"), ("paid_by", "cash")];
    fields.extend([(one.as_str(), "30.00"), (two.as_str(), "15.00")]);
    let id = owner.call("/api/app/payments/api/record_payment", &fields).await.expect(200).told::<PaymentId>().to_string();
    let payment = machine.get_json(&format!("/api/v1/payments/{id}")).await.expect(200).json();
    let parts: Vec<i64> =
        payment["allocations"].as_array().expect("parts").iter().map(|p| p["amount"]["minor"].as_i64().expect("an amount")).collect();
    assert_eq!((parts.iter().sum::<i64>(), parts.len(), &payment["attached"]), (4_500, 2, &json!(false)), "{payment}");
    fields[1] = ("amount", "40");
    assert!(owner.call("/api/app/payments/api/record_payment", &fields).await.expect(422).body.contains("no more than the payment"));

    let place = format!("/payments/{id}/attachment");
    owner.get(&place).await.expect(404);
    assert!(owner.upload(&place, "file", "slip.pdf", b"<html>").await.expect(422).body.contains("no PDF, PNG or JPG"));
    owner.upload(&place, "file", "slip.pdf", PNG).await.expect(200);
    let replaced = machine.upload(&format!("/api/v1{place}"), "file", "slip.png", &[PNG, b"the better one"].concat()).await.expect(200);
    assert_eq!(replaced.json()["attached"], json!(true));
    let file = machine.get(&format!("/api/v1{place}")).await.expect(200);
    assert!(file.header("content-security-policy").contains("sandbox") && file.header("content-disposition").contains(".png"));
    assert!(owner.get(&format!("/payments/{id}")).await.expect(200).body.contains("Replace document"));
    world.member(&scope, Role::Staff).await.upload(&place, "file", "a.png", PNG).await.expect(403);

    // A machine puts a receipt into the queue, and the same one no second time.
    let number = first["number"].as_str().expect("a number");
    let receipt = machine.upload("/api/v1/receipts", "file", &format!("{number}.png"), PNG).await.expect(201).json();
    assert_eq!((&receipt["invoice_id"], &receipt["status"]), (&first["id"], &json!("waiting")), "{receipt}");
    assert!(machine.upload("/api/v1/receipts", "file", "again.png", PNG).await.expect(422).body.contains("before"));
    machine.post("/api/v1/receipts", &json!({})).await.expect(422);
}

async fn the_pages_show_it(world: World) {
    let scope = world.tenant("nile").await;
    let (machine, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
    let (customer, invoice) = billed(&machine, 12_345).await;
    let number = invoice["number"].as_str().expect("a number");
    let start = format!("/payments/new?invoice={}", invoice["id"].as_str().expect("an id"));
    let form = owner.get(&start).await.expect(200).body;
    assert!(form.contains("123.45") && form.contains(number), "the form knows what is due");
    // As a browser without JavaScript posts it.
    let fields = [
        ("customer", customer.as_str()),
        ("currency", "USD"),
        ("amount", "100"),
        ("paid_by", "cash"),
        ("paid_on", ""),
        ("invoice", invoice["id"].as_str().expect("an id")),
        ("reference", "R 7"),
        ("note", ""),
    ];
    let posted = owner.submit("/api/app/payments/api/record_payment", &fields).await;
    assert!(posted.location().starts_with("/payments/pay_"), "{} {}", posted.status, posted.location());
    let shown = owner.get(posted.location()).await.expect(200).body;
    assert!(shown.contains("$100.00") && shown.contains(number) && shown.contains("Refund payment"));
    let list = owner.get("/payments?q=r+7").await.expect(200).body;
    assert!(list.contains("Nile Wave") && list.contains("R 7") && list.contains("Outstanding"));
    let csv = owner.get("/payments/export.csv").await.expect(200).body;
    assert!(csv.contains("Nile Wave,succeeded,cash,USD,100.00,100.00"), "{csv}");
    let statement = owner.get(&format!("/customers/{customer}/statement")).await.expect(200).body;
    assert!(statement.contains(number) && statement.contains("$23.45"), "what is still owed");
    let csv = owner.get(&format!("/customers/{customer}/statement.csv")).await.expect(200).body;
    assert!(csv.contains(&format!("Invoice,{number},USD,123.45,123.45")) && csv.contains("-100.00,23.45"), "{csv}");
    let own = owner.get(&format!("/customers/{customer}/payments")).await.expect(200).body;
    assert!(own.contains("Add payment method") && own.contains("Record payment"));
}

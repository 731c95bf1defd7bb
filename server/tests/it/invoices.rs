//! Invoices and reports as a browser sees them, with and without JavaScript, and what machines are told of them.

use app::api_keys::ApiScope;
use app::kit::permission::Role;
use serde_json::{Value as Json, json};

use crate::support::{Client, World};

on_both!(
    the_pages_show_an_invoice_and_its_verbs,
    a_draft_is_written_changed_and_issued_without_javascript,
    billing_runs_are_looked_after,
    reports_are_pages_files_and_answers
);

fn usd(minor: i64) -> Json {
    json!({ "minor": minor, "currency": "USD" })
}

async fn made(machine: &Client, path: &str, body: Json) -> String {
    let answer = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
    answer["id"].as_str().expect("an id").to_owned()
}

/// An issued invoice of that customer.
async fn billed(machine: &Client, customer: &str, minor: i64) -> Json {
    let line = json!({ "description": "Work", "unit_amount": usd(minor) });
    let invoice = made(machine, "/invoices", json!({ "customer_id": customer, "lines": [line] })).await;
    machine.post(&format!("/api/v1/invoices/{invoice}/finalize"), &json!({})).await.expect(200).json()
}

async fn the_pages_show_an_invoice_and_its_verbs(world: World) {
    let scope = world.tenant("nile").await;
    let (machine, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
    machine.post("/api/v1/tax-rates", &json!({ "name": "VAT", "rate_ppm": 150_000, "starts_on": "2020-01-01" })).await.expect(201);
    let customer = made(&machine, "/customers", json!({ "name": "Nile Wave" })).await;
    let empty = owner.get("/invoices").await.expect(200).body;
    assert!(empty.contains("No invoices yet") && empty.contains("Collection rate") && empty.contains("n/a"));
    let invoice = billed(&machine, &customer, 10_000).await;
    let (id, number) = (invoice["id"].as_str().expect("an id"), invoice["number"].as_str().expect("a number"));

    let list = owner.get("/invoices?q=nile&status=open").await.expect(200).body;
    assert!(list.contains(number) && list.contains("$115.00") && list.contains("aria-label=\"Selected rows\""));
    let csv = owner.get("/invoices/export.csv?status=open").await.expect(200).body;
    assert!(csv.contains(&format!("{id},{number},{customer},Nile Wave,open,USD,100.00,0.00,15.00,115.00,115.00")), "{csv}");
    assert_eq!(owner.get("/invoices/export.csv?status=void").await.expect(200).body.lines().count(), 1, "as it is filtered");

    let page = format!("/invoices/{id}");
    let shown = owner.get(&page).await.expect(200).body;
    for what in ["VAT 15%", "$115.00", "Void invoice", "Void and replace", "Mark uncollectible", "Write credit note", "Record payment"] {
        assert!(shown.contains(what), "{what}: {shown}");
    }
    assert!(shown.contains("Invoice finalized"), "its story");
    assert!(!owner.get("/invoices/inv_nothing").await.body.contains(number));
    owner.get("/invoices/inv_nothing").await.expect(404);
    owner.get("/invoices/inv_01kaj0000000000000000000000").await.expect(404);
    let support = world.member(&scope, Role::Support).await;
    let seen = support.get(&page).await.expect(200).body;
    assert!(seen.contains(number) && !seen.contains("Void invoice"), "who may only look");

    // A part of the only line comes off what it wants.
    let line = invoice["lines"][0]["id"].as_str().expect("an id");
    let amount = format!("amounts[{line}]");
    let credit = [("id", id), ("settlement", "offset"), ("reason", "Too much"), (amount.as_str(), "40")];
    let posted = owner.submit("/api/app/invoices/api/credit_invoice", &credit).await;
    assert_eq!(posted.location(), page);
    let shown = owner.get(&page).await.expect(200).body;
    assert!(shown.contains("$69.00") && shown.contains("Too much") && !shown.contains("Void invoice"), "a credit note belongs to it");
    let notes = owner.get("/credit-notes").await.expect(200).body;
    assert!(notes.contains("Nile Wave") && notes.contains("$46.00") && notes.contains(number));
    let listed = machine.get_json(&format!("/api/v1/credit-notes?invoice_id={id}")).await.expect(200).json();
    let note = listed["data"][0]["id"].as_str().expect("an id");
    let detail = machine.get_json(&format!("/api/v1/credit-notes/{note}")).await.expect(200).json();
    assert_eq!((&detail["total"], &detail["lines"][0]["amount"]), (&usd(4_600), &usd(4_000)), "{detail}");
    assert!(owner.get(&format!("/credit-notes/{note}")).await.expect(200).body.contains("Too much"));
    assert!(owner.get("/credit-notes/export.csv").await.expect(200).body.contains("offset,Too much,USD,40.00,6.00,46.00"));
    owner.get("/credit-notes/crn_nothing").await.expect(404);

    let other = billed(&machine, &customer, 500).await;
    let other = other["id"].as_str().expect("an id");
    owner.call("/api/app/invoices/api/void_invoice", &[("id", other), ("reason", "")]).await.expect(422);
    owner.call("/api/app/invoices/api/void_invoice", &[("id", other), ("reason", "A mistake")]).await.expect(200);
    assert!(owner.get(&format!("/invoices/{other}")).await.expect(200).body.contains("It is void"));
    let own = owner.get(&format!("/customers/{customer}/invoices")).await.expect(200).body;
    assert!(own.contains(number) && own.contains("Bill now") && own.contains("Preview next invoice"));
}

async fn a_draft_is_written_changed_and_issued_without_javascript(world: World) {
    let scope = world.tenant("nile").await;
    let (machine, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
    let customer = made(&machine, "/customers", json!({ "name": "Nile Wave" })).await;
    let form = owner.get(&format!("/invoices/new?customer={customer}")).await.expect(200).body;
    assert!(form.contains("Nile Wave") && form.contains("lines[2][description]"), "three lines to write");
    let fields = [
        ("customer", customer.as_str()),
        ("currency", "usd"),
        ("due_on", ""),
        ("note", "Thank you"),
        ("lines[0][description]", "Installation"),
        ("lines[0][quantity]", "2"),
        ("lines[0][amount]", "25"),
        ("lines[1][description]", ""),
        ("lines[1][quantity]", "1"),
        ("lines[1][amount]", ""),
    ];
    let posted = owner.submit("/api/app/invoices/api/create_invoice", &fields).await;
    assert!(posted.location().starts_with("/invoices/inv_"), "{} {}", posted.status, posted.location());
    let (page, id) = (posted.location().to_owned(), posted.location().rsplit('/').next().expect("an id").to_owned());
    let shown = owner.get(&page).await.expect(200).body;
    assert!(
        shown.contains("$50.00") && shown.contains("Finalize invoice") && shown.contains("Discard draft") && shown.contains("Thank you")
    );
    assert!(owner.get(&format!("{page}/edit")).await.expect(200).body.contains("Installation"));
    let changed = [&[("id", id.as_str())][..], &fields[..5], &[("lines[0][amount]", "30")]].concat();
    owner.submit("/api/app/invoices/api/edit_invoice", &changed).await;
    assert!(owner.get(&page).await.expect(200).body.contains("$30.00"));
    let issued = owner.submit("/api/app/invoices/api/finalize_invoice", &[("id", id.as_str())]).await;
    assert_eq!(issued.location(), page);
    owner.get(&format!("{page}/edit")).await.expect(409);
    owner.call("/api/app/invoices/api/discard_invoice", &[("id", id.as_str())]).await.expect(409);
    let wrong = [("customer", customer.as_str()), ("currency", "USD"), ("lines[0][description]", "Work"), ("lines[0][amount]", "much")];
    let refused = owner.call("/api/app/invoices/api/create_invoice", &wrong).await.expect(422);
    assert!(refused.body.contains("lines[0][amount]"), "{}", refused.body);
}

async fn billing_runs_are_looked_after(world: World) {
    let scope = world.tenant("nile").await;
    let (machine, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
    let customer = made(&machine, "/customers", json!({ "name": "Nile Wave" })).await;
    let plan = made(&machine, "/plans", json!({ "name": "Pro", "interval": "month", "price": usd(4_900) })).await;
    let today = world.now.date_naive().to_string();
    let new = json!({ "customer_id": customer, "plan_id": plan, "started_on": today });
    let subscription = made(&machine, "/subscriptions", new).await;
    let foreseen = owner.get(&format!("/invoices/preview?subscription={subscription}")).await.expect(200).body;
    assert!(foreseen.contains("$49.00") && foreseen.contains("Bill now"), "{foreseen}");
    assert!(owner.get(&format!("/subscriptions/{subscription}")).await.expect(200).body.contains("Preview next invoice"));
    let billed = owner.submit("/api/app/invoices/api/bill_customer", &[("customer", customer.as_str())]).await;
    assert_eq!(billed.location(), format!("/customers/{customer}/invoices"));
    assert!(owner.get(billed.location()).await.expect(200).body.contains("$49.00"));
    let runs = owner.get("/billing").await.expect(200).body;
    assert!(runs.contains("Billing runs") && runs.contains("Start a run") && runs.contains("Done"));
    owner.call("/api/app/invoices/api/start_billing_run", &[("until", "2999-01-01")]).await.expect(422);
    owner.call("/api/app/invoices/api/start_billing_run", &[]).await.expect(200);
    owner.get("/invoices/preview?customer=cus_nothing").await.expect(404);
}

async fn reports_are_pages_files_and_answers(world: World) {
    let scope = world.tenant("nile").await;
    let (machine, owner) = (world.machine(&scope, ApiScope::Write).await, world.member(&scope, Role::Owner).await);
    assert!(owner.get("/reports").await.expect(200).body.contains("Nothing in these days"));
    assert!(owner.get("/reports/aging").await.expect(200).body.contains("Nothing is outstanding"));
    let customer = made(&machine, "/customers", json!({ "name": "=HYPERLINK(1)" })).await;
    billed(&machine, &customer, 12_345).await;
    let month = &world.now.date_naive().to_string()[..7];

    let page = owner.get("/reports?report=revenue_by_month").await.expect(200).body;
    assert!(page.contains(month) && page.contains("$123.45"));
    let csv = owner.get("/reports/export.csv?report=revenue_by_month").await.expect(200).body;
    let rows = format!("{month},USD,123.45,0.00,123.45,0.00\r\nTotal,USD,123.45,0.00,123.45,0.00\r\n");
    assert_eq!(csv, format!("month,currency,invoiced,taken_back,revenue,tax\r\n{rows}"));
    let csv = owner.get("/reports/export.csv?report=outstanding").await.expect(200).body;
    assert!(csv.contains("'=HYPERLINK(1),USD,123.45,0.00,123.45"), "{csv}");
    let sorted = owner.get("/reports?report=outstanding&sort=customer").await.expect(200).body;
    assert!(sorted.contains("=HYPERLINK(1)") && sorted.contains("sort=-customer"));
    owner.get("/reports/export.csv?report=revenue_by_month&from=2026-02-01&to=2026-01-01").await.expect(422);

    let excel = owner.get("/reports/export.xlsx?report=outstanding").await.expect(200);
    assert!(excel.header("content-type").contains("spreadsheetml"));
    let aging = owner.get("/reports/aging?currency=USD&bucket=current").await.expect(200).body;
    assert!(aging.contains("$123.45") && aging.contains("Customers behind the cell"));
    let answer = machine.get_json("/api/v1/reports/aging").await.expect(200).json();
    assert_eq!((&answer["data"][0]["currency"], &answer["data"][0]["total"]), (&json!("USD"), &usd(12_345)), "{answer}");
    let answer = machine.get_json("/api/v1/reports?report=revenue_by_customer").await.expect(200).json();
    assert_eq!((&answer["columns"][4], &answer["data"][0][4]), (&json!("revenue"), &usd(12_345)), "{answer}");

    // Support sees what is outstanding, and no revenue.
    let support = world.member(&scope, Role::Support).await;
    support.get("/reports/export.csv?report=outstanding").await.expect(200);
    support.get("/reports/export.csv?report=tax").await.expect(403);

    let forecast = owner.get("/revenue/forecast").await.expect(200).body;
    assert!(forecast.contains("Not enough to go by") && forecast.contains("Revenue: actual against projected"));
    let answer = machine.get_json("/api/v1/revenue/forecast").await.expect(200).json();
    assert_eq!((answer["past"].as_array().map(Vec::len), &answer["forecast"]), (Some(12), &json!([])));
    assert_eq!(answer["past"][11]["revenue"], usd(12_345));
}

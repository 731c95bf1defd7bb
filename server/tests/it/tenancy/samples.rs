//! Two populated sellers, made through the program's own API, and the ids of what each has.

use std::collections::BTreeMap;

use app::api_keys::ApiScope;
use app::kit::event::{Event, Level, deliver_batch};
use app::kit::job::{self, NewJob};
use app::kit::permission::Role;
use app::kit::scope::Scope;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::support::{Client, World, text, value};

/// The ids of one thing of each kind, by noun: `customer` → `cus_…`.
pub type Ids = BTreeMap<&'static str, String>;

/// A seller with one of everything, its owner's browser and its machine.
pub struct Seller {
    pub scope: Scope,
    pub owner: Client,
    pub machine: Client,
    pub ids: Ids,
}

pub async fn populate(world: &World, slug: &str) -> Seller {
    let scope = world.tenant(slug).await;
    let (owner, machine) = (world.member(&scope, Role::Owner).await, world.machine(&scope, ApiScope::Write).await);
    let mut ids = Ids::from([("slug", slug.to_owned()), ("session", owner.session.to_string()), ("user", owner.user.to_string())]);
    let make = async |path: &str, body| {
        machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json()["id"].as_str().map(str::to_owned).expect("an id")
    };

    ids.insert("customer", make("/customers", json!({ "name": format!("Customer of {slug}"), "email": "a@b.example" })).await);
    let price = json!({ "minor": 4_900, "currency": "USD" });
    for noun in ["plan", "other_plan"] {
        ids.insert(noun, make("/plans", json!({ "name": format!("{noun} of {slug}"), "interval": "month", "price": price })).await);
    }
    let meter = json!({ "key": "gb", "name": format!("Traffic of {slug}"), "unit": "GB", "aggregation": "sum" });
    ids.insert("meter", make("/meters", meter).await);
    priced(&machine, &mut ids).await;
    let upload = owner.upload("/usage/upload", "file", "usage.csv", b"event_id,meter,subscription,at\n").await.expect(200);
    owner.upload("/settings/billing/logo", "file", "logo.svg", &png(slug.as_bytes())).await.expect(200);
    let found = upload.body.find("usu_").unwrap_or_else(|| panic!("no upload in {}", upload.body));
    ids.insert("usage_upload", upload.body[found..found + 30].to_owned());
    for noun in ["subscription", "ended_subscription"] {
        let new = json!({ "customer_id": ids["customer"], "plan_id": ids["plan"], "started_on": "2026-01-01" });
        ids.insert(noun, make("/subscriptions", new).await);
    }
    let ended = format!("/api/v1/subscriptions/{}/cancel", ids["ended_subscription"]);
    machine.post(&ended, &json!({ "at": "now" })).await.expect(200);

    billing(world, &scope, &machine, &mut ids).await;
    let line = json!({ "description": "Work", "unit_amount": { "minor": 500, "currency": "USD" } });
    let paid = make("/invoices", json!({ "customer_id": ids["customer"], "lines": [line] })).await;
    machine.post(&format!("/api/v1/invoices/{paid}/finalize"), &json!({})).await.expect(200);
    for noun in ["payment", "other_payment"] {
        let (amount, over) = (json!({ "minor": 100, "currency": "USD" }), json!([{ "invoice_id": paid }]));
        let new = json!({ "customer_id": ids["customer"], "amount": amount, "allocations": over });
        ids.insert(noun, make("/payments", new).await);
    }
    ids.insert(
        "number",
        machine.get_json(&format!("/api/v1/invoices/{paid}")).await.expect(200).json()["number"].to_string().replace('"', ""),
    );
    for noun in ["receipt", "other_receipt"] {
        let upload =
            owner.upload("/receipts/upload", "file", &format!("{noun}.png"), &png(format!("{slug} {noun}").as_bytes())).await.expect(200);
        let found = upload.body.find("rcp_").unwrap_or_else(|| panic!("no receipt in {}", upload.body));
        ids.insert(noun, upload.body[found..found + 30].to_owned());
    }
    let methods = format!("/customers/{}/payment-methods", ids["customer"]);
    for (noun, account) in [("payment_method", "6212345678"), ("other_payment_method", "6212345679")] {
        let new = json!({ "kind": "bank_account", "holder": "Nile", "bank": "First", "account": account });
        ids.insert(noun, make(&methods, new).await);
    }

    let book =
        "customer_id,customer_name,subscription_id,plan,interval,currency,amount,started_on\nC1,One,S1,Basic,month,USD,10.00,2026-01-01\n";
    let upload = owner.upload("/imports/upload", "file", "book.csv", book.as_bytes()).await.expect(200);
    let found = upload.body.find("imp_").unwrap_or_else(|| panic!("no import in {}", upload.body));
    ids.insert("import", upload.body[found..found + 30].to_owned());

    let other = world.member(&scope, Role::Support).await;
    ids.insert("member", other.user.to_string());
    let colleague = world.session_of(&scope, owner.user).await;
    ids.insert("other_session", colleague.to_string());
    let key = owner.call("/api/app/api_keys/api/create_api_key", &[("name", "A key"), ("scope", "read")]).await.expect(200);
    ids.insert("key", key.json()["row"]["id"].as_str().expect("an id").to_owned());
    let view = owner.call("/api/app/views/api/save_view", &[("list", "/customers"), ("name", "A view")]).await.expect(200);
    ids.insert("view", view.json().as_str().expect("an id").to_owned());
    ids.insert("job", dead_job(world, &scope).await);
    ids.insert("notification", notification(world, &scope).await);
    Seller { scope, owner, machine, ids }
}

/// A charge of a plan.
async fn priced(machine: &Client, ids: &mut Ids) {
    let setup = json!({ "kind": "setup", "name": "Setup", "model": "flat", "amount_minor": 100 });
    let charge = machine.post(&format!("/api/v1/plans/{}/charges", ids["other_plan"]), &setup).await.expect(201).json();
    ids.insert("plan_charge", charge["id"].as_str().expect("an id").to_owned());
}

/// Bytes that begin as a picture does.
fn png(rest: &[u8]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n", rest].concat()
}

/// Invoices in each state that a call needs, and an alert.
async fn billing(world: &World, scope: &Scope, machine: &Client, ids: &mut Ids) {
    let until = world.now.date_naive().to_string();
    machine.post("/api/v1/billing/runs", &json!({ "until": until, "wait": true })).await.expect(200);
    let bills = machine.get_json(&format!("/api/v1/invoices?customer_id={}", ids["customer"])).await.expect(200).json();
    let nouns = ["invoice", "void_invoice", "wrong_invoice", "bad_invoice"];
    for (noun, invoice) in nouns.into_iter().zip(bills["data"].as_array().expect("invoices")) {
        ids.insert(noun, invoice["id"].as_str().expect("an id").to_owned());
    }
    let line = json!({ "description": "Work", "unit_amount": { "minor": 500, "currency": "USD" } });
    for noun in ["draft", "other_draft"] {
        let new = json!({ "customer_id": ids["customer"], "lines": [line] });
        let id = machine.post("/api/v1/invoices", &new).await.expect(201).json()["id"].as_str().map(str::to_owned).expect("an id");
        ids.insert(noun, id);
    }
    let coupon = json!({ "name": "Half", "percent_ppm": 500_000, "duration": "once" });
    let coupon = machine.post("/api/v1/coupons", &coupon).await.expect(201).json();
    let of = coupon["id"].as_str().expect("an id").to_owned();
    machine.post(&format!("/api/v1/coupons/{of}/codes"), &json!({ "code": "first" })).await.expect(201);
    let own =
        machine.post("/api/v1/coupons", &json!({ "name": "Own", "percent_ppm": 10_000, "duration": "once" })).await.expect(201).json();
    let own = own["id"].as_str().expect("an id").to_owned();
    machine.post(&format!("/api/v1/coupons/{own}/codes"), &json!({ "code": "own" })).await.expect(201);
    let third = json!({ "name": "Given", "percent_ppm": 10_000, "duration": "once" });
    let third = machine.post("/api/v1/coupons", &third).await.expect(201).json()["id"].clone();
    let given = json!({ "coupon_id": third });
    let given = machine.post(&format!("/api/v1/customers/{}/coupons", ids["customer"]), &given).await.expect(201).json();
    ids.insert("redemption", given["id"].as_str().expect("an id").to_owned());
    let code = app::invoices::store::coupons::detail(scope, of.parse().expect("an id")).await.expect("a coupon").codes.remove(0);
    ids.insert("promotion_code", code.id.to_string());
    ids.insert("coupon", of);
    let rate = json!({ "name": "Levy", "rate_ppm": 0, "country": "XX" });
    let rate = machine.post("/api/v1/tax-rates", &rate).await.expect(201).json();
    ids.insert("tax_rate", rate["id"].as_str().expect("an id").to_owned());
    let customer = machine.post("/api/v1/customers", &json!({ "name": "Odd" })).await.expect(201).json();
    let customer: app::customers::CustomerId = customer["id"].as_str().expect("an id").parse().expect("an id");
    let id = app::invoices::model::BillingAlertId::new();
    let sql = "INSERT INTO billing_alerts (seller_id, id, customer_id, reason, details, created_at) VALUES ($1, $2, $3, 'failed', $4, $5)";
    let values = [scope.seller().id.0.into(), id.0.into(), customer.0.into(), json!({}).into(), scope.now().into()];
    let admin = world.admin().await;
    admin.connection().execute_raw(admin.sql(sql, values)).await.expect("an alert");
    ids.insert("alert", id.to_string());
}

/// A job that waits for a person.
async fn dead_job(world: &World, scope: &Scope) -> String {
    let tx = scope.write().await.expect("begins");
    let id = job::enqueue(&tx, NewJob::new("test.dead", json!({}))).await.expect("enqueued");
    tx.commit_quietly().await.expect("commits");
    let dead = world.db.sql("UPDATE jobs SET status = 'dead', attempts = 5, error = 'why' WHERE id = $1", [id.0.into()]);
    world.db.connection().execute_raw(dead).await.expect("dead");
    id.to_string()
}

/// A notification that came the way all come.
async fn notification(world: &World, scope: &Scope) -> String {
    let tx = scope.write().await.expect("begins");
    let event = Event::new("plan.archived", "plan", "pln", "A plan").notify(Level::Info, "A plan was archived", "", "/plans");
    tx.commit(event).await.expect("commits");
    let sinks = app::registry::sinks();
    while deliver_batch(&world.db, &sinks).await.expect("delivers") > 0 {}
    let admin = world.admin().await;
    let id: uuid::Uuid =
        value(&admin, "SELECT id FROM notifications WHERE seller_id = $1 AND title = 'A plan was archived'", [scope.seller().id.0.into()])
            .await;
    app::kit::id::encode("ntf", id)
}

/// A digest of every row of the seller in every table, on PostgreSQL; elsewhere of how many there are.
pub async fn digest(world: &World, scope: &Scope) -> BTreeMap<String, String> {
    let admin = world.admin().await;
    let tables = if world.is_sqlite() {
        "SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'seller_id')"
    } else {
        "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'seller_id'"
    };
    let mut digests = BTreeMap::new();
    for row in crate::support::rows(&admin, tables, []).await {
        let table: String = row.try_get_by_index(0).expect("a name");
        let rows =
            if world.is_sqlite() { "CAST(COUNT(*) AS TEXT)" } else { "COALESCE(md5(string_agg(t::text, '|' ORDER BY t::text)), '')" };
        let sql = format!("SELECT {rows} FROM {table} t WHERE seller_id = $1");
        digests.insert(table, text(&admin, &sql, [scope.seller().id.0.into()]).await);
    }
    digests
}

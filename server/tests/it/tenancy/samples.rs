//! Two populated sellers, made through the program's own API, and the ids of what each has.

use std::collections::BTreeMap;

use app::api_keys::{ApiScope, NewApiKey};
use app::kit::event::{Event, Level, deliver_batch};
use app::kit::job::{self, NewJob};
use app::kit::permission::Role;
use app::kit::scope::Scope;
use app::members::NewInvitation;
use app::payments::gateway::GatewayKind;
use app::payments::store::accounts::{self, NewAccount};
use app::payments::store::events;
use app::payments::webhooks::inbound::Inbound;
use app::views::ViewId;
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
    ids.insert("usage_upload", usage_upload(&owner, slug).await);
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
    let document = format!("/payments/{}/attachment", ids["payment"]);
    owner.upload(&document, "file", "slip.png", &png(b"slip")).await.expect(200);
    ids.insert(
        "number",
        machine.get_json(&format!("/api/v1/invoices/{paid}")).await.expect(200).json()["number"].to_string().replace('"', ""),
    );
    ids.insert("credit_note", credit_note(&machine, &ids["customer"]).await);
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

    gateway(&scope, &machine, &mut ids).await;

    ids.insert("import", import(&owner).await);
    ids.insert("member", world.member(&scope, Role::Support).await.user.to_string());
    ids.insert("invitation", invitation(&owner).await);
    let colleague = world.session_of(&scope, owner.user).await;
    ids.insert("other_session", colleague.to_string());
    let key = owner.call("/api/app/api_keys/api/create_api_key", &[("name", "A key"), ("scope", "read")]).await.expect(200);
    ids.insert("key", key.told::<NewApiKey>().row.id.to_string());
    let view = owner.call("/api/app/views/api/save_view", &[("list", "/customers"), ("name", "A view")]).await.expect(200);
    ids.insert("view", view.told::<ViewId>().to_string());
    dunning(world, &scope, &machine, &mut ids).await;
    account(world, slug, &mut ids).await;
    ids.insert("job", dead_job(world, &scope).await);
    ids.insert("mail", letter(&scope, &ids["customer"]).await);
    ids.insert("notification", notification(world, &scope).await);
    Seller { scope, owner, machine, ids }
}

async fn invitation(owner: &Client) -> String {
    let fields = [("name", "Invited"), ("email", "invited@elsewhere.example"), ("role", "staff")];
    let made = owner.call("/api/app/members/api/invite_member", &fields).await.expect(200);
    made.told::<NewInvitation>().id.to_string()
}

/// A file of usage, and the seller's logo.
async fn usage_upload(owner: &Client, slug: &str) -> String {
    owner.upload("/settings/billing/logo", "file", "logo.svg", &png(slug.as_bytes())).await.expect(200);
    let upload = owner.upload("/usage/upload", "file", "usage.csv", b"event_id,meter,subscription,at\n").await.expect(200);
    let found = upload.body.find("usu_").unwrap_or_else(|| panic!("no upload in {}", upload.body));
    upload.body[found..found + 30].to_owned()
}

/// An import of one row.
async fn import(owner: &Client) -> String {
    let book =
        "customer_id,customer_name,subscription_id,plan,interval,currency,amount,started_on\nC1,One,S1,Basic,month,USD,10.00,2026-01-01\n";
    let upload = owner.upload("/imports/upload", "file", "book.csv", book.as_bytes()).await.expect(200);
    let found = upload.body.find("imp_").unwrap_or_else(|| panic!("no import in {}", upload.body));
    upload.body[found..found + 30].to_owned()
}

/// The demo gateway in use, a customer with a card, and an invoice to charge to it.
async fn gateway(scope: &Scope, machine: &Client, ids: &mut Ids) {
    let new = NewAccount { gateway: GatewayKind::Demo, enabled: true, collects: false, secrets: None };
    accounts::save(scope, new).await.expect("an account");
    let make = async |path: String, body| {
        machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json()["id"].as_str().map(str::to_owned).expect("an id")
    };
    let customer = make("/customers".into(), json!({ "name": "Has a card" })).await;
    let card = json!({ "kind": "card", "gateway": "demo", "token": "demo_succeeds_1", "last_digits": "4242", "expires": "2034-12" });
    ids.insert("card", make(format!("/customers/{customer}/payment-methods"), card).await);
    let line = json!({ "description": "Work", "unit_amount": { "minor": 500, "currency": "USD" } });
    let invoice = make("/invoices".into(), json!({ "customer_id": customer, "lines": [line] })).await;
    machine.post(&format!("/api/v1/invoices/{invoice}/finalize"), &json!({})).await.expect(200);
    ids.insert("charged_invoice", invoice);
    let page = machine.post(&format!("/api/v1/customers/{customer}/card-pages"), &json!({ "gateway": "demo" })).await.expect(201).json();
    ids.insert("pay_page", page["url"].as_str().and_then(|url| url.split("page=").nth(1)).expect("a page").to_owned());
    let link = json!({ "gateway": "stripe", "kind": "customer", "id": customer, "external_id": "cus_1" });
    machine.post("/api/v1/gateway-links", &link).await.expect(201);
    ids.insert("linked", customer);
    let told = json!({ "id": "evt_1", "type": "test.told", "created": 1, "data": { "object": {} } });
    let told = Inbound::of(GatewayKind::Demo, told, scope.now()).expect("an event");
    events::take(scope, &told).await.expect("taken");
    let listed = machine.get_json("/api/v1/webhook-events?type=test.told").await.expect(200).json();
    ids.insert("webhook_event", listed["data"][0]["id"].as_str().expect("an id").to_owned());
}

/// A charge of a plan.
async fn priced(machine: &Client, ids: &mut Ids) {
    let setup = json!({ "kind": "setup", "name": "Setup", "model": "flat", "amount_minor": 100 });
    let charge = machine.post(&format!("/api/v1/plans/{}/charges", ids["other_plan"]), &setup).await.expect(201).json();
    ids.insert("plan_charge", charge["id"].as_str().expect("an id").to_owned());
}

/// Bytes that begin as a picture does.
pub fn png(rest: &[u8]) -> Vec<u8> {
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

/// A credit note, for the whole of an invoice.
async fn credit_note(machine: &Client, customer: &str) -> String {
    let line = json!({ "description": "Work", "unit_amount": { "minor": 500, "currency": "USD" } });
    let invoice = machine.post("/api/v1/invoices", &json!({ "customer_id": customer, "lines": [line] })).await.expect(201).json();
    let invoice = format!("/api/v1/invoices/{}", invoice["id"].as_str().expect("an id"));
    machine.post(&format!("{invoice}/finalize"), &json!({})).await.expect(200);
    let back = json!({ "settlement": "offset", "reason": "A mistake" });
    let note = machine.post(&format!("{invoice}/credit-notes"), &back).await.expect(201).json();
    note["id"].as_str().expect("an id").to_owned()
}

/// A letter that has gone.
async fn letter(scope: &Scope, customer: &str) -> String {
    use app::mail::model::{Attached, NewMail};
    use app::mail::{MailTemplate, store};
    let customer = customer.parse().expect("an id");
    let files = scope.db().files().expect("files");
    let key = format!("mail/{}", uuid::Uuid::now_v7().simple());
    let content = futures::stream::iter([Ok::<_, std::convert::Infallible>("a file")]);
    files.put(&key, content, 100).await.unwrap_or_else(|_| panic!("not kept"));
    let attached = Attached { name: "a.txt".into(), key, content_type: "text/plain".into() };
    let new = NewMail { attachments: vec![attached], ..NewMail::new(customer, MailTemplate::Restored) };
    let tx = scope.write().await.expect("begins");
    let id = store::queue(&tx, new).await.expect("queued").expect("an address");
    tx.commit_quietly().await.expect("commits");
    store::note(scope, id, store::Outcome::Sent { by: "mail.example".into() }).await.expect("noted");
    id.to_string()
}

/// The seller as a customer of the platform: what it buys there, is billed and pays with.
async fn account(world: &World, slug: &str, ids: &mut Ids) {
    let platform = world.machine(&world.platform().await, ApiScope::Write).await;
    let make = async |path: &str, body| {
        platform.post(&format!("/api/v1{path}"), &body).await.expect(201).json()["id"].as_str().map(str::to_owned).expect("an id")
    };
    let new = json!({ "name": format!("Tenant of {slug}"), "email": "a@b.example", "organization": slug });
    let customer = make("/customers", new).await;
    let gateway = NewAccount { gateway: GatewayKind::Demo, enabled: true, collects: false, secrets: None };
    accounts::save(&world.platform().await, gateway).await.expect("a gateway");
    let card =
        json!({ "kind": "card", "gateway": "demo", "token": format!("demo_succeeds_{slug}"), "last_digits": "4242", "expires": "2034-12" });
    make(&format!("/customers/{customer}/payment-methods"), card).await;
    for (noun, minor) in [("account_plan", 900), ("account_present_plan", 500)] {
        let price = json!({ "minor": minor, "currency": "USD" });
        ids.insert(noun, make("/plans", json!({ "name": format!("{noun} for {slug}"), "interval": "month", "price": price })).await);
    }
    let new = json!({ "customer_id": customer, "plan_id": ids["account_present_plan"], "started_on": world.now.date_naive().to_string() });
    ids.insert("account_subscription", make("/subscriptions", new).await);
    let line = json!({ "description": "Work", "unit_amount": { "minor": 500, "currency": "USD" } });
    let invoice = make("/invoices", json!({ "customer_id": customer, "lines": [line] })).await;
    platform.post(&format!("/api/v1/invoices/{invoice}/finalize"), &json!({})).await.expect(200);
    ids.insert("account_invoice", invoice);
    let new = json!({ "kind": "bank_account", "holder": "Nile", "bank": "First", "account": "6255555555" });
    ids.insert("account_method", make(&format!("/customers/{customer}/payment-methods"), new).await);
}

/// Two invoices that were not paid in time, two policies, and something that is left alone.
async fn dunning(world: &World, scope: &Scope, machine: &Client, ids: &mut Ids) {
    use app::dunning::{jobs, store};
    ids.insert("today", world.now.date_naive().to_string());
    let line = json!({ "description": "Late", "unit_amount": { "minor": 700, "currency": "USD" } });
    for noun in ["dunning_case", "other_dunning_case", "dunning_exclusion"] {
        let new = json!({ "customer_id": ids["customer"], "lines": [line] });
        let invoice = machine.post("/api/v1/invoices", &new).await.expect(201).json()["id"].as_str().map(str::to_owned).expect("an id");
        machine.post(&format!("/api/v1/invoices/{invoice}/finalize"), &json!({})).await.expect(200);
        ids.insert(noun, invoice);
    }
    let steps = json!([{ "day": 1, "action": "email" }]);
    for noun in ["dunning_policy", "other_dunning_policy"] {
        let new = json!({ "name": noun, "steps": steps });
        let id = machine.post("/api/v1/dunning/policies", &new).await.expect(201).json()["id"].as_str().map(str::to_owned);
        ids.insert(noun, id.expect("an id"));
    }
    let new = json!({ "customer_id": ids["customer"], "invoice_id": ids["dunning_exclusion"], "reason": "Agreed" });
    let excluded = machine.post("/api/v1/dunning/exclusions", &new).await.expect(201).json();
    ids.insert("dunning_exclusion", excluded["id"].as_str().expect("an id").to_owned());
    // By then they are overdue.
    let later = scope.at(scope.now() + chrono::Duration::days(40));
    jobs::day(&later).await.expect("followed up");
    for noun in ["dunning_case", "other_dunning_case"] {
        let query = app::kit::paging::ListQuery::default().toggled("invoice", &ids[noun]);
        let found = store::list(&later, &query).await.expect("cases").rows;
        ids.insert(noun, found.first().expect("a case").id.to_string());
    }
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

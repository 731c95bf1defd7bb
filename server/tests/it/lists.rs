//! What every list can do, without a line of JavaScript: views, files, activity.

use app::api_keys::ApiScope;
use app::kit::permission::Role;
use serde_json::json;

use crate::support::{Client, World};

on_both!(
    a_view_is_saved_by_a_plain_form,
    a_file_has_what_is_filtered_or_picked,
    coupons_and_usage_are_files_too,
    notices_letters_meters_and_receipts_are_files_too,
    a_page_tells_what_happened
);

async fn a_view_is_saved_by_a_plain_form(world: World) {
    let nile = world.tenant("nile").await;
    let (owner, support) = (world.member(&nile, Role::Owner).await, world.member(&nile, Role::Support).await);
    let save = "/api/app/views/api/save_view";
    let fields = [("list", "/customers"), ("query", "?status=paying"), ("name", "Who pays"), ("shared", "true")];
    owner.submit(save, &fields).await.expect(302);
    support.submit(save, &[("list", "/customers"), ("name", "Mine alone")]).await.expect(302);
    for client in [&owner, &support] {
        let page = client.get("/customers").await.expect(200).body;
        assert!(page.contains("Who pays") && page.contains("href=\"/customers?status=paying\""), "{page}");
        let (own, editable) = (page.contains("Mine alone"), page.contains("aria-label=\"Change view Who pays\""));
        let is_owner = client.user == owner.user;
        assert_eq!((own, editable), (!is_owner, is_owner), "one's own, and what one may change");
        assert!(!client.get("/plans").await.expect(200).body.contains("Who pays"), "a view of another list");
    }
    let delta = world.member(&world.tenant("delta").await, Role::Owner).await;
    assert!(!delta.get("/customers").await.expect(200).body.contains("Who pays"));
    for place in ["/audit", "/jobs", "/imports", "/notifications", "/subscriptions", "/revenue/movements"] {
        let page = owner.get(place).await.expect(200).body;
        assert!(page.contains("Name of this view"), "{place} has no views");
    }
}

/// The first cell of each line of a file, without its head.
async fn first_cells(client: &Client, path: &str) -> Vec<String> {
    let file = client.get_json(path).await.expect(200).body;
    file.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect()
}

async fn a_file_has_what_is_filtered_or_picked(world: World) {
    let nile = world.tenant("nile").await;
    let (owner, machine) = (world.member(&nile, Role::Owner).await, world.machine(&nile, ApiScope::Write).await);
    let make = async |path: &str, body| {
        let made = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let (mut customers, mut plans) = (Vec::new(), Vec::new());
    for n in 0..3 {
        customers.push(make("/customers", json!({ "name": format!("Customer {n}") })).await);
        let plan = json!({ "name": format!("Plan {n}"), "interval": "month", "price": { "minor": 100, "currency": "USD" } });
        plans.push(make("/plans", plan).await);
    }
    let subscription =
        make("/subscriptions", json!({ "customer_id": customers[0], "plan_id": plans[0], "started_on": "2026-01-01" })).await;
    let archive = [("ids", plans[1..].join(",")), ("archived", "true".to_owned())];
    let archive = archive.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(owner.call("/api/app/plans/api/archive_plans", &archive).await.expect(200).told::<u64>(), 2);

    assert_eq!(first_cells(&owner, "/plans/export.csv?state=archived").await, plans[1..]);
    assert_eq!(first_cells(&owner, "/plans/export.csv?sort=-name").await, plans.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(first_cells(&owner, &format!("/plans/export.csv?id={}", plans[1])).await, plans[1..2]);
    let picked = format!("/customers/export.csv?sort=name&id={},{}", customers[2], customers[0]);
    assert_eq!(first_cells(&owner, &picked).await, [customers[0].clone(), customers[2].clone()]);
    assert_eq!(first_cells(&owner, &format!("/customers/export.csv?id={}", plans[0])).await, Vec::<String>::new());
    assert_eq!(first_cells(&owner, &format!("/subscriptions/export.csv?id={subscription}")).await, [subscription]);
    for place in ["/customers", "/plans", "/subscriptions", "/notifications", "/jobs"] {
        let page = owner.get(place).await.expect(200).body;
        assert!(page.contains("aria-label=\"Selected rows\""), "{place} has no bar for picked rows");
    }
}

async fn coupons_and_usage_are_files_too(world: World) {
    let nile = world.tenant("nile").await;
    let (owner, machine) = (world.member(&nile, Role::Owner).await, world.machine(&nile, ApiScope::Write).await);
    let make = async |path: &str, body| {
        let made = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let half = make("/coupons", json!({ "name": "Half", "percent_ppm": 500_000, "duration": "repeating", "times": 3 })).await;
    let amount = json!({ "minor": 500, "currency": "USD" });
    let five = make("/coupons", json!({ "name": "Five", "amount": amount, "duration": "once", "max_redemptions": 9 })).await;
    for code in ["spring", "AUTUMN"] {
        machine.post(&format!("/api/v1/coupons/{half}/codes"), &json!({ "code": code })).await.expect(201);
    }
    machine.json(http::Method::DELETE, &format!("/api/v1/coupons/{five}"), &json!({})).await.expect(204);
    let file = owner.get("/coupons/export.csv").await.expect(200).body;
    let head = "id,name,percent,amount,currency,duration,times,codes,redeemed,max_redemptions,expires_on,state";
    let of_half = format!("{half},Half,50,,,repeating,3,AUTUMN SPRING,0,,,active");
    assert_eq!(file.lines().collect::<Vec<_>>(), [head, &format!("{five},Five,,5.00,USD,once,,,0,9,,archived"), &of_half]);
    assert_eq!(first_cells(&owner, "/coupons/export.csv?q=spri").await, [half.as_str()], "by code");
    assert_eq!(first_cells(&owner, "/coupons/export.csv?state=archived").await, [five.as_str()]);
    let page = owner.get("/coupons?q=autumn&sort=name").await.expect(200).body;
    assert!(page.contains("Half") && !page.contains("Five") && page.contains("/coupons/export.csv?q=autumn"), "{page}");
    let listed = machine.get_json("/api/v1/coupons?limit=1").await.expect(200).json();
    assert_eq!((&listed["data"][0]["id"], listed["next"].is_null()), (&json!(five), false), "{listed}");
    let over = make("/coupons", json!({ "name": "Over", "percent_ppm": 1, "duration": "once", "expires_on": "2020-01-01" })).await;
    assert_eq!(first_cells(&owner, "/coupons/export.csv?state=expired").await, [over.as_str()]);
    assert_eq!(first_cells(&owner, "/coupons/export.csv?state=active,used_up").await, [half.as_str()]);

    let meter = json!({ "key": "gb", "name": "Traffic", "unit": "GB", "aggregation": "sum" });
    machine.post("/api/v1/meters", &meter).await.expect(201);
    let charge = json!({ "kind": "usage", "name": "Traffic", "model": "per_unit", "amount_minor": 1, "included": 100, "meter": "gb" });
    let price = json!({ "minor": 100, "currency": "USD" });
    let plan = make("/plans", json!({ "name": "Metered", "interval": "month", "price": price, "charges": [charge] })).await;
    let today = world.now.date_naive().to_string();
    let mut subscriptions = Vec::new();
    for name in ["Nile", "=Delta"] {
        let customer = make("/customers", json!({ "name": name })).await;
        let new = json!({ "customer_id": customer, "plan_id": plan, "started_on": today });
        subscriptions.push(make("/subscriptions", new).await);
    }
    let event = |id: &str, of: usize, quantity: i64| json!({ "event_id": id, "meter": "gb", "subscription_id": subscriptions[of], "quantity": quantity });
    let events = json!({ "events": [event("a", 0, 150), event("b", 0, 20), event("c", 1, 5)] });
    machine.post("/api/v1/usage/events", &events).await.expect(200);
    let file = owner.get("/usage/export.csv?q=nile").await.expect(200).body;
    let line = file.lines().nth(1).expect("a line");
    assert!(line.starts_with(&format!("{},Nile,Metered,{today},", subscriptions[0])), "{file}");
    assert!(line.ends_with(",gb,170,GB,100,70,170") && file.lines().count() == 2, "{file}");
    assert!(owner.get("/usage/export.csv").await.expect(200).body.contains("'=Delta"));
    assert_eq!(first_cells(&owner, "/usage/events/export.csv?q=nile&sort=at").await.len(), 2);
    let by = format!("/usage/events/export.csv?subscription={}", subscriptions[1]);
    assert_eq!(first_cells(&owner, &by).await, ["c"]);
    for (place, file) in [("/usage", "/usage/export.csv"), ("/usage/events", "/usage/events/export.csv")] {
        assert!(owner.get(place).await.expect(200).body.contains(file), "{place}");
    }
}

async fn notices_letters_meters_and_receipts_are_files_too(world: World) {
    let nile = world.tenant("nile").await;
    let (owner, machine) = (world.member(&nile, Role::Owner).await, world.machine(&nile, ApiScope::Write).await);
    for (key, name) in [("gb", "Traffic"), ("calls", "Calls")] {
        let meter = json!({ "key": key, "name": name, "unit": "x", "aggregation": "sum" });
        machine.post("/api/v1/meters", &meter).await.expect(201);
    }
    let file = owner.get("/meters/export.csv?q=traf").await.expect(200).body;
    assert!(file.lines().count() == 2 && file.contains(",gb,Traffic,x,sum,active,"), "{file}");
    owner.upload("/receipts/upload", "file", "paid.pdf", b"%PDF-1.4\n%%EOF\n").await;
    let file = owner.get("/receipts/export.csv").await.expect(200).body;
    assert!(file.starts_with("id,file,status,") && file.contains(",paid.pdf,waiting,"), "{file}");
    assert_eq!(first_cells(&owner, "/receipts/export.csv?status=approved").await, Vec::<String>::new());
    assert!(owner.get("/mails/export.csv").await.expect(200).body.starts_with("id,written_at,subject,"));
    assert!(owner.get("/notifications/export.csv?state=unread").await.expect(200).body.starts_with("id,at,event,priority,title,"));
    for list in ["/meters", "/receipts", "/mails", "/notifications"] {
        assert!(owner.get(list).await.expect(200).body.contains(&format!("{list}/export.csv")), "{list}");
    }
}

async fn a_page_tells_what_happened(world: World) {
    let nile = world.tenant("nile").await;
    let (owner, staff) = (world.member(&nile, Role::Owner).await, world.member(&nile, Role::Staff).await);
    let machine = world.machine(&nile, ApiScope::Write).await;
    let make = async |path: &str, body| {
        let made = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let customer = make("/customers", json!({ "name": "Nile Wave" })).await;
    let plan = make("/plans", json!({ "name": "Pro", "interval": "month", "price": { "minor": 100, "currency": "USD" } })).await;
    let subscription = make("/subscriptions", json!({ "customer_id": customer, "plan_id": plan, "started_on": "2026-01-01" })).await;
    let fields = [("id", subscription.as_str()), ("at", "now"), ("reason", "moved")];
    owner.call("/api/app/subscriptions/api/cancel_subscription", &fields).await.expect(200);
    let page = format!("/subscriptions/{subscription}");
    let told = owner.get(&page).await.expect(200).body;
    assert!(told.contains("Subscription cancelled") && told.contains("Reason: none \u{2192} moved"), "{told}");
    assert!(!staff.get(&page).await.expect(200).body.contains("Subscription cancelled"), "who may not see the audit log");
    let told = owner.get(&format!("/customers/{customer}/activity")).await.expect(200).body;
    for what in ["Subscription cancelled", "Subscription created", "Customer created", "A machine (API key)"] {
        assert!(told.contains(what), "{what}: {told}");
    }
}

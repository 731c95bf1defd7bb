//! What every list can do, without a line of JavaScript: views, files, activity.

use app::api_keys::ApiScope;
use app::kit::permission::Role;
use serde_json::json;

use crate::support::{Client, World};

on_both!(a_view_is_saved_by_a_plain_form, a_file_has_what_is_filtered_or_picked, a_page_tells_what_happened);

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
    assert_eq!(owner.call("/api/app/plans/api/archive_plans", &archive).await.expect(200).body, "2");

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

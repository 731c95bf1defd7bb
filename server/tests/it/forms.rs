//! Forms that the browser sends by itself, without a line of JavaScript.

use app::api_keys::ApiScope;
use app::kit::permission::Role;
use axum::body::Body;
use http::{Method, header};
use serde_json::json;

use crate::support::{Client, World};

on_both!(a_refused_form_comes_back_with_the_reason_and_what_was_typed, a_refused_dialog_is_open, a_sign_in_keeps_the_address_alone);

/// Sends a form of the page at `from`, as a browser does, and gives the page that it leads back to.
async fn refused(client: &Client, from: &str, function: &str, fields: &[(&str, &str)]) -> String {
    let escape = app::kit::paging::escape;
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    let request = client.request(Method::POST, function).header(header::ACCEPT, "text/html");
    let request = request.header(header::REFERER, format!("http://localhost{from}"));
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = client.send(request, Body::from(body.join("&"))).await.expect(302);
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let back = answer.location().strip_prefix("http://localhost").expect("the page it came from").to_owned();
    assert!(back.starts_with(from) && back.matches("__err=").count() == 1, "{back}");
    let request = client.request(Method::GET, &back).header(header::ACCEPT, "text/html").header(header::COOKIE, cookie);
    client.send(request, Body::empty()).await.expect(200).body
}

async fn a_refused_form_comes_back_with_the_reason_and_what_was_typed(world: World) {
    let owner = world.member(&world.tenant("nile").await, Role::Owner).await;
    let typed = [("name", "Basic & more"), ("price", "dear"), ("currency", "EUR"), ("interval", "year"), ("interval_count", "2")];
    let page = refused(&owner, "/plans/new", "/api/app/plans/api/create_plan", &typed).await;
    assert!(page.contains("Price must be digits"), "{page}");
    for kept in ["value=\"Basic &amp; more\"", "value=\"dear\"", "value=\"EUR\"", "value=\"2\""] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    let year = page.split("<option").find(|option| option.contains("value=\"year\"")).expect("the option");
    assert!(year.contains("selected"), "{year}");
    // The next refusal takes the place of this one.
    let from = "/plans/new?__path=%2Fapi%2Fapp%2Fplans%2Fapi%2Fcreate_plan&__err=e30";
    let request = owner.request(Method::POST, "/api/app/plans/api/create_plan").header(header::ACCEPT, "text/html");
    let request = request.header(header::REFERER, format!("http://localhost{from}"));
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = owner.send(request, Body::from("name=&price=1&interval=month&currency=USD")).await.expect(302);
    assert_eq!(answer.location().matches("__err=").count(), 1, "{}", answer.location());
    assert!(!owner.get("/plans/new").await.expect(200).body.contains("Price must be"), "only where it was refused");
}

async fn a_refused_dialog_is_open(world: World) {
    let nile = world.tenant("nile").await;
    let (owner, machine) = (world.member(&nile, Role::Owner).await, world.machine(&nile, ApiScope::Write).await);
    let make = async |path: &str, body| {
        let made = machine.post(&format!("/api/v1{path}"), &body).await.expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let customer = make("/customers", json!({ "name": "Nile Wave" })).await;
    let plan = make("/plans", json!({ "name": "Pro", "interval": "month", "price": { "minor": 100, "currency": "USD" } })).await;
    let subscription = make("/subscriptions", json!({ "customer_id": customer, "plan_id": plan, "started_on": "2026-01-01" })).await;
    let page = format!("/subscriptions/{subscription}");
    let open = |body: &str| -> Vec<String> {
        let dialogs = body.split("<dialog").skip(1).map(|rest| rest.split("</dialog>").next().unwrap_or_default().to_owned());
        dialogs.filter(|dialog| dialog.split('>').next().is_some_and(|tag| tag.split_whitespace().any(|a| a.starts_with("open")))).collect()
    };
    assert!(open(&owner.get(&page).await.expect(200).body).is_empty());
    let fields = [("id", subscription.as_str()), ("at", "date"), ("on", ""), ("reason", "moved away")];
    let body = refused(&owner, &page, "/api/app/subscriptions/api/cancel_subscription", &fields).await;
    let open = open(&body);
    let [dialog] = &open[..] else { panic!("{}: {body}", open.len()) };
    assert!(dialog.contains("is required") && dialog.contains("value=\"moved away\""), "{dialog}");
}

async fn a_sign_in_keeps_the_address_alone(world: World) {
    let fields = [("email", "nadia@nile.example"), ("password", "hunter2hunter2"), ("next", "/customers")];
    let page = refused(&world.stranger(), "/sign-in?next=%2Fcustomers", "/api/app/auth/api/sign_in", &fields).await;
    assert!(page.contains("value=\"nadia@nile.example\"") && page.contains("role=\"alert\""), "{page}");
    assert!(!page.contains("hunter2"), "{page}");
}

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{Request, StatusCode};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use super::idempotency;
use crate::kit::Error;
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::permission::can::WriteCustomers;
use crate::kit::rest::{Authorized, Body as JsonBody, Problem, created};
use crate::kit::scope::{Caller, Scope};
use crate::kit::testing::TestWorld;

type Calls = Arc<AtomicU32>;

/// Counts its calls, commits an event, takes as long as the body says, and fails where the body says so.
async fn make(State(calls): State<Calls>, scope: Authorized<WriteCustomers>, JsonBody(body): JsonBody<Json>) -> Result<Response, Problem> {
    let n = calls.fetch_add(1, Ordering::SeqCst) + 1;
    tokio::time::sleep(Duration::from_millis(body["wait"].as_u64().unwrap_or(0))).await;
    match body["end"].as_str() {
        Some("unavailable") => return Err(Error::Unavailable.into()),
        Some("invalid") => return Err(Error::field("name", "is required").into()),
        _ => {}
    }
    let tx = scope.0.write().await?;
    tx.commit(Event::new("thing.made", "thing", n, "Thing")).await?;
    Ok(created(format!("/api/v1/things/{n}"), json!({ "n": n })))
}

/// The same with a file of any size.
async fn take(State(calls): State<Calls>, scope: Authorized<WriteCustomers>, file: axum::body::Bytes) -> Result<Response, Problem> {
    let n = calls.fetch_add(1, Ordering::SeqCst) + 1;
    scope.0.write().await?.commit(Event::new("thing.made", "thing", n, "Thing")).await?;
    Ok(created(format!("/api/v1/things/{n}"), json!({ "n": n, "size": file.len() })))
}

fn router(scope: &Scope, calls: &Calls) -> Router {
    Router::new()
        .route("/things", post(make))
        .route("/files", post(take).layer(DefaultBodyLimit::disable()))
        .with_state(calls.clone())
        .layer(from_fn(idempotency::keep))
        .layer(Extension(Caller::Machine(scope.clone())))
}

async fn send(router: &Router, key: &str, body: Json) -> (StatusCode, bool, Option<String>, Json) {
    let request = Request::post("/things").header("content-type", "application/json").header("idempotency-key", key);
    let response = router.clone().oneshot(request.body(Body::from(body.to_string())).expect("a request")).await.into_response();
    let replayed = response.headers().contains_key("idempotent-replayed");
    let location = response.headers().get("location").map(|l| l.to_str().expect("text").to_owned());
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 100_000).await.expect("a body");
    (status, replayed, location, serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test]
async fn sent_again_it_has_its_first_answer_and_one_effect() {
    let (world, calls) = (TestWorld::new().await, Calls::default());
    let router = router(&world.scope(), &calls);
    let first = send(&router, "k-1", json!({})).await;
    assert_eq!(first, (StatusCode::CREATED, false, Some("/api/v1/things/1".into()), json!({ "n": 1 })));
    let again = send(&router, "k-1", json!({})).await;
    assert_eq!(again, (StatusCode::CREATED, true, Some("/api/v1/things/1".into()), json!({ "n": 1 })));
    let (status, ..) = send(&router, "k-1", json!({ "other": true })).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (_, _, _, other) = send(&router, "k-2", json!({})).await;
    assert_eq!(other, json!({ "n": 2 }));
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

async fn upload(router: &Router, kind: &str, body: Vec<u8>) -> (StatusCode, bool, Json) {
    let request = Request::post("/files").header("content-type", kind).header("content-length", body.len()).header("idempotency-key", "f");
    let response = router.clone().oneshot(request.body(Body::from(body)).expect("a request")).await.into_response();
    let (status, replayed) = (response.status(), response.headers().contains_key("idempotent-replayed"));
    let bytes = to_bytes(response.into_body(), 100_000).await.expect("a body");
    (status, replayed, serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test]
async fn a_file_is_told_from_another_by_what_is_in_it() {
    let (world, calls) = (TestWorld::new().await, Calls::default());
    let large = router(&world.scope(), &calls);
    let mut file = vec![b'a'; 3_000_000];
    let first = upload(&large, "text/csv", file.clone()).await;
    assert_eq!(first, (StatusCode::CREATED, false, json!({ "n": 1, "size": 3_000_000 })));
    assert!(upload(&large, "text/csv", file.clone()).await.1);
    file[2_500_000] = b'b';
    assert_eq!(upload(&large, "text/csv", file).await.0, StatusCode::CONFLICT);

    let other = router(&world.other_seller().await, &calls);
    let form = |boundary: &str, text: &str| {
        let body = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{text}\r\n--{boundary}--\r\n");
        (format!("multipart/form-data; boundary={boundary}"), body.into_bytes())
    };
    let send = async |(kind, body): (String, Vec<u8>)| upload(&other, &kind, body).await;
    assert_eq!(send(form("abc", "1,2")).await.0, StatusCode::CREATED);
    assert!(send(form("xyz", "1,2")).await.1, "the boundary is another each time");
    assert_eq!(send(form("abc", "1,3")).await.0, StatusCode::CONFLICT);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_answer_given_again_names_the_request_at_hand() {
    let (world, calls) = (TestWorld::new().await, Calls::default());
    let router = router(&world.scope(), &calls);
    for id in ["trace-0001", "trace-0002"] {
        let (.., body) = crate::kit::rest::with_request_id(id.into(), send(&router, "k", json!({ "end": "invalid" }))).await;
        assert_eq!(body["request_id"], id);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn two_at_once_are_one_and_a_refusal() {
    let (world, calls) = (TestWorld::new().await, Calls::default());
    let router = router(&world.scope(), &calls);
    let body = json!({ "wait": 400 });
    let (a, b) = tokio::join!(send(&router, "k", body.clone()), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        send(&router, "k", body.clone()).await
    });
    assert_eq!((a.0, b.0), (StatusCode::CREATED, StatusCode::CONFLICT));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_goes_away_finds_the_answer_later() {
    let (world, calls) = (TestWorld::new().await, Calls::default());
    let router = router(&world.scope(), &calls);
    let body = json!({ "wait": 200 });
    let gone = tokio::time::timeout(Duration::from_millis(80), send(&router, "k", body.clone())).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_millis(600)).await;
    let (status, replayed, ..) = send(&router, "k", body).await;
    assert_eq!((status, replayed, calls.load(Ordering::SeqCst)), (StatusCode::CREATED, true, 1));
}

#[tokio::test]
async fn an_outage_is_forgotten_and_a_refusal_is_kept() {
    let (world, calls) = (TestWorld::new().await, Calls::default());
    let router = router(&world.scope(), &calls);
    for _ in 0..2 {
        let (status, replayed, ..) = send(&router, "k", json!({ "end": "unavailable" })).await;
        assert_eq!((status, replayed), (StatusCode::SERVICE_UNAVAILABLE, false));
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert!(!send(&router, "v", json!({ "end": "invalid" })).await.1);
    let (status, replayed, _, body) = send(&router, "v", json!({ "end": "invalid" })).await;
    assert_eq!((status, replayed), (StatusCode::UNPROCESSABLE_ENTITY, true));
    assert_eq!(body["errors"]["name"], json!(["is required"]));
}

#[tokio::test]
async fn a_crash_after_the_commit_is_told_and_one_before_it_is_made_up_for() {
    let (world, calls) = (TestWorld::new().await, Calls::default());
    let (scope, router) = (world.scope(), router(&world.scope(), &calls));
    send(&router, "k", json!({})).await;
    let change = async |sql: &str| {
        let tx = scope.write().await.expect("writes");
        tx.run(sql, [scope.now().into()]).await.expect("changed");
        tx.commit_quietly().await.expect("committed");
    };
    change("UPDATE idempotency_keys SET status = NULL, body = NULL, lease_until = $1").await;
    let (status, _, _, problem) = send(&router, "k", json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().is_some_and(|d| d.contains("carried out")));
    change("UPDATE idempotency_keys SET applied_at = NULL, lease_until = $1").await;
    assert_eq!(send(&router, "k", json!({})).await.0, StatusCode::CREATED);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn keys_are_the_sellers_own_and_must_be_readable() {
    let (world, calls) = (TestWorld::new().await, Calls::default());
    let other = world.other_seller().await;
    send(&router(&world.scope(), &calls), "k", json!({})).await;
    let (status, replayed, ..) = send(&router(&other, &calls), "k", json!({ "else": 1 })).await;
    assert_eq!((status, replayed), (StatusCode::CREATED, false));
    let router = router(&world.scope(), &calls);
    assert_eq!(send(&router, &"k".repeat(256), json!({})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn outside_the_routes_there_are_problems_too() {
    let router = super::router();
    for (method, path, want) in [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/", 404),
        ("DELETE", "/api/v1/openapi.json", 405),
        ("GET", "/api/v1/openapi.json", 200),
    ] {
        let request = Request::builder().method(method).uri(path).header("x-request-id", "trace-0001");
        let response = router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.into_response();
        assert_eq!(response.status().as_u16(), want, "{method} {path}");
        let bytes = to_bytes(response.into_body(), 1_000_000).await.expect("a body");
        let body: Json = serde_json::from_slice(&bytes).expect("JSON");
        match want {
            200 => assert_eq!(body["openapi"], "3.1.0"),
            _ => assert_eq!((&body["status"], &body["request_id"]), (&json!(want), &json!("trace-0001"))),
        }
    }
}

fn document() -> Json {
    super::document::whole(crate::registry::rest().into_openapi())
}

/// Every object in the document, with the way to it.
fn walk<'a>(at: &str, json: &'a Json, found: &mut Vec<(String, &'a Json)>) {
    match json {
        Json::Object(fields) => {
            found.push((at.to_owned(), json));
            fields.iter().for_each(|(name, value)| walk(&format!("{at}/{name}"), value, found));
        }
        Json::Array(items) => items.iter().enumerate().for_each(|(n, item)| walk(&format!("{at}/{n}"), item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = document();
    let mut all = Vec::new();
    walk("", &document, &mut all);
    let lost: Vec<&(String, &Json)> =
        all.iter().filter(|(_, of)| of["$ref"].as_str().is_some_and(|to| document.pointer(to.trim_start_matches('#')).is_none())).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn words_are_documented_as_they_are_sent() {
    use crate::kit::period::IntervalUnit;
    use crate::subscriptions::SubscriptionStatus;
    let document = document();
    let words = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    assert_eq!(words("IntervalUnit"), json!(IntervalUnit::ALL));
    assert_eq!(words("SubscriptionStatus"), json!(SubscriptionStatus::ALL));
}

#[test]
fn operations_say_what_they_need_and_what_may_be_wrong() {
    let document = document();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let answers = &operation["responses"];
            assert_eq!(answers["404"].is_object(), path.contains('{'), "{method} {path}");
            assert_eq!(answers["413"].is_object(), operation["requestBody"].is_object(), "{method} {path}");
        }
    }
    let revenue = document["paths"]["/api/v1/revenue/movements"]["get"]["parameters"].as_array().expect("parameters");
    assert!(revenue.iter().all(|parameter| parameter["required"] == true), "{revenue:?}");
    let body = |path: &str| document["paths"][format!("/api/v1{path}")]["post"]["requestBody"]["required"].clone();
    assert_eq!((body("/subscriptions/{id}/cancel"), body("/subscriptions")), (json!(false), json!(true)));
}

#[tokio::test]
async fn a_parameter_that_is_spelt_wrong_is_refused() {
    let world = TestWorld::new().await;
    let api = super::router().layer(Extension(Caller::Machine(world.scope())));
    let asked = async |path: &str| {
        let request = Request::get(format!("/api/v1{path}")).body(Body::empty()).expect("a request");
        let response = api.clone().oneshot(request).await.into_response();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 2_000_000).await.expect("a body");
        (status, serde_json::from_slice::<Json>(&bytes).unwrap_or_default())
    };
    for path in ["/invoices?limit=1&status=open", "/customers?q=nile", "/openapi.json?v=1", "/plans?"] {
        assert_eq!(asked(path).await.0, StatusCode::OK, "{path}");
    }
    let (status, problem) = asked("/invoices?limit=1&state=open").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = problem["errors"]["state"][0].as_str().expect("a reason");
    assert!(told.starts_with("is no parameter of this path; there are ") && told.contains("status"), "{told}");
    let (status, problem) = asked("/ledger/trial-balance?month=2026-01").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
}

//! A Stripe of our own on a loopback port, in the shape of its published API: as much of it as the program asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Form, Path, Query, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

type Fields = BTreeMap<String, String>;

/// What it keeps.
#[derive(Default)]
pub struct Books {
    /// Answers by idempotency key.
    answers: BTreeMap<String, (u16, Value)>,
    pub intents: BTreeMap<String, Value>,
    pub refunds: Vec<Fields>,
    pub detached: Vec<String>,
    /// Every path that was called.
    pub calls: Vec<String>,
    /// How many of the next charges are made without an answer.
    pub deaf: u32,
}

/// See the module.
#[derive(Clone)]
pub struct FakeStripe {
    pub url: String,
    books: Arc<Mutex<Books>>,
}

impl FakeStripe {
    pub async fn start() -> Self {
        let books = Arc::new(Mutex::new(Books::default()));
        let app = Router::new()
            .route(
                "/v1/account",
                get(|| async { Json(json!({ "id": "acct_1", "object": "account", "business_profile": { "name": "Nile Wave" } })) }),
            )
            .route("/v1/customers", post(customer))
            .route("/v1/payment_intents", post(charge).get(intents))
            .route("/v1/payment_intents/{id}", get(intent))
            .route("/v1/payment_intents/{id}/confirm", post(confirm))
            .route("/v1/refunds", post(refund))
            .route("/v1/checkout/sessions", post(session))
            .route("/v1/checkout/sessions/{id}", get(given))
            .route("/v1/payment_methods/{id}/detach", post(detach))
            .layer(from_fn(known))
            .with_state(books.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, books }
    }

    pub fn books<T>(&self, look: impl FnOnce(&mut Books) -> T) -> T {
        look(&mut self.books.lock().expect("whole"))
    }
}

type Shared = State<Arc<Mutex<Books>>>;

fn error(status: u16, error: Value) -> Response {
    (StatusCode::from_u16(status).expect("a status"), Json(json!({ "error": error }))).into_response()
}

fn is_known(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|key| key == "Bearer sk_test_right") && headers.contains_key("stripe-version")
}

/// Only with the right key, and with a version.
async fn known(request: Request, next: Next) -> Response {
    if !is_known(request.headers()) {
        return error(401, json!({ "type": "invalid_request_error", "message": "Invalid API Key provided: sk_test_****" }));
    }
    next.run(request).await
}

/// Answers as the first time, where the key is known.
fn once(books: &Arc<Mutex<Books>>, headers: &HeaderMap, call: &str, answer: impl FnOnce(&mut Books) -> (u16, Value)) -> Response {
    let mut books = books.lock().expect("whole");
    books.calls.push(call.to_owned());
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).expect("a key").to_owned();
    let (status, body) = match books.answers.get(&key) {
        Some(known) => known.clone(),
        None => {
            let made = answer(&mut books);
            books.answers.insert(key, made.clone());
            made
        }
    };
    (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
}

async fn customer(State(books): Shared, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    once(&books, &headers, "customer", |_| (200, json!({ "id": "cus_1", "object": "customer", "name": fields["name"], "livemode": false })))
}

async fn charge(State(books): Shared, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let deaf = {
        let mut books = books.lock().expect("whole");
        let deaf = books.deaf > 0;
        books.deaf = books.deaf.saturating_sub(1);
        deaf
    };
    let answer = once(&books, &headers, "charge", |books| made(books, &fields));
    if deaf {
        // The charge is made, and the line goes dead.
        tokio::time::sleep(Duration::from_millis(20)).await;
        return error(503, json!({ "type": "api_error", "message": "Try again." }));
    }
    answer
}

fn made(books: &mut Books, fields: &Fields) -> (u16, Value) {
    let id = format!("pi_{}", books.intents.len() + 1);
    let amount: i64 = fields["amount"].parse().expect("an amount");
    assert_eq!((fields["confirm"].as_str(), fields["off_session"].as_str()), ("true", "true"));
    let decline = |code: &str| json!({ "type": "card_error", "code": if code == "authentication_required" { code } else { "card_declined" }, "decline_code": code, "message": "Your card was declined." });
    let (status, failure) = match fields["payment_method"].as_str() {
        "pm_ok" => ("succeeded", None),
        "pm_late" => ("processing", None),
        "pm_lost" => ("requires_payment_method", Some(decline("lost_card"))),
        "pm_auth" => ("requires_payment_method", Some(decline("authentication_required"))),
        _ => ("requires_payment_method", Some(decline("insufficient_funds"))),
    };
    let fee = json!({ "id": "txn_1", "object": "balance_transaction", "fee": amount / 50, "currency": fields["currency"] });
    let latest = (status == "succeeded").then(|| json!({ "id": "ch_1", "object": "charge", "balance_transaction": fee }));
    let intent = json!({
        "id": id, "object": "payment_intent", "amount": amount, "currency": fields["currency"], "status": status, "created": 1_794_744_000,
        "customer": fields["customer"], "metadata": { "payment": fields["metadata[payment]"] }, "latest_charge": latest,
        "last_payment_error": failure, "a_field_of_the_future": { "x": [1, 2] },
    });
    books.intents.insert(id, intent.clone());
    match failure {
        Some(mut failure) => {
            // As Stripe sends it, with the intent in the error.
            failure["payment_intent"] = intent;
            (402, json!({ "error": failure }))
        }
        None => (200, intent),
    }
}

async fn intents(State(books): Shared, Query(query): Query<Fields>) -> Json<Value> {
    let books = books.lock().expect("whole");
    let of = |intent: &&Value| intent["customer"] == json!(query["customer"]);
    Json(json!({ "object": "list", "has_more": false, "data": books.intents.values().filter(of).collect::<Vec<_>>() }))
}

async fn intent(State(books): Shared, Path(id): Path<String>) -> Response {
    match books.lock().expect("whole").intents.get(&id) {
        Some(intent) => Json(intent.clone()).into_response(),
        None => error(404, json!({ "type": "invalid_request_error", "code": "resource_missing", "message": "No such payment_intent" })),
    }
}

async fn confirm(State(books): Shared, Path(id): Path<String>, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    assert_eq!(fields["return_url"], "https://nile.example/pay/thanks");
    once(&books, &headers, "confirm", |books| {
        let intent = books.intents.get_mut(&id).expect("an intent");
        intent["status"] = json!("requires_action");
        intent["next_action"] = json!({ "type": "redirect_to_url", "redirect_to_url": { "url": "https://hooks.stripe.example/3ds", "return_url": fields["return_url"] } });
        (200, intent.clone())
    })
}

async fn refund(State(books): Shared, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    once(&books, &headers, "refund", |books| {
        books.refunds.push(fields.clone());
        (200, json!({ "id": format!("re_{}", books.refunds.len()), "object": "refund", "status": "succeeded", "amount": 1 }))
    })
}

async fn session(State(books): Shared, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    assert_eq!((fields["mode"].as_str(), fields["success_url"].as_str()), ("setup", "https://nile.example/pay/thanks"));
    once(&books, &headers, "session", |_| {
        (
            200,
            json!({ "id": "cs_1", "object": "checkout.session", "status": "open", "url": "https://checkout.stripe.example/cs_1", "setup_intent": "seti_1" }),
        )
    })
}

async fn given(Path(id): Path<String>) -> Json<Value> {
    let card = json!({ "id": "pm_ok", "object": "payment_method", "type": "card", "card": { "last4": "4242", "exp_month": 4, "exp_year": 2031, "brand": "visa" } });
    Json(
        json!({ "id": id, "object": "checkout.session", "status": "complete", "url": null, "setup_intent": { "id": "seti_1", "status": "succeeded", "payment_method": card } }),
    )
}

async fn detach(State(books): Shared, Path(id): Path<String>) -> Json<Value> {
    books.lock().expect("whole").detached.push(id.clone());
    Json(json!({ "id": id, "object": "payment_method" }))
}

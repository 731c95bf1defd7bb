//! Events of a gateway taken in: verified, stored, looked up; then the same events again. Beside it the same rows by plain
//! INSERTs, each in a transaction of its own as each event is.

use std::time::{Duration, Instant};

use app::kit::db::{Db, Sql};
use app::kit::error::Result;
use app::kit::scope::Scope;
use app::kit::secret::Sealer;
use app::payments::gateway::GatewayKind;
use app::payments::gateway::signature::sign;
use app::payments::store::accounts::{self, NewAccount, Secrets};
use app::payments::webhooks::{GatewayEventId, route};
use axum::Router;
use axum::body::Body;
use futures::{StreamExt, TryStreamExt};
use http::Request;
use serde_json::json;
use tower::ServiceExt;

use super::report::Report;
use super::{rate, sentence};

const EVENTS: u64 = 5_000;
/// Requests at once.
const AT_ONCE: usize = 16;
const SECRET: &str = "whsec_bench";

/// Takes in events and the same ones again.
pub async fn measure(scope: &Scope, report: &mut Report) -> std::result::Result<(), String> {
    let sealer = Sealer::new(&Sealer::generate().map_err(sentence)?)?;
    let db = scope.db().with_sealer(sealer);
    let scope = Scope::system(db.clone(), "bench", scope.seller().clone(), scope.now());
    let secrets = Secrets { key: "sk_test_bench".into(), webhook: SECRET.into(), site: "https://bench.example".into(), url: None };
    let new = NewAccount { gateway: GatewayKind::Stripe, enabled: true, collects: false, secrets: Some(secrets) };
    accounts::save(&scope, new).await.map_err(sentence)?;
    let (first, again) = (send(&db).await?, send(&db).await?);
    let raw = insert(&scope).await.map_err(sentence)?;
    report.line(
        &format!("webhooks: {EVENTS} events verified, looked up and stored"),
        &format!("{:.0} events/s", rate(EVENTS, first)),
        &format!("{:.0}/s told again", rate(EVENTS, again)),
        &format!("plain INSERTs, one by one, reach {:.0}/s", rate(EVENTS, raw)),
    );
    Ok(())
}

fn body(n: u64) -> String {
    let object = json!({
        "id": format!("pi_{n}"), "object": "payment_intent", "amount": 4_900, "amount_received": 4_900, "currency": "usd",
        "customer": "cus_bench", "status": "succeeded", "metadata": {}, "payment_method_types": ["card"],
    });
    let event = json!({ "id": format!("evt_{n}"), "object": "event", "type": "payment_intent.succeeded", "created": 1_794_744_000, "data": { "object": object } });
    event.to_string()
}

async fn send(db: &Db) -> std::result::Result<Duration, String> {
    let router: Router = route::routes(db.clone());
    let started = Instant::now();
    let requests = futures::stream::iter(0..EVENTS).map(|n| {
        let router = router.clone();
        async move {
            let body = body(n);
            let signature = sign(SECRET, body.as_bytes(), app::kit::clock::now());
            let request = Request::post("/api/webhooks/stripe").header(route::header(GatewayKind::Stripe), signature);
            let request = request.body(Body::from(body)).map_err(|e| e.to_string())?;
            let answer = router.oneshot(request).await.map_err(|e| e.to_string())?;
            if answer.status().is_success() { Ok(()) } else { Err(format!("the webhook answered {}", answer.status())) }
        }
    });
    requests.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
    Ok(started.elapsed())
}

/// The same rows, by plain SQL.
async fn insert(scope: &Scope) -> Result<Duration> {
    let started = Instant::now();
    for n in 0..EVENTS {
        let tx = scope.write().await?;
        let sql = "INSERT INTO gateway_events (seller_id, id, gateway, event_id, kind, payload, happened_at, received_at, status) \
                   VALUES ($1, $2, 'stripe', $3, 'payment_intent.succeeded', $4, $5, $5, 'ignored')";
        let payload: serde_json::Value = serde_json::from_str(&body(n)).unwrap_or_default();
        let values =
            [tx.seller_id().0.into(), GatewayEventId::new().0.into(), format!("evt_plain_{n}").into(), payload.into(), scope.now().into()];
        tx.run(sql, values).await?;
        tx.commit_quietly().await?;
    }
    Ok(started.elapsed())
}

//! Asking gateways: charges, refunds, cards, fees; asking again about what was not answered; and the built-in gateway's
//! own errands. Each handler can run again: what it asks has a key, and an answer is applied once.

use axum::body::Body;
use chrono::TimeDelta;
use http::Request;
use serde::de::DeserializeOwned;
use serde_json::json;
use tower::ServiceExt;

use crate::invoices::InvoiceId;
use crate::kit::db::bug;
use crate::kit::job::{Counts, JobContext, Registry, Schedule};
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::model::TestCard;
use crate::payments::gateway::port::{ChargeAnswer, ChargeOrder, Decline, Gateway, GatewayError, Outcome, RefundAnswer, RefundOutcome};
use crate::payments::gateway::signature;
use crate::payments::model::{PaymentId, PaymentStatus};
use crate::payments::store::charges::{self, ChargeState};
use crate::payments::store::{accounts, answers, asking, demo_gateway, fees, methods, paybacks, setups};
use crate::payments::webhooks::route;

/// The job that asks again about what was not answered.
const ASK_JOB: &str = "payments.ask";
/// From then on a gateway may have forgotten a key (Stripe keeps it for 24 hours at least): the call is not repeated.
const KEY_HOURS: i64 = 20;

pub fn register(registry: &mut Registry) {
    registry.handle(charges::CHARGE_JOB, charge);
    registry.handle(charges::CANCEL_JOB, cancel);
    registry.handle(charges::COLLECT_JOB, collect);
    registry.handle(paybacks::REFUND_JOB, refund);
    registry.handle(setups::SETUP_JOB, setup);
    registry.handle(fees::FEE_JOB, fee);
    registry.handle(methods::DETACH_JOB, detach);
    registry.handle(demo_gateway::EVENT_JOB, tell);
    registry.handle(demo_gateway::LATE_JOB, answer_late);
    registry.handle(ASK_JOB, ask_again);
    registry.schedule(Schedule {
        kind: ASK_JOB,
        cron: "*/10 * * * *",
        title: "Ask gateways about what they did not answer",
        per_seller: true,
    });
}

fn named<T: DeserializeOwned>(context: &JobContext, key: &str) -> Result<T> {
    serde_json::from_value(context.payload[key].clone()).map_err(bug)
}

async fn charge(context: JobContext) -> Result<Counts> {
    let outcome = ask(&context.scope().await?, named(&context, "payment")?).await?;
    Ok(json!({ "outcome": outcome }))
}

async fn cancel(context: JobContext) -> Result<Counts> {
    let (scope, id): (_, PaymentId) = (context.scope().await?, named(&context, "payment")?);
    let charge = charges::state(&scope, id).await?.ok_or(Error::NotFound)?;
    let Some(known) = charge.gateway_id.filter(|_| charge.status == PaymentStatus::NeedsAction) else { return Ok(json!({})) };
    let answer = accounts::connect(&scope, charge.gateway).await?.cancel(&known).await.map_err(setups::meaning)?;
    answers::answer(&scope, id, answer).await?;
    Ok(json!({ "payment": id }))
}

async fn collect(context: JobContext) -> Result<Counts> {
    let invoice: InvoiceId = named(&context, "invoice")?;
    match charges::collect(&context.scope().await?, invoice).await? {
        Ok(payment) => Ok(json!({ "payment": payment })),
        Err(why) => Ok(json!({ "skipped": why })),
    }
}

/// Asks the gateway about a charge, for the first time or again, and applies what it says.
pub async fn ask(scope: &Scope, id: PaymentId) -> Result<&'static str> {
    let charge = charges::state(scope, id).await?.ok_or(Error::NotFound)?;
    if !matches!(charge.status, PaymentStatus::Pending | PaymentStatus::NeedsAction) {
        return Ok("answered before");
    }
    let gateway = accounts::connect(scope, charge.gateway).await?;
    let answered = match &charge.gateway_id {
        Some(known) => gateway.look(known).await,
        None => send(scope, &charge, &*gateway).await?,
    };
    let answer = match answered {
        Ok(answer) => answer,
        Err(GatewayError::Unavailable(why)) => {
            tracing::warn!(why, payment = %id, "a gateway does not answer; it will be asked again");
            return Err(Error::Unavailable);
        }
        // It knows the charge, and will not speak of it: that decides nothing.
        Err(GatewayError::Refused(why)) if charge.gateway_id.is_some() => return Err(Error::Conflict(why)),
        Err(GatewayError::Refused(why)) => refused(scope, "gateway_refused", why),
    };
    let word = match answer.outcome {
        Outcome::Pending => "pending",
        Outcome::NeedsAction { .. } => "needs action",
        Outcome::Succeeded { .. } => "succeeded",
        Outcome::Failed(_) => "failed",
        Outcome::Cancelled => "cancelled",
    };
    answers::answer(scope, id, answer).await?;
    Ok(word)
}

fn refused(scope: &Scope, code: &str, message: String) -> ChargeAnswer {
    ChargeAnswer { id: None, outcome: Outcome::Failed(Decline { code: code.into(), message, hard: false }), at: scope.now() }
}

/// Sends a charge that has no answer yet. Long after it was begun it is only looked for, lest it be made twice.
async fn send(scope: &Scope, charge: &ChargeState, gateway: &dyn Gateway) -> Result<std::result::Result<ChargeAnswer, GatewayError>> {
    let token = match charge.method {
        Some(method) => methods::open(&scope.read().await?, method).await,
        None => Err(Error::NotFound),
    };
    let payer = match setups::payer(scope, charge.gateway, gateway, charge.customer).await? {
        Ok(payer) => payer,
        Err(error) => return Ok(Err(error)),
    };
    let mut order = ChargeOrder {
        key: charge.payment.to_string(),
        amount: charge.amount,
        token: String::new(),
        payer,
        description: charge.reference.clone().unwrap_or_default(),
        return_url: "/pay/thanks".into(),
    };
    let Some(token) = token.ok().and_then(|details| details.token) else {
        // The method was taken away: nothing is sent any more, but something may have been.
        let found = gateway.find(&order).await;
        return Ok(found.map(|f| f.unwrap_or_else(|| refused(scope, "method_removed", "The payment method was removed.".into()))));
    };
    order.token = token;
    if scope.now().signed_duration_since(charge.created_at) > TimeDelta::hours(KEY_HOURS) {
        let found = gateway.find(&order).await;
        return Ok(found.map(|f| f.unwrap_or_else(|| refused(scope, "unanswered", "The gateway never got the charge.".into()))));
    }
    Ok(gateway.charge(&order).await)
}

async fn ask_again(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let (mut asked, mut unanswered) = (0u64, 0u64);
    for id in asking::to_ask(&scope).await? {
        asking::asked(&scope, id).await?;
        match ask(&scope, id).await {
            Ok(_) => asked += 1,
            Err(error) => {
                tracing::warn!(%error, payment = %id, "a charge is still not answered");
                unanswered += 1;
            }
        }
    }
    Ok(json!({ "asked": asked, "unanswered": unanswered }))
}

async fn refund(context: JobContext) -> Result<Counts> {
    let (scope, id) = (context.scope().await?, named(&context, "refund")?);
    let Some((kind, order)) = paybacks::order(&scope, id).await? else { return Ok(json!({ "outcome": "answered before" })) };
    let gateway = accounts::connect(&scope, kind).await?;
    let answer = match gateway.refund(&order).await {
        Err(GatewayError::Refused(why)) => RefundAnswer { id: None, outcome: RefundOutcome::Failed(why) },
        other => other.map_err(setups::meaning)?,
    };
    paybacks::answer(&scope, id, answer).await?;
    Ok(json!({ "refund": id }))
}

async fn setup(context: JobContext) -> Result<Counts> {
    let method = setups::finish(&context.scope().await?, named(&context, "setup")?).await?;
    Ok(json!({ "method": method }))
}

async fn fee(context: JobContext) -> Result<Counts> {
    let (scope, id): (_, PaymentId) = (context.scope().await?, named(&context, "payment")?);
    let charge = charges::state(&scope, id).await?.ok_or(Error::NotFound)?;
    let Some(known) = charge.gateway_id.filter(|id| charge.gateway.can_ask_about(id)) else { return Ok(json!({ "fee": null })) };
    let answer = accounts::connect(&scope, charge.gateway).await?.look(&known).await.map_err(setups::meaning)?;
    match answer.outcome {
        Outcome::Succeeded { fee: Some(fee) } => Ok(json!({ "fee": fee, "posted": fees::post(&scope, id, fee).await? })),
        // It is known once the bank has settled.
        Outcome::Succeeded { fee: None } if context.attempt < 3 => Err(Error::Unavailable),
        _ => Ok(json!({ "fee": null })),
    }
}

async fn detach(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let kind: GatewayKind = named(&context, "gateway")?;
    let sealed: String = named(&context, "details")?;
    let details: crate::payments::methods::Details = serde_json::from_str(&scope.db().sealer()?.open(&sealed)?).map_err(bug)?;
    let Some(token) = details.token else { return Ok(json!({})) };
    match accounts::connect(&scope, kind).await?.detach(&token).await {
        // It knows no such card: as good as forgotten.
        Ok(()) | Err(GatewayError::Refused(_)) => Ok(json!({ "forgotten": 1 })),
        Err(error) => Err(setups::meaning(error)),
    }
}

/// The built-in gateway tells what happened, as one outside does: a signed request to the webhook's own route.
async fn tell(context: JobContext) -> Result<Counts> {
    let scope = context.scope().await?;
    let secrets = accounts::secrets(&scope.read().await?, GatewayKind::Demo).await?;
    let (Some(secrets), Some(event)) = (secrets, demo_gateway::event(&scope, &context.payload).await?) else {
        return Ok(json!({ "told": 0 }));
    };
    let body = event.to_string().into_bytes();
    let request = Request::post(format!("/api/webhooks/demo/{}", scope.seller().slug))
        .header("content-type", "application/json")
        .header(route::header(GatewayKind::Demo), signature::sign(&secrets.webhook, &body, scope.real_now()))
        .body(Body::from(body))
        .map_err(bug)?;
    let response = route::routes(context.db.clone()).oneshot(request).await.map_err(bug)?;
    if response.status().is_success() {
        Ok(json!({ "told": 1 }))
    } else {
        Err(Error::Conflict(format!("The webhook answered {}.", response.status())))
    }
}

async fn answer_late(context: JobContext) -> Result<Counts> {
    let (scope, id): (_, String) = (context.scope().await?, named(&context, "id")?);
    let card = demo_gateway::read(&scope, &id).await?.and_then(|thing| thing.test_card());
    let to = if card == Some(TestCard::DeclinesLate) { "failed" } else { "succeeded" };
    Ok(json!({ "answered": u64::from(demo_gateway::turn(&scope, &id, "processing", to, None).await?) }))
}

//! Pause and resume.

use axum::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::SubscriptionWithPhases;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id};
use crate::subscriptions::model::{Pause, Proration, SubscriptionId, Verb, When};
use crate::subscriptions::store;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(pause)).routes(routes!(resume))
}

/// Days without service, that are not paid for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Pause)]
pub struct PauseDays {
    /// The first day without service.
    pub from: NaiveDate,
    /// The day it comes back by itself; null: when it is resumed.
    pub until: Option<NaiveDate>,
}

impl From<Pause> for PauseDays {
    fn from(pause: Pause) -> Self {
        Self { from: pause.from, until: pause.until }
    }
}

/// How long a subscription pauses.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseJson {
    /// `now` (unless given), `period_end`, or the first day without service.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-07-01")]
    pub at: Option<When>,
    /// The first day with service again; unless given, it waits to be resumed.
    #[serde(default)]
    pub resumes_on: Option<NaiveDate>,
    /// How the running period is billed; as the seller's settings say unless given.
    #[serde(default)]
    pub proration: Option<Proration>,
}

/// When service comes back.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResumeJson {
    /// `now` (unless given), or the first day with service again. Where that is no later than the pause begins, the pause is
    /// taken back.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "now")]
    pub at: Option<When>,
}

/// Pauses service: no MRR and nothing to pay, until a day or until it is resumed.
#[utoipa::path(post, path = "/subscriptions/{id}/pause", operation_id = "pause_subscription", tag = "subscriptions", params(("id" = SubscriptionId, Path)), request_body = PauseJson, responses((status = 200, body = SubscriptionWithPhases)))]
async fn pause(
    Authorized(scope, _): Authorized<can::WriteSubscriptions>,
    Id(id): Id<SubscriptionId>,
    Body(pause): Body<PauseJson>,
) -> Answer<SubscriptionWithPhases> {
    let verb = Verb::Pause { at: pause.at.unwrap_or_default(), resumes_on: pause.resumes_on };
    store::perform_prorated(&scope, id, verb, pause.proration).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

/// Resumes service now or on a day; a pause that has not begun is taken back.
#[utoipa::path(post, path = "/subscriptions/{id}/resume", operation_id = "resume_subscription", tag = "subscriptions", params(("id" = SubscriptionId, Path)), request_body = ResumeJson, responses((status = 200, body = SubscriptionWithPhases)))]
async fn resume(
    Authorized(scope, _): Authorized<can::WriteSubscriptions>,
    Id(id): Id<SubscriptionId>,
    Body(resume): Body<ResumeJson>,
) -> Answer<SubscriptionWithPhases> {
    store::perform(&scope, id, Verb::Resume { at: resume.at.unwrap_or_default() }).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

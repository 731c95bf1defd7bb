//! `/api/v1/subscriptions/ID/trial`.

use axum::Json;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::SubscriptionWithPhases;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id};
use crate::subscriptions::model::{SubscriptionId, Verb};
use crate::subscriptions::store;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(set_trial))
}

/// When a trial ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialJson {
    /// The first day paid for; today ends the trial now.
    pub ends_on: NaiveDate,
}

/// Extends a trial, or ends it sooner.
#[utoipa::path(put, path = "/subscriptions/{id}/trial", operation_id = "set_subscription_trial", tag = "subscriptions", params(("id" = SubscriptionId, Path)), request_body = TrialJson, responses((status = 200, body = SubscriptionWithPhases)))]
async fn set_trial(
    Authorized(scope, _): Authorized<can::WriteSubscriptions>,
    Id(id): Id<SubscriptionId>,
    Body(trial): Body<TrialJson>,
) -> Answer<SubscriptionWithPhases> {
    store::perform(&scope, id, Verb::Trial { ends_on: trial.ends_on }).await?;
    Ok(Json(store::detail(&scope, id).await?.into()))
}

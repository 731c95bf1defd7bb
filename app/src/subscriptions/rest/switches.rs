//! `/api/v1/subscriptions/ID/switches`.

use axum::Json;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kit::form::Check;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body, Id};
use crate::kit::scope::Scope;
use crate::subscriptions::model::{Service, SubscriptionId};
use crate::subscriptions::store::switches;

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(get_switches, set_switches))
}

/// Service can be withheld while billing goes on, and billing be left out while service goes on.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SwitchesJson {
    pub service: Service,
    /// Since when it is not given in full.
    pub service_since: Option<DateTime<Utc>>,
    pub service_reason: Option<String>,
    /// Dunning withheld it, and gives it back when paid.
    pub service_by_dunning: bool,
    pub billed: bool,
    /// Periods that begin from then on are not billed.
    pub unbilled_from: Option<NaiveDate>,
}

/// Switches to set; what is left out stays.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SwitchesChange {
    pub service: Option<Service>,
    pub billed: Option<bool>,
    pub reason: Option<String>,
}

async fn shown(scope: &Scope, id: SubscriptionId) -> crate::kit::Result<SwitchesJson> {
    let is = switches::get(scope, id).await?;
    Ok(SwitchesJson {
        service: is.service,
        service_since: is.service_since,
        service_reason: is.service_reason,
        service_by_dunning: is.service_by_dunning,
        billed: is.unbilled_from.is_none(),
        unbilled_from: is.unbilled_from,
    })
}

/// How much of the service is given, and whether it is billed.
#[utoipa::path(get, path = "/subscriptions/{id}/switches", operation_id = "get_subscription_switches", tag = "subscriptions", params(("id" = SubscriptionId, Path)), responses((status = 200, body = SwitchesJson)))]
async fn get_switches(Authorized(scope, _): Authorized<can::ReadSubscriptions>, Id(id): Id<SubscriptionId>) -> Answer<SwitchesJson> {
    Ok(Json(shown(&scope, id).await?))
}

/// Slows service down, suspends it or gives it back; leaves billing out from the next period on or takes it up again.
#[utoipa::path(patch, path = "/subscriptions/{id}/switches", operation_id = "set_subscription_switches", tag = "subscriptions", params(("id" = SubscriptionId, Path)), request_body = SwitchesChange, responses((status = 200, body = SwitchesJson)))]
async fn set_switches(
    Authorized(scope, _): Authorized<can::WriteSubscriptions>,
    Id(id): Id<SubscriptionId>,
    Body(change): Body<SwitchesChange>,
) -> Answer<SwitchesJson> {
    let mut check = Check::default();
    let reason = check.optional_text("reason", change.reason.as_deref().unwrap_or_default(), 200);
    let reason = check.done(|| reason)?;
    switches::get(&scope, id).await?;
    if let Some(service) = change.service {
        switches::set_service(&scope, id, service, reason.clone()).await?;
    }
    if let Some(billed) = change.billed {
        switches::set_billing(&scope, id, billed, reason).await?;
    }
    Ok(Json(shown(&scope, id).await?))
}

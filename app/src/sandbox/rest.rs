//! `/api/v1/sandbox`: the clock of a sandbox, for machines.

use std::time::{Duration, Instant};

use axum::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Advance, Sandbox};
use super::{jobs, store};
use crate::kit::Error;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Body};
use crate::kit::scope::Scope;

/// How long a request moves the clock itself; a job goes on from there.
const PATIENCE: Duration = Duration::from_secs(18);

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(read, begin)).routes(routes!(advance))
}

/// Where a sandbox is in time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SandboxJson {
    /// RFC 3339.
    pub now: String,
    /// The business day of now.
    pub today: NaiveDate,
    /// Whether the clock stands; else it is on its way to `going_to`.
    pub done: bool,
    pub going_to: Option<String>,
}

impl From<Sandbox> for SandboxJson {
    fn from(of: Sandbox) -> Self {
        Self { now: of.now.iso, today: of.today, done: of.going_to.is_none(), going_to: of.going_to.map(|at| at.iso) }
    }
}

/// The day that a sandbox begins on.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginJson {
    pub on: NaiveDate,
}

/// Where to; one of them.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvanceJson {
    /// A day (its noon), or a time by RFC 3339.
    #[serde(default)]
    pub to: Option<String>,
    #[serde(default)]
    pub hours: Option<i64>,
    #[serde(default)]
    pub days: Option<i64>,
    #[serde(default)]
    pub months: Option<i64>,
    /// `false`: answer at once, and let a job do it. Otherwise the answer comes when it is done, or after 18 seconds.
    #[serde(default)]
    pub wait: Option<bool>,
}

async fn state(scope: &Scope) -> Answer<SandboxJson> {
    let found = store::state(scope).await?;
    Ok(Json(found.ok_or_else(|| Error::Conflict("This organization is no sandbox.".into()))?.into()))
}

/// The sandbox's clock.
#[utoipa::path(get, path = "/sandbox", operation_id = "get_sandbox", tag = "sandbox", responses((status = 200, body = SandboxJson)))]
async fn read(Authorized(scope, _): Authorized<can::ReadInvoices>) -> Answer<SandboxJson> {
    state(&scope).await
}

/// Makes the organization a sandbox: its clock begins at noon of that day and moves only when it is advanced. Possible
/// while it has issued no invoice.
#[utoipa::path(post, path = "/sandbox", operation_id = "begin_sandbox", tag = "sandbox", request_body = BeginJson, responses((status = 200, body = SandboxJson)))]
async fn begin(Authorized(scope, _): Authorized<can::WriteInvoices>, Body(body): Body<BeginJson>) -> Answer<SandboxJson> {
    store::begin(&scope, body.on).await?;
    state(&scope).await
}

/// Advances the clock: every job that would have run by then does, in order.
#[utoipa::path(post, path = "/sandbox/advance", operation_id = "advance_sandbox", tag = "sandbox", request_body = AdvanceJson, responses((status = 200, body = SandboxJson)))]
async fn advance(Authorized(scope, _): Authorized<can::WriteInvoices>, Body(body): Body<AdvanceJson>) -> Answer<SandboxJson> {
    let by = Advance { to: body.to, hours: body.hours, days: body.days, months: body.months };
    let to = store::target(scope.seller(), &by)?;
    store::ask(&scope, to).await?;
    if body.wait.unwrap_or(true) {
        let started = Instant::now();
        // A worker may have been faster: then it is waited for.
        while started.elapsed() < PATIENCE && jobs::advance(&scope, Some(PATIENCE - started.elapsed()), None).await?.is_none() {
            tokio::time::sleep(jobs::AGAIN).await;
        }
    }
    state(&scope).await
}

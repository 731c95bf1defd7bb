//! `GET /api/v1/audit-log`.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{AuditEntryId, Severity};
use super::store::{self, Entry};
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, ListParams, Listing, Params};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_audit_log))
}

/// Which entries.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditParams {
    /// Part of the actor's name.
    actor: Option<String>,
    /// The action or the start of it, such as `subscription.`.
    action: Option<String>,
    /// The kind of thing it was done to, such as `subscription`.
    subject_kind: Option<String>,
    /// The identifier of the thing it was done to.
    subject_id: Option<String>,
    /// `info`, `warning` or `critical`.
    level: Option<String>,
    /// The address it was done from.
    address: Option<String>,
    /// The request it was done by.
    request_id: Option<String>,
    /// From this day on.
    from: Option<String>,
    /// Up to this day, included.
    to: Option<String>,
}

impl AuditParams {
    fn narrow(self, mut query: ListQuery) -> ListQuery {
        let filters = [
            ("actor", self.actor),
            ("action", self.action),
            ("kind", self.subject_kind),
            ("subject", self.subject_id),
            ("level", self.level),
            ("address", self.address),
            ("request", self.request_id),
            ("at_from", self.from),
            ("at_to", self.to),
        ];
        query.filters.extend(filters.into_iter().filter_map(|(key, value)| Some((key.to_owned(), vec![value?]))));
        query
    }
}

/// Who acted.
#[derive(Serialize, utoipa::ToSchema)]
struct AuditActor {
    /// `user`, `api_key` or `system`.
    kind: String,
    name: String,
}

/// What it was done to.
#[derive(Serialize, utoipa::ToSchema)]
struct AuditSubject {
    kind: String,
    id: String,
    label: String,
}

/// One entry of the audit log.
#[derive(Serialize, utoipa::ToSchema)]
struct AuditEntry {
    id: AuditEntryId,
    /// When, in UTC.
    at: chrono::DateTime<chrono::Utc>,
    actor: AuditActor,
    /// What was done, such as `subscription.changed`.
    action: String,
    subject: AuditSubject,
    level: Severity,
    address: Option<String>,
    request_id: Option<String>,
    /// Before and after, reasons, counts.
    #[schema(value_type = Object)]
    details: serde_json::Value,
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        Self {
            id: AuditEntryId(entry.id),
            at: entry.at,
            actor: AuditActor { kind: entry.actor_kind, name: entry.actor_name },
            action: entry.action,
            subject: AuditSubject { kind: entry.subject_kind, id: entry.subject_id, label: entry.subject_label },
            level: entry.level,
            address: entry.address,
            request_id: entry.request_id,
            details: entry.details,
        }
    }
}

/// The audit log, the newest first.
#[utoipa::path(get, path = "/audit-log", tag = "audit log", params(AuditParams, ListParams), responses((status = 200, body = Listing<AuditEntry>)))]
async fn list_audit_log(
    scope: Authorized<can::ReadAudit>,
    Params(which): Params<AuditParams>,
    Params(list): Params<ListParams>,
) -> Answer<Listing<AuditEntry>> {
    let query = which.narrow(list.query()?);
    let page = store::entries(&scope.0, &query).await?;
    Ok(Json(page.map(AuditEntry::from).into()))
}

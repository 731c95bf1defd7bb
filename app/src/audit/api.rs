//! Server functions of the page.

use leptos::server_fn::codec::Json;

use super::model::AuditRow;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

/// A page of the log.
#[server(protocol = Wired<Json>)]
pub async fn list_audit_entries(query: ListQuery) -> Result<Page<AuditRow>> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::ReadAudit>()?;
    crate::kit::scope::answer_with_status(crate::audit::store::list(&scope, &query).await)
}

//! Reads `audit_entries`.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use serde_json::Value as Json;

use super::model::{AuditEntryId, AuditRow, Severity};
use crate::kit::error::Result;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::readable;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

const LIST: Keyset = Keyset { columns: &[Column::time("at", "a.at")], default: "-at", id: "a.id" };
const COLUMNS: &str = "a.id, a.at, a.actor_kind, a.actor_name, a.action, a.subject_kind, a.subject_id, a.subject_label, a.level, a.address, \
     a.request_id, a.details";
const TABLES: &str = "audit_entries a";
/// Entries on a page of a subject's activity.
pub const ACTIVITY: u32 = 25;

/// An entry as it is stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Entry {
    pub id: uuid::Uuid,
    pub at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor_name: String,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub subject_label: String,
    pub level: Severity,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub details: Json,
}

impl Entry {
    fn shown(self, scope: &Scope) -> AuditRow {
        AuditRow {
            id: AuditEntryId(self.id),
            at: scope.moment(self.at),
            actor_kind: self.actor_kind,
            actor: self.actor_name,
            action: self.action,
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            subject: self.subject_label,
            level: self.level,
            address: self.address,
            request_id: self.request_id,
            details: readable::pairs(&self.details),
        }
    }
}

/// The filters: `actor` (part of the name), `action` (`subscription.changed`, or the start of it), `kind` and `subject` (its
/// shown id), `level`, `address`, `request` (id), `at_from`, `at_to`; and free text.
fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "a");
    filter.contains(&["a.actor_name", "a.action", "a.subject_label", "a.subject_id"], &query.q);
    if let Some(actor) = query.filter_one("actor") {
        filter.contains(&["a.actor_name"], actor);
    }
    if let Some(action) = query.filter_one("action") {
        let start = action.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        filter.and("a.action LIKE ? ESCAPE '\\'", [format!("{start}%").into()]);
    }
    filter.any("a.subject_kind", query.filter("kind"));
    filter.any("a.subject_id", query.filter("subject"));
    filter.any("a.level", query.filter("level"));
    filter.any("a.address", query.filter("address"));
    filter.any("a.request_id", query.filter("request"));
    filter.days(tx, "a.at", query, "at")?;
    Ok(filter)
}

/// A page, the newest first.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<AuditRow>> {
    Ok(entries(scope, query).await?.map(|entry| entry.shown(scope)))
}

/// As [`list`], as it is stored.
pub async fn entries(scope: &Scope, query: &ListQuery) -> Result<Page<Entry>> {
    let tx = scope.read().await?;
    LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await
}

/// Up to `size` entries after `query.after`, and where to go on: for the export.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<Entry>, Option<String>)> {
    let tx = scope.read().await?;
    LIST.chunk(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await
}

/// What happened to some things, the newest first: their activity. Each kind, as in the event, with ids as they are shown;
/// of `query` the page counts.
pub async fn of_subjects(scope: &Scope, subjects: &[(&str, Vec<String>)], query: &ListQuery) -> Result<Page<AuditRow>> {
    let tx = scope.read().await?;
    let (mut any, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    for (kind, ids) in subjects.iter().filter(|(_, ids)| !ids.is_empty()) {
        any.push(format!("(a.subject_kind = ? AND a.subject_id IN ({}))", vec!["?"; ids.len()].join(", ")));
        values.push((*kind).into());
        values.extend(ids.iter().map(|id| Value::from(id.as_str())));
    }
    if any.is_empty() {
        any.push("1 = 0".to_owned());
    }
    let mut filter = Where::seller(&tx, "a");
    filter.and(&any.join(" OR "), values);
    let ListQuery { after, before, row, .. } = query.clone();
    let query = ListQuery { after, before, row, limit: ACTIVITY, ..Default::default() };
    let page: Page<Entry> = LIST.page(&tx, &query, COLUMNS, TABLES, &filter).await?;
    Ok(page.map(|entry| entry.shown(scope)))
}

//! What happened, in the past tense. Committing a change writes its audit row and its outbox row; a worker then feeds
//! the sinks (notifications, later e-mail and webhooks). Features never send anything themselves.

use std::time::Duration;

use sea_orm::{DatabaseTransaction, FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::bulk::Rows;
use super::clock;
use super::db::{Db, Sql};
use super::error::Result;
use super::id::{OrganizationId, UserId};
use super::live::{CHANNEL, LiveEvent};
use super::permission::Permission;
use super::scope::{Actor, Scope};
use super::tx::Tx;
use crate::text_enum;

text_enum!(
    /// How much an audit reader should mind.
    pub enum Level {
        Info = "info" => "Info",
        Warning = "warning" => "Warning",
        Critical = "critical" => "Critical",
    }
);

/// What to tell the seller's people about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notice {
    pub priority: Level,
    pub title: String,
    pub body: String,
    /// Where a click leads.
    pub link: String,
    /// Told only to who may do this; `None`: to everyone.
    #[serde(default)]
    pub needs: Option<Permission>,
    /// Told only to this person.
    #[serde(default)]
    pub to: Option<UserId>,
    /// Told in this organization instead of the seller's: to the customer's own people.
    #[serde(default)]
    pub organization: Option<OrganizationId>,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Event {
    /// `noun.verb_ed`: `subscription.changed`.
    pub name: &'static str,
    pub subject_kind: &'static str,
    /// The shown id of the subject.
    pub subject_id: String,
    /// Its name for people.
    pub subject_label: String,
    pub level: Level,
    /// What the audit log keeps of it: before and after, reasons, counts. Never a secret.
    pub details: Json,
    pub notice: Option<Notice>,
}

impl Event {
    /// `Event::new("customer.created", "customer", id, name)`.
    pub fn new(name: &'static str, subject_kind: &'static str, subject_id: impl ToString, subject_label: impl Into<String>) -> Self {
        Self {
            name,
            subject_kind,
            subject_id: subject_id.to_string(),
            subject_label: subject_label.into(),
            level: Level::Info,
            details: json!({}),
            notice: None,
        }
    }

    pub fn level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    pub fn details(self, details: Json) -> Self {
        Self { details, ..self }
    }

    /// Also rings the bell of whoever may see the subject. Where the text has more to it (an amount of revenue), say so
    /// with [`notice_needs`](Self::notice_needs).
    pub fn notify(self, priority: Level, title: impl Into<String>, body: impl Into<String>, link: impl Into<String>) -> Self {
        let needs = match self.subject_kind {
            "customer" => Some(Permission::ReadCustomers),
            "plan" => Some(Permission::ReadPlans),
            "subscription" => Some(Permission::ReadSubscriptions),
            "invoice" | "credit_note" | "billing" => Some(Permission::ReadInvoices),
            "payment" | "refund" | "payment_method" | "receipt" | "gateway_event" => Some(Permission::ReadPayments),
            "import" => Some(Permission::ReadImports),
            "job" => Some(Permission::ReadJobs),
            "api_key" => Some(Permission::WriteApiKeys),
            _ => None,
        };
        Self {
            notice: Some(Notice {
                priority,
                title: title.into(),
                body: body.into(),
                link: link.into(),
                needs,
                to: None,
                organization: None,
            }),
            ..self
        }
    }

    /// Rings only the bells of those who may do `permission`.
    pub fn notice_needs(mut self, permission: Permission) -> Self {
        if let Some(notice) = &mut self.notice {
            notice.needs = Some(permission);
        }
        self
    }

    /// Rings only the bell of one person, where one is named.
    pub fn notice_to(mut self, person: Option<UserId>) -> Self {
        if let Some(notice) = &mut self.notice {
            notice.to = person;
        }
        self
    }

    /// Rings in another organization, whose people need no permission of the seller's to be told.
    pub fn notice_in(mut self, organization: OrganizationId) -> Self {
        if let Some(notice) = &mut self.notice {
            (notice.organization, notice.needs) = (Some(organization), None);
        }
        self
    }

    fn announcement(&self, seller: OrganizationId) -> LiveEvent {
        LiveEvent { seller, name: self.name.into(), subject: self.subject_id.clone() }
    }
}

/// Announced one by one up to so many events of a commit; beyond that, each name once.
const ANNOUNCED_SINGLY: usize = 20;

/// What open pages are told of a commit.
pub(super) fn announcements(events: &[Event], seller: OrganizationId) -> Vec<LiveEvent> {
    if events.len() <= ANNOUNCED_SINGLY {
        return events.iter().map(|e| e.announcement(seller)).collect();
    }
    let names: std::collections::BTreeSet<&str> = events.iter().map(|e| e.name).collect();
    names.into_iter().map(|name| LiveEvent { seller, name: name.into(), subject: String::new() }).collect()
}

const AUDIT: [&str; 13] = [
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "subject_kind",
    "subject_id",
    "subject_label",
    "level",
    "address",
    "request_id",
    "details",
];

/// Writes the audit and outbox rows of `events`.
pub(super) async fn record(tx: &Tx, events: &[Event]) -> Result<()> {
    let scope = tx.scope();
    let actor: &Actor = scope.actor();
    let (mut audit, mut outbox): (Vec<Vec<Value>>, Vec<Vec<Value>>) = (Vec::new(), Vec::new());
    for event in events {
        let id = uuid::Uuid::now_v7();
        audit.push(vec![
            id.into(),
            scope.now().into(),
            actor.kind().into(),
            actor.id().into(),
            actor.name().into(),
            event.name.into(),
            event.subject_kind.into(),
            event.subject_id.clone().into(),
            event.subject_label.clone().into(),
            event.level.into(),
            scope.origin().address.map(|a| a.to_string()).into(),
            scope.origin().request_id.clone().into(),
            event.details.clone().into(),
        ]);
        let (here, elsewhere) = match &event.notice {
            Some(notice) if notice.organization.is_some() => (None, Some(notice)),
            notice => (notice.as_ref(), None),
        };
        if let Some(notice) = elsewhere {
            tell(tx, event, notice).await?;
        }
        let payload = json!({ "subject": event.subject_id, "label": event.subject_label, "notice": here });
        outbox.push(vec![id.into(), event.name.into(), payload.into(), scope.now().into()]);
    }
    Rows::new(&AUDIT, audit).insert(tx, "audit_entries", "").await?;
    Rows::new(&["id", "event", "payload", "created_at"], outbox).insert(tx, "outbox", "").await.map(|_| ())
}

/// The name under which a notice goes to another organization, which hears nothing else of the event.
const NOTICE: &str = "notice.sent";

async fn tell(tx: &Tx, event: &Event, notice: &Notice) -> Result<()> {
    let payload = json!({ "subject": event.subject_id, "label": event.subject_label, "notice": notice });
    let sql = "INSERT INTO outbox (id, seller_id, event, payload, created_at) VALUES ($1, $2, $3, $4, $5)";
    let organization = notice.organization.map(|o| o.0);
    let values = [uuid::Uuid::now_v7().into(), organization.into(), NOTICE.into(), payload.into(), tx.scope().now().into()];
    tx.run(sql, values).await.map(|_| ())
}

/// On PostgreSQL: announces to all servers when `tx` commits.
pub(super) async fn notify(tx: &DatabaseTransaction, announcements: &[LiveEvent]) -> Result<()> {
    for announcement in announcements {
        let payload = serde_json::to_string(announcement).map_err(super::db::bug)?;
        tx.run("SELECT pg_notify($1, $2)", [CHANNEL.into(), payload.into()]).await?;
    }
    Ok(())
}

/// An event on its way to the sinks.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The outbox row; also a natural key for what a sink makes of it.
    pub id: uuid::Uuid,
    pub event: String,
    pub subject: String,
    pub label: String,
    pub notice: Option<Notice>,
}

/// What a sink is: it writes in the transaction that marks the delivery done, so each event reaches it exactly once.
/// It may return an event name to announce live.
pub type Sink = for<'a> fn(&'a Tx, &'a Delivery) -> futures::future::BoxFuture<'a, Result<Option<&'static str>>>;

#[derive(FromQueryResult)]
struct OutboxRow {
    id: uuid::Uuid,
    seller_id: uuid::Uuid,
    event: String,
    payload: Json,
}

/// Feeds the sinks for as long as it runs; wakes when something is announced, and now and then in any case.
pub async fn deliver(db: Db, sinks: Vec<Sink>) {
    let mut live = db.live().subscribe();
    loop {
        match deliver_batch(&db, &sinks).await {
            Ok(0) => {
                // An announcement, a lag or two seconds: each is a reason to look again.
                let _ = tokio::time::timeout(Duration::from_secs(2), live.recv()).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "events wait for delivery");
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
    }
}

/// Delivers up to 100 waiting events; gives how many it took.
pub async fn deliver_batch(db: &Db, sinks: &[Sink]) -> Result<usize> {
    let read = db.system_read().await?;
    let rows: Vec<OutboxRow> =
        read.all("SELECT id, seller_id, event, payload FROM outbox WHERE delivered_at IS NULL ORDER BY id LIMIT 100", []).await?;
    drop(read);
    let count = rows.len();
    for row in rows {
        deliver_one(db, sinks, row).await?;
    }
    Ok(count)
}

async fn deliver_one(db: &Db, sinks: &[Sink], row: OutboxRow) -> Result<()> {
    let Some(seller) = super::seller::by_id(db, OrganizationId(row.seller_id)).await? else { return Ok(()) };
    let scope = Scope::system(db.clone(), "outbox", seller, clock::now());
    let tx = scope.write().await?;
    // Whoever marks the row first delivers it; another worker finds nothing to mark.
    let mine =
        tx.run("UPDATE outbox SET delivered_at = $1 WHERE id = $2 AND delivered_at IS NULL", [scope.now().into(), row.id.into()]).await?;
    if mine == 0 {
        return Ok(());
    }
    let text = |key: &str| row.payload[key].as_str().unwrap_or_default().to_owned();
    let notice = serde_json::from_value(row.payload["notice"].clone()).ok();
    let delivery = Delivery { id: row.id, event: row.event, subject: text("subject"), label: text("label"), notice };
    let mut announcements = Vec::new();
    for sink in sinks {
        if let Some(name) = sink(&tx, &delivery).await? {
            announcements.push(LiveEvent { seller: tx.seller_id(), name: name.into(), subject: String::new() });
        }
    }
    if !db.is_sqlite() {
        notify(&tx, &announcements).await?;
    }
    tx.commit_quietly().await?;
    if db.is_sqlite() {
        announcements.into_iter().for_each(|a| db.live().announce(a));
    }
    Ok(())
}

//! The tables `notifications` and `notification_marks`.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};

use super::model::{Bell, NotificationId, NotificationRow, Priority, READ};
use crate::kit::db::Sql;
use crate::kit::error::{Error, Result};
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::permission::Permission;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;

/// Notifications in the bell.
const NEWEST: usize = 5;

#[derive(FromQueryResult)]
struct Row {
    id: uuid::Uuid,
    event: String,
    priority: Priority,
    title: String,
    body: String,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

impl Row {
    fn shown(self, scope: &Scope) -> NotificationRow {
        NotificationRow {
            id: NotificationId(self.id),
            event: self.event,
            priority: self.priority,
            title: self.title,
            body: self.body,
            at: scope.moment(self.created_at),
            read: self.read_at.is_some(),
        }
    }
}

const COLUMNS: &str = "n.id, n.event, n.priority, n.title, n.body, n.created_at, m.read_at";

const LIST: Keyset = Keyset { columns: &[Column::time("created", "n.created_at")], default: "-created", id: "n.id" };

/// What the reader may see and has not dismissed, and the tables it comes from.
fn visible(tx: &Tx) -> Result<(String, Where)> {
    let user = tx.scope().user()?;
    // The identifier is 32 hexadecimal digits: nothing in it can end the literal.
    let marks = if tx.db().is_sqlite() { format!("x'{}'", user.0.simple()) } else { format!("'{}'::uuid", user.0) };
    let tables =
        format!("notifications n LEFT JOIN notification_marks m ON m.seller_id = $1 AND m.notification_id = n.id AND m.user_id = {marks}");
    let mut filter = Where::seller(tx, "n");
    let allowed = words(tx.scope());
    let places = vec!["?"; allowed.len()].join(", ");
    filter.and(&format!("n.permission IS NULL OR n.permission IN ({places})"), allowed);
    filter.and("n.user_id IS NULL OR n.user_id = ?", [user.0.into()]);
    filter.and("m.dismissed_at IS NULL", []);
    Ok((tables, filter))
}

fn words(scope: &Scope) -> Vec<Value> {
    Permission::ALL.iter().filter(|p| scope.permissions().allows(**p)).map(|p| (*p).into()).collect()
}

/// A page of the list; filters `priority`, `state` (read, unread), `created_from` and `created_to`.
pub async fn list(scope: &Scope, query: &ListQuery) -> Result<Page<NotificationRow>> {
    let tx = scope.read().await?;
    let (tables, filter) = asked(&tx, query)?;
    let page = LIST.page::<Row>(&tx, query, COLUMNS, &tables, &filter).await?;
    Ok(page.map(|row| row.shown(scope)))
}

/// Up to `size` of the list after `query.after`, and where to go on.
pub async fn chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<NotificationRow>, Option<String>)> {
    let tx = scope.read().await?;
    let (tables, filter) = asked(&tx, query)?;
    let (rows, next) = LIST.chunk::<Row>(&tx, query, size, COLUMNS, &tables, &filter).await?;
    Ok((rows.into_iter().map(|row| row.shown(scope)).collect(), next))
}

/// How many the reader has not read.
pub async fn unread(tx: &Tx) -> Result<u64> {
    let (tables, mut unread) = visible(tx)?;
    unread.and("m.read_at IS NULL", []);
    crate::kit::keyset::count(tx, &tables, &unread).await
}

fn asked(tx: &Tx, query: &ListQuery) -> Result<(String, Where)> {
    let (tables, mut filter) = visible(tx)?;
    filter.contains(&["n.title", "n.body"], &query.q);
    filter.any("n.priority", query.filter("priority"));
    match query.filter("state") {
        [one] if one == "unread" => filter.and("m.read_at IS NULL", []),
        [one] if one == "read" => filter.and("m.read_at IS NOT NULL", []),
        _ => {}
    }
    filter.days(tx, "n.created_at", query, "created")?;
    Ok((tables, filter))
}

/// Unread count and the newest.
pub async fn bell(scope: &Scope) -> Result<Bell> {
    let tx = scope.read().await?;
    let (tables, filter) = visible(&tx)?;
    let newest: Vec<Row> = tx
        .all(
            &format!("SELECT {COLUMNS} FROM {tables} WHERE {} ORDER BY n.created_at DESC, n.id DESC LIMIT {NEWEST}", filter.sql()),
            filter.values(),
        )
        .await?;
    let unread = unread(&tx).await?;
    Ok(Bell { unread, newest: newest.into_iter().map(|row| row.shown(scope)).collect() })
}

#[derive(FromQueryResult)]
struct Link {
    link: String,
}

/// Marks one as read; gives where it leads.
pub async fn open(scope: &Scope, id: NotificationId) -> Result<String> {
    let tx = scope.write().await?;
    let (tables, mut filter) = visible(&tx)?;
    filter.and("n.id = ?", [id.0.into()]);
    let row: Option<Link> = tx.one(&format!("SELECT n.link FROM {tables} WHERE {}", filter.sql()), filter.values()).await?;
    let link = row.ok_or(Error::NotFound)?.link;
    mark(&tx, id, false).await?;
    tx.commit_personally(READ).await?;
    Ok(link)
}

/// Takes one off the reader's list.
pub async fn dismiss(scope: &Scope, id: NotificationId) -> Result<()> {
    let tx = scope.write().await?;
    if !exists(&tx, id).await? {
        return Err(Error::NotFound);
    }
    mark(&tx, id, true).await?;
    tx.commit_personally(READ).await
}

/// Marks several as read, and takes them off the list where asked; all or none.
pub async fn mark_many(scope: &Scope, ids: &[NotificationId], dismiss: bool) -> Result<()> {
    let tx = scope.write().await?;
    for id in ids {
        if !exists(&tx, *id).await? {
            return Err(Error::NotFound);
        }
        mark(&tx, *id, dismiss).await?;
    }
    tx.commit_personally(READ).await
}

/// Puts one that was dismissed back on the list, read.
pub async fn restore(scope: &Scope, id: NotificationId) -> Result<()> {
    restore_many(scope, &[id]).await
}

/// As [`restore`] for several, all or none.
pub async fn restore_many(scope: &Scope, ids: &[NotificationId]) -> Result<()> {
    let tx = scope.write().await?;
    for id in ids {
        let values = [tx.seller_id().0.into(), id.0.into(), scope.user()?.0.into()];
        let sql = "UPDATE notification_marks SET dismissed_at = NULL WHERE seller_id = $1 AND notification_id = $2 AND user_id = $3";
        if tx.run(sql, values).await? == 0 {
            return Err(Error::NotFound);
        }
    }
    tx.commit_personally(READ).await
}

/// Marks all that the reader may see as read; gives how many were not.
pub async fn mark_all_read(scope: &Scope) -> Result<u64> {
    let tx = scope.write().await?;
    let allowed = words(scope);
    let places = (0..allowed.len()).map(|i| format!("${}", i + 4)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "INSERT INTO notification_marks (seller_id, notification_id, user_id, read_at) \
         SELECT n.seller_id, n.id, $2, $3 FROM notifications n WHERE n.seller_id = $1 AND (n.permission IS NULL OR n.permission IN ({places})) \
         AND NOT EXISTS (SELECT 1 FROM notification_marks m WHERE m.seller_id = $1 AND m.notification_id = n.id AND m.user_id = $2) \
         ON CONFLICT (seller_id, notification_id, user_id) DO NOTHING"
    );
    let mut values: Vec<Value> = vec![tx.seller_id().0.into(), scope.user()?.0.into(), scope.now().into()];
    values.extend(allowed);
    let marked = tx.run(&sql, values).await?;
    tx.commit_personally(READ).await?;
    Ok(marked)
}

async fn exists(tx: &Tx, id: NotificationId) -> Result<bool> {
    let (tables, mut filter) = visible(tx)?;
    filter.and("n.id = ?", [id.0.into()]);
    Ok(crate::kit::keyset::count(tx, &tables, &filter).await? > 0)
}

async fn mark(tx: &Tx, id: NotificationId, dismiss: bool) -> Result<()> {
    let now = tx.scope().now();
    let values = [tx.seller_id().0.into(), id.0.into(), tx.scope().user()?.0.into(), now.into(), dismiss.then_some(now).into()];
    tx.run(
        "INSERT INTO notification_marks (seller_id, notification_id, user_id, read_at, dismissed_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (seller_id, notification_id, user_id) DO UPDATE SET \
         dismissed_at = COALESCE(excluded.dismissed_at, notification_marks.dismissed_at)",
        values,
    )
    .await
    .map(|_| ())
}

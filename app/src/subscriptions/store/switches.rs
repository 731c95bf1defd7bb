//! Two switches: service is withheld while billing goes on, billing is left out while service goes on.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::{billing, phases};
use crate::kit::Result;
use crate::kit::db::Sql;
use crate::kit::event::{Event, Level};
use crate::kit::period::next_day;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::subscriptions::model::SubscriptionId;
use crate::subscriptions::switching::SwitchesView;

/// How the switches of a subscription stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    pub suspended_at: Option<DateTime<Utc>>,
    pub suspended_reason: Option<String>,
    /// Dunning withheld it, and gives it back when paid.
    pub suspended_by_dunning: bool,
    /// Periods that begin from then on are not billed; `None`: all are.
    pub unbilled_from: Option<NaiveDate>,
}

/// How the switches stand.
pub async fn get(scope: &Scope, id: SubscriptionId) -> Result<Switches> {
    let tx = scope.read().await?;
    phases::load(&tx, id).await?;
    read(&tx, id).await
}

/// As [`get`], for the page.
pub async fn view(scope: &Scope, id: SubscriptionId) -> Result<SwitchesView> {
    let is = get(scope, id).await?;
    Ok(SwitchesView {
        suspended: is.suspended_at.map(|at| scope.moment(at)),
        reason: is.suspended_reason,
        by_dunning: is.suspended_by_dunning,
        unbilled_from: is.unbilled_from,
    })
}

async fn read(tx: &Tx, id: SubscriptionId) -> Result<Switches> {
    #[derive(FromQueryResult)]
    struct Row {
        suspended_at: Option<DateTime<Utc>>,
        suspended_reason: Option<String>,
        suspended_by_dunning: bool,
    }
    #[derive(FromQueryResult)]
    struct Pause {
        starts_on: NaiveDate,
    }
    let key = || [tx.seller_id().0.into(), id.0.into()];
    let sql = "SELECT suspended_at, suspended_reason, suspended_by_dunning FROM subscription_billing \
               WHERE seller_id = $1 AND subscription_id = $2";
    let row: Option<Row> = tx.one(sql, key()).await?;
    let sql = "SELECT starts_on FROM billing_pauses WHERE seller_id = $1 AND subscription_id = $2 AND ends_on IS NULL";
    let pause: Option<Pause> = tx.one(sql, key()).await?;
    let unbilled_from = pause.map(|p| p.starts_on);
    Ok(row.map_or(Switches { unbilled_from, ..Switches::default() }, |row| Switches {
        suspended_at: row.suspended_at,
        suspended_reason: row.suspended_reason,
        suspended_by_dunning: row.suspended_by_dunning,
        unbilled_from,
    }))
}

/// Withholds service, or gives it back; billing goes on. Whether anything changed.
pub async fn set_service(scope: &Scope, id: SubscriptionId, suspended: bool, reason: Option<String>, by_dunning: bool) -> Result<bool> {
    let tx = scope.write().await?;
    let event = switch_service(&tx, id, suspended, reason, by_dunning).await?;
    let Some(event) = event else { return Ok(false) };
    tx.commit(event).await?;
    Ok(true)
}

/// As [`set_service`], in a transaction that is under way; gives the event that says so. Dunning gives back only what it
/// withheld itself.
pub async fn switch_service(
    tx: &Tx,
    id: SubscriptionId,
    suspended: bool,
    reason: Option<String>,
    by_dunning: bool,
) -> Result<Option<Event>> {
    let (head, _) = phases::load(tx, id).await?;
    let is = read(tx, id).await?;
    if is.suspended_at.is_some() == suspended || (by_dunning && !suspended && !is.suspended_by_dunning) {
        return Ok(None);
    }
    let at = suspended.then(|| tx.scope().now());
    let sql = "INSERT INTO subscription_billing (seller_id, subscription_id, suspended_at, suspended_reason, suspended_by_dunning) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (seller_id, subscription_id) DO UPDATE SET suspended_at = excluded.suspended_at, \
               suspended_reason = excluded.suspended_reason, suspended_by_dunning = excluded.suspended_by_dunning";
    let values =
        [tx.seller_id().0.into(), id.0.into(), at.into(), reason.clone().filter(|_| suspended).into(), (by_dunning && suspended).into()];
    tx.run(sql, values).await?;
    let name = if suspended { "subscription.suspended" } else { "subscription.restored" };
    let level = if suspended { Level::Warning } else { Level::Info };
    let event = Event::new(name, "subscription", id, head.customer_name).level(level);
    Ok(Some(event.details(json!({ "reason": reason, "by_dunning": by_dunning }))))
}

/// Leaves out billing from the next period on, or takes it up again for those that begin from today; service goes on.
/// Whether anything changed.
pub async fn set_billing(scope: &Scope, id: SubscriptionId, billed: bool, reason: Option<String>) -> Result<bool> {
    let tx = scope.write().await?;
    let (head, _) = phases::load(&tx, id).await?;
    let (is, today) = (read(&tx, id).await?, scope.today());
    if is.unbilled_from.is_none() == billed {
        return Ok(false);
    }
    let key = [tx.seller_id().0.into(), id.0.into(), today.into()];
    if billed {
        // What begins today is billed again; a stretch of no day never was.
        let sql = "DELETE FROM billing_pauses WHERE seller_id = $1 AND subscription_id = $2 AND ends_on IS NULL AND starts_on >= $3";
        tx.run(sql, key.clone()).await?;
        let sql = "UPDATE billing_pauses SET ends_on = $3 WHERE seller_id = $1 AND subscription_id = $2 AND ends_on IS NULL";
        tx.run(sql, key).await?;
    } else {
        // What begins today may be billed already.
        let from = next_day(today);
        let sql = "INSERT INTO billing_pauses (seller_id, subscription_id, starts_on, reason) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (seller_id, subscription_id, starts_on) DO UPDATE SET ends_on = NULL, reason = excluded.reason";
        tx.run(sql, [tx.seller_id().0.into(), id.0.into(), from.into(), reason.clone().into()]).await?;
    }
    billing::look_again(&tx, id).await?;
    let name = if billed { "subscription.billing_resumed" } else { "subscription.billing_paused" };
    tx.commit(Event::new(name, "subscription", id, head.customer_name).details(json!({ "reason": reason }))).await?;
    Ok(true)
}

//! Two switches: service is slowed down or suspended while billing goes on, billing is left out while service goes on.

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
use crate::subscriptions::model::{Service, SubscriptionId, SubscriptionStatus};
use crate::subscriptions::switching::SwitchesView;

/// How the switches of a subscription stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switches {
    pub service: Service,
    /// Since when service is not given in full.
    pub service_since: Option<DateTime<Utc>>,
    pub service_reason: Option<String>,
    /// Dunning withheld it, and gives it back when paid.
    pub service_by_dunning: bool,
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
    let (is, subscription) = (get(scope, id).await?, super::get(scope, id).await?);
    Ok(SwitchesView {
        paused: subscription.status == SubscriptionStatus::Paused,
        service: is.service,
        since: is.service_since.map(|at| scope.moment(at)),
        reason: is.service_reason,
        by_dunning: is.service_by_dunning,
        unbilled_from: is.unbilled_from,
    })
}

async fn read(tx: &Tx, id: SubscriptionId) -> Result<Switches> {
    #[derive(FromQueryResult)]
    struct Row {
        service: Service,
        service_since: Option<DateTime<Utc>>,
        service_reason: Option<String>,
        service_by_dunning: bool,
    }
    #[derive(FromQueryResult)]
    struct Pause {
        starts_on: NaiveDate,
    }
    let key = || [tx.seller_id().0.into(), id.0.into()];
    let sql = "SELECT service, service_since, service_reason, service_by_dunning FROM subscription_billing \
               WHERE seller_id = $1 AND subscription_id = $2";
    let row: Option<Row> = tx.one(sql, key()).await?;
    let row = row.unwrap_or(Row { service: Service::Full, service_since: None, service_reason: None, service_by_dunning: false });
    let sql = "SELECT starts_on FROM billing_pauses WHERE seller_id = $1 AND subscription_id = $2 AND ends_on IS NULL";
    let pause: Option<Pause> = tx.one(sql, key()).await?;
    let Row { service, service_since, service_reason, service_by_dunning } = row;
    Ok(Switches { service, service_since, service_reason, service_by_dunning, unbilled_from: pause.map(|p| p.starts_on) })
}

/// Withholds service in part or whole, or gives it back; billing goes on. Whether anything changed.
pub async fn set_service(scope: &Scope, id: SubscriptionId, service: Service, reason: Option<String>) -> Result<bool> {
    let tx = scope.write().await?;
    if read(&tx, id).await?.service == service {
        phases::load(&tx, id).await?;
        return Ok(false);
    }
    let event = put(&tx, id, service, reason, false).await?;
    tx.commit(event).await?;
    Ok(true)
}

/// Withholds more of a service for dunning; gives the event that says so, if it was not withheld so far already.
pub async fn withhold(tx: &Tx, id: SubscriptionId, service: Service, reason: String) -> Result<Option<Event>> {
    if read(tx, id).await?.service >= service {
        return Ok(None);
    }
    put(tx, id, service, Some(reason), true).await.map(Some)
}

/// Gives back what dunning withholds, in part or whole; what a person withheld stays.
pub async fn give_back(tx: &Tx, id: SubscriptionId, service: Service) -> Result<Option<Event>> {
    let is = read(tx, id).await?;
    if is.service <= service || !is.service_by_dunning {
        return Ok(None);
    }
    put(tx, id, service, is.service_reason, true).await.map(Some)
}

async fn put(tx: &Tx, id: SubscriptionId, service: Service, reason: Option<String>, by_dunning: bool) -> Result<Event> {
    let (head, _) = phases::load(tx, id).await?;
    let withheld = service != Service::Full;
    let sql = "INSERT INTO subscription_billing (seller_id, subscription_id, service, service_since, service_reason, service_by_dunning) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (seller_id, subscription_id) DO UPDATE SET service = excluded.service, \
               service_since = excluded.service_since, service_reason = excluded.service_reason, \
               service_by_dunning = excluded.service_by_dunning";
    let values = [
        tx.seller_id().0.into(),
        id.0.into(),
        service.into(),
        withheld.then(|| tx.scope().now()).into(),
        reason.clone().filter(|_| withheld).into(),
        (by_dunning && withheld).into(),
    ];
    tx.run(sql, values).await?;
    let (name, level) = match service {
        Service::Full => ("subscription.restored", Level::Info),
        Service::Throttled => ("subscription.throttled", Level::Warning),
        Service::Suspended => ("subscription.suspended", Level::Warning),
    };
    let event = Event::new(name, "subscription", id, head.customer_name).level(level);
    Ok(event.details(json!({ "reason": reason, "by_dunning": by_dunning })))
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

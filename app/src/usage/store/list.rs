//! The list of events.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;

use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::subscriptions::SubscriptionId;
use crate::usage::model::{UsageEvent, UsageEventId};

const LIST: Keyset = Keyset { columns: &[Column::time("at", "e.at")], default: "-at", id: "e.id" };
const COLUMNS: &str = "e.id, e.event_id, m.key, m.unit, e.subscription_id, s.customer_id, c.name AS customer_name, e.at, e.day, e.quantity, \
     e.subject";
const TABLES: &str = "usage_events e JOIN meters m ON m.seller_id = e.seller_id AND m.id = e.meter_id \
     JOIN subscriptions s ON s.seller_id = e.seller_id AND s.id = e.subscription_id \
     JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id";

#[derive(FromQueryResult)]
struct Row {
    id: UsageEventId,
    event_id: String,
    key: String,
    unit: String,
    subscription_id: SubscriptionId,
    customer_id: CustomerId,
    customer_name: String,
    at: DateTime<Utc>,
    day: NaiveDate,
    quantity: i64,
    subject: Option<String>,
}

/// A page of events: search by event id, subject or customer; filters `meter` (its key), `subscription`, `customer`,
/// `at_from` and `at_to`; sort `at`.
pub async fn events(scope: &Scope, query: &ListQuery) -> Result<Page<UsageEvent>> {
    let tx = scope.read().await?;
    let mut filter = Where::seller(&tx, "e");
    let ids = |key: &str, prefix: &str| -> Vec<uuid::Uuid> {
        query.filter(key).iter().map(|id| crate::kit::id::decode(prefix, id).unwrap_or(uuid::Uuid::nil())).collect()
    };
    filter.any("m.key", query.filter("meter"));
    filter.any("e.subscription_id", &ids("subscription", "sub"));
    filter.any("s.customer_id", &ids("customer", "cus"));
    filter.days(&tx, "e.at", query, "at")?;
    filter.contains(&["e.event_id", "e.subject", "c.name"], &query.q);
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, TABLES, &filter).await?;
    Ok(page.map(|row| UsageEvent {
        id: row.id,
        event_id: row.event_id,
        meter: row.key,
        unit: row.unit,
        subscription: row.subscription_id,
        customer: row.customer_id,
        customer_name: row.customer_name,
        at: scope.moment(row.at),
        day: row.day,
        quantity: row.quantity,
        subject: row.subject,
    }))
}

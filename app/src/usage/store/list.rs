//! The list of events.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::FromQueryResult;

use crate::customers::CustomerId;
use crate::kit::Result;
use crate::kit::keyset::{Column, Keyset, Where};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::subscriptions::SubscriptionId;
use crate::usage::model::{UsageEvent, UsageEventId};

const LIST: Keyset = Keyset { columns: &[Column::time("at", "e.at")], default: "-at", id: "e.id" };
const COLUMNS: &str = "e.id, e.event_id, m.key, m.unit, e.subscription_id, s.customer_id, c.name AS customer_name, e.at, e.day, e.quantity, \
     e.subject";
/// Every event has all three; told so, a database leaves them out where it only counts.
const TABLES: &str = "usage_events e LEFT JOIN meters m ON m.seller_id = e.seller_id AND m.id = e.meter_id \
     LEFT JOIN subscriptions s ON s.seller_id = e.seller_id AND s.id = e.subscription_id \
     LEFT JOIN customers c ON c.seller_id = s.seller_id AND c.id = s.customer_id";

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

fn filter(tx: &Tx, query: &ListQuery) -> Result<Where> {
    let mut filter = Where::seller(tx, "e");
    let ids = |key: &str, prefix: &str| -> Vec<uuid::Uuid> {
        query.filter(key).iter().map(|id| crate::kit::id::decode(prefix, id).unwrap_or(uuid::Uuid::nil())).collect()
    };
    filter.any("m.key", query.filter("meter"));
    filter.any("e.subscription_id", &ids("subscription", "sub"));
    filter.any("s.customer_id", &ids("customer", "cus"));
    filter.days(tx, "e.at", query, "at")?;
    filter.contains(&["e.event_id", "e.subject", "c.name"], &query.q);
    Ok(filter)
}

impl Row {
    fn event(self, scope: &Scope) -> UsageEvent {
        UsageEvent {
            id: self.id,
            event_id: self.event_id,
            meter: self.key,
            unit: self.unit,
            subscription: self.subscription_id,
            customer: self.customer_id,
            customer_name: self.customer_name,
            at: scope.moment(self.at),
            day: self.day,
            quantity: self.quantity,
            subject: self.subject,
        }
    }
}

/// Up to `size` events of the list after `query.after`, and where to go on.
pub async fn events_chunk(scope: &Scope, query: &ListQuery, size: usize) -> Result<(Vec<UsageEvent>, Option<String>)> {
    let tx = scope.read().await?;
    let (rows, next) = LIST.chunk::<Row>(&tx, query, size, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok((rows.into_iter().map(|row| row.event(scope)).collect(), next))
}

/// A page of events: search by event id, subject or customer; filters `meter` (its key), `subscription`, `customer`,
/// `at_from` and `at_to`; sort `at`.
pub async fn events(scope: &Scope, query: &ListQuery) -> Result<Page<UsageEvent>> {
    let tx = scope.read().await?;
    let page: Page<Row> = LIST.page(&tx, query, COLUMNS, TABLES, &filter(&tx, query)?).await?;
    Ok(page.map(|row| row.event(scope)))
}

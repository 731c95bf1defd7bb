//! The lists as CSV files: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::{UsageEvent, UsingSubscription};
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/usage/export.csv", get(using)).route("/usage/events/export.csv", get(events))
}

async fn using(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head =
        ["subscription_id", "customer", "plan", "period_start", "period_end", "meter", "quantity", "unit", "included", "over", "percent"];
    let chunk = |scope, query, size| async move { store::using_chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadSubscriptions>(), pairs, "usage.csv", &head, chunk, using_lines)
}

/// A line for each meter; one with none of them where nothing was used this period.
fn using_lines(of: UsingSubscription) -> Result<Vec<u8>> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let (start, end) = (day(of.period.map(|p| p.start)), day(of.period.map(|p| p.end)));
    let whose = [of.subscription.to_string(), of.customer_name, of.plan_name, start, end];
    let line = |meter: [String; 6]| download::line(whose.iter().chain(&meter));
    let lines = of.meters.iter().map(|m| {
        let over = m.included.map(|_| m.over());
        line([m.key.clone(), m.quantity.to_string(), m.unit.clone(), number(m.included), number(over), number(m.percent())])
    });
    let lines = lines.collect::<Result<Vec<_>>>()?;
    if lines.is_empty() { line(Default::default()) } else { Ok(lines.concat()) }
}

async fn events(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = ["event_id", "subscription_id", "customer_id", "customer", "meter", "quantity", "unit", "at", "counts_on", "subject"];
    let chunk = |scope, query, size| async move { store::events_chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadSubscriptions>(), pairs, "usage-events.csv", &head, chunk, event_line)
}

fn event_line(of: UsageEvent) -> Result<Vec<u8>> {
    download::line([
        of.event_id,
        of.subscription.to_string(),
        of.customer.to_string(),
        of.customer_name,
        of.meter,
        of.quantity.to_string(),
        of.unit,
        of.at.iso,
        of.day.to_string(),
        of.subject.unwrap_or_default(),
    ])
}

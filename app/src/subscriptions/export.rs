//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::Subscription;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/subscriptions/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = [
        "id",
        "external_id",
        "customer_id",
        "customer",
        "plan",
        "interval",
        "interval_count",
        "currency",
        "status",
        "started_on",
        "trial_ends_on",
        "ended_on",
        "cancel_reason",
        "monthly_currency",
        "monthly",
    ];
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadSubscriptions>(), pairs, "subscriptions.csv", &head, chunk, line)
}

fn line(row: Subscription) -> Result<Vec<u8>> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
    download::line([
        row.id.to_string(),
        row.external_id.unwrap_or_default(),
        row.customer_id.to_string(),
        row.customer_name,
        row.plan_name,
        row.interval.unit.word().to_owned(),
        row.interval.count.to_string(),
        row.currency.to_string(),
        row.status.word().to_owned(),
        row.started_on.to_string(),
        day(row.trial_ends_on),
        day(row.ended_on),
        row.cancel_reason.unwrap_or_default(),
        row.monthly.currency().to_string(),
        row.monthly.to_major(),
    ])
}

//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::Plan;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/plans/export.csv", get(export))
}

const HEAD: [&str; 13] = [
    "id",
    "name",
    "interval",
    "interval_count",
    "currency",
    "price",
    "version",
    "trial_days",
    "state",
    "paying_customers",
    "mrr_currency",
    "mrr",
    "created_at",
];

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let scope = caller.scope::<can::ReadPlans>();
    let head = download::head(&scope, &HEAD, &["mrr_currency", "mrr"]);
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(scope, pairs, "plans.csv", &head, chunk, line)
}

fn line(plan: Plan) -> Result<Vec<u8>> {
    let mut cells = vec![
        plan.id.to_string(),
        plan.name,
        plan.interval.unit.word().to_owned(),
        plan.interval.count.to_string(),
        plan.price.currency().to_string(),
        plan.price.to_major(),
        plan.version_number.to_string(),
        plan.trial_days.to_string(),
        if plan.archived { "archived" } else { "active" }.to_owned(),
        plan.customers.to_string(),
    ];
    cells.extend(plan.mrr.into_iter().flat_map(|mrr| [mrr.currency().to_string(), mrr.to_major()]));
    cells.push(plan.created.iso);
    download::line(cells)
}

//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::Plan;
use super::store;
use crate::kit::Result;
use crate::kit::download;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/plans/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
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

fn file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadPlans>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    download::csv("plans.csv", &HEAD, move |place| {
        let (scope, query) = (scope.clone(), ListQuery { after: place.unwrap_or_default(), ..query.clone() });
        async move {
            let (rows, next) = store::chunk(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(line).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
}

fn line(plan: Plan) -> Result<Vec<u8>> {
    download::line([
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
        plan.mrr.currency().to_string(),
        plan.mrr.to_major(),
        plan.created.iso,
    ])
}

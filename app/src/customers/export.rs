//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;

use super::model::Customer;
use super::store;
use crate::kit::Result;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/customers/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
    let head = ["id", "external_id", "name", "email", "country", "status", "currency", "mrr", "first_paid_on", "created_at"];
    let scope = caller.scope::<can::ReadCustomers>();
    let head = download::head(&scope, &head, &["currency", "mrr"]);
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(scope, pairs, "customers.csv", &head, chunk, line)
}

fn line(customer: Customer) -> Result<Vec<u8>> {
    let Customer { id, external_id, name, email, country, organization: _, status, mrr, first_paid_on, created } = customer;
    let mut cells = vec![
        id.to_string(),
        external_id.unwrap_or_default(),
        name,
        email.unwrap_or_default(),
        country.unwrap_or_default(),
        status.word().to_owned(),
    ];
    cells.extend(mrr.into_iter().flat_map(|mrr| [mrr.currency().to_string(), mrr.to_major()]));
    cells.extend([first_paid_on.map(|d| d.to_string()).unwrap_or_default(), created.iso]);
    download::line(cells)
}

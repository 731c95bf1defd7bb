//! The list as a CSV file: exactly what is filtered, in the list's order.

use axum::extract::{Extension, Query};
use axum::response::Response;
use axum::routing::get;
use axum::{Router, response::IntoResponse};

use super::model::Customer;
use super::store;
use crate::kit::Result;
use crate::kit::download;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/customers/export.csv", get(export))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
}

fn file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadCustomers>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    let head = ["id", "external_id", "name", "email", "country", "status", "currency", "mrr", "first_paid_on", "created_at"];
    download::csv("customers.csv", &head, move |place| {
        let (scope, query) = (scope.clone(), ListQuery { after: place.unwrap_or_default(), ..query.clone() });
        async move {
            let (rows, next) = store::chunk(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(line).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
}

fn line(customer: Customer) -> Result<Vec<u8>> {
    let Customer { id, external_id, name, email, country, organization: _, status, mrr, first_paid_on, created } = customer;
    download::line([
        id.to_string(),
        external_id.unwrap_or_default(),
        name,
        email.unwrap_or_default(),
        country.unwrap_or_default(),
        status.word().to_owned(),
        mrr.currency().to_string(),
        mrr.to_major(),
        first_paid_on.map(|d| d.to_string()).unwrap_or_default(),
        created.iso,
    ])
}

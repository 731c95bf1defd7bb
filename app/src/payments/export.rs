//! The list and a customer's statement as CSV files.

use axum::Router;
use axum::extract::{Extension, Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::Payment;
use super::statement::Line;
use super::store;
use crate::customers::CustomerId;
use crate::kit::download;
use crate::kit::paging::ListQuery;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;
use crate::kit::{Error, Result};

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/payments/export.csv", get(export)).route("/customers/{id}/statement.csv", get(statement))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
}

fn file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadPayments>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    let head = [
        "id",
        "customer_id",
        "customer",
        "status",
        "method",
        "currency",
        "amount",
        "on_invoices",
        "refunded",
        "fee",
        "paid_on",
        "reference",
        "recorded_by",
        "created_at",
    ];
    download::csv("payments.csv", &head, move |place| {
        let (scope, query) = (scope.clone(), ListQuery { after: place.unwrap_or_default(), ..query.clone() });
        async move {
            let (rows, next) = store::chunk(&scope, &query, download::ROWS_AT_ONCE).await?;
            let lines: Vec<Vec<u8>> = rows.into_iter().map(line).collect::<Result<_>>()?;
            Ok((lines.concat(), next))
        }
    })
}

fn line(payment: Payment) -> Result<Vec<u8>> {
    let Payment {
        id,
        customer,
        customer_name,
        status,
        paid_by,
        amount,
        fee,
        refunded,
        allocated,
        paid_on,
        reference,
        recorded_by,
        created,
    } = payment;
    download::line([
        id.to_string(),
        customer.to_string(),
        customer_name,
        status.word().to_owned(),
        paid_by.word().to_owned(),
        amount.currency().to_string(),
        amount.to_major(),
        allocated.to_major(),
        refunded.to_major(),
        fee.to_major(),
        paid_on.to_string(),
        reference.unwrap_or_default(),
        recorded_by,
        created.iso,
    ])
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(default)]
    currency: String,
}

async fn statement(Extension(caller): Extension<Caller>, Path(id): Path<String>, Query(asked): Query<Asked>) -> Response {
    lines(&caller, &id, &asked.currency).await.unwrap_or_else(|error| Problem(error).into_response())
}

async fn lines(caller: &Caller, id: &str, currency: &str) -> Result<Response> {
    let scope = caller.scope::<can::ReadPayments>()?;
    let id: CustomerId = id.parse().map_err(|_| Error::NotFound)?;
    let found = store::statement(&scope, id, currency).await?;
    let line = |line: Line| {
        let currency = line.amount.currency().to_string();
        download::line([line.day.to_string(), line.what, line.label, currency, line.amount.to_major(), line.balance.to_major()])
    };
    let lines = found.lines.into_iter().map(line).collect::<Result<Vec<_>>>()?.concat();
    download::csv("statement.csv", &["day", "what", "document", "currency", "amount", "balance"], move |_| {
        let lines = lines.clone();
        async move { Ok((lines, None)) }
    })
}

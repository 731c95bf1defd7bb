//! The list and a customer's statement as CSV files.

use axum::Router;
use axum::extract::{Extension, Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::Payment;
use super::statement::Line;
use super::store;
use crate::customers::CustomerId;
use crate::kit::download::{self, Pairs};
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::Caller;
use crate::kit::{Error, Result};

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new().route("/payments/export.csv", get(export)).route("/customers/{id}/statement.csv", get(statement))
}

async fn export(Extension(caller): Extension<Caller>, Query(pairs): Query<Pairs>) -> Response {
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
    let chunk = |scope, query, size| async move { store::chunk(&scope, &query, size).await };
    download::list(caller.scope::<can::ReadPayments>(), pairs, "payments.csv", &head, chunk, line)
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

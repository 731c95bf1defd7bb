//! The figures as CSV files: movements by month, metrics by month, and the customers behind a figure.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::{Asked, Metrics, MonthMovements, MovedCustomer, months};
use super::ratio::Ratio;
use super::store;
use crate::kit::download;
use crate::kit::money::Money;
use crate::kit::paging::ListQuery;
use crate::kit::period::Month;
use crate::kit::permission::can;
use crate::kit::rest::Problem;
use crate::kit::scope::{Caller, Scope};
use crate::kit::{Error, Result};
use crate::movements::MovementKind;

/// Routes of the console that are no pages.
pub fn routes() -> Router {
    Router::new()
        .route("/revenue/movements-by-month.csv", get(by_month))
        .route("/revenue/metrics.csv", get(metrics))
        .route("/revenue/movements.csv", get(behind))
}

#[derive(serde::Deserialize)]
struct Range {
    from: Month,
    to: Month,
}

async fn by_month(Extension(caller): Extension<Caller>, Query(range): Query<Range>) -> Response {
    let answer = async {
        let scope = caller.scope::<can::ReadRevenue>()?;
        let rows = store::movements(&scope, range.from, range.to).await?;
        let lines = rows.iter().map(movements_line).collect::<Result<Vec<_>>>()?;
        whole("movements-by-month.csv", MOVEMENTS_HEAD, lines)
    };
    answer.await.unwrap_or_else(|error: Error| Problem(error).into_response())
}

const MOVEMENTS_HEAD: &[&str] = &[
    "month",
    "currency",
    "start",
    "new",
    "expansion",
    "reactivation",
    "contraction",
    "churn",
    "end",
    "customers_start",
    "customers_new",
    "customers_reactivated",
    "customers_churned",
    "customers_end",
];

fn movements_line(m: &MonthMovements) -> Result<Vec<u8>> {
    let amounts = MovementKind::ALL.iter().map(|kind| m.amount(*kind).to_major());
    let counts = [m.start_customers, m.flow.new_customers, m.flow.reactivated_customers, m.flow.churned_customers, m.end_customers()];
    let start = [m.month.to_string(), m.currency.to_string(), m.start().to_major()].into_iter();
    let end = std::iter::once(m.end().to_major()).chain(counts.iter().map(i64::to_string));
    download::line(start.chain(amounts).chain(end))
}

async fn metrics(Extension(caller): Extension<Caller>, Query(range): Query<Range>) -> Response {
    metrics_file(&caller, &range).unwrap_or_else(|error| Problem(error).into_response())
}

/// A month at a time, each being a look at its customers.
fn metrics_file(caller: &Caller, range: &Range) -> Result<Response> {
    let scope = caller.scope::<can::ReadRevenue>()?;
    let months = months(range.from, range.to, scope.today())?;
    let first = range.from;
    let last = months.last().copied().unwrap_or(first);
    download::csv("metrics.csv", METRICS_HEAD, move |place| {
        let scope = scope.clone();
        async move {
            let month = place.map_or(Ok(first), |text| text.parse().map_err(|e: String| Error::field("from", e)))?;
            let line = metrics_line(&store::metrics(&scope, month).await?)?;
            Ok((line, (month < last).then(|| month.next().to_string())))
        }
    })
}

const METRICS_HEAD: &[&str] = &[
    "month",
    "currency",
    "mrr",
    "arr",
    "arpa",
    "customers",
    "customer_churn_rate",
    "gross_mrr_churn",
    "net_mrr_churn",
    "nrr",
    "grr",
    "quick_ratio",
    "ltv",
    "growth",
    "year_on_year",
];

fn metrics_line(m: &Metrics) -> Result<Vec<u8>> {
    let money = |money: Option<Money>| money.map(Money::to_major).unwrap_or_default();
    let rate = |rate: Option<Ratio>| rate.map(Ratio::decimal).unwrap_or_default();
    download::line([
        m.movements.month.to_string(),
        m.movements.currency.to_string(),
        m.movements.end().to_major(),
        m.arr.to_major(),
        money(m.arpa),
        m.movements.end_customers().to_string(),
        rate(m.customer_churn),
        rate(m.gross_churn),
        rate(m.net_churn),
        rate(m.nrr),
        rate(m.grr),
        rate(m.quick_ratio),
        money(m.ltv),
        rate(m.growth),
        rate(m.year_on_year),
    ])
}

async fn behind(Extension(caller): Extension<Caller>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    behind_file(&caller, pairs).unwrap_or_else(|error| Problem(error).into_response())
}

fn behind_file(caller: &Caller, pairs: Vec<(String, String)>) -> Result<Response> {
    let scope = caller.scope::<can::ReadRevenue>()?;
    let query = ListQuery::from_pairs(pairs).from_start();
    let of = store::Behind::asked(Asked::of(&query)?, scope.today())?;
    let head = ["customer_id", "customer", "day", "currency", "amount", "mrr_before", "mrr_after", "reason", "movement"];
    download::csv("movements.csv", &head, move |place| {
        chunk(scope.clone(), of, ListQuery { after: place.unwrap_or_default(), ..query.clone() })
    })
}

async fn chunk(scope: Scope, of: store::Behind, query: ListQuery) -> Result<(Vec<u8>, Option<String>)> {
    let (rows, next) = store::behind_all(&scope, of, &query, download::ROWS_AT_ONCE).await?;
    let lines = rows.into_iter().map(behind_line).collect::<Result<Vec<_>>>()?;
    Ok((lines.concat(), next))
}

fn behind_line(c: MovedCustomer) -> Result<Vec<u8>> {
    download::line([
        c.id,
        c.name,
        c.day.to_string(),
        c.amount.currency().to_string(),
        c.amount.to_major(),
        c.before.to_major(),
        c.after.to_major(),
        c.reason.unwrap_or_default(),
        c.kind.map_or_else(|| "several".to_owned(), |kind| kind.to_string()),
    ])
}

fn whole(name: &str, head: &[&str], lines: Vec<Vec<u8>>) -> Result<Response> {
    let bytes = lines.concat();
    download::csv(name, head, move |_| {
        let bytes = bytes.clone();
        async move { Ok((bytes, None)) }
    })
}

//! `/api/v1/reports`, `/api/v1/reports/aging`, `/api/v1/revenue/forecast`.

use axum::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::forecast::{Coming, Past};
use super::model::{AskedFor, Bucket, Cell, ReportKind};
use super::store;
use crate::kit::money::{Currency, Money};
use crate::kit::permission::can;
use crate::kit::rest::{Answer, Authorized, Params};

pub fn router() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(report)).routes(routes!(aging)).routes(routes!(forecast))
}

/// Rows of one answer.
const ROWS: usize = 1_000;

/// Which report.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportParams {
    /// Revenue by month unless given.
    #[serde(default)]
    pub report: Option<ReportKind>,
    /// The first day; twelve months before `to` unless given.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// The last day; today unless given.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Where the last answer left off: its `next`.
    #[serde(default)]
    pub after: Option<String>,
}

/// A report. A row has a value for each column: text, a number, or money.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReportJson {
    pub report: ReportKind,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub columns: Vec<String>,
    pub data: Vec<Vec<serde_json::Value>>,
    /// More rows follow after it.
    pub next: Option<String>,
}

fn value(cell: Cell) -> serde_json::Value {
    match cell {
        Cell::Text(text) | Cell::Link(text, _) => text.into(),
        Cell::Money(money) => serde_json::json!(money),
        Cell::Count(n) => n.into(),
    }
}

/// A report: revenue by month or customer, outstanding balances, payments by method, tax, aging by customer.
#[utoipa::path(get, path = "/reports", operation_id = "get_report", tag = "reports", params(ReportParams), responses((status = 200, body = ReportJson)))]
async fn report(Authorized(scope, _): Authorized<can::ReadInvoices>, Params(params): Params<ReportParams>) -> Answer<ReportJson> {
    let text = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let wish = AskedFor {
        report: params.report.map(|kind| kind.to_string()).unwrap_or_default(),
        from: text(params.from),
        to: text(params.to),
        sort: String::new(),
    };
    let asked = wish.parse(scope.today())?;
    let (rows, next) = store::chunk(&scope, &asked, params.after.as_deref(), ROWS).await?;
    Ok(Json(ReportJson {
        report: asked.kind,
        from: asked.from,
        to: asked.to,
        columns: asked.kind.heads().iter().map(|head| head.0.to_owned()).collect(),
        data: rows.into_iter().map(|row| row.into_iter().map(value).collect()).collect(),
        next,
    }))
}

/// What open invoices of a bucket want.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BucketJson {
    /// Days past due.
    pub bucket: Bucket,
    pub amount: Money,
    pub invoices: i64,
}

/// What open invoices of one currency want.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AgingJson {
    #[schema(value_type = String, example = "USD")]
    pub currency: Currency,
    pub buckets: Vec<BucketJson>,
    pub total: Money,
}

/// Every currency in which anything is outstanding.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AgingAnswer {
    pub as_of: NaiveDate,
    pub data: Vec<AgingJson>,
}

/// What open invoices want, by how long they are past their due day.
#[utoipa::path(get, path = "/reports/aging", operation_id = "get_aging", tag = "reports", responses((status = 200, body = AgingAnswer)))]
async fn aging(Authorized(scope, _): Authorized<can::ReadInvoices>) -> Answer<AgingAnswer> {
    let of = store::aging(&scope, None).await?;
    let data = of.rows.into_iter().map(|row| AgingJson {
        currency: row.currency,
        total: row.total,
        buckets: Bucket::ALL
            .iter()
            .zip(row.buckets)
            .map(|(bucket, (amount, invoices))| BucketJson { bucket: *bucket, amount, invoices })
            .collect(),
    });
    Ok(Json(AgingAnswer { as_of: of.today, data: data.collect() }))
}

/// A month that was.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PastJson {
    #[schema(example = "2026-10")]
    pub month: String,
    pub mrr: Money,
    /// What the three months before had promised; null where there were none.
    pub projected: Option<Money>,
    pub revenue: Money,
}

impl From<Past> for PastJson {
    fn from(of: Past) -> Self {
        Self { month: of.month.to_string(), mrr: of.mrr, projected: of.projected, revenue: of.revenue }
    }
}

/// A month that is foreseen.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ComingJson {
    #[schema(example = "2026-12")]
    pub month: String,
    pub mrr: Money,
    pub low: Money,
    pub high: Money,
    pub one_offs: Money,
    /// MRR and one-offs.
    pub revenue: Money,
}

impl From<Coming> for ComingJson {
    fn from(of: Coming) -> Self {
        Self { month: of.month.to_string(), mrr: of.mrr, low: of.low, high: of.high, one_offs: of.one_offs, revenue: of.revenue() }
    }
}

/// What was and what is foreseen, in the seller's currency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ForecastJson {
    pub past: Vec<PastJson>,
    /// Empty where fewer than three whole months began with MRR.
    pub forecast: Vec<ComingJson>,
}

/// The forecast: the last MRR rolled forward with the mean of each movement's rate in the three months before.
#[utoipa::path(get, path = "/revenue/forecast", operation_id = "get_forecast", tag = "revenue", responses((status = 200, body = ForecastJson)))]
async fn forecast(Authorized(scope, _): Authorized<can::ReadRevenue>) -> Answer<ForecastJson> {
    let of = store::forecast(&scope).await?;
    Ok(Json(ForecastJson {
        past: of.past.into_iter().map(PastJson::from).collect(),
        forecast: of.coming.into_iter().map(ComingJson::from).collect(),
    }))
}

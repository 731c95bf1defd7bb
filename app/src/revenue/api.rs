//! Server functions of the revenue pages.

use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use super::model::{Cohort, MovedCustomer, Report};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

/// The last `span` months (`all`: all there are; else a number, 12 unless it is one) with `month` in detail (empty: the
/// one that is not over).
#[server]
pub async fn revenue_report(span: String, month: String) -> Result<Report> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::ReadRevenue>()?;
    let month = if month.is_empty() { Ok(None) } else { month.parse().map(Some).map_err(|e: String| crate::kit::Error::field("month", e)) };
    crate::kit::scope::answer(async { crate::revenue::store::report(&scope, months_of(&span), month?).await }).await
}

/// Retention of those that first paid in each of the last `span` months.
#[server]
pub async fn cohort_report(span: String) -> Result<Vec<Cohort>> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::ReadRevenue>()?;
    crate::kit::scope::answer_with_status(crate::revenue::store::cohort_table(&scope, months_of(&span)).await)
}

/// How many months a span says; `None`: all.
pub fn months_of(span: &str) -> Option<u16> {
    if span == "all" { None } else { Some(span.parse().ok().filter(|n| (1..=240).contains(n)).unwrap_or(12)) }
}

/// The customers behind a figure, and which figure that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedReport {
    pub page: Page<MovedCustomer>,
    /// `1 October 2026 to 31 October 2026`.
    pub period: String,
}

/// The customers that moved as the URL says: `month` or `day_from` and `day_to`, and `kind`.
#[server(protocol = Wired<Json>)]
pub async fn moved_customers(query: ListQuery) -> Result<MovedReport> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::ReadRevenue>()?;
    crate::kit::scope::answer_with_status(crate::revenue::store::moved_report(&scope, &query).await)
}

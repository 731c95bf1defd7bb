//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::forecast::Forecast;
use super::model::{Aging, AskedFor, Report};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn read_report(asked: AskedFor) -> Result<Report> {
    use crate::kit::permission::{Permission, can};
    use crate::kit::scope;
    let scope = scope::scope::<can::ReadInvoices>()?;
    let mut asked = asked;
    // Who may not see revenue begins with what is outstanding.
    if asked.report.is_empty() && scope.require(Permission::ReadRevenue).is_err() {
        asked.report = crate::reports::model::ReportKind::Outstanding.to_string();
    }
    scope::answer(async { crate::reports::store::report(&scope, asked.parse(scope.today())?).await }).await
}

/// The table; with a currency and a bucket also who is behind that cell.
#[server]
pub async fn read_aging(#[server(default)] currency: String, #[server(default)] bucket: String) -> Result<Aging> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::ReadInvoices>()?;
    let cell = currency.parse().ok().zip(bucket.parse().ok());
    crate::reports::store::aging(&scope, cell).await
}

#[server]
pub async fn read_forecast() -> Result<Forecast> {
    use crate::kit::{permission::can, scope};
    crate::reports::store::forecast(&scope::scope::<can::ReadRevenue>()?).await
}

//! Reports over invoices, the ledger and payments: revenue, balances, tax, aging; and the forecast.
//!
//! Tables: none of its own. Routes: `/reports`, `/reports/aging`, `/revenue/forecast`, the files under `/reports`, and
//! `/api/v1/reports…`, `/api/v1/revenue/forecast`. Invariants: a report is of one range of days and adds up to the ledger;
//! a file has every row, whatever the page shows; what is projected is never drawn as if it had happened.

pub mod aging_page;
pub mod api;
pub mod forecast;
pub mod forecast_page;
pub mod model;
pub mod page;

#[cfg(feature = "ssr")]
pub mod charts;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
mod xlsx;

pub use aging_page::AgingPage;
pub use forecast_page::ForecastPage;
pub use page::ReportsPage;

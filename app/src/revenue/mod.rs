//! Revenue as METRICS defines it, read from the sums of the movement log: MRR and its movements by month, rates, MRR
//! by plan and currency, retention of cohorts, and the customers behind each figure.
//!
//! Tables: none of its own. Routes: `/revenue`, `/revenue/movements`, `/revenue/cohorts`, the CSV files under
//! `/revenue`, and `/api/v1/revenue/*`. Invariants: days to come are never counted; a rate without a base is absent,
//! never zero or infinity.

pub mod api;
pub mod cohorts_page;
pub mod definition;
pub mod model;
pub mod movements_page;
pub mod page;
pub mod ratio;
pub mod widgets;

#[cfg(feature = "ssr")]
pub mod charts;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

pub use cohorts_page::CohortsPage;
pub use model::{Flow, Metrics, MonthMovements, PlanLevels, PlanMonth, PlanName};
pub use movements_page::RevenueMovementsPage;
pub use page::RevenuePage;
pub use ratio::Ratio;
#[cfg(feature = "ssr")]
pub use store::{Days, Levels, churned_of_start, days, last_day, levels};

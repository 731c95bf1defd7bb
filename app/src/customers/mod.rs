//! Who buys from a seller; on the platform these are the tenants, and a customer may point to its organization.
//!
//! Tables: `customers`, `customer_words` (what they are found by). Routes: `/customers`, `/customers/new`,
//! `/customers/ID` and its parts, `/customers/export.csv`; `/api/v1/customers`. Invariants: `mrr_minor` and
//! `first_paid_on` follow the movement log and are written by [`store::set_mrr`] and [`store::sync_mrr`] alone; a
//! customer's status is derived from the two and the day, never stored.

pub mod api;
pub mod choose;
pub mod detail;
pub mod form;
pub mod model;
pub mod page;
mod table;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{Customer, CustomerId, CustomerStatus, NewCustomer};
pub use table::CustomerBadge;

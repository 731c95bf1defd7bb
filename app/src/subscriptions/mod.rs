//! What customers have bought: subscriptions and their phases, each a stretch at one plan, price and quantity.
//!
//! Tables: `subscriptions`, `subscription_phases`, `exchange_rates`. Routes: `/subscriptions`, `/subscriptions/ID`,
//! `/subscriptions/export.csv`, parts of `/customers/ID`; `/api/v1/subscriptions`. Invariants: phases never
//! overlap and are the one source of MRR; every verb is a pure rule of [`course`], previewed by the same code, and
//! writes phases, movements and the customer's MRR in one transaction; a status is derived, never stored.

mod actions;
pub mod activity;
pub mod api;
pub mod detail;
pub mod effect;
pub mod model;
pub mod page;
mod pausing;
mod picked;
pub mod switching;
mod table;
mod typed;

#[cfg(feature = "ssr")]
pub mod course;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod merge;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod schedule;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{PhaseId, Proration, Subscription, SubscriptionId, SubscriptionStatus};
#[cfg(feature = "ssr")]
pub use store::{rates, rebuild};

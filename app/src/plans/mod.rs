//! What a seller sells: plans, each with the versions of its price.
//!
//! Tables: `plans`, `plan_versions`. Routes: `/plans`, `/plans/new`, `/plans/ID`, `/plans/export.csv`; `/api/v1/plans`. Invariants: a price
//! never changes, a new one is a new version; existing subscriptions stay on theirs unless moved, which is the job
//! [`store::MOVE_JOB`] of the subscriptions; an archived plan keeps its subscriptions and takes no new ones.

pub mod api;
pub mod detail;
pub mod form;
pub mod model;
pub mod page;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{NewPlan, Plan, PlanId, PlanVersionId};

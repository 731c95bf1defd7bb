//! What a seller sells: plans, each with the versions of its price.
//!
//! Tables: `plans`, `plan_versions`, `plan_charges`. Routes: `/plans`, `/plans/new`, `/plans/ID`, `/plans/export.csv`;
//! `/api/v1/plans`, `/api/v1/plan-charges`. Invariants: a price never changes, a new one is a new version, and so are other
//! charges where the version is sold; existing subscriptions stay on theirs unless moved, which is the job
//! [`store::MOVE_JOB`] of the subscriptions; an archived plan keeps its subscriptions and takes no new ones.

pub mod api;
mod charged;
pub mod charges;
pub mod detail;
pub mod form;
pub mod model;
pub mod page;
pub mod tiers;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{NewPlan, Plan, PlanId, PlanVersionId};

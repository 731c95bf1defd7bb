//! The movement log: what each customer's MRR did on which day, in total and on each plan, derived from the stretches
//! it pays for and from nothing else. Days still to come hold what is already set to happen.
//!
//! Tables: `mrr_movements`, `mrr_plan_movements` (one row for each customer and day that changed something) and their
//! sums, `mrr_days`, `mrr_plan_days`, `mrr_plan_months` and `mrr_cohort_months`. No routes. Invariants: end = start + new + expansion + reactivation −
//! contraction − churn for every period, in total and on each plan; the plans' MRR adds up to the total; the sums are
//! those of the rows, in the same transaction.

pub mod model;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{Derived, INVOLUNTARY, Movement, MovementKind, PAUSED, PaidStretch, PlanMovement, Rate, derive, monthly_minor};
#[cfg(feature = "ssr")]
pub use store::{CustomerMrr, PageOfCustomers, Rebuilt, history, hold, moved_between, rebuild, refresh, refresh_many};

//! What happens when an invoice is not paid in time: policies of steps on days after due, a case for each such invoice,
//! every step logged.
//!
//! Tables: `dunning_policies`, `dunning_steps`, `dunning_cases`, `dunning_actions`, `dunning_choices`,
//! `dunning_exclusions`. Routes: `/dunning…`, `/customers/ID/dunning`, a part of `/invoices/ID`; `/api/v1/dunning…`. Invariants: an invoice has one
//! case at a time; a step is taken once, in order, late rather than never; nothing harsh comes sooner after a warning than
//! the policy gives; what dunning withheld it gives back when paid, and nothing else; running cases keep the steps that
//! they began with.

pub mod api;
pub mod calendar;
pub mod customer;
pub mod detail;
pub mod forms;
pub mod invoice;
pub mod model;
pub mod page;
pub mod policies;
pub mod policy_form;
mod table;
mod verbs;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{Case, CaseId, CaseStatus, PolicyId, StepAction};

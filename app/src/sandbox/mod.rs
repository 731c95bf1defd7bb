//! Organizations with a clock of their own, for trying out in minutes what takes a business years.
//!
//! Table: `sandbox_advances`; the clock itself is `organizations.sandbox_now`. Routes: `/settings/sandbox`,
//! `/api/v1/sandbox`. Invariants: an organization becomes a sandbox only while it has issued nothing; its clock goes
//! forward only, a day at a time, and all that is due by then is done before it goes on; nobody else sees it.

pub mod api;
pub mod bar;
pub mod model;
pub mod page;

#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

pub use bar::SandboxBar;

//! The overview that the console opens with: how MRR stands and moved, who matters most, and what needs someone.
//!
//! Tables: none of its own; it counts in those of others. Routes: `/dashboard`. Invariants: it reads sums, never the book;
//! an item that needs attention names its consequence; figures of revenue are for those who may see revenue.

pub mod api;
pub mod attention;
pub mod bridge;
pub mod model;
pub mod page;

#[cfg(feature = "ssr")]
pub mod store;

pub use model::Waiting;
pub use page::DashboardPage;

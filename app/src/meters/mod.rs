//! What is counted of what customers use: each meter has a key that events name, a unit, and how its events add up.
//!
//! Table: `meters`. Routes: `/meters`, `/meters/new`, `/meters/ID`; `/api/v1/meters`. Invariants: key and aggregation never
//! change, because prices and events rest on them; an archived meter takes no new events and stays on its prices.

pub mod api;
pub mod form;
pub mod model;
pub mod page;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{Aggregation, Meter, MeterId};

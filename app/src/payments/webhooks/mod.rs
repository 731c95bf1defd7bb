//! What gateways tell us: signed events, kept with what they did.

pub mod api;
pub mod detail;
pub mod model;
pub mod page;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod inbound;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod route;

pub use model::{EventStatus, GatewayEvent, GatewayEventId};

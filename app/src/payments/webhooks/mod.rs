//! What gateways tell us: signed events, kept with what they did.

pub mod model;

#[cfg(feature = "ssr")]
pub mod inbound;
#[cfg(feature = "ssr")]
pub mod route;

pub use model::{EventStatus, GatewayEvent, GatewayEventId};

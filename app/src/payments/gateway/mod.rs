//! Gateways: who moves the money of cards and debit orders. The port is shaped for both kinds: an answer at once, an
//! answer that needs the payer, an answer that comes days later.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod port;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod signature;
#[cfg(feature = "ssr")]
pub mod stripe;
#[cfg(feature = "ssr")]
pub mod units;

pub use model::{GatewayKind, SetupId};

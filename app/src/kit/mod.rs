//! Plumbing that knows no feature. The first block is on both sides of the wire; the second is the server's: database,
//! transactions, jobs, events, files, clock, secrets.
//!
//! Invariants: nothing here imports `ui` or a feature; the clock is read in `clock` alone; a seller's rows are reached
//! only through a [`tx::Tx`], which only a [`scope::Scope`] can begin.

#[cfg(not(feature = "hydrate"))]
pub mod case;
#[cfg(feature = "hydrate")]
#[path = "case_browser.rs"]
pub mod case;
pub mod document;
pub mod error;
pub mod form;
pub mod id;
pub mod language;
pub mod moment;
pub mod money;
pub mod paging;
pub mod period;
pub mod permission;
pub mod readable;
pub mod text_enum;
pub mod viewer;
pub mod wire;

#[cfg(feature = "ssr")]
pub mod bulk;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(all(test, feature = "ssr"))]
pub mod databases;
#[cfg(feature = "ssr")]
pub mod day_sums;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
pub mod download;
#[cfg(feature = "ssr")]
pub mod event;
#[cfg(feature = "ssr")]
pub mod files;
#[cfg(feature = "ssr")]
pub mod headers;
#[cfg(feature = "ssr")]
pub mod job;
#[cfg(feature = "ssr")]
pub mod keyset;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod refused;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(not(feature = "ssr"))]
#[path = "request_browser.rs"]
pub mod request;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod schema;
#[cfg(feature = "ssr")]
pub mod scope;
#[cfg(feature = "ssr")]
pub mod secret;
#[cfg(feature = "ssr")]
pub mod seller;
#[cfg(all(test, feature = "ssr"))]
pub mod testing;
#[cfg(all(test, feature = "ssr"))]
pub mod testing_smtp;
#[cfg(feature = "ssr")]
pub mod tx;
#[cfg(feature = "ssr")]
pub mod upload;

pub use error::{Error, FieldErrors, Result};
pub use id::{JobId, OrganizationId, UserId};
pub use server_macro::server;

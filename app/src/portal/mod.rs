//! The customer's side: what the staff of an organization see of what the platform bills it, and may do about it.
//!
//! No tables of its own. Routes: `/account…`; `/api/v1/account/…`. Invariants: whoever comes in here acts for one customer of
//! one seller, which follows from the session or the API key alone; another customer of the same seller is as unknown as one that is not there; drafts are
//! nobody's business yet.

pub mod api;
pub mod invoice;
pub mod invoices;
pub mod methods;
pub mod model;
pub mod page;
pub mod subscriptions;

#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod scope;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod upload;

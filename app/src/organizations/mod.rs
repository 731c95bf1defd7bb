//! Organizations: the platform (exactly one) and its tenants; what their books need (currency, time zone, gross
//! margin) and what their documents print (fiscal details).
//!
//! Table: `organizations`. Page: `/settings/organization` (feature `settings`). Whoever signs in does so in one of them;
//! the row is read with the session, never by a request's parameter.

mod model;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{NewOrganization, Organization, OrganizationChange, OrganizationForm};

//! The settings pages: the own profile, password, second factor and sessions for everybody; the organization and its
//! members for those whose role includes them.
//!
//! Routes: `/settings/profile`, `/settings/password`, `/settings/second-factor`, `/settings/sessions`,
//! `/settings/organization`, `/settings/members`, `/settings/gateways`, `/settings/rates`. The rules and tables are those
//! of `auth`, `organizations`, `members`, `payments`, `subscriptions`.

pub mod api;
mod gateway_links;
pub mod gateways;
pub mod members;
pub mod organization;
pub mod page;
pub mod rates;
pub mod second_factor;
pub mod sessions;
#[cfg(feature = "ssr")]
pub mod store;

//! Members: who belongs to an organization, and in which role.
//!
//! Table: `memberships`. Page: `/settings/members` (feature `settings`). Invariants: an organization has an owner at any
//! time; only an owner makes, changes or removes an owner; who leaves an organization loses the sessions in it.

pub mod api;
mod model;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{Added, Member, Members, NewMember};

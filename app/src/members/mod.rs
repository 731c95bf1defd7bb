//! Members: who belongs to an organization, and in which role; and who is invited to.
//!
//! Tables: `memberships`, `invitations`. Pages: `/settings/members` (feature `settings`), `/invitation`. Invariants: an
//! organization has an owner at any time; only an owner makes, changes or removes an owner; who leaves an organization
//! loses the sessions in it; nobody becomes a member who has not accepted, with the link of the invitation, which counts
//! once and for a week; an account that only tenants vouch for takes a new password into any further organization.

pub mod api;
pub mod invitation;
mod model;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{Invitation, InvitationId, Invited, Member, Members, NewInvitation, NewMember, Reader};

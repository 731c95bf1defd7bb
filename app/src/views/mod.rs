//! Saved views: the state of a list (search, filters, sort, columns) under a name, one's own or everyone's.
//!
//! Table: `saved_views`. No pages: the frame hangs the menu into the filter bar of every list. Invariants: a view leads to
//! a list of the console and nowhere else; only who saved it sees one that is not shared; whose it is, and for a shared
//! one who may change the organization's settings, may change it.

pub mod api;
mod menu;
mod model;
#[cfg(feature = "ssr")]
pub mod store;

pub use menu::provide;
pub use model::{List, NewView, ViewId, ViewRow};

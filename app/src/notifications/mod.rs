//! What an organization's people should know: rows made from events that carry a notice, read and dismissed by each person
//! for themselves; the bell, the page, live.
//!
//! Tables: `notifications`, `notification_marks`. Page: `/notifications`; `/notifications/{id}/open` marks and leads on.
//! Invariants: one row for each event, however often it is delivered; a notice that needs a permission is invisible,
//! uncounted and unopenable to whose role lacks it.

pub mod api;
mod bell;
#[cfg(feature = "ssr")]
pub mod export;
mod model;
mod page;
#[cfg(feature = "ssr")]
pub mod sink;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(test)]
mod tests;

pub use bell::Bell;
pub use model::{NotificationId, NotificationRow, READ};
pub use page::{NotificationsPage, OpenNotificationPage};
#[cfg(feature = "ssr")]
pub use store::unread;

//! Usage in the database.

mod closed;
mod list;
mod quantity;
mod record;
mod standing;
#[cfg(test)]
mod tests;
mod thresholds;
mod time;
pub mod uploads;

pub use closed::{close, read as closed};
pub use list::{events, events_chunk};
pub use quantity::{Asked, used};
pub use record::record;
pub use standing::{of_subscription, on_day, using, using_chunk};

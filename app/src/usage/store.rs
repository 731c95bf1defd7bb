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

pub use closed::close;
pub use list::{events, events_chunk};
pub use quantity::{Asked, used};
pub use record::record;
pub use standing::{of_subscription, on_day, using, using_chunk};

use sea_orm::Value;

use crate::kit::tx::Tx;
use crate::subscriptions::SubscriptionId;

/// `$from, …`: as many as there are values.
fn marks(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// `($from, …), (…)`: rows of `width` values.
fn rows(from: usize, count: usize, width: usize) -> String {
    let row = |r: usize| format!("({})", marks(from + r * width, width));
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}

/// The seller, then these subscriptions.
fn keyed(tx: &Tx, ids: &[SubscriptionId]) -> Vec<Value> {
    std::iter::once(Value::from(tx.seller_id().0)).chain(ids.iter().map(|id| Value::from(id.0))).collect()
}

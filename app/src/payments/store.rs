//! Payments in the database.

mod allocate;
mod list;
pub mod methods;
mod record;
mod refund;
mod reverse;
mod standing;
#[cfg(test)]
mod tests;

pub use list::{chunk, detail, get, list, of_invoice};
pub use record::{record, record_in};
pub use refund::refund;
pub use reverse::reverse;
pub use standing::{start, stats};

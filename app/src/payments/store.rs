//! Payments in the database.

mod allocate;
mod attachment;
pub mod checks;
mod list;
pub mod methods;
mod record;
mod refund;
mod reverse;
mod standing;
mod statement;
#[cfg(test)]
mod tests;

pub use attachment::{attach, attachment};
pub use list::{chunk, detail, get, list, of_customer, of_invoice};
pub use record::{record, record_in};
pub use refund::{refund, refund_typed};
pub use reverse::reverse;
pub use standing::{start, stats};
pub use statement::statement;

//! Payments in the database.

pub mod accounts;
mod allocate;
pub mod answers;
pub mod asking;
mod attachment;
mod call_off;
pub mod charges;
pub mod checks;
mod collecting;
pub mod demo_gateway;
mod disputes;
pub mod events;
pub mod fees;
pub mod links;
mod list;
pub mod methods;
pub mod paybacks;
mod record;
mod refund;
mod reverse;
pub mod setups;
mod standing;
mod statement;
#[cfg(test)]
mod tests;
mod unbook;

pub use attachment::{attach, attachment};
pub use call_off::call_off;
pub use charges::charge;
pub use list::{chunk, detail, get, list, of_customer, of_invoice};
pub use record::{record, record_in};
pub use refund::{refund, refund_typed};
pub use reverse::reverse;
pub use standing::{PAYMENT_DAYS, start, stats};
pub use statement::statement;

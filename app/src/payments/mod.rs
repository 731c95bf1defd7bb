//! Money that comes in and goes back: payments over invoices, refunds, reversals, the ways a customer pays, receipts.
//!
//! Tables: `payments`, `payment_allocations`, `refunds`, `payment_methods`, `receipts`. Routes: `/payments…`,
//! `/receipts…`, `/customers/ID/payments` and its neighbours; `/api/v1/payments`, `/api/v1/payment-methods`. Invariants:
//! every change of money posts to the ledger in its own transaction, with the customer held; what an invoice wants is its
//! total less what pays it; what is secret of a method is sealed and never shown.

pub mod api;
pub mod customer;
pub mod detail;
pub mod form;
pub mod gateway;
pub mod methods;
pub mod model;
pub mod page;
pub mod statement;
mod table;
pub mod webhooks;

#[cfg(feature = "ssr")]
pub mod attachment;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod sink;
#[cfg(feature = "ssr")]
pub mod store;

pub use methods::{MethodKind, PaymentMethod, PaymentMethodId};
pub use model::{PaidBy, Payment, PaymentId, PaymentStatus, RefundId};
pub use table::PaymentBadge;

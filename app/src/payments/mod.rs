//! Money that comes in and goes back: payments over invoices, refunds, reversals, the ways a customer pays, receipts.
//!
//! Tables: `payments`, `payment_allocations`, `refunds`, `payment_methods`, `charges`, `gateway_…`, `external_ids`. Routes:
//! `/payments…`, `/webhook-events…`, `/pay/…`, `/customers/ID/payments` and its neighbours; `/api/v1/payments`,
//! `/api/webhooks/…`. Invariants: every change of money posts to the ledger in its own transaction, with the customer
//! held; a gateway is asked outside of any transaction, with a key of a row committed before; what it says is applied
//! once, whoever brings it; what is secret of a method or a gateway is sealed and never shown.

pub mod api;
pub mod collect;
pub mod customer;
pub mod detail;
pub mod disputes;
pub mod form;
pub mod gateway;
pub mod methods;
pub mod model;
pub mod page;
pub mod pay;
pub mod statement;
mod table;
pub mod ways;
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

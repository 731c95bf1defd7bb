//! How a seller bills, for people: coupons and their codes, rates of tax, settings and logo, what of that is a
//! customer's own, and how a subscription begins, with something off from its first invoice on. The rules and tables are
//! those of `invoices` and `subscriptions`.
//!
//! Routes: `/coupons` and its file, `/coupons/new`, `/coupons/ID`, `/settings/billing` and its logo, `/settings/taxes`,
//! `/customers/ID/billing`, `/subscriptions/new`. Invariants: a rate of tax is ended, never changed; a logo is a picture by
//! its content.

pub mod api;
pub mod coupon;
pub mod coupons;
pub mod customer;
pub mod model;
pub mod settings;
pub mod subscribe;
pub mod taxes;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod logo;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod store;

//! Tenantry, the product: one folder per feature, see `README.md` for the map.
#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
pub mod api;
pub mod api_keys;
pub mod audit;
pub mod auth;
pub mod billing;
pub mod customers;
pub mod dashboard;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod document;
pub mod documents;
pub mod dunning;
mod finder;
pub mod imports;
pub mod invoices;
pub mod jobs;
pub mod kit;
#[cfg(feature = "ssr")]
pub mod live;
pub mod mail;
pub mod members;
pub mod meters;
#[cfg(feature = "ssr")]
pub mod monitoring;
pub mod movements;
mod navigation;
pub mod notifications;
pub mod organizations;
pub mod payments;
pub mod plans;
pub mod portal;
pub mod receipts;
#[cfg(feature = "ssr")]
pub mod registry;
pub mod reports;
pub mod revenue;
mod routes;
pub mod sandbox;
pub mod settings;
pub mod shell;
pub mod subscriptions;
pub mod ui;
pub mod usage;
pub mod views;

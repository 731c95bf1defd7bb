//! The integration tests: one binary, one temporary PostgreSQL for all of them, a database of its own for each test.
//! `support` says how a test is written.

#[macro_use]
mod support;

mod account;
mod api;
mod auth;
mod bad_input;
mod billing;
mod charges;
mod command_line;
mod crash;
mod forms;
mod harness;
mod imports;
mod invoices;
mod jobs;
mod kit;
mod lists;
mod live;
mod members;
mod migrations;
mod payments;
mod queries;
mod row_security;
mod sandbox;
mod scenarios;
mod subscriptions;
mod tenancy;
mod tidy;
mod usage;
mod webhooks;

//! The schema, one file for each change, written once in PostgreSQL's words; [`sql::apply`] says what SQLite reads
//! instead. Seller-owned tables lead their keys with `seller_id` and have forced row-level security.

pub use sea_orm_migration::prelude::*;

mod day_sums;
mod m20261121_000001_kernel;
mod m20261121_000002_catalogue;
mod m20261121_000003_revenue;
mod m20261121_000004_operations;
mod m20261121_000005_billing;
mod m20261121_000006_invoice_pages;
mod m20261121_000007_usage;
mod m20261121_000008_gateways;
mod m20261121_000009_dunning;
mod m20261121_000010_mail;
mod m20261121_000010_sandbox;
mod m20261121_000011_pauses;
mod m20261121_000012_disputes;
mod m20261121_000013_keys;
mod m20261121_000014_day_sums;
mod m20261121_000015_overdue;
mod m20261121_000016_service;
mod m20261121_000017_imported;
mod m20261121_000018_invitations;
mod m20261121_000020_kept_events;
mod m20261121_000021_arrears;
mod m20261121_000023_open_jobs;
mod m20261130_000024_imported_customers;
pub mod roles;
pub mod sql;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_kernel::Migration),
            Box::new(m20261121_000002_catalogue::Migration),
            Box::new(m20261121_000003_revenue::Migration),
            Box::new(m20261121_000004_operations::Migration),
            Box::new(m20261121_000005_billing::Migration),
            Box::new(m20261121_000006_invoice_pages::Migration),
            Box::new(m20261121_000007_usage::Migration),
            Box::new(m20261121_000008_gateways::Migration),
            Box::new(m20261121_000009_dunning::Migration),
            Box::new(m20261121_000010_mail::Migration),
            Box::new(m20261121_000010_sandbox::Migration),
            Box::new(m20261121_000011_pauses::Migration),
            Box::new(m20261121_000012_disputes::Migration),
            Box::new(m20261121_000013_keys::Migration),
            Box::new(m20261121_000014_day_sums::Migration),
            Box::new(m20261121_000015_overdue::Migration),
            Box::new(m20261121_000016_service::Migration),
            Box::new(m20261121_000017_imported::Migration),
            Box::new(m20261121_000018_invitations::Migration),
            Box::new(m20261121_000020_kept_events::Migration),
            Box::new(m20261121_000021_arrears::Migration),
            Box::new(m20261121_000023_open_jobs::Migration),
            Box::new(m20261130_000024_imported_customers::Migration),
        ]
    }
}

//! Billing: what is charged beside the plain price, tax, discounts, usage, invoices, the ledger, payments, and what
//! happens when nobody pays. Amounts are minor units beside their currency; rates are parts per million.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::sql;

mod guards;
mod invoices;
mod payments;
mod pricing;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Every table made here: all belong to a seller.
const TABLES: &[&str] = &[
    "billing_settings",
    "number_counters",
    "customer_accounts",
    "subscription_billing",
    "billing_pauses",
    "subscription_prorations",
    "plan_charges",
    "tax_rates",
    "coupons",
    "coupon_plans",
    "promotion_codes",
    "coupon_redemptions",
    "meters",
    "usage_events",
    "usage_days",
    "billing_runs",
    "billing_alerts",
    "invoices",
    "invoice_lines",
    "invoice_taxes",
    "invoice_discounts",
    "credit_notes",
    "credit_note_lines",
    "ledger_entries",
    "ledger_postings",
    "payment_methods",
    "payments",
    "payment_allocations",
    "refunds",
    "receipts",
    "gateway_events",
    "dunning_policies",
    "dunning_steps",
    "dunning_cases",
    "dunning_actions",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, pricing::SETTINGS).await?;
        sql::apply(manager, pricing::SUBSCRIPTIONS).await?;
        sql::apply(manager, pricing::PRICES).await?;
        sql::apply(manager, pricing::USAGE).await?;
        sql::apply(manager, invoices::RUNS).await?;
        sql::apply(manager, invoices::INVOICES).await?;
        sql::apply(manager, invoices::CREDIT_NOTES).await?;
        sql::apply(manager, invoices::LEDGER).await?;
        sql::apply(manager, payments::PAYMENTS).await?;
        sql::apply(manager, payments::DUNNING).await?;
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let own = if sqlite { [pricing::BACKFILL_SQLITE, guards::SQLITE] } else { [pricing::BACKFILL_POSTGRES, guards::POSTGRES] };
        for statements in own {
            manager.get_connection().execute_unprepared(statements).await?;
        }
        sql::seller_owned(manager, TABLES).await
    }
}

//! Dunning: what a case is about in money, how its calendar was moved, whom it leaves alone and who has a policy of its
//! own.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Every table made here: all belong to a seller.
const TABLES: &[&str] = &["dunning_choices", "dunning_exclusions"];

const CASES: &str = "
ALTER TABLE dunning_cases ADD COLUMN currency TEXT NOT NULL DEFAULT '';
-- What the invoice wanted when the case was opened, and what of it has come since.
ALTER TABLE dunning_cases ADD COLUMN at_risk_minor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dunning_cases ADD COLUMN recovered_minor BIGINT NOT NULL DEFAULT 0;
-- Days that pauses, promises and the like moved the calendar by.
ALTER TABLE dunning_cases ADD COLUMN shift_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dunning_cases ADD COLUMN paused_on DATE;
-- The last step taken.
ALTER TABLE dunning_cases ADD COLUMN stage TEXT NOT NULL DEFAULT 'new';
-- The payment method that was tried last.
ALTER TABLE dunning_cases ADD COLUMN tried_method_id UUID;
ALTER TABLE dunning_cases ADD COLUMN close_reason TEXT;
CREATE INDEX dunning_cases_closed ON dunning_cases (seller_id, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX dunning_cases_of_invoice ON dunning_cases (seller_id, invoice_id);
-- Who did it.
ALTER TABLE dunning_actions ADD COLUMN actor TEXT NOT NULL DEFAULT '';
";

const TABLES_SQL: &str = "
-- The policy of a customer that has one of its own.
CREATE TABLE dunning_choices (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    customer_id UUID NOT NULL,
    policy_id UUID NOT NULL,
    PRIMARY KEY (seller_id, customer_id),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id),
    FOREIGN KEY (seller_id, policy_id) REFERENCES dunning_policies (seller_id, id)
);
-- What is left alone: an invoice, or all of a customer's.
CREATE TABLE dunning_exclusions (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    invoice_id UUID,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id)
);
CREATE UNIQUE INDEX dunning_exclusions_customer ON dunning_exclusions (seller_id, customer_id) WHERE invoice_id IS NULL;
CREATE UNIQUE INDEX dunning_exclusions_invoice ON dunning_exclusions (seller_id, invoice_id) WHERE invoice_id IS NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, CASES).await?;
        sql::apply(manager, TABLES_SQL).await?;
        sql::seller_owned(manager, TABLES).await
    }
}

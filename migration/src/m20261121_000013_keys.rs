//! The movement log is written and compared customer by customer: that is its key now, and days are an index. The log by
//! plan is never read by day and has none. On SQLite the key is the table itself.
//!
//! The ledger's index by account is gone: half of all rows have one account, and SQLite, which has no statistics, took it
//! where it had the entry's own key. What is left of it finds the credit of customers.
//!
//! On PostgreSQL, rows that are written by the hundred thousand no longer refer to the seller beside what is the seller's
//! already: that check reads and locks the one row of the seller for each row written.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        manager.get_connection().execute_unprepared(if sqlite { SQLITE } else { POSTGRES }).await?;
        manager.get_connection().execute_unprepared(BILLING).await?;
        if sqlite {
            return Ok(());
        }
        for table in OF_A_SELLERS_ROW {
            let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {table}_seller_id_fkey");
            manager.get_connection().execute_unprepared(&drop).await?;
        }
        Ok(())
    }
}

/// Tables whose rows refer to a row of the same seller (a customer, a subscription, an invoice, an entry), which refers to
/// the seller; the movement log, which derives from such rows; and usage, which is written under a lock on its subscriptions.
const OF_A_SELLERS_ROW: [&str; 11] = [
    "mrr_movements",
    "mrr_plan_movements",
    "subscription_phases",
    "invoices",
    "invoice_lines",
    "invoice_taxes",
    "invoice_discounts",
    "ledger_entries",
    "ledger_postings",
    "usage_events",
    "usage_days",
];

const BILLING: &str = "
-- What invoices are filtered by is in what they are sorted by: rows that do not match are passed over without being read.
DROP INDEX invoices_issued;
DROP INDEX invoices_due;
DROP INDEX invoices_total;
CREATE INDEX invoices_issued ON invoices (seller_id, issued_on, id, status, due_on);
CREATE INDEX invoices_due ON invoices (seller_id, due_on, id, status);
CREATE INDEX invoices_total ON invoices (seller_id, total_minor, id, status, due_on);
DROP INDEX ledger_postings_account;
CREATE INDEX ledger_postings_credit ON ledger_postings (seller_id, currency, amount_minor) WHERE account = 'customer_credit';
";

const POSTGRES: &str = "
ALTER TABLE mrr_movements DROP CONSTRAINT mrr_movements_pkey;
DROP INDEX mrr_movements_customer;
ALTER TABLE mrr_movements ADD PRIMARY KEY (seller_id, customer_id, day);
CREATE INDEX mrr_movements_day ON mrr_movements (seller_id, day, customer_id);
ALTER TABLE mrr_plan_movements DROP CONSTRAINT mrr_plan_movements_pkey;
DROP INDEX mrr_plan_movements_customer;
ALTER TABLE mrr_plan_movements ADD PRIMARY KEY (seller_id, customer_id, day, plan_id);
";

const SQLITE: &str = "
CREATE TABLE mrr_movements_by_customer (
    seller_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    before_minor INTEGER NOT NULL,
    after_minor INTEGER NOT NULL,
    reason TEXT,
    paid_since TEXT NOT NULL,
    first_paid_on TEXT NOT NULL,
    PRIMARY KEY (seller_id, customer_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO mrr_movements_by_customer SELECT seller_id, customer_id, day, kind, before_minor, after_minor, reason, paid_since, first_paid_on
    FROM mrr_movements;
DROP TABLE mrr_movements;
ALTER TABLE mrr_movements_by_customer RENAME TO mrr_movements;
CREATE INDEX mrr_movements_day ON mrr_movements (seller_id, day, customer_id);
CREATE INDEX mrr_movements_churn ON mrr_movements (seller_id, day, paid_since) WHERE kind = 'churn';
CREATE TABLE mrr_plan_movements_by_customer (
    seller_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    day TEXT NOT NULL,
    plan_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    before_minor INTEGER NOT NULL,
    after_minor INTEGER NOT NULL,
    PRIMARY KEY (seller_id, customer_id, day, plan_id)
) STRICT, WITHOUT ROWID;
INSERT INTO mrr_plan_movements_by_customer SELECT seller_id, customer_id, day, plan_id, kind, before_minor, after_minor FROM mrr_plan_movements;
DROP TABLE mrr_plan_movements;
ALTER TABLE mrr_plan_movements_by_customer RENAME TO mrr_plan_movements;
";

//! Sums by day of invoices, of the ledger and of payments (see [`DaySums`]), and the last day that each subscription used
//! something.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::day_sums::DaySums;
use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, TABLES).await?;
        sql::seller_owned(manager, &["invoice_days", "ledger_days", "payment_days", "usage_latest"]).await?;
        for sums in [INVOICES, LEDGER, PAYMENTS] {
            sums.keep(manager).await?;
        }
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        manager.get_connection().execute_unprepared(if sqlite { LATEST_SQLITE } else { LATEST_POSTGRES }).await.map(|_| ())
    }
}

const TABLES: &str = "
CREATE TABLE invoice_days (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    currency TEXT NOT NULL,
    day DATE NOT NULL,
    slot INTEGER NOT NULL,
    -- Invoices issued on the day that count (neither drafts nor void), and their totals.
    issued BIGINT NOT NULL,
    issued_minor BIGINT NOT NULL,
    -- Those that fell due on the day and are still open, and what they want.
    open BIGINT NOT NULL,
    open_minor BIGINT NOT NULL,
    -- The totals of all that fell due on the day, and of those that were paid by then.
    fell_due_minor BIGINT NOT NULL,
    in_time_minor BIGINT NOT NULL,
    PRIMARY KEY (seller_id, currency, day, slot)
);
-- A debit above zero, a credit below, by the account and by what kind of entry posted it.
CREATE TABLE ledger_days (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    day DATE NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    slot INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (seller_id, day, account, kind, currency, slot)
);
-- Payments that came.
CREATE TABLE payment_days (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    day DATE NOT NULL,
    method TEXT NOT NULL,
    currency TEXT NOT NULL,
    slot INTEGER NOT NULL,
    payments BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    fee_minor BIGINT NOT NULL,
    refunded_minor BIGINT NOT NULL,
    PRIMARY KEY (seller_id, day, method, currency, slot)
);
CREATE TABLE usage_latest (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    subscription_id UUID NOT NULL,
    -- The latest day with an event of it.
    day DATE NOT NULL,
    PRIMARY KEY (seller_id, subscription_id)
);
CREATE INDEX usage_latest_day ON usage_latest (seller_id, day, subscription_id);
";

const INVOICES: DaySums = DaySums {
    table: "invoice_days",
    key: &["currency", "day"],
    values: &["issued", "issued_minor", "open", "open_minor", "fell_due_minor", "in_time_minor"],
    source: "invoices",
    columns: &["seller_id", "currency", "issued_on", "due_on", "paid_on", "status", "total_minor", "due_minor"],
    parts: "
        SELECT seller_id, currency, issued_on AS day, weight AS issued, weight * total_minor AS issued_minor, 0 AS open, 0 AS open_minor,
            0 AS fell_due_minor, 0 AS in_time_minor
        FROM {rows} AS i WHERE status IN ('open', 'paid', 'uncollectible')
        UNION ALL
        SELECT seller_id, currency, due_on, 0, 0, CASE WHEN status = 'open' THEN weight ELSE 0 END,
            CASE WHEN status = 'open' THEN weight * due_minor ELSE 0 END, CASE WHEN total_minor > 0 THEN weight * total_minor ELSE 0 END,
            CASE WHEN total_minor > 0 AND status = 'paid' AND paid_on <= due_on THEN weight * total_minor ELSE 0 END
        FROM {rows} AS i WHERE status IN ('open', 'paid', 'uncollectible')",
    append_only: false,
};

/// Entries are looked up one by one: a trigger's plan is kept, and one made while the table was small would read all of it.
const LEDGER: DaySums = DaySums {
    table: "ledger_days",
    key: &["day", "account", "kind", "currency"],
    values: &["amount_minor"],
    source: "ledger_postings",
    columns: &["seller_id", "entry_id", "account", "amount_minor", "currency"],
    parts: "
        SELECT p.seller_id, (SELECT e.day FROM ledger_entries e WHERE e.seller_id = p.seller_id AND e.id = p.entry_id) AS day, p.account,
            (SELECT e.kind FROM ledger_entries e WHERE e.seller_id = p.seller_id AND e.id = p.entry_id) AS kind, p.currency,
            p.weight * p.amount_minor AS amount_minor
        FROM {rows} AS p",
    append_only: true,
};

const PAYMENTS: DaySums = DaySums {
    table: "payment_days",
    key: &["day", "method", "currency"],
    values: &["payments", "amount_minor", "fee_minor", "refunded_minor"],
    source: "payments",
    columns: &["seller_id", "paid_on", "method", "currency", "status", "amount_minor", "fee_minor", "refunded_minor"],
    parts: "
        SELECT seller_id, paid_on AS day, method, currency, weight AS payments, weight * amount_minor AS amount_minor,
            weight * fee_minor AS fee_minor, weight * refunded_minor AS refunded_minor
        FROM {rows} AS p WHERE status = 'succeeded'",
    append_only: false,
};

const LATEST_SQLITE: &str = "
INSERT INTO usage_latest (seller_id, subscription_id, day) SELECT seller_id, subscription_id, MAX(day) FROM usage_days
    GROUP BY seller_id, subscription_id;
";
/// The same, seller by seller, because the policies bind the owner too.
const LATEST_POSTGRES: &str = "
DO $$ DECLARE seller UUID; BEGIN
    FOR seller IN SELECT id FROM organizations LOOP
        PERFORM set_config('app.seller_id', seller::text, true);
        INSERT INTO usage_latest (seller_id, subscription_id, day) SELECT seller_id, subscription_id, MAX(day) FROM usage_days
            GROUP BY seller_id, subscription_id;
    END LOOP;
    PERFORM set_config('app.seller_id', '', true);
END $$;
";

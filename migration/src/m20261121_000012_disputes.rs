//! Disputes: payers who ask their bank for the money back, and the account that holds it until that is decided.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const DISPUTES: &str = "
CREATE TABLE disputes (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    payment_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    gateway TEXT NOT NULL,
    -- The gateway's own id for it.
    gateway_id TEXT NOT NULL,
    -- `inquiry`: the bank asks, no money has moved; `dropped`: and asks no more.
    status TEXT NOT NULL CHECK (status IN ('inquiry', 'open', 'won', 'lost', 'dropped')),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    -- What of the payment left with it.
    held_minor BIGINT NOT NULL DEFAULT 0 CHECK (held_minor >= 0),
    -- What the gateway took for it.
    fee_minor BIGINT NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
    reason TEXT NOT NULL,
    -- Until then the gateway takes evidence.
    answer_by TIMESTAMPTZ,
    -- When what is known of it happened at the gateway; what is older changes nothing.
    known_at TIMESTAMPTZ NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, gateway, gateway_id),
    FOREIGN KEY (seller_id, payment_id) REFERENCES payments (seller_id, id)
);
CREATE INDEX disputes_payment ON disputes (seller_id, payment_id);
";

const ACCOUNT_POSTGRES: &str = "
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_account_check;
ALTER TABLE ledger_postings ADD CONSTRAINT ledger_postings_account_check CHECK (account IN
    ('receivable', 'cash', 'customer_credit', 'revenue', 'tax', 'fees', 'write_off', 'refunds', 'disputes'));
";

/// SQLite changes no constraint: the table is made anew. Nothing refers to it.
const ACCOUNT_SQLITE: &str = "
CREATE TABLE ledger_postings_wider (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    entry_id UUID NOT NULL,
    position INTEGER NOT NULL,
    account TEXT NOT NULL CHECK (account IN
        ('receivable', 'cash', 'customer_credit', 'revenue', 'tax', 'fees', 'write_off', 'refunds', 'disputes')),
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    currency TEXT NOT NULL,
    customer_id UUID NOT NULL,
    invoice_id UUID,
    PRIMARY KEY (seller_id, entry_id, position),
    CHECK ((account = 'receivable') = (invoice_id IS NOT NULL)),
    FOREIGN KEY (seller_id, entry_id) REFERENCES ledger_entries (seller_id, id)
);
INSERT INTO ledger_postings_wider (seller_id, entry_id, position, account, amount_minor, currency, customer_id, invoice_id)
    SELECT seller_id, entry_id, position, account, amount_minor, currency, customer_id, invoice_id FROM ledger_postings;
DROP TABLE ledger_postings;
ALTER TABLE ledger_postings_wider RENAME TO ledger_postings;
CREATE INDEX ledger_postings_customer ON ledger_postings (seller_id, customer_id, account, currency);
CREATE INDEX ledger_postings_invoice ON ledger_postings (seller_id, invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX ledger_postings_account ON ledger_postings (seller_id, account, currency);
CREATE TRIGGER ledger_postings_stay BEFORE UPDATE ON ledger_postings BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_postings_remain BEFORE DELETE ON ledger_postings BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, DISPUTES).await?;
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        sql::apply(manager, if sqlite { ACCOUNT_SQLITE } else { ACCOUNT_POSTGRES }).await?;
        sql::seller_owned(manager, &["disputes"]).await
    }
}

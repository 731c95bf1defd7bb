//! Usage: how far it was invoiced, which thresholds were told of, files of events; and an id by which events are paged.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["usage_closed", "usage_thresholds", "usage_uploads"];

const USAGE: &str = "
ALTER TABLE usage_events ADD COLUMN id UUID;
CREATE INDEX usage_events_at ON usage_events (seller_id, at, id);
-- The first day whose usage was not invoiced yet, by subscription: an event of an earlier day counts on this one. Billing
-- writes it in the transaction that issues the invoice.
CREATE TABLE usage_closed (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    subscription_id UUID NOT NULL,
    closed_until DATE NOT NULL,
    PRIMARY KEY (seller_id, subscription_id),
    FOREIGN KEY (seller_id, subscription_id) REFERENCES subscriptions (seller_id, id)
);
-- Parts of an allowance that were used up, each told once in a period.
CREATE TABLE usage_thresholds (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    subscription_id UUID NOT NULL,
    charge_id UUID NOT NULL,
    period_start DATE NOT NULL,
    percent INTEGER NOT NULL,
    reached_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, subscription_id, charge_id, period_start, percent)
);
CREATE TABLE usage_uploads (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    file_name TEXT NOT NULL,
    file_key TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'done', 'failed')),
    rows_total BIGINT NOT NULL DEFAULT 0,
    rows_new BIGINT NOT NULL DEFAULT 0,
    rows_known BIGINT NOT NULL DEFAULT 0,
    rows_bad BIGINT NOT NULL DEFAULT 0,
    failure TEXT,
    -- The first bad rows: [{\"line\": 3, \"column\": \"meter\", \"message\": \"is the key of no meter\"}, …].
    errors JSONB NOT NULL DEFAULT '[]',
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id)
);
CREATE INDEX usage_uploads_created ON usage_uploads (seller_id, created_at, id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, USAGE).await?;
        sql::seller_owned(manager, TABLES).await
    }
}

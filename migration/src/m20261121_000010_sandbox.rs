//! Sandboxes: the clock of one, on its way to another day.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, SANDBOX).await?;
        sql::seller_owned(manager, &["sandbox_advances"]).await
    }
}

const SANDBOX: &str = "
-- The latest way of a sandbox's clock from one time to a later one. Whoever moves it shows a sign of life by the clock on
-- the wall; who finds none goes on from where the sandbox is.
CREATE TABLE sandbox_advances (
    seller_id UUID PRIMARY KEY REFERENCES organizations (id),
    from_at TIMESTAMPTZ NOT NULL,
    to_at TIMESTAMPTZ NOT NULL,
    asked_by TEXT NOT NULL,
    -- Who moves it; another may take over once the lease has passed.
    holder UUID,
    lease_until TIMESTAMPTZ,
    jobs BIGINT NOT NULL DEFAULT 0
);
";

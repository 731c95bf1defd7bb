//! What the pages about invoices keep and sort by.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const STATEMENTS: &str = "
-- Of a draft that a person wrote: the due day they chose; NULL: by the terms, from the day of issue.
ALTER TABLE invoices ADD COLUMN wanted_due_on DATE;
CREATE INDEX credit_notes_total ON credit_notes (seller_id, total_minor, id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, STATEMENTS).await
    }
}

//! Overdue invoices are passed over in the index that sorts what is open: the day they are due is in it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(INDEX).await.map(|_| ())
    }
}

const INDEX: &str = "
DROP INDEX invoices_status;
CREATE INDEX invoices_status ON invoices (seller_id, status, issued_on, id, due_on);
";

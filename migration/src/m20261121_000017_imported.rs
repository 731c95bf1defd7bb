//! What the last import said of a subscription, so that saying it again changes nothing.

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
        manager.get_connection().execute_unprepared(IMPORTED).await.map(|_| ())
    }
}

const IMPORTED: &str = "
-- JSON: by the start of a stretch, a digest of the row that the last import had of it; NULL where no file spoke of it.
ALTER TABLE subscriptions ADD COLUMN imported TEXT;
";

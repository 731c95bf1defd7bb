//! What the last import said of a customer, so that saying it again does not undo what a person changed.

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
-- JSON: name, email and country as the last import that spoke of the customer had them; NULL where none did.
ALTER TABLE customers ADD COLUMN imported TEXT;
";

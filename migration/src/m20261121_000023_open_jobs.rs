//! The jobs of one seller that are not done are found without those that are.

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
CREATE INDEX jobs_seller_open ON jobs (seller_id, run_at, id) WHERE status IN ('queued', 'running');
";

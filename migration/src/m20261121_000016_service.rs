//! Service is given in full, slowed down or suspended; before, it was suspended or not.

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
        let connection = manager.get_connection();
        connection.execute_unprepared(SERVICE).await?;
        connection.execute_unprepared(if sqlite { SUSPENDED } else { SUSPENDED_POSTGRES }).await.map(|_| ())
    }
}

const SERVICE: &str = "
DROP INDEX subscription_billing_suspended;
ALTER TABLE subscription_billing ADD COLUMN service TEXT NOT NULL DEFAULT 'full' CHECK (service IN ('full', 'throttled', 'suspended'));
-- Since when it is not given in full, why, and whether dunning did it, which undoes it when paid.
ALTER TABLE subscription_billing RENAME COLUMN suspended_at TO service_since;
ALTER TABLE subscription_billing RENAME COLUMN suspended_reason TO service_reason;
ALTER TABLE subscription_billing RENAME COLUMN suspended_by_dunning TO service_by_dunning;
CREATE INDEX subscription_billing_service ON subscription_billing (seller_id, service, subscription_id) WHERE service <> 'full';
";

const SUSPENDED: &str = "UPDATE subscription_billing SET service = 'suspended' WHERE service_since IS NOT NULL;";

/// The same, seller by seller, because the policies bind the owner too.
const SUSPENDED_POSTGRES: &str = "
DO $$ DECLARE seller UUID; BEGIN
    FOR seller IN SELECT id FROM organizations LOOP
        PERFORM set_config('app.seller_id', seller::text, true);
        UPDATE subscription_billing SET service = 'suspended' WHERE service_since IS NOT NULL;
    END LOOP;
    PERFORM set_config('app.seller_id', '', true);
END $$;
";

//! What a plan charges in arrears is charged for each part of a period that a change parts. Periods that were billed
//! before keep what they were billed by: they are closed, as billing itself closes them from now on.

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
        let text = if sqlite { CLOSE.to_owned() } else { SELLER_BY_SELLER.replace("CLOSE", CLOSE) };
        manager.get_connection().execute_unprepared(&text).await.map(|_| ())
    }
}

/// The latest period that was charged is the first that is open.
const CLOSE: &str = "
INSERT INTO usage_closed (seller_id, subscription_id, closed_until)
    SELECT l.seller_id, l.subscription_id, MAX(l.whole_start) FROM invoice_lines l
    JOIN invoices i ON i.seller_id = l.seller_id AND i.id = l.invoice_id
    WHERE l.kind = 'charge' AND l.subscription_id IS NOT NULL AND i.status <> 'draft' AND l.whole_start <= i.issued_on
    AND EXISTS (
        SELECT 1 FROM subscription_phases h
        JOIN plan_charges c ON c.seller_id = h.seller_id AND c.plan_version_id = h.plan_version_id AND c.kind IN ('usage', 'minimum')
        WHERE h.seller_id = l.seller_id AND h.subscription_id = l.subscription_id
    )
    GROUP BY l.seller_id, l.subscription_id
    ON CONFLICT (seller_id, subscription_id) DO UPDATE SET closed_until = excluded.closed_until
    WHERE usage_closed.closed_until < excluded.closed_until;
";

/// On PostgreSQL, because the policies bind the owner too.
const SELLER_BY_SELLER: &str = "
DO $$ DECLARE seller UUID; BEGIN
    FOR seller IN SELECT id FROM organizations LOOP
        PERFORM set_config('app.seller_id', seller::text, true);
        CLOSE
    END LOOP;
    PERFORM set_config('app.seller_id', '', true);
END $$;
";

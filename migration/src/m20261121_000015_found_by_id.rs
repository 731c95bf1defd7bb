//! Entries of the ledger are found by their id again. Where PostgreSQL has no statistics yet, an index that holds the seller
//! and the id looks as good to it as the key, whatever stands between the two; it then read all of a seller's entries to
//! find one, for each posting of a first billing run.
//!
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
        manager.get_connection().execute_unprepared(INDEXES).await.map(|_| ())
    }
}

const INDEXES: &str = "
DROP INDEX ledger_entries_customer;
DROP INDEX ledger_entries_day;
CREATE INDEX ledger_entries_customer ON ledger_entries (seller_id, customer_id, day);
CREATE INDEX ledger_entries_day ON ledger_entries (seller_id, day);
DROP INDEX invoices_status;
CREATE INDEX invoices_status ON invoices (seller_id, status, issued_on, id, due_on);
";

//! What operations need: requests with an idempotency key survive a crash, notices know whom they concern, and the pages
//! of the audit log, of jobs and of notifications find their rows by index.

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
        sql::apply(manager, CHANGES).await
    }
}

const CHANGES: &str = "
-- The answer's Location header.
ALTER TABLE idempotency_keys ADD COLUMN location TEXT;
-- When the request's change was committed; with no status, its answer was lost.
ALTER TABLE idempotency_keys ADD COLUMN applied_at TIMESTAMPTZ;
-- A request in hand shows a sign of life by moving this on.
ALTER TABLE idempotency_keys ADD COLUMN lease_until TIMESTAMPTZ;
-- The permission that a reader of the notice needs; NULL: none.
ALTER TABLE notifications ADD COLUMN permission TEXT;
CREATE INDEX notifications_created ON notifications (seller_id, created_at, id);
CREATE INDEX notification_marks_user ON notification_marks (seller_id, user_id, notification_id);
CREATE INDEX audit_entries_request ON audit_entries (seller_id, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX jobs_dead ON jobs (seller_id, finished_at) WHERE status = 'dead';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_runs_started ON job_runs (started_at);
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
";

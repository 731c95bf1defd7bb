//! Organizations, people and sessions; the audit log, the outbox and the job queue.

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
        sql::apply(manager, ORGANIZATIONS).await?;
        sql::apply(manager, PEOPLE).await?;
        sql::apply(manager, EVENTS).await?;
        sql::apply(manager, JOBS).await?;
        sql::seller_owned(manager, &["audit_entries", "api_keys", "notifications", "notification_marks", "idempotency_keys", "saved_views"])
            .await
    }
}

const ORGANIZATIONS: &str = "
CREATE TABLE organizations (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('platform', 'tenant')),
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    legal_name TEXT,
    tax_number TEXT,
    address TEXT,
    country TEXT,
    gross_margin_bp INTEGER NOT NULL DEFAULT 10000 CHECK (gross_margin_bp BETWEEN 0 AND 10000),
    created_at TIMESTAMPTZ NOT NULL
);
-- There is exactly one platform.
CREATE UNIQUE INDEX organizations_platform ON organizations (kind) WHERE kind = 'platform';
";

const PEOPLE: &str = "
CREATE TABLE users (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_changed_at TIMESTAMPTZ NOT NULL,
    totp_secret TEXT,
    totp_confirmed_at TIMESTAMPTZ,
    -- The time step of the last code taken, so that no code counts twice.
    totp_last_step BIGINT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE recovery_codes (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL,
    used_at TIMESTAMPTZ,
    PRIMARY KEY (user_id, code_hash)
);
CREATE TABLE memberships (
    organization_id UUID NOT NULL REFERENCES organizations (id),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);
-- A session is recognised by the fingerprint of its cookie; the cookie itself is nowhere.
CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    -- The password was right; the second factor is still to come.
    awaits_second_factor BOOLEAN NOT NULL,
    address TEXT,
    user_agent TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
-- Failed sign-ins by account and by address, for throttling across servers and restarts.
CREATE TABLE sign_in_failures (
    subject TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    blocked_until TIMESTAMPTZ
);
CREATE TABLE api_keys (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    name TEXT NOT NULL,
    -- The start of the key, to tell keys apart in the list.
    hint TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id)
);
-- Finds a key's seller before there is a scope; says nothing else about it.
CREATE TABLE api_key_tokens (
    token_hash TEXT PRIMARY KEY,
    seller_id UUID NOT NULL,
    key_id UUID NOT NULL
);
CREATE TABLE idempotency_keys (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER,
    body TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, key)
);
CREATE TABLE saved_views (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    -- Whether everyone in the organization sees it.
    shared BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, user_id, list, name)
);
CREATE INDEX saved_views_list ON saved_views (seller_id, list, name);
";

const EVENTS: &str = "
-- Append-only: the program's role has no right to change or delete a row.
CREATE TABLE audit_entries (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    subject_label TEXT NOT NULL,
    level TEXT NOT NULL,
    address TEXT,
    request_id TEXT,
    details JSONB NOT NULL,
    PRIMARY KEY (seller_id, id)
);
CREATE INDEX audit_entries_at ON audit_entries (seller_id, at, id);
CREATE INDEX audit_entries_subject ON audit_entries (seller_id, subject_kind, subject_id, at);
CREATE TABLE outbox (
    id UUID PRIMARY KEY,
    seller_id UUID NOT NULL REFERENCES organizations (id),
    event TEXT NOT NULL,
    payload JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    delivered_at TIMESTAMPTZ
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE delivered_at IS NULL;
CREATE TABLE notifications (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    event TEXT NOT NULL,
    priority TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    link TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id)
);
-- What one person did with a notification; no row: unread.
CREATE TABLE notification_marks (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    notification_id UUID NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    read_at TIMESTAMPTZ NOT NULL,
    dismissed_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, notification_id, user_id),
    FOREIGN KEY (seller_id, notification_id) REFERENCES notifications (seller_id, id) ON DELETE CASCADE
);
";

const JOBS: &str = "
CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    seller_id UUID REFERENCES organizations (id),
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    status TEXT NOT NULL,
    run_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    lease_until TIMESTAMPTZ,
    unique_key TEXT UNIQUE,
    progress_done BIGINT NOT NULL DEFAULT 0,
    progress_total BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
CREATE INDEX jobs_open ON jobs (run_at, id) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_seller ON jobs (seller_id, created_at);
CREATE TABLE job_runs (
    id UUID PRIMARY KEY,
    job_id UUID NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    seller_id UUID,
    kind TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    duration_ms BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    counts JSONB NOT NULL,
    error TEXT
);
CREATE INDEX job_runs_seller ON job_runs (seller_id, started_at);
CREATE INDEX job_runs_job ON job_runs (job_id);
";

//! Who is to become a member is invited, and accepts; an account says whether more than tenants vouch for who holds it.

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
        sql::apply(manager, INVITATIONS).await
    }
}

const INVITATIONS: &str = "
-- Since when the platform, or who operates the program, vouches for who holds the account; empty: tenants alone do.
ALTER TABLE users ADD COLUMN confirmed_at TIMESTAMPTZ;
UPDATE users SET confirmed_at = created_at WHERE id IN (SELECT m.user_id FROM memberships m
    JOIN organizations o ON o.id = m.organization_id AND o.kind = 'platform');
-- A membership to be. Read by its link, before there is a scope; the link itself is nowhere.
CREATE TABLE invitations (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL REFERENCES organizations (id),
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    invited_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    UNIQUE (organization_id, email)
);
";

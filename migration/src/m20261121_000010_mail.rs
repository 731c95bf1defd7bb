//! Letters to customers, the texts they are made from, and what a seller wants sent by itself.

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
        sql::apply(manager, MAIL).await?;
        sql::seller_owned(manager, &["mails", "mail_templates", "mail_settings"]).await
    }
}

const MAIL: &str = "
-- A letter as it was written: what is sent is what stands here.
CREATE TABLE mails (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    recipient TEXT NOT NULL,
    template TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    -- A list of {name, key, content_type}; the key is that of a kept file.
    attachments JSONB NOT NULL,
    -- The shown id of what it is about.
    about TEXT,
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'bounced')),
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    -- Where it went: a mail server, or a folder of this machine.
    sent_by TEXT,
    -- Queued once under this key, however often it is asked for.
    once_key TEXT,
    queued_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, once_key),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE INDEX mails_created ON mails (seller_id, created_at, id);
CREATE INDEX mails_customer ON mails (seller_id, customer_id, created_at, id);
CREATE INDEX mails_status ON mails (seller_id, status, created_at, id);
CREATE INDEX mails_about ON mails (seller_id, about, created_at) WHERE about IS NOT NULL;
-- A seller's own words; no row: the shipped ones.
CREATE TABLE mail_templates (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    template TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, template, language)
);
CREATE TABLE mail_settings (
    seller_id UUID PRIMARY KEY REFERENCES organizations (id),
    -- A finalized invoice goes out by itself.
    send_invoices BOOLEAN NOT NULL DEFAULT TRUE,
    reply_to TEXT,
    updated_at TIMESTAMPTZ NOT NULL
);
";

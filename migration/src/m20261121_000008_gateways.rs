//! Gateways: whose keys they work with, what is charged through them, which of their things are ours, and the state of
//! the built-in one.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Every table made here: all belong to a seller.
const TABLES: &[&str] = &["gateway_accounts", "charges", "external_ids", "gateway_setups", "demo_gateway_objects"];

const GATEWAYS: &str = "
CREATE TABLE gateway_accounts (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    gateway TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    -- Charge what falls due without being asked.
    collects BOOLEAN NOT NULL,
    -- Keys, sealed under the program's key.
    sealed_secrets TEXT NOT NULL,
    -- As people see the key: sk_test_***wxyz.
    label TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, gateway)
);
-- What of a payment only a gateway knows. A charge is under way until the gateway has said yes or no.
CREATE TABLE charges (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    payment_id UUID NOT NULL,
    invoice_id UUID,
    origin TEXT NOT NULL CHECK (origin IN ('automatic', 'manual', 'gateway')),
    under_way BOOLEAN NOT NULL,
    -- Where the customer confirms it.
    action_url TEXT,
    -- When what is known of it happened at the gateway; what is older changes nothing.
    known_at TIMESTAMPTZ,
    -- How often it was asked about, and when it is asked about next.
    asked INTEGER NOT NULL DEFAULT 0,
    ask_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, payment_id),
    FOREIGN KEY (seller_id, payment_id) REFERENCES payments (seller_id, id),
    FOREIGN KEY (seller_id, invoice_id) REFERENCES invoices (seller_id, id)
);
-- An invoice is charged once at a time, whoever asks.
CREATE UNIQUE INDEX charges_under_way ON charges (seller_id, invoice_id) WHERE under_way;
CREATE INDEX charges_invoice ON charges (seller_id, invoice_id);
CREATE INDEX charges_ask ON charges (seller_id, ask_at) WHERE under_way;
-- The gateway's name for a thing of ours.
CREATE TABLE external_ids (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    gateway TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'invoice', 'subscription')),
    external_id TEXT NOT NULL,
    own_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, gateway, kind, external_id),
    UNIQUE (seller_id, gateway, kind, own_id)
);
-- A page of the gateway's on which a customer gives a card.
CREATE TABLE gateway_setups (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    gateway TEXT NOT NULL,
    gateway_id TEXT,
    status TEXT NOT NULL CHECK (status IN ('open', 'done', 'expired')),
    payment_method_id UUID,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, customer_id) REFERENCES customers (seller_id, id)
);
CREATE UNIQUE INDEX gateway_setups_gateway ON gateway_setups (seller_id, gateway, gateway_id) WHERE gateway_id IS NOT NULL;
-- The built-in gateway's own books. Nothing else reads them.
CREATE TABLE demo_gateway_objects (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    -- Cannot be guessed: whoever has it may answer for the payer.
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund', 'checkout')),
    -- The key that it was asked for under; asked again, it is the same one.
    asked_as TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT,
    amount_minor BIGINT NOT NULL DEFAULT 0,
    refunded_minor BIGINT NOT NULL DEFAULT 0,
    card TEXT,
    -- Of a refund: the charge.
    parent TEXT,
    description TEXT NOT NULL,
    return_url TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (seller_id, id),
    UNIQUE (seller_id, kind, asked_as)
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, GATEWAYS).await?;
        sql::seller_owned(manager, TABLES).await
    }
}

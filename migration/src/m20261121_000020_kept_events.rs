//! Events that come before what they are about: kept with the gateway's names of it, and applied once it is known.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const KEPT: &str = "
-- What an event that meant nothing was about, by the gateway's ids.
CREATE TABLE gateway_event_names (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    gateway TEXT NOT NULL,
    name TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (seller_id, gateway, name, event_id),
    FOREIGN KEY (seller_id, gateway, event_id) REFERENCES gateway_events (seller_id, gateway, event_id)
);
-- The latest news of a card at a gateway: what is older changes nothing.
CREATE TABLE gateway_cards (
    seller_id UUID NOT NULL REFERENCES organizations (id),
    gateway TEXT NOT NULL,
    -- Of its token, as of the payment method.
    fingerprint TEXT NOT NULL,
    known_at TIMESTAMPTZ NOT NULL,
    -- Taken away there: it never comes back under the same token.
    detached BOOLEAN NOT NULL,
    PRIMARY KEY (seller_id, gateway, fingerprint)
);
-- The invoice at the gateway that a payment paid. Where nothing else is known of the payment, it goes by its name.
ALTER TABLE charges ADD COLUMN external_invoice TEXT;
CREATE INDEX charges_external_invoice ON charges (seller_id, external_invoice) WHERE external_invoice IS NOT NULL;
-- Of who sent a receipt from the customer's side: there they are told what became of it.
ALTER TABLE receipts ADD COLUMN uploader_organization UUID;
";

/// The same for what was kept before.
fn backfill(of: impl Fn(&str) -> String) -> String {
    let key = |path: &str| {
        format!(
            "INSERT INTO gateway_event_names (seller_id, gateway, name, event_id) \
             SELECT seller_id, gateway, {name}, event_id FROM gateway_events WHERE status = 'ignored' AND {name} IS NOT NULL \
             AND (kind LIKE 'charge.%' OR kind LIKE 'invoice.%' OR kind LIKE 'invoice_payment.%' OR kind LIKE 'payment_intent.%' \
             OR kind LIKE 'payment_method.%' OR kind LIKE 'refund.%' OR kind LIKE 'customer.subscription.%') ON CONFLICT DO NOTHING;",
            name = of(path),
        )
    };
    let names: String = ["id", "payment_intent", "charge", "invoice", "customer"].into_iter().map(key).collect();
    let invoices = "UPDATE charges SET external_invoice = (SELECT e.external_id FROM external_ids e WHERE e.seller_id = charges.seller_id \
         AND e.kind = 'invoice' AND e.own_id = charges.invoice_id ORDER BY e.external_id LIMIT 1) WHERE origin = 'gateway' \
         AND EXISTS (SELECT 1 FROM payments p WHERE p.seller_id = charges.seller_id AND p.id = charges.payment_id AND p.status <> 'failed');";
    format!("{names}{invoices}")
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::apply(manager, KEPT).await?;
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Sqlite {
            let of = |key: &str| format!("json_extract(payload, '$.data.object.{key}')");
            // A thing that is shown whole has no name here.
            let text = |key: &str| format!("CASE json_type(payload, '$.data.object.{key}') WHEN 'text' THEN {} END", of(key));
            return connection.execute_unprepared(&backfill(text)).await.map(|_| ());
        }
        sql::seller_owned(manager, &["gateway_event_names", "gateway_cards"]).await?;
        let text = |key: &str| {
            let object = "payload #> '{data,object}'";
            format!("CASE jsonb_typeof({object} -> '{key}') WHEN 'string' THEN {object} ->> '{key}' END")
        };
        // Seller by seller, because the policies bind the owner too.
        let each = format!(
            "DO $$ DECLARE seller UUID; BEGIN
                FOR seller IN SELECT id FROM organizations LOOP
                    PERFORM set_config('app.seller_id', seller::text, true);
                    {}
                END LOOP;
                PERFORM set_config('app.seller_id', '', true);
            END $$;",
            backfill(text)
        );
        connection.execute_unprepared(&each).await.map(|_| ())
    }
}

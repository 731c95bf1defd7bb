//! A till with the demo gateway, in the words of the tests.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use super::till::Till;
use crate::kit::Result;
use crate::kit::clock;
use crate::kit::db::Sql;
use crate::kit::event::deliver_batch;
use crate::kit::job::{self, Registry};
use crate::kit::scope::Scope;
use crate::payments::gateway::model::TestCard;
use crate::payments::gateway::{GatewayKind, demo};
use crate::payments::methods::{MethodForm, PaymentMethodId};
use crate::payments::model::{PaymentId, PaymentStatus};
use crate::payments::store::accounts::{self, NewAccount, Secrets};
use crate::payments::store::charges::{self, ChargeState};
use crate::payments::store::demo_gateway::{self, Thing};
use crate::payments::store::events::{self, Taken};
use crate::payments::store::methods;
use crate::payments::webhooks::inbound::Inbound;

/// A seller with the demo gateway, whose customer may have cards.
pub struct Desk {
    pub till: Till,
    pub registry: Registry,
}

impl Desk {
    pub async fn new(scope: &Scope) -> Self {
        for gateway in [GatewayKind::Demo, GatewayKind::Stripe] {
            let secrets = Secrets { key: "sk_test_1".into(), webhook: "whsec_1".into(), ..Secrets::default() };
            let secrets = (gateway == GatewayKind::Stripe).then_some(secrets);
            let new = NewAccount { gateway, enabled: true, collects: true, secrets };
            accounts::save(scope, new).await.expect("an account");
        }
        let mut registry = Registry::default();
        crate::payments::jobs::register(&mut registry);
        Self { till: Till::new(scope).await, registry }
    }

    pub fn scope(&self) -> &Scope {
        &self.till.scope
    }

    /// The customer has that card.
    pub async fn card(&self, card: TestCard) -> PaymentMethodId {
        let form = MethodForm {
            kind: "card".into(),
            gateway: "demo".into(),
            token: demo::token(card).expect("a token"),
            last_digits: card.digits().into(),
            expires: "2034-12".into(),
            ..MethodForm::default()
        };
        let id = methods::add(self.scope(), self.till.who, form.parse().expect("valid")).await.expect("added");
        methods::make_primary(self.scope(), id).await.expect("primary");
        id
    }

    /// Runs the jobs that are due, the events that follow and the jobs that follow them.
    pub async fn work(&self) {
        let db = self.scope().db();
        loop {
            let delivered = deliver_batch(db, &[crate::payments::sink::sink]).await.expect("delivers");
            let ran = job::run_next(db, &self.registry).await.expect("runs");
            if delivered == 0 && !ran {
                return;
            }
        }
    }

    pub async fn state(&self, id: PaymentId) -> ChargeState {
        charges::state(self.scope(), id).await.expect("read").expect("a charge")
    }

    pub async fn status(&self, id: PaymentId) -> PaymentStatus {
        self.state(id).await.status
    }

    /// What the demo gateway keeps of a charge.
    pub async fn thing(&self, id: PaymentId) -> Thing {
        let found = demo_gateway::by_key(self.scope(), "charge", &id.to_string()).await.expect("read");
        found.expect("a charge of the gateway's")
    }

    /// How many rows a condition on a table finds.
    pub async fn count(&self, of: &str) -> i64 {
        #[derive(FromQueryResult)]
        struct Count {
            n: i64,
        }
        let tx = self.scope().read().await.expect("begins");
        let sql = format!("SELECT COUNT(*) AS n FROM {of}");
        let count: Option<Count> = tx.one(&sql, [tx.seller_id().0.into()]).await.expect("counted");
        count.map_or(0, |c| c.n)
    }

    /// How often an event was announced.
    pub async fn announced(&self, name: &str) -> i64 {
        self.count(&format!("audit_entries WHERE seller_id = $1 AND action = '{name}'")).await
    }

    /// Stripe tells something.
    pub async fn stripe(&self, id: &str, kind: &str, created: DateTime<Utc>, object: Json) -> Result<Taken> {
        self.told(GatewayKind::Stripe, id, kind, created, object).await
    }

    pub async fn told(&self, gateway: GatewayKind, id: &str, kind: &str, created: DateTime<Utc>, object: Json) -> Result<Taken> {
        let body = json!({ "id": id, "type": kind, "created": created.timestamp(), "data": { "object": object } });
        let event = Inbound::of(gateway, body, clock::now()).expect("an event");
        events::take(self.scope(), &event).await
    }
}

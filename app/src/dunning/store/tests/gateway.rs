//! Attempts to collect through the demo gateway: declined softly, declined for good, and with another card.

use sea_orm::FromQueryResult;

use super::shop::{Shop, is};
use crate::dunning::model::{CaseId, CaseStatus, Deed, StepOutcome};
use crate::dunning::store;
use crate::kit::databases::on_each_database;
use crate::kit::db::Sql;
use crate::kit::scope::Scope;
use crate::payments::gateway::model::TestCard;
use crate::payments::gateway::{GatewayKind, demo};
use crate::payments::jobs::gateway::ask;
use crate::payments::methods::MethodForm;
use crate::payments::store::accounts::{self, NewAccount};
use crate::payments::store::methods;

impl Shop {
    async fn with_gateway(scope: Scope) -> Self {
        let shop = Self::open(scope).await;
        let new = NewAccount { gateway: GatewayKind::Demo, enabled: true, collects: false, secrets: None };
        accounts::save(&shop.scope, new).await.expect("an account");
        shop
    }

    /// The customer's primary card is that one from now on.
    async fn card(&self, scope: &Scope, card: TestCard) {
        let form = MethodForm {
            kind: "card".into(),
            gateway: "demo".into(),
            token: demo::token(card).expect("a token"),
            last_digits: card.digits().into(),
            expires: "2034-12".into(),
            ..MethodForm::default()
        };
        let id = methods::add(scope, self.customer, form.parse().expect("valid")).await.expect("added");
        methods::make_primary(scope, id).await.expect("primary");
    }

    /// The gateway is asked for what waits, and the answers are heard; gives how many charges were made.
    async fn collects(&self, scope: &Scope) -> usize {
        #[derive(FromQueryResult)]
        struct Job {
            payload: serde_json::Value,
        }
        let tx = scope.write().await.expect("begins");
        let sql = "UPDATE jobs SET status = 'done' WHERE kind = 'dunning.retry' AND status = 'queued' RETURNING payload";
        let asked: Vec<Job> = tx.all(sql, []).await.expect("jobs");
        tx.commit_quietly().await.expect("commits");
        let mut charges = 0;
        for job in asked {
            let case: CaseId = job.payload["case"].as_str().expect("a case").parse().expect("an id");
            let entry = job.payload["entry"].as_str().expect("an entry").parse().expect("an id");
            let payment = store::ask(scope, case, entry).await.expect("asked");
            assert_eq!(store::ask(scope, case, entry).await.expect("asked again"), payment, "asked twice, it is one charge");
            if let Some(payment) = payment {
                charges += 1;
                ask(scope, payment).await.expect("answered");
            }
        }
        self.listens(scope).await;
        charges
    }
}

#[tokio::test]
async fn a_soft_decline_is_tried_again_and_pays_in_the_end() {
    on_each_database(|scope| async move {
        let shop = Shop::with_gateway(scope).await;
        shop.card(&shop.day(0), TestCard::DeclinesSoftly).await;
        shop.run(1..4).await;
        assert_eq!(shop.collects(&shop.day(3)).await, 1);
        let case = shop.case().await;
        is(&case.case, CaseStatus::Open);
        assert!(!case.case.hard_decline);
        assert_eq!((case.log[0].deed, case.log[0].outcome), (Deed::Declined, StepOutcome::Failed));
        shop.run(4..11).await;
        assert_eq!(shop.collects(&shop.day(10)).await, 1, "worth another try");
        // Another card is tried at once, whatever the calendar says.
        shop.card(&shop.day(11), TestCard::Succeeds).await;
        shop.listens(&shop.day(11)).await;
        assert_eq!(shop.collects(&shop.day(11)).await, 1);
        let case = shop.case().await;
        is(&case.case, CaseStatus::Recovered);
        assert!(case.log.iter().any(|e| e.deed == Deed::MethodReplaced), "{:?}", case.log);
        shop.sound().await;
    })
    .await;
}

#[tokio::test]
async fn a_hard_decline_ends_the_tries_until_the_method_is_replaced() {
    on_each_database(|scope| async move {
        let shop = Shop::with_gateway(scope).await;
        shop.card(&shop.day(0), TestCard::DeclinesHard).await;
        shop.run(1..4).await;
        assert_eq!(shop.collects(&shop.day(3)).await, 1);
        assert!(shop.case().await.case.hard_decline);
        shop.run(4..15).await;
        assert_eq!(shop.collects(&shop.day(14)).await, 0, "it is not tried again");
        let skipped = shop.case().await.log.into_iter().filter(|e| e.outcome == StepOutcome::Skipped).count();
        assert_eq!(skipped, 1, "the attempt of day 10");
        assert!(shop.suspended().await);
        shop.card(&shop.day(15), TestCard::Succeeds).await;
        shop.listens(&shop.day(15)).await;
        assert_eq!(shop.collects(&shop.day(15)).await, 1);
        is(&shop.case().await.case, CaseStatus::Recovered);
        assert!(!shop.suspended().await, "paid, so service is back");
        shop.sound().await;
    })
    .await;
}

#[tokio::test]
async fn a_decline_before_there_was_a_case_is_known() {
    on_each_database(|scope| async move {
        let shop = Shop::with_gateway(scope).await;
        shop.card(&shop.day(0), TestCard::DeclinesHard).await;
        let payment = crate::payments::store::charge(&shop.day(0), shop.invoice.id).await.expect("begun");
        ask(&shop.day(0), payment).await.expect("answered");
        shop.run(1..4).await;
        assert!(shop.case().await.case.hard_decline);
        assert_eq!(shop.collects(&shop.day(3)).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_person_can_have_it_tried_now() {
    on_each_database(|scope| async move {
        let shop = Shop::with_gateway(scope).await;
        shop.run(1..2).await;
        let id = shop.case().await.case.id;
        store::retry_now(&shop.day(2), id).await.expect("asked");
        assert_eq!(shop.collects(&shop.day(2)).await, 0);
        let skipped = shop.case().await.log.into_iter().find(|e| e.deed == Deed::Retry).expect("logged");
        assert!(skipped.outcome == StepOutcome::Skipped && skipped.note.contains("no primary payment method"), "{skipped:?}");
        shop.card(&shop.day(2), TestCard::Succeeds).await;
        store::retry_now(&shop.day(2), id).await.expect("asked");
        assert_eq!(shop.collects(&shop.day(2)).await, 1);
        is(&shop.case().await.case, CaseStatus::Recovered);
        assert!(matches!(store::retry_now(&shop.day(2), id).await, Err(crate::kit::Error::Conflict(_))));
    })
    .await;
}

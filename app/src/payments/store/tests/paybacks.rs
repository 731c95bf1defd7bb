//! Refunds through a gateway, and those made there.

use chrono::TimeDelta;
use serde_json::json;

use super::desk::Desk;
use crate::kit::clock;
use crate::kit::databases::on_each_database;
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::model::TestCard;
use crate::payments::gateway::port::{RefundAnswer, RefundOutcome};
use crate::payments::model::{Destination, PaymentId, PaymentStatus, RefundStatus};
use crate::payments::store::events::Taken;
use crate::payments::store::{self, demo_gateway, paybacks};

/// A card paid an invoice.
async fn paid(desk: &Desk, minor: i64) -> (crate::invoices::InvoiceId, PaymentId) {
    desk.card(TestCard::Succeeds).await;
    let invoice = desk.till.bill(minor).await;
    let id = store::charge(desk.scope(), invoice).await.expect("begun");
    desk.work().await;
    (invoice, id)
}

async fn refunds(desk: &Desk, id: PaymentId) -> Vec<(RefundStatus, i64)> {
    let detail = store::detail(desk.scope(), id).await.expect("there");
    detail.refunds.iter().map(|r| (r.status, r.amount.minor())).collect()
}

#[tokio::test]
async fn a_refund_goes_back_through_the_gateway() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (invoice, id) = paid(&desk, 10_000).await;
        desk.till.refunds(id, 4_000, Destination::Method).await.expect("begun");
        assert_eq!((refunds(&desk, id).await, desk.till.due(invoice).await), (vec![(RefundStatus::Pending, 4_000)], 0), "not booked yet");
        assert!(desk.till.refunds(id, 6_001, Destination::Method).await.is_err(), "what is on its way cannot go twice");
        desk.work().await;
        assert_eq!((refunds(&desk, id).await, desk.till.due(invoice).await), (vec![(RefundStatus::Succeeded, 4_000)], 4_000));
        assert_eq!(desk.thing(id).await.refunded_minor, 4_000);
        assert_eq!(desk.count("demo_gateway_objects WHERE seller_id = $1 AND kind = 'refund'").await, 1);
        desk.till.refunds(id, 6_000, Destination::Method).await.expect("the rest");
        desk.work().await;
        assert_eq!((desk.till.due(invoice).await, desk.announced("payment.refunded").await), (10_000, 2));
        desk.till.sound("refunds").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_paid_back_there_is_booked_here() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (invoice, id) = paid(&desk, 10_000).await;
        let charge = desk.thing(id).await.id;
        let tell = async |event: &str, total: i64| {
            let object = json!({ "id": "ch_1", "payment_intent": charge, "amount": 10_000, "amount_refunded": total, "currency": "usd" });
            desk.told(GatewayKind::Demo, event, "charge.refunded", clock::now(), object).await
        };
        // The second comes first, and says the sum.
        assert_eq!(tell("evt_r2", 3_000).await, Ok(Taken::Applied));
        assert_eq!(tell("evt_r1", 1_000).await, Ok(Taken::Applied));
        assert_eq!(tell("evt_r2", 3_000).await, Ok(Taken::Known));
        assert_eq!((refunds(&desk, id).await, desk.till.due(invoice).await), (vec![(RefundStatus::Succeeded, 3_000)], 3_000));
        assert!(tell("evt_r3", 10_001).await.is_err(), "more than there was");
        // One of ours is answered by the event before the call's own answer is heard.
        desk.till.refunds(id, 2_000, Destination::Method).await.expect("begun");
        assert_eq!(tell("evt_r4", 5_000).await, Ok(Taken::Applied));
        desk.work().await;
        assert_eq!(refunds(&desk, id).await, vec![(RefundStatus::Succeeded, 3_000), (RefundStatus::Succeeded, 2_000)]);
        assert_eq!((desk.till.due(invoice).await, desk.announced("payment.refunded").await), (5_000, 2));
        desk.till.sound("refunds there").await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_told_before_its_payment_proves_that() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        desk.card(TestCard::AnswersLate).await;
        let invoice = desk.till.bill(1_000).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        let charge = desk.thing(id).await.id;
        let object = json!({ "id": "ch_1", "payment_intent": charge, "amount": 1_000, "amount_refunded": 1_000, "currency": "usd" });
        let told = desk.told(GatewayKind::Demo, "evt_r", "charge.refunded", clock::now(), object).await;
        assert_eq!((told, desk.status(id).await, desk.till.due(invoice).await), (Ok(Taken::Applied), PaymentStatus::Succeeded, 1_000));
        let object = json!({ "id": charge, "amount": 1_000, "currency": "usd", "fee": 59, "metadata": { "payment": id } });
        let late = clock::now() - TimeDelta::minutes(1);
        desk.told(GatewayKind::Demo, "evt_p", "payment_intent.succeeded", late, object).await.expect("taken");
        assert_eq!((desk.announced("payment.succeeded").await, desk.till.due(invoice).await), (1, 1_000));
        desk.till.sound("a refund first").await;
    })
    .await;
}

#[tokio::test]
async fn money_that_is_gone_is_booked_whatever_it_can_be_taken_from() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (first, id) = paid(&desk, 1_000).await;
        // The invoice is credited to its customer, whose credit pays the next one.
        desk.till.credits(first, crate::invoices::model::Settlement::Credit).await.expect("credited");
        let next = desk.till.bill(1_000).await;
        assert_eq!(desk.till.due(next).await, 0);
        let charge = desk.thing(id).await.id;
        let object = json!({ "id": "ch_1", "payment_intent": charge, "amount": 1_000, "amount_refunded": 1_000, "currency": "usd" });
        desk.told(GatewayKind::Demo, "evt_r", "charge.refunded", clock::now(), object).await.expect("taken");
        assert_eq!(desk.till.balance().await.0, 1_000, "somebody owes it again");
        desk.till.sound("a forced refund").await;
    })
    .await;
}

#[tokio::test]
async fn a_refund_that_the_gateway_refuses_was_none() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (invoice, id) = paid(&desk, 1_000).await;
        desk.till.refunds(id, 1_000, Destination::Method).await.expect("begun");
        let refund = store::detail(&scope, id).await.expect("there").refunds[0].id;
        let no = || RefundAnswer { id: None, outcome: RefundOutcome::Failed("The account is closed.".into()) };
        paybacks::answer(&scope, refund, no()).await.expect("noted");
        paybacks::answer(&scope, refund, no()).await.expect("again");
        assert_eq!((refunds(&desk, id).await, desk.till.due(invoice).await), (vec![(RefundStatus::Failed, 1_000)], 0));
        assert_eq!(desk.announced("payment.refund_failed").await, 1);
        desk.work().await;
        assert_eq!(demo_gateway::by_key(&scope, "refund", &refund.to_string()).await.map(|t| t.is_none()), Ok(true), "never sent");
        desk.till.refunds(id, 1_000, Destination::Credit).await.expect("another way");
        desk.till.sound("a refused refund").await;
    })
    .await;
}

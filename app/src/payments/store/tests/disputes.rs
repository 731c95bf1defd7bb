//! Payers who want their money back, and refunds that come back.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use super::desk::Desk;
use crate::invoices::InvoiceId;
use crate::kit::clock;
use crate::kit::databases::on_each_database;
use crate::kit::paging::ListQuery;
use crate::payments::disputes::DisputeStatus;
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::model::TestCard;
use crate::payments::model::{Destination, PaymentId, PaymentStatus, RefundStatus};
use crate::payments::store;
use crate::payments::store::events::Taken;

fn at(seconds: i64) -> DateTime<Utc> {
    clock::now() - TimeDelta::minutes(5) + TimeDelta::seconds(seconds)
}

/// A card paid an invoice.
async fn paid(desk: &Desk, minor: i64) -> (InvoiceId, PaymentId) {
    desk.card(TestCard::Succeeds).await;
    let invoice = desk.till.bill(minor).await;
    let id = store::charge(desk.scope(), invoice).await.expect("begun");
    desk.work().await;
    (invoice, id)
}

/// A dispute as Stripe tells it.
async fn dispute(desk: &Desk, id: PaymentId, minor: i64, status: &str) -> Json {
    let charge = desk.thing(id).await.id;
    json!({ "id": "dp_1", "payment_intent": charge, "amount": minor, "currency": "usd", "reason": "product_not_received", "status": status,
        "evidence_details": { "due_by": 1_900_000_000 },
        "balance_transactions": [{ "amount": -minor, "currency": "usd", "fee": 1_500 }] })
}

/// What an account holds.
async fn account(desk: &Desk, name: &str) -> i64 {
    let rows = crate::invoices::store::money::trial_balance(desk.scope(), None).await.expect("a balance");
    rows.iter().filter(|row| row.account.word() == name).map(|row| row.debit.minor() - row.credit.minor()).sum()
}

async fn shown(desk: &Desk, id: PaymentId) -> PaymentStatus {
    store::get(desk.scope(), id).await.expect("there").status
}

#[tokio::test]
async fn money_leaves_with_a_dispute_and_comes_back_when_it_is_won() {
    on_each_database(|scope| async move {
        let desk = Desk::new(&scope.at(clock::now())).await;
        let (invoice, id) = paid(&desk, 10_000).await;
        let cash = account(&desk, "cash").await;
        let tell = async |event: &str, kind: &str, second: i64, status: &str| {
            let object = dispute(&desk, id, 10_000, status).await;
            desk.told(GatewayKind::Demo, event, kind, at(second), object).await.expect("taken")
        };
        assert_eq!(tell("evt_1", "charge.dispute.created", 1, "needs_response").await, Taken::Applied);
        assert_eq!(tell("evt_1", "charge.dispute.created", 1, "needs_response").await, Taken::Known);
        assert_eq!(tell("evt_2", "charge.dispute.funds_withdrawn", 1, "needs_response").await, Taken::Applied);
        assert_eq!((shown(&desk, id).await, desk.till.due(invoice).await), (PaymentStatus::Disputed, 0));
        assert_eq!((account(&desk, "disputes").await, account(&desk, "cash").await), (10_000, cash - 11_500));
        desk.till.sound("a dispute").await;
        // Nothing of it can go back meanwhile.
        assert!(desk.till.refunds(id, 100, Destination::Method).await.is_err());
        assert!(store::reverse(desk.scope(), id, "Bounced".into()).await.is_err());
        let disputed =
            async |word: &str| store::list(desk.scope(), &ListQuery::default().toggled("status", word)).await.expect("a page").total;
        assert_eq!((disputed("disputed").await, disputed("succeeded").await), (1, 0));
        assert_eq!(tell("evt_3", "charge.dispute.updated", 3, "under_review").await, Taken::Applied);
        assert_eq!(tell("evt_4", "charge.dispute.closed", 4, "won").await, Taken::Applied);
        assert_eq!(tell("evt_5", "charge.dispute.updated", 2, "needs_response").await, Taken::Applied, "late, and not believed");
        assert_eq!(tell("evt_6", "charge.dispute.closed", 5, "lost").await, Taken::Applied, "a decision is the last word");
        assert_eq!((shown(&desk, id).await, desk.till.due(invoice).await), (PaymentStatus::Succeeded, 0));
        assert_eq!((account(&desk, "disputes").await, account(&desk, "cash").await), (0, cash - 1_500));
        assert_eq!((disputed("disputed").await, disputed("succeeded").await), (0, 1));
        let told = store::detail(desk.scope(), id).await.expect("there").disputes;
        let told: Vec<_> = told.iter().map(|d| (d.status, d.amount.minor(), d.fee.minor(), d.reason.as_str())).collect();
        assert_eq!(told, [(DisputeStatus::Won, 10_000, 1_500, "product not received")]);
        assert_eq!((desk.announced("payment.disputed").await, desk.announced("payment.dispute_won").await), (1, 1));
        desk.till.sound("a dispute won").await;
    })
    .await;
}

#[tokio::test]
async fn a_dispute_lost_is_owed_again_in_whatever_order_it_is_told() {
    on_each_database(|scope| async move {
        let desk = Desk::new(&scope.at(clock::now())).await;
        let (invoice, id) = paid(&desk, 10_000).await;
        let tell = async |event: &str, second: i64, status: &str| {
            let object = dispute(&desk, id, 10_000, status).await;
            desk.told(GatewayKind::Demo, event, "charge.dispute.closed", at(second), object).await.expect("taken")
        };
        tell("evt_2", 2, "lost").await;
        tell("evt_1", 1, "needs_response").await;
        tell("evt_3", 2, "lost").await;
        assert_eq!((shown(&desk, id).await, desk.till.due(invoice).await), (PaymentStatus::Reversed, 10_000));
        assert_eq!((account(&desk, "disputes").await, desk.till.balance().await), (0, (10_000, 0)));
        assert_eq!((desk.announced("payment.disputed").await, desk.announced("payment.dispute_lost").await), (0, 1));
        desk.till.sound("a dispute lost").await;
        // It can be collected anew.
        let again = store::charge(desk.scope(), invoice).await.expect("begun");
        desk.work().await;
        assert_eq!((desk.status(again).await, desk.till.due(invoice).await), (PaymentStatus::Succeeded, 0));
        // Only a part of that one.
        let part = async |event: &str, status: &str| {
            let object = Json::from_iter(
                dispute(&desk, again, 4_000, status)
                    .await
                    .as_object()
                    .expect("one")
                    .clone()
                    .into_iter()
                    .map(|(key, value)| if key == "id" { (key, json!("dp_2")) } else { (key, value) }),
            );
            desk.told(GatewayKind::Demo, event, "charge.dispute.updated", at(9), object).await.expect("taken")
        };
        part("evt_4", "needs_response").await;
        desk.till.sound("a part disputed").await;
        part("evt_5", "lost").await;
        assert_eq!((shown(&desk, again).await, desk.till.due(invoice).await), (PaymentStatus::Succeeded, 4_000));
        let refunded = store::get(desk.scope(), again).await.expect("there").refunded.minor();
        assert_eq!(refunded, 4_000, "that part is gone as if it were paid back");
        desk.till.sound("a part lost").await;
    })
    .await;
}

#[tokio::test]
async fn an_inquiry_moves_no_money_and_a_strangers_dispute_is_left_alone() {
    on_each_database(|scope| async move {
        let desk = Desk::new(&scope.at(clock::now())).await;
        let (_, id) = paid(&desk, 10_000).await;
        let cash = account(&desk, "cash").await;
        for (event, second, status) in [("evt_1", 1, "warning_needs_response"), ("evt_2", 2, "warning_closed")] {
            let mut object = dispute(&desk, id, 10_000, status).await;
            object["balance_transactions"] = json!([]);
            desk.told(GatewayKind::Demo, event, "charge.dispute.updated", at(second), object).await.expect("taken");
        }
        assert_eq!((shown(&desk, id).await, account(&desk, "cash").await), (PaymentStatus::Succeeded, cash));
        assert_eq!((desk.announced("payment.dispute_inquired").await, desk.announced("payment.dispute_dropped").await), (1, 1));
        let mut strange = dispute(&desk, id, 10_000, "needs_response").await;
        (strange["id"], strange["payment_intent"]) = (json!("dp_x"), json!("pi_x"));
        assert_eq!(desk.stripe("evt_3", "charge.dispute.created", at(3), strange).await, Ok(Taken::Ignored));
        desk.till.sound("an inquiry").await;
    })
    .await;
}

#[tokio::test]
async fn the_demo_gateway_disputes_by_its_cards() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        for (card, status, due) in
            [(TestCard::DisputeWon, PaymentStatus::Succeeded, 0), (TestCard::DisputeLost, PaymentStatus::Reversed, 2_000)]
        {
            desk.card(card).await;
            let invoice = desk.till.bill(2_000).await;
            let id = store::charge(&scope, invoice).await.expect("begun");
            desk.work().await;
            assert_eq!(shown(&desk, id).await, PaymentStatus::Succeeded);
            for _ in 0..2 {
                // The next of its events, as if its time had come.
                let tx = scope.write().await.expect("begins");
                let sql = "UPDATE jobs SET run_at = $2 WHERE seller_id = $1 AND status = 'queued' AND kind = 'payments.demo_event' \
                           AND run_at = (SELECT MIN(run_at) FROM jobs WHERE seller_id = $1 AND status = 'queued' \
                           AND kind = 'payments.demo_event')";
                crate::kit::db::Sql::run(&*tx, sql, [tx.seller_id().0.into(), (clock::now() - TimeDelta::seconds(1)).into()])
                    .await
                    .expect("moved");
                tx.commit_quietly().await.expect("committed");
                desk.work().await;
            }
            assert_eq!((shown(&desk, id).await, desk.till.due(invoice).await), (status, due), "{card}");
            desk.till.sound("a disputed card").await;
        }
        assert_eq!(desk.announced("payment.disputed").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_refund_that_comes_back_is_booked_back() {
    on_each_database(|scope| async move {
        let desk = Desk::new(&scope.at(clock::now())).await;
        let (invoice, id) = paid(&desk, 10_000).await;
        let cash = account(&desk, "cash").await;
        desk.till.refunds(id, 4_000, Destination::Method).await.expect("begun");
        desk.work().await;
        assert_eq!((desk.till.due(invoice).await, account(&desk, "cash").await), (4_000, cash - 4_000));
        let refund = store::detail(desk.scope(), id).await.expect("there").refunds[0].id;
        let charge = desk.thing(id).await.id;
        let failed = json!({ "id": "re_1", "amount": 4_000, "currency": "usd", "payment_intent": charge, "status": "failed",
            "failure_reason": "lost_or_stolen_card", "metadata": { "refund": refund } });
        let later = clock::now() + TimeDelta::seconds(30);
        for event in ["evt_1", "evt_2"] {
            desk.told(GatewayKind::Demo, event, "refund.failed", later, failed.clone()).await.expect("taken");
        }
        assert_eq!((desk.till.due(invoice).await, account(&desk, "cash").await), (0, cash));
        let detail = store::detail(desk.scope(), id).await.expect("there");
        assert_eq!((detail.refunds[0].status, detail.payment.refunded.minor()), (RefundStatus::Failed, 0));
        assert_eq!(desk.announced("payment.refund_returned").await, 1);
        desk.till.sound("a refund that came back").await;
        // What the gateway had told before, heard only now, books nothing anew.
        let older = json!({ "id": "ch_1", "payment_intent": charge, "amount": 10_000, "amount_refunded": 4_000, "currency": "usd" });
        desk.told(GatewayKind::Demo, "evt_3", "charge.refunded", clock::now(), older).await.expect("taken");
        assert_eq!(desk.till.due(invoice).await, 0);
        // Made there, paid meanwhile by somebody else: what comes back is credit.
        let there = json!({ "id": "ch_1", "payment_intent": charge, "amount": 10_000, "amount_refunded": 1_000, "currency": "usd" });
        desk.told(GatewayKind::Demo, "evt_4", "charge.refunded", later + TimeDelta::seconds(5), there).await.expect("taken");
        assert_eq!(desk.till.due(invoice).await, 1_000);
        desk.till.pays(1_000).await;
        let failed = json!({ "id": "re_2", "amount": 1_000, "currency": "usd", "payment_intent": charge, "status": "failed" });
        desk.told(GatewayKind::Demo, "evt_5", "charge.refund.updated", later + TimeDelta::seconds(9), failed).await.expect("taken");
        assert_eq!((desk.till.due(invoice).await, desk.till.balance().await), (0, (0, 1_000)));
        desk.till.sound("a refund that came back to a paid invoice").await;
    })
    .await;
}

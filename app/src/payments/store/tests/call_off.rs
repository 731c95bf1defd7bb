//! Charges that wait for their payer are called off.

use super::desk::Desk;
use crate::kit::clock;
use crate::kit::databases::on_each_database;
use crate::kit::error::Error;
use crate::payments::gateway::model::TestCard;
use crate::payments::model::PaymentStatus;
use crate::payments::store::{self, demo_gateway};

#[tokio::test]
async fn what_waits_is_taken_back_there_and_can_be_charged_again() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let invoice = desk.till.bill(1_000).await;
        desk.card(TestCard::NeedsAction).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        let early = store::call_off(&scope, id).await.expect_err("nobody asked yet");
        assert!(matches!(early, Error::Conflict(why) if why.contains("No gateway knows")));
        desk.work().await;
        let sheet = crate::invoices::store::sheet(&scope, invoice).await.expect("the invoice");
        assert_eq!(sheet.to_confirm.map(|(page, amount)| (page, amount.minor())), Some((format!("/payments/{id}"), 1_000)));
        store::call_off(&scope, id).await.expect("asked");
        assert_eq!(store::charge(&scope, invoice).await, Ok(id), "until the gateway has answered, it is under way");
        desk.work().await;
        assert_eq!((desk.status(id).await, desk.thing(id).await.status.as_str()), (PaymentStatus::Cancelled, "canceled"));
        assert_eq!((desk.announced("payment.cancelled").await, desk.till.due(invoice).await), (1, 1_000));
        let again = store::call_off(&scope, id).await.expect_err("it is over");
        assert!(matches!(again, Error::Conflict(why) if why.contains("cancelled")));
        desk.card(TestCard::Succeeds).await;
        let next = store::charge(&scope, invoice).await.expect("another try");
        desk.work().await;
        assert_eq!((desk.status(next).await, desk.till.due(invoice).await), (PaymentStatus::Succeeded, 0));
        let paid = store::call_off(&scope, next).await.expect_err("it is paid");
        assert!(matches!(paid, Error::Conflict(why) if why.contains("succeeded")));
        desk.till.sound("a cancelled charge").await;
    })
    .await;
}

#[tokio::test]
async fn a_payer_who_was_faster_has_paid() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let invoice = desk.till.bill(1_000).await;
        desk.card(TestCard::NeedsAction).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        store::call_off(&scope, id).await.expect("asked");
        let (now, thing) = (scope.at(clock::now()), desk.thing(id).await);
        assert_eq!(demo_gateway::turn(&now, &thing.id, "requires_action", "succeeded", None).await, Ok(true));
        desk.work().await;
        assert_eq!((desk.status(id).await, desk.till.due(invoice).await), (PaymentStatus::Succeeded, 0));
        desk.till.sound("a payer who was faster").await;
    })
    .await;
}

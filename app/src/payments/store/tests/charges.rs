//! Cards and debit orders through the demo gateway: yes, no, later, and what a crash leaves.

use chrono::TimeDelta;
use futures::future::join;
use serde_json::json;

use super::desk::Desk;
use crate::kit::databases::on_each_database;
use crate::kit::error::Error;
use crate::kit::{clock, event};
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::model::TestCard;
use crate::payments::gateway::port::ChargeOrder;
use crate::payments::jobs::gateway::ask;
use crate::payments::methods::MethodStatus;
use crate::payments::model::PaymentStatus;
use crate::payments::store::events::Taken;
use crate::payments::store::{self, accounts, asking, charges, demo_gateway, methods, setups};

#[tokio::test]
async fn a_card_pays_an_invoice_once() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let invoice = desk.till.bill(10_000).await;
        assert!(matches!(store::charge(&scope, invoice).await, Err(Error::Conflict(why)) if why.contains("no primary payment method")));
        desk.card(TestCard::Succeeds).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        assert_eq!(desk.status(id).await, PaymentStatus::Pending);
        assert_eq!(store::charge(&scope, invoice).await, Ok(id), "it is under way");
        assert_eq!((desk.till.due(invoice).await, desk.till.balance().await), (10_000, (10_000, 0)), "nothing is booked yet");
        desk.till.sound("a charge under way").await;
        desk.work().await;
        let detail = store::detail(&scope, id).await.expect("there");
        assert_eq!(detail.payment.status, PaymentStatus::Succeeded);
        assert_eq!((detail.payment.fee.minor(), detail.payment.allocated.minor()), (320, 10_000));
        assert_eq!((desk.till.due(invoice).await, desk.till.balance().await), (0, (0, 0)));
        assert_eq!((desk.announced("payment.succeeded").await, desk.announced("payment.failed").await), (1, 0));
        // The gateway told it by a signed event, too; it was kept, and booked nothing more.
        assert_eq!(desk.count("gateway_events WHERE seller_id = $1 AND status = 'applied'").await, 1);
        assert!(matches!(store::charge(&scope, invoice).await, Err(Error::Conflict(why)) if why.contains("wants nothing")));
        desk.till.sound("a charge").await;
    })
    .await;
}

#[tokio::test]
async fn a_decline_books_nothing_and_a_hard_one_ends_the_card() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let invoice = desk.till.bill(5_000).await;
        let soft = desk.card(TestCard::DeclinesSoftly).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        let state = desk.state(id).await;
        assert_eq!(
            (state.status, state.hard_decline, state.failure_code.as_deref()),
            (PaymentStatus::Failed, false, Some("insufficient_funds"))
        );
        assert_eq!((state.invoice, desk.till.due(invoice).await), (Some(invoice), 5_000));
        let again = store::charge(&scope, invoice).await.expect("another try");
        assert_ne!(again, id);
        desk.work().await;
        assert_eq!(methods::get(&scope, soft).await.map(|m| m.status), Ok(MethodStatus::Usable));
        let hard = desk.card(TestCard::DeclinesHard).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        assert!(desk.state(id).await.hard_decline);
        assert_eq!(methods::get(&scope, hard).await.map(|m| m.status), Ok(MethodStatus::Failed));
        assert!(store::charge(&scope, invoice).await.is_err(), "no use to try that card again");
        assert_eq!((desk.announced("payment.failed").await, desk.count("ledger_entries WHERE seller_id = $1").await), (3, 1));
        assert_eq!(store::of_invoice(&scope, invoice).await.expect("payments").len(), 3, "the invoice knows its tries");
        desk.till.sound("declines").await;
        let before = desk.announced("payment_method.replaced").await;
        desk.card(TestCard::Succeeds).await;
        assert_eq!(desk.announced("payment_method.replaced").await, before + 1);
    })
    .await;
}

#[tokio::test]
async fn some_answers_need_the_payer_and_some_come_late() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (a, b, c) = (desk.till.bill(100).await, desk.till.bill(200).await, desk.till.bill(300).await);
        desk.card(TestCard::NeedsAction).await;
        let waits = store::charge(&scope, a).await.expect("begun");
        desk.work().await;
        let state = desk.state(waits).await;
        assert_eq!(state.status, PaymentStatus::NeedsAction);
        assert!(state.action_url.is_some_and(|url| url.starts_with("/pay/demo?seller=platform&page=demo_charge_")));
        let thing = desk.thing(waits).await;
        let now = scope.at(clock::now());
        assert_eq!(demo_gateway::turn(&now, &thing.id, "requires_action", "succeeded", None).await, Ok(true));
        assert_eq!(demo_gateway::turn(&now, &thing.id, "requires_action", "failed", None).await, Ok(false), "once");
        desk.work().await;
        assert_eq!((desk.status(waits).await, desk.till.due(a).await), (PaymentStatus::Succeeded, 0));
        for (invoice, card, to, status, due) in [
            (b, TestCard::AnswersLate, "succeeded", PaymentStatus::Succeeded, 0),
            (c, TestCard::DeclinesLate, "failed", PaymentStatus::Failed, 300),
        ] {
            desk.card(card).await;
            let id = store::charge(&scope, invoice).await.expect("begun");
            desk.work().await;
            assert_eq!(
                (
                    desk.status(id).await,
                    desk.count("jobs WHERE seller_id = $1 AND kind = 'payments.demo_answer' AND status = 'queued'").await > 0
                ),
                (PaymentStatus::Pending, true)
            );
            let now = scope.at(clock::now());
            assert_eq!(demo_gateway::turn(&now, &desk.thing(id).await.id, "processing", to, None).await, Ok(true));
            desk.work().await;
            assert_eq!((desk.status(id).await, desk.till.due(invoice).await), (status, due), "{card}");
        }
        desk.till.sound("late answers").await;
    })
    .await;
}

#[tokio::test]
async fn a_new_card_takes_the_place_of_one_that_waits_for_its_payer() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let invoice = desk.till.bill(700).await;
        desk.card(TestCard::NeedsAction).await;
        let waits = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        assert_eq!(store::charge(&scope, invoice).await, Ok(waits), "the same card is not charged twice");
        desk.card(TestCard::Succeeds).await;
        let pays = store::charge(&scope, invoice).await.expect("begun");
        assert_ne!(pays, waits);
        desk.work().await;
        assert_eq!((desk.status(waits).await, desk.status(pays).await), (PaymentStatus::Cancelled, PaymentStatus::Succeeded));
        let now = scope.at(clock::now());
        assert_eq!(demo_gateway::turn(&now, &desk.thing(waits).await.id, "requires_action", "succeeded", None).await, Ok(false));
        assert_eq!((desk.till.due(invoice).await, desk.till.balance().await), (0, (0, 0)));
        desk.till.sound("a new card").await;
    })
    .await;
}

/// As the gateway is asked.
async fn order(desk: &Desk, id: crate::payments::PaymentId) -> ChargeOrder {
    let state = desk.state(id).await;
    let scope = desk.scope();
    let token = methods::open(&scope.read().await.expect("begins"), state.method.expect("a method")).await.expect("opens").token;
    ChargeOrder {
        key: id.to_string(),
        amount: state.amount,
        token: token.expect("a token"),
        payer: "demo_payer".into(),
        description: String::new(),
        return_url: String::new(),
    }
}

#[tokio::test]
async fn a_crash_between_the_call_and_the_answer_charges_once() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        desk.card(TestCard::Succeeds).await;
        let (a, b) = (desk.till.bill(700).await, desk.till.bill(800).await);
        // The call was made, and nobody was there to hear the answer: asked again, the gateway says the same.
        let id = store::charge(&scope, a).await.expect("begun");
        let gateway = accounts::connect(&scope, GatewayKind::Demo).await.expect("connected");
        gateway.charge(&order(&desk, id).await).await.expect("charged");
        assert_eq!(ask(&scope, id).await, Ok("succeeded"));
        assert_eq!(ask(&scope, id).await, Ok("answered before"));
        // The event comes before anybody asks again: what we wrote on the charge says whose it is.
        let id = store::charge(&scope, b).await.expect("begun");
        gateway.charge(&order(&desk, id).await).await.expect("charged");
        let thing = desk.thing(id).await;
        let object = json!({ "id": thing.id, "amount": 800, "currency": "usd", "fee": 53, "metadata": { "payment": id } });
        let told = desk.told(GatewayKind::Demo, "evt_lost", "payment_intent.succeeded", clock::now(), object).await;
        assert_eq!((told, desk.state(id).await.gateway_id), (Ok(Taken::Applied), Some(thing.id)));
        desk.work().await;
        assert_eq!(desk.count("demo_gateway_objects WHERE seller_id = $1 AND kind = 'charge'").await, 2);
        assert_eq!((desk.till.balance().await, desk.announced("payment.succeeded").await), ((0, 0), 2));
        desk.till.sound("a crash").await;
    })
    .await;
}

#[tokio::test]
async fn what_was_never_sent_is_not_sent_too_late_and_what_was_is_found() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        desk.card(TestCard::Succeeds).await;
        let (a, b) = (desk.till.bill(700).await, desk.till.bill(800).await);
        let (never, sent) = (store::charge(&scope, a).await.expect("begun"), store::charge(&scope, b).await.expect("begun"));
        let gateway = accounts::connect(&scope, GatewayKind::Demo).await.expect("connected");
        gateway.charge(&order(&desk, sent).await).await.expect("charged");
        let later = scope.at(scope.now() + TimeDelta::hours(21));
        assert_eq!((ask(&later, never).await, ask(&later, sent).await), (Ok("failed"), Ok("succeeded")));
        assert_eq!(desk.state(never).await.failure_code.as_deref(), Some("unanswered"));
        assert_eq!(desk.count("demo_gateway_objects WHERE seller_id = $1 AND kind = 'charge'").await, 1);
        assert!(asking::to_ask(&later).await.expect("read").is_empty());
        desk.till.sound("a late question").await;
    })
    .await;
}

#[tokio::test]
async fn an_event_and_a_question_at_once_settle_once() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        desk.card(TestCard::Succeeds).await;
        for n in 0..10 {
            let invoice = desk.till.bill(1_000).await;
            let id = store::charge(&scope, invoice).await.expect("begun");
            let gateway = accounts::connect(&scope, GatewayKind::Demo).await.expect("connected");
            gateway.charge(&order(&desk, id).await).await.expect("charged");
            let object =
                json!({ "id": desk.thing(id).await.id, "amount": 1_000, "currency": "usd", "fee": 59, "metadata": { "payment": id } });
            let event = format!("evt_{n}");
            let tell = || desk.told(GatewayKind::Demo, &event, "payment_intent.succeeded", clock::now(), object.clone());
            let ((first, second), asked) = join(join(tell(), tell()), ask(&scope, id)).await;
            let taken = [first.expect("taken"), second.expect("taken")];
            assert_eq!(taken.iter().filter(|t| **t == Taken::Known).count(), 1, "one of two is the same again");
            asked.expect("asked");
            assert_eq!((desk.till.due(invoice).await, desk.announced("payment.succeeded").await), (0, n + 1));
        }
        // Two who charge the same invoice begin one charge.
        let invoice = desk.till.bill(1_000).await;
        let (one, other) = join(store::charge(&scope, invoice), store::charge(&scope, invoice)).await;
        assert_eq!(one.expect("begun"), other.expect("begun"));
        desk.work().await;
        desk.till.sound("two at once").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_due_is_collected_by_itself_and_once() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let before = desk.till.bill(400).await;
        desk.work().await;
        assert_eq!(desk.count("jobs WHERE seller_id = $1 AND kind = 'payments.collect'").await, 0, "no method, nothing to collect with");
        desk.card(TestCard::Succeeds).await;
        let after = desk.till.bill(500).await;
        while event::deliver_batch(scope.db(), &[crate::payments::sink::sink]).await.expect("delivers") > 0 {}
        assert_eq!(desk.count("jobs WHERE seller_id = $1 AND kind = 'payments.collect'").await, 2, "also what was open before");
        let due = desk.till.invoice(after).await.due_on;
        let planned = desk.count(&format!("jobs WHERE seller_id = $1 AND kind = 'payments.collect' AND run_at >= '{due}'")).await;
        assert_eq!(planned, 2, "when it is due, not before");
        let then = scope.at(clock::start_of(due, scope.seller().time_zone));
        for invoice in [before, after] {
            let paid = charges::collect(&then, invoice).await.expect("asked").expect("begun");
            assert_eq!(charges::collect(&then, invoice).await, Ok(Err("It was tried before.".into())));
            assert_eq!(ask(&then, paid).await, Ok("succeeded"));
        }
        desk.till.sound("collecting").await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_gives_a_card_on_a_page_of_the_gateways() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let old = desk.card(TestCard::DeclinesSoftly).await;
        let url = setups::begin(&scope, desk.till.who, GatewayKind::Demo, "/customers").await.expect("begun");
        let page = url.split("page=").nth(1).expect("a page").to_owned();
        let token = crate::payments::gateway::demo::token(TestCard::Succeeds).expect("a token");
        let now = scope.at(clock::now());
        assert_eq!(demo_gateway::turn(&now, &page, "open", "complete", Some(token)).await, Ok(true));
        desk.work().await;
        let all = methods::of_customer(&scope, desk.till.who).await.expect("methods");
        assert_eq!((all[0].label.as_str(), all[0].primary, all[1].id), ("Card ***4242", true, old));
        assert_eq!(desk.count("gateway_setups WHERE seller_id = $1 AND status = 'done'").await, 1);
        // Told again, nothing happens again.
        let told = desk
            .told(GatewayKind::Demo, "evt_again", "checkout.session.completed", clock::now(), json!({ "id": page, "mode": "setup" }))
            .await;
        assert_eq!(told, Ok(Taken::Applied));
        desk.work().await;
        assert_eq!(methods::of_customer(&scope, desk.till.who).await.expect("methods").len(), 2);
        methods::remove(&scope, all[0].id).await.expect("removed");
        desk.work().await;
        assert_eq!(desk.count("jobs WHERE seller_id = $1 AND kind = 'payments.detach' AND status = 'done'").await, 1);
    })
    .await;
}

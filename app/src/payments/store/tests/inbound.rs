//! What gateways tell: the same again, in another order, about what is not ours, about what lives there.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::desk::Desk;
use crate::customers::CustomerId;
use crate::invoices;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::{Error, Result, clock};
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::model::TestCard;
use crate::payments::model::PaymentStatus;
use crate::payments::store::events::{self, Taken};
use crate::payments::store::links::{self, Linked};
use crate::payments::store::{self, methods};
use crate::payments::webhooks::EventStatus;
use crate::plans::NewPlan;
use crate::subscriptions::model::NewSubscription;

fn at(seconds: i64) -> DateTime<Utc> {
    clock::now() - TimeDelta::minutes(5) + TimeDelta::seconds(seconds)
}

#[tokio::test]
async fn older_news_changes_nothing_and_the_same_again_neither() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        desk.card(TestCard::AnswersLate).await;
        let invoice = desk.till.bill(900).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        let object =
            |status: &str| json!({ "id": "pi_1", "amount": 900, "currency": "usd", "status": status, "metadata": { "payment": id } });
        let tell = async |event: &str, kind: &str, second: i64| {
            desk.told(GatewayKind::Demo, event, kind, at(second), object(kind)).await.expect("taken")
        };
        assert_eq!(tell("evt_3", "payment_intent.processing", 30).await, Taken::Applied);
        assert_eq!(tell("evt_2", "payment_intent.requires_action", 20).await, Taken::Applied, "kept, though it is old");
        assert_eq!(desk.status(id).await, PaymentStatus::Pending, "and not believed");
        assert_eq!(tell("evt_1", "payment_intent.payment_failed", 10).await, Taken::Applied);
        assert_eq!(desk.status(id).await, PaymentStatus::Pending);
        assert_eq!(tell("evt_4", "payment_intent.succeeded", 40).await, Taken::Applied);
        assert_eq!(tell("evt_4", "payment_intent.succeeded", 40).await, Taken::Known);
        assert_eq!(tell("evt_5", "payment_intent.payment_failed", 50).await, Taken::Applied);
        assert_eq!(tell("evt_6", "payment_intent.canceled", 60).await, Taken::Applied);
        assert_eq!((desk.status(id).await, desk.till.due(invoice).await), (PaymentStatus::Succeeded, 0), "money is the last word");
        assert_eq!(tell("evt_7", "payment_intent.created", 1).await, Taken::Ignored);
        assert_eq!(tell("evt_8", "tax.settings.updated", 1).await, Taken::Ignored);
        let kept = events::list(&scope, &ListQuery::default()).await.expect("a list");
        assert_eq!((kept.total, kept.rows.iter().filter(|e| e.status == EventStatus::Ignored).count()), (8, 2));
        for event in kept.rows {
            events::replay(&scope, event.id).await.expect("replayed");
        }
        assert_eq!(desk.announced("payment.succeeded").await, 1, "replays do nothing twice");
        desk.till.sound("reordered events").await;
    })
    .await;
}

#[tokio::test]
async fn money_after_a_failure_is_booked() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        desk.card(TestCard::AnswersLate).await;
        let invoice = desk.till.bill(900).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        let object = || {
            json!({ "id": "pi_1", "amount": 900, "currency": "usd", "metadata": { "payment": id },
            "last_payment_error": { "code": "card_declined", "decline_code": "lost_card", "message": "Lost." } })
        };
        desk.told(GatewayKind::Demo, "evt_1", "payment_intent.payment_failed", at(1), object()).await.expect("taken");
        assert!(desk.state(id).await.hard_decline);
        // Meanwhile somebody paid a part of it in cash: the rest of the money is credit.
        desk.till.pays(400).await;
        desk.told(GatewayKind::Demo, "evt_2", "payment_intent.succeeded", at(2), object()).await.expect("taken");
        let state = desk.state(id).await;
        assert_eq!((state.status, state.hard_decline), (PaymentStatus::Succeeded, false));
        assert_eq!((desk.till.due(invoice).await, desk.till.balance().await), (0, (0, 400)));
        desk.till.sound("money after a failure").await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_applied_is_kept_and_tried_again() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        desk.card(TestCard::AnswersLate).await;
        let invoice = desk.till.bill(900).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        let object = |minor: i64| json!({ "id": "pi_1", "amount": minor, "currency": "usd", "metadata": { "payment": id } });
        for _ in 0..2 {
            let told = desk.told(GatewayKind::Demo, "evt_1", "payment_intent.succeeded", at(1), object(901)).await;
            assert!(told.expect_err("not what was asked for").to_string().contains("$9.01"));
        }
        let kept = events::list(&scope, &ListQuery::default().toggled("status", "failed")).await.expect("a list");
        assert_eq!((kept.total, desk.announced("gateway_event.failed").await), (1, 1));
        assert!(kept.rows[0].error.as_deref().is_some_and(|why| why.contains("$9.00 was asked for")));
        assert!(events::replay(&scope, kept.rows[0].id).await.is_err());
        // Sent again, as gateways do, and now it fits.
        let told = desk.told(GatewayKind::Demo, "evt_1", "payment_intent.succeeded", at(1), object(900)).await;
        assert_eq!((told, desk.status(id).await), (Ok(Taken::Applied), PaymentStatus::Succeeded));
        let detail = events::detail(&scope, kept.rows[0].id).await.expect("there");
        assert_eq!((detail.event.status, detail.event.error), (EventStatus::Applied, None));
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        assert!(events::detail(&other, kept.rows[0].id).await.is_err() && events::replay(&other, kept.rows[0].id).await.is_err());
        desk.till.sound("a failed event").await;
    })
    .await;
}

#[tokio::test]
async fn things_are_linked_by_what_a_person_calls_them_and_unlinked() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (bill, who) = (desk.till.bill(2_000).await, desk.till.who);
        let number = invoices::store::get(&scope, bill).await.expect("there").number.expect("issued");
        let link = async |ours: &str, external: &str| links::link_named(&scope, GatewayKind::Stripe, external, ours).await;
        link(&number.to_lowercase(), " in_a ").await.expect("by its number");
        link(&format!("https://here.example/customers/{who}"), "cus_a").await.expect("by its address");
        let refused = |done: Result<(), Error>, field: &str| assert!(done.expect_err("refused").fields().first(field).is_some());
        refused(link("INV-1999-00001", "in_b").await, "ours");
        assert_eq!(link(&CustomerId::new().to_string(), "cus_b").await, Err(Error::NotFound));
        refused(link(&number, "in b").await, "external_id");
        assert!(matches!(link(&number, "in_b").await, Err(Error::Conflict(_))), "it has a name there");
        assert!(matches!(link(&who.to_string(), "cus_b").await, Err(Error::Conflict(_))));

        let listed = links::list(&scope, None).await.expect("listed");
        let labels: Vec<&str> = listed.iter().map(|of| of.label.as_str()).collect();
        assert_eq!((listed.len(), labels.contains(&number.as_str())), (2, true), "{labels:?}");
        let one = links::list(&scope, Some("in_a")).await.expect("listed");
        assert_eq!((one.len(), one[0].href()), (1, format!("/invoices/{bill}")));
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        assert!(links::list(&other, None).await.expect("listed").is_empty());
        assert_eq!(links::unlink(&other, None, &bill.to_string()).await, Err(Error::NotFound));
        assert_eq!(links::unlink(&scope, Some(GatewayKind::Demo), &bill.to_string()).await, Err(Error::NotFound));
        links::unlink(&scope, None, &bill.to_string()).await.expect("unlinked");
        link(&number, "in_b").await.expect("linked anew");
    })
    .await;
}

#[tokio::test]
async fn invoices_that_live_at_the_gateway_are_paid_here() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (a, b) = (desk.till.bill(2_000).await, desk.till.bill(3_000).await);
        {
            let tx = scope.write().await.expect("begins");
            links::link(&tx, GatewayKind::Stripe, Linked::Invoice, "in_a", a.0).await.expect("linked");
            links::link(&tx, GatewayKind::Stripe, Linked::Invoice, "in_a", a.0).await.expect("the same again");
            assert!(links::link(&tx, GatewayKind::Stripe, Linked::Invoice, "in_a", b.0).await.is_err());
            links::link(&tx, GatewayKind::Stripe, Linked::Invoice, "in_b", b.0).await.expect("linked");
            tx.commit_quietly().await.expect("committed");
        }
        let older = json!({ "id": "in_a", "amount_paid": 2_000, "currency": "usd", "payment_intent": "pi_a", "charge": "ch_a" });
        let failed = json!({ "id": "in_a", "amount_due": 2_000, "amount_remaining": 2_000, "currency": "usd" });
        for _ in 0..2 {
            desk.stripe("evt_f1", "invoice.payment_failed", at(1), failed.clone()).await.expect("taken");
        }
        assert_eq!((desk.announced("payment.failed").await, desk.till.due(a).await), (1, 2_000));
        assert_eq!(desk.stripe("evt_p", "invoice.paid", at(10), older.clone()).await, Ok(Taken::Applied));
        assert_eq!(desk.stripe("evt_p", "invoice.paid", at(10), older.clone()).await, Ok(Taken::Known));
        // The same payment under another event, and a failure that comes late.
        assert_eq!(desk.stripe("evt_p2", "invoice.paid", at(11), older).await, Ok(Taken::Applied));
        assert_eq!(desk.stripe("evt_f2", "invoice.payment_failed", at(2), failed).await, Ok(Taken::Ignored));
        assert_eq!((desk.till.due(a).await, desk.announced("payment.succeeded").await), (0, 1));
        let newer = json!({ "id": "in_b", "amount_paid": 3_000, "currency": "usd",
            "payments": { "data": [{ "payment": { "type": "payment_intent", "payment_intent": "pi_b" } }] } });
        assert_eq!(desk.stripe("evt_b", "invoice.paid", at(12), newer).await, Ok(Taken::Applied));
        assert_eq!(desk.count("payments WHERE seller_id = $1 AND gateway_id = 'pi_b' AND status = 'succeeded'").await, 1);
        let foreign = json!({ "id": "in_x", "amount_paid": 1, "currency": "usd", "payment_intent": "pi_x" });
        assert_eq!(desk.stripe("evt_x", "invoice.paid", at(13), foreign).await, Ok(Taken::Ignored));
        assert_eq!(desk.stripe("evt_y", "payment_intent.succeeded", at(13), json!({ "id": "pi_y" })).await, Ok(Taken::Ignored));
        desk.till.sound("invoices there").await;
    })
    .await;
}

#[tokio::test]
async fn a_subscription_that_ends_there_ends_here() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let price = Money::new(1_000, Currency::USD);
        let plan = NewPlan { name: "Basic".into(), interval: Interval { unit: IntervalUnit::Month, count: 1 }, price, trial_days: 0 };
        let plan_id = crate::plans::store::create(&scope, plan).await.expect("a plan");
        let started_on = scope.today();
        let customer_id: CustomerId = desk.till.who;
        let new = NewSubscription {
            customer_id,
            plan_id,
            started_on,
            trial_ends_on: None,
            ends_on: None,
            quantity: 1,
            price: None,
            external_id: None,
            payment_method: None,
            anchor_day: None,
        };
        let id = crate::subscriptions::store::create(&scope, new).await.expect("a subscription");
        let tx = scope.write().await.expect("begins");
        links::link(&tx, GatewayKind::Stripe, Linked::Subscription, "sub_1", id.0).await.expect("linked");
        tx.commit_quietly().await.expect("committed");
        let object = json!({ "id": "sub_1", "cancellation_details": { "reason": "payment_failed" } });
        for event in ["evt_1", "evt_2", "evt_2"] {
            desk.stripe(event, "customer.subscription.deleted", at(1), object.clone()).await.expect("taken");
        }
        assert_eq!(desk.announced("subscription.cancelled").await, 1);
    })
    .await;
}

#[tokio::test]
async fn cards_come_change_and_go_there() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let tx = scope.write().await.expect("begins");
        links::link(&tx, GatewayKind::Stripe, Linked::Customer, "cus_1", desk.till.who.0).await.expect("linked");
        tx.commit_quietly().await.expect("committed");
        let card = |year: i64| json!({ "id": "pm_1", "customer": "cus_1", "card": { "last4": "4242", "exp_month": 4, "exp_year": year } });
        for (event, kind, object) in [
            ("evt_1", "payment_method.attached", card(2027)),
            ("evt_2", "payment_method.attached", card(2027)),
            ("evt_3", "payment_method.automatically_updated", card(2031)),
        ] {
            desk.stripe(event, kind, at(1), object).await.expect("taken");
        }
        let all = methods::of_customer(&scope, desk.till.who).await.expect("methods");
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].label.as_str(), all[0].expires_on.map(|d| d.to_string()).as_deref()), ("Card ***4242", Some("2031-05-01")));
        assert_eq!((desk.announced("payment_method.replaced").await, desk.announced("payment_method.renewed").await), (2, 1));
        desk.stripe("evt_4", "payment_method.detached", at(2), json!({ "id": "pm_1" })).await.expect("taken");
        assert!(methods::of_customer(&scope, desk.till.who).await.expect("methods").is_empty());
        assert_eq!(desk.stripe("evt_5", "payment_method.detached", at(2), json!({ "id": "pm_1" })).await, Ok(Taken::Ignored));
    })
    .await;
}

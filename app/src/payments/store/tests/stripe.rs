//! The program against a Stripe of our own.

use serde_json::json;

use super::desk::Desk;
use super::stripe_fake::FakeStripe;
use crate::kit::clock;
use crate::kit::databases::on_each_database;
use crate::kit::error::Error;
use crate::kit::scope::Scope;
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::model::GatewayForm;
use crate::payments::jobs::gateway::ask;
use crate::payments::methods::{MethodForm, MethodStatus};
use crate::payments::model::{Destination, PaymentStatus};
use crate::payments::store::accounts::{self, NewAccount, Secrets};
use crate::payments::store::events::Taken;
use crate::payments::store::{self, methods, setups};

async fn desk(scope: &Scope, stripe: &FakeStripe) -> Desk {
    let desk = Desk::new(scope).await;
    let secrets = Secrets {
        key: "sk_test_right".into(),
        webhook: "whsec_1".into(),
        site: "https://nile.example".into(),
        url: Some(stripe.url.clone()),
    };
    let new = NewAccount { gateway: GatewayKind::Stripe, enabled: true, collects: true, secrets: Some(secrets) };
    accounts::save(scope, new).await.expect("an account");
    desk
}

async fn card(desk: &Desk, token: &str) -> crate::payments::PaymentMethodId {
    let text = |t: &str| t.to_owned();
    let form = MethodForm {
        kind: text("card"),
        gateway: text("stripe"),
        token: text(token),
        last_digits: text("4242"),
        expires: text("2031-04"),
        ..Default::default()
    };
    let id = methods::add(desk.scope(), desk.till.who, form.parse().expect("valid")).await.expect("added");
    methods::make_primary(desk.scope(), id).await.expect("primary");
    id
}

#[tokio::test]
async fn stripe_says_yes_no_and_later() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let stripe = FakeStripe::start().await;
        let desk = desk(&scope, &stripe).await;
        card(&desk, "pm_ok").await;
        let invoice = desk.till.bill(10_000).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        let detail = store::detail(&scope, id).await.expect("there");
        assert_eq!((detail.payment.status, detail.payment.fee.minor(), desk.till.due(invoice).await), (PaymentStatus::Succeeded, 200, 0));

        card(&desk, "pm_poor").await;
        let invoice = desk.till.bill(500).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        let state = desk.state(id).await;
        assert_eq!((state.status, state.failure_code.as_deref(), state.hard_decline), (PaymentStatus::Failed, Some("insufficient_funds"), false));
        let lost = card(&desk, "pm_lost").await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        assert!(desk.state(id).await.hard_decline);
        assert_eq!(methods::get(&scope, lost).await.map(|m| m.status), Ok(MethodStatus::Failed));

        card(&desk, "pm_auth").await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        let state = desk.state(id).await;
        assert_eq!((state.status, state.action_url.as_deref()), (PaymentStatus::NeedsAction, Some("https://hooks.stripe.example/3ds")));
        let pi = state.gateway_id.expect("an id");
        let object = json!({ "id": pi, "amount": 500, "amount_received": 500, "currency": "usd", "status": "succeeded", "metadata": { "payment": id } });
        assert_eq!(desk.stripe("evt_1", "payment_intent.succeeded", clock::now(), object).await, Ok(Taken::Applied));
        assert_eq!((desk.status(id).await, desk.till.due(invoice).await), (PaymentStatus::Succeeded, 0));
        desk.till.sound("Stripe").await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_again() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let stripe = FakeStripe::start().await;
        let desk = desk(&scope, &stripe).await;
        card(&desk, "pm_ok").await;
        let invoice = desk.till.bill(2_000).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        stripe.books(|books| books.deaf = 1);
        assert_eq!(ask(&scope, id).await, Err(Error::Unavailable));
        assert_eq!((desk.status(id).await, stripe.books(|books| books.intents.len())), (PaymentStatus::Pending, 1));
        assert_eq!(ask(&scope, id).await, Ok("succeeded"));
        assert_eq!(
            (stripe.books(|books| books.intents.len()), desk.till.due(invoice).await),
            (1, 0),
            "one charge, however often it was asked for"
        );
        // Once more, so late that Stripe may have forgotten the key: it is looked for, not made again.
        let invoice = desk.till.bill(3_000).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        stripe.books(|books| books.deaf = 1);
        assert_eq!(ask(&scope, id).await, Err(Error::Unavailable));
        let later = scope.at(scope.now() + chrono::TimeDelta::hours(30));
        let calls = stripe.books(|books| books.calls.len());
        assert_eq!(ask(&later, id).await, Ok("succeeded"));
        assert_eq!(stripe.books(|books| (books.intents.len(), books.calls.len() - calls)), (2, 0));
        desk.till.sound("lost answers").await;
    })
    .await;
}

#[tokio::test]
async fn a_late_answer_brings_its_fee_and_money_goes_back() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let stripe = FakeStripe::start().await;
        let desk = desk(&scope, &stripe).await;
        card(&desk, "pm_late").await;
        let invoice = desk.till.bill(2_000).await;
        let id = store::charge(&scope, invoice).await.expect("begun");
        desk.work().await;
        let pi = desk.state(id).await.gateway_id.expect("an id");
        assert_eq!(desk.status(id).await, PaymentStatus::Pending);
        stripe.books(|books| {
            let intent = books.intents.get_mut(&pi).expect("an intent");
            intent["status"] = json!("succeeded");
            intent["latest_charge"] = json!({ "id": "ch_2", "balance_transaction": { "fee": 77, "currency": "usd" } });
        });
        let object = json!({ "id": pi, "amount": 2_000, "currency": "usd", "metadata": { "payment": id } });
        assert_eq!(desk.stripe("evt_1", "payment_intent.succeeded", clock::now(), object).await, Ok(Taken::Applied));
        assert_eq!(store::detail(&scope, id).await.map(|d| d.payment.fee.minor()), Ok(0), "events do not say it");
        assert_eq!(desk.count("jobs WHERE seller_id = $1 AND kind = 'payments.fee'").await, 1);
        assert_eq!(store::fees::post(&scope, id, 77).await, Ok(true));
        assert_eq!(store::fees::post(&scope, id, 77).await, Ok(false), "once");
        desk.till.sound("a fee").await;
        desk.till.refunds(id, 500, Destination::Method).await.expect("begun");
        desk.work().await;
        let refunds = stripe.books(|books| books.refunds.clone());
        assert_eq!((refunds.len(), refunds[0]["payment_intent"].as_str(), refunds[0]["amount"].as_str()), (1, pi.as_str(), "500"));
        assert_eq!(desk.till.due(invoice).await, 500);
        desk.till.sound("a refund by Stripe").await;
    })
    .await;
}

#[tokio::test]
async fn a_first_card_comes_by_checkout_and_is_forgotten_when_removed() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let stripe = FakeStripe::start().await;
        let desk = desk(&scope, &stripe).await;
        let url = setups::begin(&scope, desk.till.who, GatewayKind::Stripe, "/pay/thanks").await;
        assert_eq!(url.as_deref(), Ok("https://checkout.stripe.example/cs_1"));
        let object = json!({ "id": "cs_1", "object": "checkout.session", "mode": "setup", "setup_intent": "seti_1" });
        assert_eq!(desk.stripe("evt_1", "checkout.session.completed", clock::now(), object).await, Ok(Taken::Applied));
        desk.work().await;
        let all = methods::of_customer(&scope, desk.till.who).await.expect("methods");
        assert_eq!((all.len(), all[0].label.as_str(), all[0].primary), (1, "Card ***4242", true));
        methods::remove(&scope, all[0].id).await.expect("removed");
        desk.work().await;
        assert_eq!(stripe.books(|books| books.detached.clone()), ["pm_ok"]);
    })
    .await;
}

#[tokio::test]
async fn settings_keep_what_is_left_blank_and_say_whether_it_works() {
    on_each_database(|scope| async move {
        let stripe = FakeStripe::start().await;
        let text = |t: &str| t.to_owned();
        let form = |key: &str, webhook: &str, site: &str| GatewayForm {
            gateway: GatewayKind::Stripe,
            enabled: true,
            collects: false,
            key: text(key),
            webhook: text(webhook),
            site: text(site),
        };
        for (bad, field) in [
            (form("", "whsec_1", "https://a.example"), "key"),
            (form("pk_live_1", "whsec_1", "https://a.example"), "key"),
            (form("sk_test_1", "nothing", "https://a.example"), "webhook"),
            (form("sk_test_1", "whsec_1", "javascript:alert(1)"), "site"),
            (form("sk_test_1", "whsec_1", "https://a.example/path"), "site"),
        ] {
            let error = accounts::save_typed(&scope, &bad).await.expect_err("refused");
            assert!(error.fields().first(field).is_some(), "{field}: {error}");
        }
        accounts::save_typed(&scope, &form("sk_test_51AbCdEfGhIjWXYZ", "whsec_1", "https://a.example/")).await.expect("saved");
        accounts::save_typed(&scope, &form("", "", "https://b.example")).await.expect("saved");
        let shown = accounts::shown(&scope).await.expect("accounts");
        let account = shown.iter().find(|a| a.gateway == GatewayKind::Stripe).expect("Stripe");
        assert_eq!((account.label.as_str(), account.site.as_str(), account.collects), ("sk_test_***WXYZ", "https://b.example", false));
        assert_eq!(account.webhook_path, "/api/webhooks/stripe");
        {
            let tx = scope.read().await.expect("begins");
            let kept = accounts::secrets(&tx, GatewayKind::Stripe).await.expect("read").expect("kept");
            assert_eq!((kept.key.as_str(), kept.webhook.as_str()), ("sk_test_51AbCdEfGhIjWXYZ", "whsec_1"));
        }
        for (key, answer) in [("sk_test_right", Ok("Nile Wave".to_owned())), ("sk_test_wrong", Err(()))] {
            let secrets =
                Secrets { key: text(key), webhook: text("whsec_1"), site: text("https://b.example"), url: Some(stripe.url.clone()) };
            let new = NewAccount { gateway: GatewayKind::Stripe, enabled: false, collects: false, secrets: Some(secrets) };
            accounts::save(&scope, new).await.expect("saved");
            assert_eq!(accounts::test(&scope, GatewayKind::Stripe).await.map_err(|_| ()), answer);
        }
        assert!(matches!(accounts::connect(&scope, GatewayKind::Stripe).await.map(|_| ()), Err(Error::Conflict(_))), "it is switched off");
    })
    .await;
}

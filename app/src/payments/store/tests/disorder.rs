//! News that comes before what it is about: of invoices and cards that live at a gateway.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use super::desk::Desk;
use crate::invoices::InvoiceId;
use crate::kit::databases::on_each_database;
use crate::kit::paging::ListQuery;
use crate::kit::scope::Scope;
use crate::kit::{clock, period};
use crate::payments::gateway::GatewayKind;
use crate::payments::gateway::port::{ChargeAnswer, Outcome};
use crate::payments::methods::{MethodForm, MethodStatus};
use crate::payments::model::{Destination, PaymentStatus};
use crate::payments::store::events::{self, Taken};
use crate::payments::store::links::{self, Linked};
use crate::payments::store::{self, answers, charges, methods};
use crate::payments::webhooks::EventStatus;

fn at(seconds: i64) -> DateTime<Utc> {
    clock::now() - TimeDelta::minutes(5) + TimeDelta::seconds(seconds)
}

async fn linked(scope: &Scope, kind: Linked, external: &str, id: String) {
    links::link_known(scope, GatewayKind::Stripe, kind, external, &id).await.expect("linked");
}

fn paid(invoice: &str, intent: Option<&str>) -> Json {
    json!({ "id": invoice, "object": "invoice", "amount_paid": 11_500, "currency": "usd", "payment_intent": intent })
}

fn refund(intent: &str) -> Json {
    json!({ "id": "ch_1", "object": "charge", "payment_intent": intent, "amount_refunded": 3_000, "currency": "usd" })
}

fn dispute(intent: &str) -> Json {
    let reason = "fraudulent";
    json!({ "id": "du_1", "charge": "ch_1", "payment_intent": intent, "amount": 11_500, "currency": "usd", "status": "lost", "reason": reason })
}

fn paid_by(invoice: &str, intent: &str) -> Json {
    let payment = json!({ "type": "payment_intent", "payment_intent": intent });
    json!({ "id": "inpay_1", "object": "invoice_payment", "invoice": invoice, "status": "paid", "payment": payment })
}

/// What is kept of events, by the gateway's id.
async fn kept(desk: &Desk, id: &str) -> EventStatus {
    let found = events::list(desk.scope(), &ListQuery { q: id.into(), ..ListQuery::default() }).await.expect("a list");
    found.rows.first().expect("kept").status
}

/// What is owed, and what is paid back of the payment with that id at the gateway.
async fn stands(desk: &Desk, invoice: InvoiceId, intent: &str) -> (i64, i64, PaymentStatus) {
    let charge = {
        let tx = desk.scope().read().await.expect("begins");
        charges::by_gateway_id(&tx, GatewayKind::Stripe, intent).await.expect("read").expect("a payment")
    };
    let payment = store::detail(desk.scope(), charge.payment).await.expect("there").payment;
    (desk.till.due(invoice).await, payment.refunded.minor(), payment.status)
}

#[tokio::test]
async fn what_is_told_before_the_payment_counts_once_it_is_there() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (a, b) = (desk.till.bill(11_500).await, desk.till.bill(11_500).await);
        linked(&scope, Linked::Invoice, "in_a", a.to_string()).await;
        linked(&scope, Linked::Invoice, "in_b", b.to_string()).await;
        for (event, kind, object) in [("evt_ra", "charge.refunded", refund("pi_a")), ("evt_db", "charge.dispute.closed", dispute("pi_b"))] {
            assert_eq!(desk.stripe(event, kind, at(9), object).await, Ok(Taken::Ignored), "nothing is known of it yet");
        }
        assert_eq!(desk.stripe("evt_pa", "invoice.paid", at(5), paid("in_a", Some("pi_a"))).await, Ok(Taken::Applied));
        assert_eq!(desk.stripe("evt_pb", "invoice.paid", at(5), paid("in_b", Some("pi_b"))).await, Ok(Taken::Applied));
        assert_eq!((kept(&desk, "evt_ra").await, kept(&desk, "evt_db").await), (EventStatus::Applied, EventStatus::Applied));
        assert_eq!(stands(&desk, a, "pi_a").await, (3_000, 3_000, PaymentStatus::Succeeded));
        assert_eq!(stands(&desk, b, "pi_b").await, (11_500, 0, PaymentStatus::Reversed));
        // The same again, and replayed, changes nothing.
        assert_eq!(desk.stripe("evt_ra", "charge.refunded", at(9), refund("pi_a")).await, Ok(Taken::Known));
        for event in events::list(&scope, &ListQuery::default()).await.expect("a list").rows {
            events::replay(&scope, event.id).await.expect("replayed");
        }
        assert_eq!(stands(&desk, a, "pi_a").await, (3_000, 3_000, PaymentStatus::Succeeded));
        desk.till.sound("news before its payment").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_told_before_the_link_counts_once_it_is_made() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (late, other) = (desk.till.bill(11_500).await, desk.till.bill(11_500).await);
        // Neither the order in which they come nor that one of them cannot be applied keeps the others.
        let strange = json!({ "id": "in_late", "amount_paid": 11_500, "currency": "eur" });
        for (event, kind, second, object) in [
            ("evt_1", "charge.refunded", 30, refund("pi_l")),
            ("evt_2", "invoice.paid", 20, paid("in_late", Some("pi_l"))),
            ("evt_3", "invoice.paid", 10, strange),
        ] {
            assert_eq!(desk.stripe(event, kind, at(second), object).await, Ok(Taken::Ignored));
        }
        linked(&scope, Linked::Invoice, "in_other", other.to_string()).await;
        assert_eq!(desk.till.due(late).await, 11_500, "another's link is nothing to it");
        linked(&scope, Linked::Invoice, "in_late", late.to_string()).await;
        assert_eq!(stands(&desk, late, "pi_l").await, (3_000, 3_000, PaymentStatus::Succeeded));
        let states = (kept(&desk, "evt_1").await, kept(&desk, "evt_2").await, kept(&desk, "evt_3").await);
        assert_eq!(states, (EventStatus::Applied, EventStatus::Applied, EventStatus::Failed));
        assert_eq!(desk.announced("gateway_event.failed").await, 1);
        desk.till.sound("news before its link").await;
    })
    .await;
}

#[tokio::test]
async fn an_invoice_that_does_not_say_what_paid_it_learns_it() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let (a, b) = (desk.till.bill(11_500).await, desk.till.bill(11_500).await);
        linked(&scope, Linked::Invoice, "in_a", a.to_string()).await;
        linked(&scope, Linked::Invoice, "in_b", b.to_string()).await;
        let tell = async |event: &str, kind: &str, object: Json| desk.stripe(event, kind, at(5), object).await.expect("taken");
        // First the invoice, then what paid it, then what came back of it.
        assert_eq!(tell("evt_a1", "invoice.paid", paid("in_a", None)).await, Taken::Applied);
        let unnamed = stands(&desk, a, "in_a").await;
        assert_eq!(unnamed, (0, 0, PaymentStatus::Succeeded));
        let id = {
            let tx = scope.read().await.expect("begins");
            charges::by_gateway_id(&tx, GatewayKind::Stripe, "in_a").await.expect("read").expect("a payment").payment
        };
        let refused = desk.till.refunds(id, 100, Destination::Method).await;
        assert!(refused.expect_err("nobody can be asked").to_string().contains("Pay it back at Stripe"));
        assert_eq!(tell("evt_a2", "invoice_payment.paid", paid_by("in_a", "pi_a")).await, Taken::Applied);
        assert_eq!(tell("evt_a3", "charge.refunded", refund("pi_a")).await, Taken::Applied);
        assert_eq!(stands(&desk, a, "pi_a").await, (3_000, 3_000, PaymentStatus::Succeeded));
        // All the other way round.
        assert_eq!(tell("evt_b3", "charge.refunded", refund("pi_b")).await, Taken::Ignored);
        assert_eq!(tell("evt_b2", "invoice_payment.paid", paid_by("in_b", "pi_b")).await, Taken::Ignored);
        assert_eq!(tell("evt_b1", "invoice.paid", paid("in_b", None)).await, Taken::Applied);
        assert_eq!(stands(&desk, b, "pi_b").await, (3_000, 3_000, PaymentStatus::Succeeded));
        // Told once more, with and without what paid it: it was paid once.
        tell("evt_b4", "invoice.paid", paid("in_b", None)).await;
        tell("evt_b5", "invoice.paid", paid("in_b", Some("pi_b"))).await;
        assert_eq!(desk.count("payments WHERE seller_id = $1 AND status = 'succeeded'").await, 2);
        desk.till.sound("payments that are named later").await;
    })
    .await;
}

#[tokio::test]
async fn the_latest_news_of_a_card_counts_whatever_comes_last() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let card =
            |id: &str, year: i64| json!({ "id": id, "customer": "cus_1", "card": { "last4": "4242", "exp_month": 4, "exp_year": year } });
        let tell = async |event: &str, kind: &str, second: i64, object: Json| {
            desk.stripe(event, &format!("payment_method.{kind}"), at(second), object).await.expect("taken")
        };
        let all = async || methods::of_customer(&scope, desk.till.who).await.expect("methods");
        // Of a customer who is linked only later.
        assert_eq!(tell("evt_1", "attached", 1, card("pm_1", 2030)).await, Taken::Ignored);
        linked(&scope, Linked::Customer, "cus_1", desk.till.who.to_string()).await;
        assert_eq!(all().await.len(), 1);
        tell("evt_3", "updated", 3, card("pm_1", 2033)).await;
        tell("evt_2", "updated", 2, card("pm_1", 2030)).await;
        assert_eq!(all().await[0].expires_on, period::day("2033-05-01").ok(), "the older one wins nothing");
        // A card that is gone does not come back, known or not.
        tell("evt_5", "detached", 5, json!({ "id": "pm_1" })).await;
        tell("evt_4", "attached", 4, card("pm_1", 2033)).await;
        assert_eq!(tell("evt_7", "detached", 7, json!({ "id": "pm_2" })).await, Taken::Ignored);
        tell("evt_6", "attached", 6, card("pm_2", 2033)).await;
        assert_eq!(all().await, []);
    })
    .await;
}

#[tokio::test]
async fn a_card_that_has_expired_is_not_taken_not_charged_and_asked_about() {
    on_each_database(|scope| async move {
        let scope = scope.at(clock::now());
        let desk = Desk::new(&scope).await;
        let text = |t: &str| t.to_owned();
        let form = |expires: &str| MethodForm {
            kind: text("card"),
            gateway: text("demo"),
            token: text("demo_succeeds_1"),
            last_digits: text("4242"),
            expires: text(expires),
            ..MethodForm::default()
        };
        let add = async |expires: &str| methods::add(&scope, desk.till.who, form(expires).parse().expect("a card")).await;
        assert!(add("2020-01").await.expect_err("refused").fields().first("expires").is_some());
        let last = scope.today().format("%Y-%m").to_string();
        let id = add(&last).await.expect("good until the month ends");
        let later = scope.at(scope.now() + TimeDelta::days(40));
        assert_eq!(methods::get(&scope, id).await.map(|m| m.status), Ok(MethodStatus::Usable));
        assert_eq!(methods::get(&later, id).await.map(|m| m.status), Ok(MethodStatus::Expired));
        let invoice = desk.till.bill(900).await;
        let refused = store::charge(&later, invoice).await.expect_err("expired").to_string();
        assert!(refused.contains("Card ***4242 has expired"), "{refused}");
        assert!(charges::collect(&later, invoice).await.expect("asked").is_err());
        assert_eq!((desk.announced("payment_method.expired").await, desk.till.due(invoice).await), (1, 900));
    })
    .await;
}

#[tokio::test]
async fn what_is_charged_at_midnight_is_booked_on_the_day_that_begins() {
    on_each_database(|scope| async move {
        let midnight = clock::start_of(scope.today(), scope.seller().time_zone);
        let desk = Desk::new(&scope.at(midnight)).await;
        let came = |at| ChargeAnswer { id: Some("demo_charge_1".into()), outcome: Outcome::Succeeded { fee: Some(0) }, at };
        desk.card(crate::payments::gateway::model::TestCard::Succeeds).await;
        let first = store::charge(desk.scope(), desk.till.bill(900).await).await.expect("begun");
        answers::answer(desk.scope(), first, came(midnight)).await.expect("answered");
        let paid_on = async |scope: &Scope, id| store::get(scope, id).await.expect("there").paid_on;
        assert_eq!(paid_on(desk.scope(), first).await, scope.today());
        // In a sandbox it is the sandbox's day, whatever the gateway's clock says.
        let seller = crate::kit::scope::Seller { sandbox_now: Some(midnight), ..scope.seller().clone() };
        let sandbox = Scope::system(scope.db().clone(), "test", seller, clock::now());
        let second = store::charge(&sandbox, desk.till.bill(900).await).await.expect("begun");
        let long_ago = ChargeAnswer { id: Some("demo_charge_2".into()), ..came(midnight - TimeDelta::days(400)) };
        answers::answer(&sandbox, second, long_ago).await.expect("answered");
        assert_eq!(paid_on(&sandbox, second).await, scope.today());
    })
    .await;
}

//! The course of a case, from the first reminder to one end or the other.

use super::shop::{Shop, after, bill, is};
use crate::dunning::model::{CaseStatus, Deed, NewPolicy, Stage, Step, StepAction};
use crate::dunning::store::{self, policies};
use crate::invoices::InvoiceStatus;
use crate::kit::databases::on_each_database;
use crate::kit::money::{Currency, Money};
use crate::movements::{self, MovementKind};
use crate::subscriptions::model::Service;
use crate::subscriptions::store::switches;

#[tokio::test]
async fn nobody_pays_and_everything_happens_in_its_time() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(0..1).await;
        assert!(shop.cases().await.is_empty(), "on the day it is due nothing is late");
        shop.run(1..14).await;
        assert!(!shop.suspended().await);
        let case = shop.case().await;
        assert_eq!((case.case.stage, case.case.next_on), (Stage::Email, Some(after(shop.invoice.due_on, 14))));
        shop.run(14..30).await;
        assert!(shop.suspended().await);
        assert_eq!(shop.case().await.suspended, 1);
        shop.run(30..70).await;
        let days = [1, 3, 7, 10, 14, 30, 60];
        let steps = shop.steps().await;
        assert_eq!(steps.iter().map(|s| s.0).collect::<Vec<_>>(), days, "{steps:?}");
        assert_eq!(shop.letters().await, ["reminder", "final_notice", "suspended"]);

        let case = shop.case().await.case;
        is(&case, CaseStatus::Lost);
        assert_eq!(case.stage, Stage::WriteOff);
        let invoice = crate::invoices::store::get(&shop.scope, shop.invoice.id).await.expect("an invoice");
        assert_eq!((invoice.status, invoice.due.minor()), (InvoiceStatus::Uncollectible, 0));
        let tx = shop.scope.read().await.expect("reads");
        let log = movements::history(&tx, shop.customer.0).await.expect("movements");
        let churn = log.last().expect("a movement");
        assert_eq!((churn.kind, churn.is_involuntary(), churn.day), (MovementKind::Churn, true, after(shop.invoice.due_on, 30)));
        drop(tx);
        let sums = store::summary(&shop.day(70), "").await.expect("sums");
        assert_eq!((sums.cases, sums.lost.minor(), sums.recovery_ppm), (0, 10_000, Some(0)));
        shop.sound().await;
    })
    .await;
}

#[tokio::test]
async fn paid_at_last_service_is_back_and_only_what_dunning_took() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..16).await;
        assert!(shop.suspended().await);
        let then = shop.day(16);
        shop.pays(&then, shop.invoice.id, 10_000).await;
        shop.listens(&then).await;
        let case = shop.case().await;
        is(&case.case, CaseStatus::Recovered);
        assert_eq!((case.case.recovered.minor(), case.case.next_on), (10_000, None));
        assert_eq!(case.log.first().map(|e| e.deed), Some(Deed::Restore), "{:?}", case.log);
        assert!(!shop.suspended().await);
        assert_eq!(shop.letters().await, ["reminder", "final_notice", "suspended", "restored"]);
        shop.run(17..20).await;
        let sums = store::summary(&shop.day(20), "").await.expect("sums");
        assert_eq!((sums.cases, sums.recovered.minor(), sums.recovery_ppm), (0, 10_000, Some(1_000_000)));

        // What a person withheld stays so.
        let second = bill(&shop.day(20), shop.customer, 500).await;
        let reason = Some("Disputed".to_owned());
        switches::set_service(&shop.day(20), shop.subscription, Service::Suspended, reason).await.expect("withheld");
        let late = (second.due_on - shop.invoice.due_on).num_days() as u64;
        shop.run(late..late + 16).await;
        shop.pays(&shop.day(late + 16), second.id, 500).await;
        shop.listens(&shop.day(late + 16)).await;
        assert!(shop.suspended().await);
        shop.sound().await;
    })
    .await;
}

#[tokio::test]
async fn service_is_slowed_down_before_it_is_suspended_and_comes_back_the_same_way() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        let step = |day, action| Step { day, action };
        let steps = vec![step(1, StepAction::Email), step(3, StepAction::Throttle), step(9, StepAction::Suspend)];
        let slow = policies::create(&shop.scope, NewPolicy { name: "Slow".into(), default: false, steps }).await.expect("made");
        store::choose_policy(&shop.scope, shop.customer, Some(slow)).await.expect("chosen");
        shop.run(1..5).await;
        assert_eq!((shop.service().await, shop.letters().await), (Service::Throttled, vec!["final_notice".into(), "throttled".into()]));
        assert_eq!(shop.announced("subscription.throttled").await, 1);
        let second = bill(&shop.day(5), shop.customer, 2_000).await;
        shop.run(5..10).await;
        assert_eq!(shop.service().await, Service::Suspended);

        // The second is slowed down for while the first is suspended for: what is less is no step back.
        let late = (second.due_on - shop.invoice.due_on).num_days() as u64;
        shop.run(late..late + 4).await;
        assert_eq!(shop.service().await, Service::Suspended);
        let then = shop.day(late + 4);
        shop.pays(&then, shop.invoice.id, 10_000).await;
        shop.listens(&then).await;
        assert_eq!(shop.service().await, Service::Throttled, "the second is not paid, and no further yet");
        assert_eq!(shop.letters().await.iter().filter(|l| *l == "restored").count(), 0);
        shop.pays(&then, second.id, 2_000).await;
        shop.listens(&then).await;
        assert_eq!((shop.service().await, shop.announced("subscription.restored").await), (Service::Full, 1));
        assert_eq!(shop.letters().await.last().map(String::as_str), Some("restored"));
        shop.sound().await;
    })
    .await;
}

#[tokio::test]
async fn another_unpaid_invoice_keeps_the_service_withheld() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        let other = bill(&shop.scope, shop.customer, 2_000).await;
        shop.run(1..15).await;
        assert_eq!(shop.cases().await.len(), 2);
        let then = shop.day(15);
        shop.pays(&then, shop.invoice.id, 10_000).await;
        shop.listens(&then).await;
        assert!(shop.suspended().await, "the other one is not paid");
        shop.pays(&then, other.id, 2_000).await;
        shop.listens(&then).await;
        assert!(!shop.suspended().await);
    })
    .await;
}

#[tokio::test]
async fn an_event_that_never_came_is_made_up_for() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..15).await;
        shop.pays(&shop.day(15), shop.invoice.id, 10_000).await;
        crate::dunning::jobs::day(&shop.day(15)).await.expect("done");
        is(&shop.case().await.case, CaseStatus::Recovered);
        assert!(!shop.suspended().await);
    })
    .await;
}

#[tokio::test]
async fn a_part_counts_and_the_rest_is_followed_up() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..3).await;
        let then = shop.day(3);
        shop.pays(&then, shop.invoice.id, 4_000).await;
        shop.listens(&then).await;
        let case = shop.case().await;
        is(&case.case, CaseStatus::Open);
        assert_eq!((case.case.recovered.minor(), case.case.due.minor()), (4_000, 6_000));
        assert_eq!(case.log[0].deed, Deed::PartlyPaid);
        let sums = store::summary(&then, "USD").await.expect("sums");
        assert_eq!((sums.at_risk, sums.recovered), (Money::new(6_000, Currency::USD), Money::new(4_000, Currency::USD)));
        shop.run(4..70).await;
        let sums = store::summary(&shop.day(70), "").await.expect("sums");
        assert_eq!((sums.recovered.minor(), sums.lost.minor(), sums.recovery_ppm), (4_000, 6_000, Some(400_000)));
        // Given up, and paid after all.
        let then = shop.day(71);
        shop.pays(&then, shop.invoice.id, 6_000).await;
        shop.listens(&then).await;
        let case = shop.case().await.case;
        is(&case, CaseStatus::Recovered);
        assert_eq!(case.recovered.minor(), 10_000);
        shop.sound().await;
    })
    .await;
}

#[tokio::test]
async fn what_bounced_is_owed_again_and_the_case_goes_on() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..9).await;
        let paid = shop.pays(&shop.day(9), shop.invoice.id, 10_000).await;
        shop.listens(&shop.day(9)).await;
        is(&shop.case().await.case, CaseStatus::Recovered);
        crate::payments::store::reverse(&shop.day(12), paid, "Bounced".into()).await.expect("reversed");
        shop.run(12..15).await;
        let case = shop.case().await;
        is(&case.case, CaseStatus::Open);
        assert_eq!(case.case.recovered.minor(), 0);
        // Three days were lost, so suspension is on day 17.
        assert!(!shop.suspended().await);
        shop.run(15..17).await;
        assert!(!shop.suspended().await);
        shop.run(17..18).await;
        assert!(shop.suspended().await);
        assert_eq!(shop.letters().await.iter().filter(|l| *l != "suspended").count(), 2, "no reminder twice");
    })
    .await;
}

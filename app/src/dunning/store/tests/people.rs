//! What people do: promises, pauses, exclusions, policies.

use super::shop::{Shop, after, bill, is};
use crate::dunning::jobs;
use crate::dunning::model::{CaseStatus, Deed, NewPolicy, SHIPPED, Step, StepAction};
use crate::dunning::store::{self, policies};
use crate::kit::Error;
use crate::kit::databases::{new_seller, on_each_database};

#[tokio::test]
async fn a_promise_is_waited_for_and_a_broken_one_is_not_forgotten() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..5).await;
        let id = shop.case().await.case.id;
        let by = after(shop.invoice.due_on, 20);
        let early = store::promise(&shop.day(5), id, after(shop.invoice.due_on, 4), None).await.expect_err("over");
        assert!(early.fields().first("promised_on").is_some());
        store::promise(&shop.day(5), id, by, Some("By telephone".into())).await.expect("promised");
        shop.run(5..21).await;
        assert_eq!(shop.letters().await, ["reminder"], "nothing happens while it is waited for");
        assert_eq!(shop.case().await.case.promised_on, Some(by));
        shop.run(21..22).await;
        let case = shop.case().await;
        assert!(case.log.iter().any(|e| e.deed == Deed::PromiseBroken) && case.case.promised_on.is_none());
        // The reminder of day 7 comes on day 21, and all that follows as much later.
        assert_eq!(shop.letters().await, ["reminder", "final_notice"]);
        shop.run(22..28).await;
        assert!(!shop.suspended().await);
        shop.run(28..29).await;
        assert!(shop.suspended().await);
    })
    .await;
}

#[tokio::test]
async fn a_kept_promise_ends_it() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..2).await;
        let id = shop.case().await.case.id;
        store::promise(&shop.day(2), id, after(shop.invoice.due_on, 9), None).await.expect("promised");
        shop.pays(&shop.day(8), shop.invoice.id, 10_000).await;
        shop.listens(&shop.day(8)).await;
        is(&shop.case().await.case, CaseStatus::Recovered);
        shop.run(9..12).await;
        assert_eq!(shop.letters().await, ["reminder"]);
    })
    .await;
}

#[tokio::test]
async fn while_paused_the_calendar_stands_still() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..2).await;
        let id = shop.case().await.case.id;
        store::pause(&shop.day(2), id, "Disputed".into()).await.expect("paused");
        assert!(matches!(store::pause(&shop.day(2), id, "Again".into()).await, Err(Error::Conflict(_))));
        assert!(matches!(store::take_now(&shop.day(2), id).await, Err(Error::Conflict(_))));
        shop.run(2..40).await;
        assert_eq!(shop.letters().await, ["reminder"]);
        store::resume(&shop.day(40), id).await.expect("resumed");
        // Day 7 of the policy is five days after day 2.
        shop.run(40..45).await;
        assert_eq!(shop.letters().await.len(), 1);
        shop.run(45..46).await;
        assert_eq!(shop.letters().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_next_step_can_be_taken_at_once() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..2).await;
        let id = shop.case().await.case.id;
        for _ in 0..4 {
            store::take_now(&shop.day(2), id).await.expect("taken");
        }
        assert!(shop.suspended().await);
        // What follows keeps its distance: cancelled 16 days later.
        let case = shop.case().await.case;
        assert_eq!((case.next, case.next_on), (Some(StepAction::Cancel), Some(after(shop.invoice.due_on, 30))));
        for _ in 0..2 {
            store::take_now(&shop.day(3), id).await.expect("taken");
        }
        is(&shop.case().await.case, CaseStatus::Lost);
        assert!(matches!(store::take_now(&shop.day(3), id).await, Err(Error::Conflict(_))));
        shop.sound().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_left_alone_is() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..16).await;
        assert!(shop.suspended().await);
        let id = shop.case().await.case.id;
        store::close(&shop.day(16), id, "Pays in parts".into()).await.expect("closed");
        is(&shop.case().await.case, CaseStatus::Closed);
        assert!(!shop.suspended().await, "what was withheld is given back");
        shop.run(16..40).await;
        is(&shop.case().await.case, CaseStatus::Closed);
        let dunning = store::of_customer(&shop.scope, shop.customer).await.expect("known");
        assert_eq!(dunning.exclusions.len(), 1);
        assert_eq!(dunning.exclusions[0].invoice.as_ref().map(|i| i.0), Some(shop.invoice.id));

        // Another invoice is followed up, until the customer is left alone as a whole.
        let other = bill(&shop.day(40), shop.customer, 700).await;
        let late = (other.due_on - shop.invoice.due_on).num_days() as u64;
        shop.run(late + 1..late + 2).await;
        assert_eq!(shop.cases().await.iter().filter(|c| c.status == CaseStatus::Open).count(), 1);
        let all = store::exclude(&shop.day(late + 2), shop.customer, None, "Pays yearly".into()).await.expect("excluded");
        assert!(shop.cases().await.iter().all(|c| c.status == CaseStatus::Closed));
        shop.run(late + 2..late + 9).await;
        assert!(shop.cases().await.iter().all(|c| c.status == CaseStatus::Closed));
        store::include(&shop.day(late + 9), all).await.expect("included");
        shop.run(late + 9..late + 10).await;
        assert_eq!(shop.cases().await.iter().filter(|c| c.status == CaseStatus::Open).count(), 1, "the first one is still left alone");
    })
    .await;
}

#[tokio::test]
async fn running_cases_keep_the_policy_they_began_with() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        let gentle = NewPolicy {
            name: "Gentle".into(),
            default: false,
            steps: vec![Step { day: 10, action: StepAction::Email }, Step { day: 40, action: StepAction::Suspend }],
        };
        let gentle_id = policies::create(&shop.scope, gentle.clone()).await.expect("made");
        assert!(policies::create(&shop.scope, gentle.clone()).await.expect_err("taken").fields().first("name").is_some());
        store::choose_policy(&shop.scope, shop.customer, Some(gentle_id)).await.expect("chosen");
        shop.run(1..2).await;
        assert_eq!((shop.case().await.policy, shop.case().await.case.next_on), (gentle_id, Some(after(shop.invoice.due_on, 10))));

        let harder = NewPolicy { steps: SHIPPED.to_vec(), ..gentle };
        let changed = policies::update(&shop.scope, gentle_id, harder.clone()).await.expect("changed");
        assert_ne!(changed, gentle_id, "cases run on it");
        assert_eq!(store::of_customer(&shop.scope, shop.customer).await.expect("known").policy, Some(changed));
        assert!(matches!(policies::update(&shop.scope, gentle_id, harder).await, Err(Error::Conflict(_))));
        shop.run(2..12).await;
        assert_eq!(shop.steps().await, [(10, "done")]);

        let standard = policies::list(&shop.scope).await.expect("policies")[0].clone();
        assert!(standard.default && standard.name == "Standard");
        assert!(matches!(policies::archive(&shop.scope, standard.id).await, Err(Error::Conflict(_))));
        policies::archive(&shop.scope, changed).await.expect("archived");
        assert_eq!(store::of_customer(&shop.scope, shop.customer).await.expect("known").policy, None);
    })
    .await;
}

#[tokio::test]
async fn another_sellers_cases_are_unknown() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..2).await;
        let id = shop.case().await.case.id;
        let other = new_seller(shop.scope.db(), "nile", "USD", "UTC").await.at(shop.day(2).now());
        assert_eq!(store::detail(&other, id).await.err(), Some(Error::NotFound));
        assert_eq!(store::pause(&other, id, "x".into()).await.err(), Some(Error::NotFound));
        assert_eq!(store::take_now(&other, id).await.err(), Some(Error::NotFound));
        assert_eq!(store::close(&other, id, "x".into()).await.err(), Some(Error::NotFound));
        assert_eq!(store::retry_now(&other, id).await.err(), Some(Error::NotFound));
        assert_eq!(store::of_customer(&other, shop.customer).await.err(), Some(Error::NotFound));
        assert_eq!(store::exclude(&other, shop.customer, None, "x".into()).await.err(), Some(Error::NotFound));
        jobs::day(&other).await.expect("done");
        assert_eq!(shop.case().await.log.len(), 2, "opened and reminded, by its own seller alone");
    })
    .await;
}

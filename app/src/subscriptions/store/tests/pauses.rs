//! Vacations in the books.

use super::*;

#[tokio::test]
async fn a_pause_is_lost_and_won_back_and_the_log_derives_to_the_same() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (who, basic) = (customer(&scope).await, plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await);
        let id = create(&scope, begin(who, basic, "2026-01-10")).await.expect("begun");
        let verb = Verb::Pause { at: When::On(d("2026-03-05")), resumes_on: Some(d("2026-03-20")) };
        let effect = preview(&scope, id, verb.clone()).await.expect("a preview");
        assert_eq!((effect.on, effect.before.minor(), effect.after.minor()), (d("2026-03-05"), 1000, 0));
        assert_eq!(effect.later.iter().map(|l| (l.on, l.customer_after.minor())).collect::<Vec<_>>(), [(d("2026-03-20"), 1000)]);
        perform(&scope, id, verb).await.expect("paused");
        for (day, status, minor) in [("2026-03-04", "active", 1000), ("2026-03-05", "paused", 0), ("2026-03-20", "active", 1000)] {
            let then = scope.at(noon(day));
            let counts = crate::subscriptions::jobs::pass_day(&then).await.expect("the day passed");
            assert_eq!(counts["pauses_ended"], u64::from(day == "2026-03-20"), "told on the day it is back, and not before");
            assert_eq!((get(&then, id).await.expect("there").status.word(), mrr(&then, who).await), (status, minor), "{day}");
            for word in ["active", "paused"] {
                let found = list(&then, &ListQuery::default().toggled("status", word)).await.expect("a page").total;
                assert_eq!(found, u64::from(word == status), "{word} on {day}");
            }
        }
        let history = crate::customers::store::mrr_history(&scope.at(noon("2026-03-20")), who).await.expect("a history");
        let told: Vec<_> = history.iter().map(|m| (m.kind.word(), m.reason.as_deref())).collect();
        assert_eq!(told, [("new", None), ("churn", Some("paused")), ("reactivation", None)]);
        let rebuilt = rebuild(&scope.at(noon("2026-03-20"))).await.expect("rebuilt");
        assert_eq!((rebuilt.differing_movements, rebuilt.differing_days), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_pause_without_a_day_is_kept_until_somebody_resumes_it() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (who, basic) = (customer(&scope).await, plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await);
        let id = create(&scope, begin(who, basic, "2026-01-10")).await.expect("begun");
        perform(&scope, id, Verb::Pause { at: When::Now, resumes_on: None }).await.expect("paused");
        let later = scope.at(noon("2026-06-01"));
        let found = detail(&later, id).await.expect("there");
        assert_eq!((found.subscription.status, found.subscription.ended_on), (SubscriptionStatus::Paused, None));
        assert_eq!(found.pause.map(|p| (p.from, p.until)), Some((d("2026-03-01"), None)));
        let again = perform(&later, id, Verb::Pause { at: When::Now, resumes_on: None }).await;
        assert_eq!(again, Err(Error::Conflict("It is paused already.".into())));
        perform(&later, id, Verb::Resume { at: When::Now }).await.expect("back");
        let counts = crate::subscriptions::jobs::pass_day(&later).await.expect("the day passed");
        assert_eq!(counts["pauses_ended"], 0, "whoever resumed it has told");
        assert_eq!((get(&later, id).await.expect("there").status, mrr(&later, who).await), (SubscriptionStatus::Active, 1000));
        perform(&later, id, Verb::Pause { at: When::On(d("2026-06-10")), resumes_on: None }).await.expect("paused");
        let gone = Verb::Cancel { at: When::Now, reason: Some("moved".into()) };
        perform(&later.at(noon("2026-07-01")), id, gone).await.expect("cancelled");
        let row = get(&later.at(noon("2026-07-01")), id).await.expect("there");
        assert_eq!(
            (row.status, row.ended_on, row.cancel_reason.as_deref()),
            (SubscriptionStatus::Ended, Some(d("2026-06-10")), Some("moved"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_file_with_what_came_before_leaves_one_that_waits_as_it_is() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (who, basic) = (customer(&scope).await, plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await);
        let new = NewSubscription { external_id: Some("s-1".into()), ..begin(who, basic, "2026-01-10") };
        let id = create(&scope, new).await.expect("begun");
        perform(&scope, id, Verb::Pause { at: When::Now, resumes_on: None }).await.expect("paused");
        let tx = scope.write().await.expect("writes");
        let course = phases::load(&tx, id).await.expect("there").1;
        let before = crate::subscriptions::merge::NewStretch {
            line: 2,
            subscription: "s-1".into(),
            customer: who,
            priced: course.first().priced,
            starts_on: d("2025-12-01"),
            ends_on: None,
            next_on: None,
            trial_ends_on: None,
            reason: None,
            payment_method: Some("card".into()),
        };
        let mut written = bulk::Written::default();
        bulk::upsert(&tx, vec![before], &mut written).await.expect("written");
        assert_eq!((written.created, written.phases, written.clashes.len()), (0, 1, 0));
        refresh_customers(&tx, &[who]).await.expect("derived");
        tx.commit_quietly().await.expect("committed");
        let found = detail(&scope, id).await.expect("there");
        assert_eq!((found.subscription.status, found.subscription.ended_on), (SubscriptionStatus::Paused, None));
        assert_eq!((found.subscription.started_on, mrr(&scope, who).await), (d("2025-12-01"), 0));
        perform(&scope, id, Verb::Resume { at: When::Now }).await.expect("back");
        assert_eq!(mrr(&scope, who).await, 1000);
    })
    .await;
}

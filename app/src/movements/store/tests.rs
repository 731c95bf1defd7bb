//! The log against both databases: refreshed one by one, in bulk and rebuilt, it is the same, and its sums are its rows'.

use chrono::Days;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::super::model::{MovementKind, PaidStretch};
use super::*;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::period::day;
use crate::kit::scope::Scope;

fn d(text: &str) -> NaiveDate {
    day(text).expect("a day")
}

fn stretch(plan: u128, from: &str, until: Option<&str>, mrr_minor: i64) -> PaidStretch {
    PaidStretch { plan: Uuid::from_u128(plan), from: d(from), until: until.map(d), mrr_minor, reason: until.map(|u| format!("until {u}")) }
}

/// A book that is the same every time: every kind of movement, several plans, days to come.
fn book() -> Vec<(Uuid, Vec<PaidStretch>)> {
    let mut seed = 7u64;
    let mut next = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let stretches = |next: &mut dyn FnMut(u64) -> u64| {
        let from = d("2026-01-01") + Days::new(next(300));
        let until = (next(3) > 0).then(|| from + Days::new(next(200)));
        PaidStretch {
            plan: Uuid::from_u128(next(5).into()),
            from,
            until,
            mrr_minor: next(90) as i64 * 100,
            reason: until.map(|_| "price".into()),
        }
    };
    (1..=300).map(|n| (Uuid::from_u128(n), (0..next(6)).map(|_| stretches(&mut next)).collect())).collect()
}

#[derive(Debug, PartialEq, sea_orm::FromQueryResult)]
struct Counts {
    movements: i64,
    plan_movements: i64,
    /// Of the movements, gains less losses; and the same from the sums by day, and by plan and day.
    net: i64,
    net_of_days: i64,
    net_of_plans: i64,
    net_of_months: i64,
    net_of_cohorts: i64,
    customers: i64,
    customers_of_days: i64,
}

async fn counts(scope: &Scope) -> Counts {
    let tx = scope.read().await.expect("a transaction");
    let sql = "SELECT \
        (SELECT COUNT(*) FROM mrr_movements WHERE seller_id = $1) AS movements, \
        (SELECT COUNT(*) FROM mrr_plan_movements WHERE seller_id = $1) AS plan_movements, \
        (SELECT CAST(COALESCE(SUM(after_minor - before_minor), 0) AS BIGINT) FROM mrr_movements WHERE seller_id = $1) AS net, \
        (SELECT CAST(COALESCE(SUM(new_minor + expansion_minor + reactivation_minor - contraction_minor - churn_minor), 0) AS BIGINT) \
         FROM mrr_days WHERE seller_id = $1) AS net_of_days, \
        (SELECT CAST(COALESCE(SUM(new_minor + expansion_minor + reactivation_minor - contraction_minor - churn_minor), 0) AS BIGINT) \
         FROM mrr_plan_days WHERE seller_id = $1) AS net_of_plans, \
        (SELECT CAST(COALESCE(SUM(net_minor), 0) AS BIGINT) FROM mrr_plan_months WHERE seller_id = $1) AS net_of_months, \
        (SELECT CAST(COALESCE(SUM(net_minor), 0) AS BIGINT) FROM mrr_cohort_months WHERE seller_id = $1) AS net_of_cohorts, \
        (SELECT COUNT(*) FROM mrr_movements m WHERE seller_id = $1 AND after_minor > 0 AND NOT EXISTS \
         (SELECT 1 FROM mrr_movements l WHERE l.seller_id = $1 AND l.customer_id = m.customer_id AND l.day > m.day)) AS customers, \
        (SELECT CAST(COALESCE(SUM(new_customers + reactivated_customers - churned_customers), 0) AS BIGINT) \
         FROM mrr_days WHERE seller_id = $1) AS customers_of_days";
    tx.one::<Counts>(sql, [tx.seller_id().0.into()]).await.expect("an answer").expect("a row")
}

/// The paid stretches of customers, by customer.
type Stretches = Vec<(Uuid, Vec<PaidStretch>)>;

fn page(tx: &Tx, after: Option<Uuid>) -> BoxFuture<'_, Result<Stretches>> {
    let _ = tx;
    Box::pin(async move { Ok(book().into_iter().filter(|(id, _)| after.is_none_or(|a| *id > a)).take(70).collect()) })
}

async fn rebuild_all(scope: &Scope) -> Rebuilt {
    let tx = scope.write().await.expect("a transaction");
    let rebuilt = rebuild(&tx, page).await.expect("rebuilt");
    tx.commit_quietly().await.expect("a commit");
    rebuilt
}

#[tokio::test]
async fn one_by_one_in_bulk_and_rebuilt_are_the_same_log() {
    on_each_database(|scope| async move {
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        let tx = scope.write().await.expect("a transaction");
        let mut singly = Vec::new();
        for (customer, stretches) in book() {
            singly.push((customer, refresh(&tx, customer, &stretches).await.expect("refreshed")));
        }
        tx.commit_quietly().await.expect("a commit");
        let tx = other.write().await.expect("a transaction");
        assert_eq!(refresh_many(&tx, book()).await.expect("refreshed"), singly);
        tx.commit_quietly().await.expect("a commit");

        let count = counts(&scope).await;
        assert!(count.movements > 300 && count.plan_movements >= count.movements, "{count:?}");
        assert_eq!((count.net, count.net, count.customers), (count.net_of_days, count.net_of_plans, count.customers_of_days));
        assert_eq!((count.net, count.net), (count.net_of_months, count.net_of_cohorts));
        assert_eq!(counts(&other).await, count);
        for scope in [&scope, &other] {
            let rebuilt = rebuild_all(scope).await;
            assert_eq!((rebuilt.differing_movements, rebuilt.differing_days), (0, 0));
            assert_eq!((rebuilt.movements as i64, rebuilt.plan_movements as i64), (count.movements, count.plan_movements));
        }
    })
    .await;
}

#[tokio::test]
async fn a_rebuild_mends_a_damaged_log() {
    on_each_database(|scope| async move {
        assert!(rebuild_all(&scope).await.differing_movements > 0);
        let count = counts(&scope).await;
        let tx = scope.write().await.expect("a transaction");
        let seller = || sea_orm::Value::from(tx.seller_id().0);
        tx.run("DELETE FROM mrr_movements WHERE seller_id = $1 AND kind = 'churn'", [seller()]).await.expect("deleted");
        tx.run("UPDATE mrr_plan_movements SET after_minor = after_minor + 1 WHERE seller_id = $1 AND kind = 'new'", [seller()])
            .await
            .expect("updated");
        tx.run("UPDATE mrr_days SET new_minor = new_minor + 1 WHERE seller_id = $1", [seller()]).await.expect("updated");
        // Of a customer after the last that still exists.
        refresh(&tx, Uuid::max(), &[stretch(1, "2026-03-01", None, 500)]).await.expect("refreshed");
        tx.commit_quietly().await.expect("a commit");
        let rebuilt = rebuild_all(&scope).await;
        assert!(rebuilt.differing_movements > 2 && rebuilt.differing_days > 0, "{rebuilt:?}");
        assert_eq!(counts(&scope).await, count);
        assert_eq!(rebuild_all(&scope).await.differing_movements, 0);
    })
    .await;
}

#[tokio::test]
async fn a_change_replaces_what_was_set_to_happen() {
    on_each_database(|scope| async move {
        let customer = Uuid::from_u128(1);
        let tx = scope.write().await.expect("a transaction");
        let mrr = refresh(&tx, customer, &[stretch(1, "2026-05-01", Some("2026-12-01"), 900)]).await.expect("refreshed");
        assert_eq!(mrr, CustomerMrr { today_minor: 900, first_paid_on: Some(d("2026-05-01")) });
        assert_eq!(history(&tx, customer).await.expect("rows").last().and_then(|m| m.reason.clone()).as_deref(), Some("until 2026-12-01"));
        // The cancellation is taken back, and a second plan added today.
        let stretches = [stretch(1, "2026-05-01", None, 900), stretch(2, "2026-11-15", None, 300)];
        let mrr = refresh(&tx, customer, &stretches).await.expect("refreshed");
        assert_eq!(mrr.today_minor, 1200);
        let kinds: Vec<MovementKind> = history(&tx, customer).await.expect("rows").iter().map(|m| m.kind).collect();
        assert_eq!(kinds, [MovementKind::New, MovementKind::Expansion]);
        assert_eq!(moved_between(&tx, d("2026-11-01"), d("2026-11-30")).await.expect("rows"), [(customer, 1200)]);
        assert_eq!(refresh(&tx, customer, &[]).await.expect("refreshed"), CustomerMrr { today_minor: 0, first_paid_on: None });
        assert!(refresh_many(&tx, vec![(customer, vec![]), (customer, vec![])]).await.is_err());
        tx.commit_quietly().await.expect("a commit");
        let count = counts(&scope).await;
        assert_eq!((count.movements, count.net_of_days, count.net_of_plans, count.customers_of_days), (0, 0, 0, 0));
    })
    .await;
}

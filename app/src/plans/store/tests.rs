//! Plans against SQLite.

use super::*;
use crate::kit::databases::{new_seller, on_each_database};

fn new(name: &str, minor: i64) -> NewPlan {
    NewPlan {
        name: name.into(),
        interval: Interval { unit: IntervalUnit::Month, count: 1 },
        price: Money::new(minor, Currency::USD),
        trial_days: 14,
    }
}

#[tokio::test]
async fn a_new_price_is_a_new_version_and_the_old_one_stays() {
    on_each_database(|scope| async move {
        let id = create(&scope, new("Pro", 4900)).await.expect("made");
        change_price(&scope, id, NewPrice { price: Money::new(5900, Currency::USD), move_from: None }).await.expect("changed");
        let detail = detail(&scope, id).await.expect("there");
        assert_eq!(detail.plan.price.minor(), 5900);
        assert_eq!(detail.versions.iter().map(|v| (v.number, v.price.minor())).collect::<Vec<_>>(), [(2, 5900), (1, 4900)]);
        let same = change_price(&scope, id, NewPrice { price: Money::new(5900, Currency::USD), move_from: None }).await;
        assert!(same.expect_err("refused").fields().first("price").is_some());
    })
    .await;
}

#[tokio::test]
async fn a_name_is_taken_once_and_only_at_its_seller() {
    on_each_database(|scope| async move {
        let id = create(&scope, new("Pro", 4900)).await.expect("made");
        assert!(create(&scope, new("Pro", 1)).await.expect_err("refused").fields().first("name").is_some());
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        create(&other, new("Pro", 1)).await.expect("another seller's names are its own");
        assert_eq!(get(&other, id).await, Err(Error::NotFound));
        assert_eq!(set_archived(&other, id, true).await, Err(Error::NotFound));
    })
    .await;
}

#[tokio::test]
async fn an_archived_plan_is_listed_apart_and_not_offered() {
    on_each_database(|scope| async move {
        let id = create(&scope, new("Old", 100)).await.expect("made");
        create(&scope, new("New", 200)).await.expect("made");
        set_archived(&scope, id, true).await.expect("archived");
        let names = |page: Page<Plan>| page.rows.into_iter().map(|p| p.name).collect::<Vec<_>>();
        let query = ListQuery::default();
        assert_eq!(names(list(&scope, &query).await.expect("a page")), ["New", "Old"]);
        assert_eq!(names(list(&scope, &query.toggled("state", "archived")).await.expect("a page")), ["Old"]);
        assert_eq!(choices(&scope, None).await.expect("choices").len(), 1);
        assert_eq!(choices(&scope, Some(id)).await.expect("choices").len(), 2);
    })
    .await;
}

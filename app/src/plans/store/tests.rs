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

#[tokio::test]
async fn several_are_archived_and_put_back_or_none_is() {
    on_each_database(|scope| async move {
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(create(&scope, new(&format!("Plan {n}"), 100)).await.expect("made"));
        }
        set_archived(&scope, ids[0], true).await.expect("archived");
        assert_eq!(set_archived_many(&scope, &[ids[1], PlanId(Uuid::nil())], true).await, Err(Error::NotFound));
        let archived = async || list(&scope, &ListQuery::default().toggled("state", "archived")).await.expect("a page").total;
        assert_eq!(archived().await, 1, "all or none");
        assert_eq!(set_archived_many(&scope, &ids, true).await, Ok(2));
        assert_eq!(archived().await, 3);
        assert_eq!(set_archived_many(&scope, &ids, true).await, Ok(0));
        assert_eq!(set_archived_many(&scope, &ids[1..], false).await, Ok(2));
        let entries = crate::audit::store::list(&scope, &ListQuery::default().toggled("action", "plan.unarchived")).await.expect("entries");
        assert_eq!(entries.total, 2, "an entry for each");
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        assert_eq!(set_archived_many(&other, &ids, true).await, Err(Error::NotFound));
    })
    .await;
}

#[tokio::test]
async fn a_file_has_what_the_list_has() {
    on_each_database(|scope| async move {
        for n in 0..7 {
            create(&scope, new(&format!("Plan {n}"), 100)).await.expect("made");
        }
        let query = ListQuery { sort: "-name".into(), q: "plan".into(), ..Default::default() };
        let listed = list(&scope, &query).await.expect("a page").rows;
        let (mut rows, mut place) = (Vec::new(), String::new());
        loop {
            let (some, next) = chunk(&scope, &ListQuery { after: place, ..query.clone() }, 3).await.expect("a portion");
            rows.extend(some);
            let Some(next) = next else { break };
            place = next;
        }
        assert_eq!(rows, listed);
        let picked = ListQuery::default().toggled("id", &listed[2].id.to_string());
        assert_eq!(chunk(&scope, &picked, 10).await.expect("a portion").0, listed[2..3]);
        let unknown = ListQuery::default().toggled("id", "pln_x");
        assert_eq!(chunk(&scope, &unknown, 10).await.expect("a portion").0, []);
    })
    .await;
}

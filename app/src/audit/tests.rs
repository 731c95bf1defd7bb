use std::net::IpAddr;

use chrono::TimeDelta;
use serde_json::json;

use super::store;
use crate::kit::event::{Event, Level};
use crate::kit::paging::ListQuery;
use crate::kit::permission::Role;
use crate::kit::scope::{Actor, Origin, Scope};
use crate::kit::testing::TestWorld;
use crate::kit::{Error, UserId};

fn as_person(scope: &Scope, name: &str, address: &str) -> Scope {
    let actor = Actor::User { id: UserId::new(), name: name.into() };
    let origin = Origin { request_id: Some(format!("request-{name}")), address: address.parse::<IpAddr>().ok() };
    Scope::of(scope.db().clone(), actor, scope.seller().clone(), Role::Owner.permissions(), scope.now(), origin)
}

async fn happen(scope: &Scope, event: Event) {
    scope.write().await.expect("writes").commit(event).await.expect("committed");
}

fn query(pairs: &[(&str, &str)]) -> ListQuery {
    ListQuery::from_pairs(pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())))
}

#[tokio::test]
async fn every_filter_finds_its_entries_and_nobody_elses() {
    let world = TestWorld::new().await;
    let scope = world.scope();
    let nadia = as_person(&scope, "Nadia", "203.0.113.9");
    let changed = Event::new("subscription.changed", "subscription", "sub_1", "Nile on Premium").level(Level::Warning);
    happen(&nadia, changed.details(json!({ "before": { "quantity": 1 }, "after": { "quantity": 2 } }))).await;
    happen(&nadia.at(scope.now() - TimeDelta::days(40)), Event::new("customer.created", "customer", "cus_1", "Nile")).await;
    happen(&as_person(&scope, "Omar", "198.51.100.7"), Event::new("subscription_rate.set", "rate", "x", "100% off")).await;
    happen(&world.other_seller().await, Event::new("subscription.changed", "subscription", "sub_1", "Another's")).await;

    let found = async |pairs: &[(&str, &str)]| {
        let page = store::list(&scope, &query(pairs)).await.expect("a page");
        page.rows.into_iter().map(|row| row.action).collect::<Vec<_>>()
    };
    let (sub, cus, rate) = ("subscription.changed", "customer.created", "subscription_rate.set");
    assert_eq!(found(&[]).await.len(), 3);
    assert_eq!(found(&[("actor", "nadia")]).await, [sub, cus]);
    assert_eq!(found(&[("action", "subscription.")]).await, [sub]);
    assert_eq!(found(&[("action", "subscription_")]).await, [rate]);
    assert_eq!(found(&[("kind", "customer")]).await, [cus]);
    assert_eq!(found(&[("subject", "sub_1")]).await, [sub]);
    assert_eq!(found(&[("level", "warning")]).await, [sub]);
    assert_eq!(found(&[("address", "198.51.100.7")]).await, [rate]);
    assert_eq!(found(&[("request", "request-Omar")]).await, [rate]);
    assert_eq!(found(&[("q", "100%")]).await, [rate]);
    let week_ago = (scope.today() - TimeDelta::days(7)).to_string();
    assert_eq!(found(&[("at_to", &week_ago)]).await, [cus]);
    assert!(matches!(store::list(&scope, &query(&[("at_from", "soon")])).await, Err(Error::Invalid(_))));

    let of = async |subjects: &[(&str, Vec<String>)]| store::of_subjects(&scope, subjects, &ListQuery::default()).await.expect("activity");
    let activity = of(&[("subscription", vec!["sub_1".into()])]).await;
    assert_eq!((activity.total, activity.rows[0].story()), (1, vec![("Quantity".to_owned(), "1 \u{2192} 2".to_owned())]));
    let both = of(&[("customer", vec!["cus_1".into()]), ("subscription", vec!["sub_1".into(), "sub_2".into()])]).await;
    assert_eq!(both.rows.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), [sub, cus]);
    assert_eq!(of(&[("customer", vec![]), ("rate", vec!["sub_1".into()])]).await.total, 0);
}

#[tokio::test]
async fn activity_is_paged() {
    let world = TestWorld::new().await;
    let scope = world.scope();
    for n in 0..60 {
        happen(&scope.at(scope.now() + TimeDelta::seconds(n)), Event::new("thing.made", "thing", n % 2, n.to_string())).await;
    }
    let (mut seen, mut query) = (Vec::new(), ListQuery::default());
    loop {
        let page = store::of_subjects(&scope, &[("thing", vec!["0".into()])], &query).await.expect("a page");
        assert_eq!(page.total, 30);
        seen.extend(page.rows.into_iter().map(|row| row.subject.parse::<i32>().expect("a number")));
        let Some(next) = page.next else { break };
        query.after = next;
    }
    assert_eq!(seen, (0..60).rev().filter(|n| n % 2 == 0).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_whole_log_is_walked_through_in_portions() {
    let world = TestWorld::new().await;
    let scope = world.scope();
    for n in 0..25 {
        happen(&scope.at(scope.now() + TimeDelta::seconds(n / 3)), Event::new("thing.made", "thing", n, n.to_string())).await;
    }
    let (mut seen, mut place) = (Vec::new(), String::new());
    loop {
        let (rows, next) = store::chunk(&scope, &ListQuery { after: place, ..Default::default() }, 10).await.expect("a portion");
        seen.extend(rows.into_iter().map(|row| row.subject_id.parse::<i32>().expect("a number")));
        let Some(next) = next else { break };
        place = next;
    }
    assert_eq!(seen, (0..25).rev().collect::<Vec<_>>());
}

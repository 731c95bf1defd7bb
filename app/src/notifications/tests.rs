use std::collections::BTreeMap;

use super::{sink, store};
use crate::kit::db::Sql;
use crate::kit::event::{self, Event, Level};
use crate::kit::paging::ListQuery;
use crate::kit::permission::{Permission, Permissions, Role};
use crate::kit::scope::{Actor, Scope};
use crate::kit::testing::TestWorld;
use crate::kit::{Error, UserId};

/// A person of the scope's seller in a role.
async fn person(scope: &Scope, role: Role) -> Scope {
    let id = UserId::new();
    let tx = scope.db().system_write().await.expect("writes");
    let now = scope.now();
    tx.run(
        "INSERT INTO users (id, email, name, password_hash, password_changed_at, created_at) VALUES ($1, $2, 'Someone', '', $3, $3)",
        [id.0.into(), format!("{id}@example.com").into(), now.into()],
    )
    .await
    .expect("a person");
    tx.commit().await.expect("committed");
    let actor = Actor::User { id, name: "Someone".into() };
    Scope::of(scope.db().clone(), actor, scope.seller().clone(), role.permissions(), now, Default::default())
}

async fn happen(scope: &Scope, event: Event) {
    scope.write().await.expect("writes").commit(event).await.expect("committed");
}

async fn deliver(scope: &Scope) {
    while event::deliver_batch(scope.db(), &[sink::sink]).await.expect("delivered") > 0 {}
}

fn ring(subject: &'static str, title: &str) -> Event {
    Event::new("thing.happened", subject, "x", "X").notify(Level::Warning, title, "Because", "/customers")
}

#[tokio::test]
async fn each_person_reads_and_dismisses_alone() {
    let world = TestWorld::new().await;
    let scope = world.scope();
    let (one, two) = (person(&scope, Role::Owner).await, person(&scope, Role::Owner).await);
    for title in ["First", "Second"] {
        happen(&scope, ring("customer", title)).await;
    }
    deliver(&scope).await;
    let bell = store::bell(&one).await.expect("a bell");
    assert_eq!((bell.unread, bell.newest[0].title.as_str()), (2, "Second"));
    assert_eq!(store::open(&one, bell.newest[0].id).await.as_deref(), Ok("/customers"));
    assert_eq!(store::bell(&one).await.expect("a bell").unread, 1);
    store::dismiss(&one, bell.newest[1].id).await.expect("dismissed");
    let list = store::list(&one, &ListQuery::default()).await.expect("a list");
    assert_eq!((list.total, list.rows[0].read), (1, true));
    store::restore(&one, bell.newest[1].id).await.expect("restored");
    assert_eq!(store::list(&one, &ListQuery::default()).await.expect("a list").total, 2);
    assert_eq!(store::bell(&two).await.expect("a bell").unread, 2);
    let ids: Vec<_> = store::bell(&two).await.expect("a bell").newest.iter().map(|row| row.id).collect();
    assert_eq!(store::mark_many(&two, &[ids[0], super::NotificationId(uuid::Uuid::nil())], true).await, Err(Error::NotFound));
    store::mark_many(&two, &ids[..1], false).await.expect("read");
    assert_eq!(store::bell(&two).await.expect("a bell").unread, 1);
    store::mark_many(&two, &ids, true).await.expect("dismissed");
    assert_eq!(store::list(&two, &ListQuery::default()).await.expect("a list").total, 0);
    store::restore_many(&two, &ids).await.expect("restored");
    assert_eq!(store::list(&two, &ListQuery::default()).await.expect("a list").total, 2);
    assert_eq!(store::list(&one, &ListQuery::default()).await.expect("a list").total, 2);
    let two = person(&scope, Role::Owner).await;
    assert_eq!(store::mark_all_read(&two).await, Ok(2));
    assert_eq!(store::bell(&two).await.expect("a bell").unread, 0);
}

#[tokio::test]
async fn who_may_not_see_it_hears_nothing_of_it() {
    let world = TestWorld::new().await;
    let scope = world.scope();
    let support = person(&scope, Role::Support).await;
    happen(&scope, ring("subscription", "MRR fell by $4,000").notice_needs(Permission::ReadRevenue)).await;
    happen(&scope, ring("customer", "A customer")).await;
    happen(&scope, Event::new("thing.happened", "customer", "x", "X")).await;
    deliver(&scope).await;
    let bell = store::bell(&support).await.expect("a bell");
    assert_eq!((bell.unread, bell.newest.len()), (1, 1));
    let hidden =
        store::bell(&person(&scope, Role::Owner).await).await.expect("a bell").newest.into_iter().find(|n| n.title.contains("MRR"));
    let hidden = hidden.expect("the owner sees it").id;
    assert_eq!(store::open(&support, hidden).await, Err(Error::NotFound));
    assert_eq!(store::dismiss(&support, hidden).await, Err(Error::NotFound));
    assert_eq!(store::mark_all_read(&support).await, Ok(1));
    let nobody = Scope::of(
        scope.db().clone(),
        support.actor().clone(),
        scope.seller().clone(),
        Permissions::default(),
        scope.now(),
        Default::default(),
    );
    assert_eq!(store::bell(&nobody).await.expect("a bell").newest.len(), 0);
}

#[tokio::test]
async fn another_seller_has_its_own() {
    let world = TestWorld::new().await;
    let other = person(&world.other_seller().await, Role::Owner).await;
    let own = person(&world.scope(), Role::Owner).await;
    happen(&world.scope(), ring("customer", "Ours")).await;
    deliver(&world.scope()).await;
    let id = store::bell(&own).await.expect("a bell").newest[0].id;
    assert_eq!(store::bell(&other).await.expect("a bell").unread, 0);
    assert_eq!(store::open(&other, id).await, Err(Error::NotFound));
}

#[tokio::test]
async fn two_workers_deliver_each_event_once() {
    let world = TestWorld::new().await;
    let scope = world.scope();
    let owner = person(&scope, Role::Owner).await;
    for n in 0..40 {
        happen(&scope, ring("customer", &format!("Number {n}"))).await;
    }
    tokio::join!(deliver(&scope), deliver(&scope));
    let query = ListQuery { limit: 200, ..Default::default() };
    let rows = store::list(&owner, &query).await.expect("a list").rows;
    let mut titles = BTreeMap::new();
    rows.iter().for_each(|row| *titles.entry(row.title.clone()).or_insert(0) += 1);
    assert_eq!((rows.len(), titles.len()), (40, 40));
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let world = TestWorld::new().await;
    let owner = person(&world.scope(), Role::Owner).await;
    happen(&world.scope(), ring("customer", "Warned")).await;
    happen(&world.scope(), Event::new("a.b", "customer", "x", "X").notify(Level::Info, "Told", "", "/")).await;
    deliver(&world.scope()).await;
    let count = async |pairs: &[(&str, &str)]| {
        let query = ListQuery::from_pairs(pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        store::list(&owner, &query).await.map(|page| page.total)
    };
    assert_eq!(count(&[("priority", "warning")]).await, Ok(1));
    assert_eq!(count(&[("state", "read")]).await, Ok(0));
    assert_eq!(count(&[("q", "told")]).await, Ok(1));
    assert_eq!(count(&[("created_to", "2020-01-01")]).await, Ok(0));
    assert!(count(&[("created_from", "yesterday")]).await.is_err());
}

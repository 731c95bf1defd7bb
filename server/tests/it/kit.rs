//! The kit's promises about a seller's rows: a commit is change, audit entry and outbox row together; what is not
//! committed leaves nothing; finders see the own seller only, and another's id is as unknown as an unknown one.

use app::kit::db::Sql as _;
use app::kit::error::Error;
use app::kit::event::{Event, Level};
use app::kit::scope::Scope;
use app::kit::tx::Tx;
use app::seller_owned;
use sea_orm::entity::prelude::*;
use serde_json::{Value as Json, json};

use crate::support::{World, rows, text, value};

mod note {
    //! A seller-owned table as a feature declares it.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notifications")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seller_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub event: String,
        pub priority: String,
        pub title: String,
        pub body: String,
        pub link: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

seller_owned!(note::Entity);

/// Adds a notification in a transaction of the caller.
async fn add(tx: &Tx, title: &str) -> Uuid {
    let id = Uuid::now_v7();
    let values = [tx.seller_id().0.into(), id.into(), title.into(), tx.scope().now().into()];
    let sql = "INSERT INTO notifications (seller_id, id, event, priority, title, body, link, created_at) \
         VALUES ($1, $2, 'note.added', 'info', $3, '', '', $4)";
    tx.run(sql, values).await.expect("a row");
    id
}

async fn added(scope: &Scope, title: &str) -> Uuid {
    let tx = scope.write().await.expect("begins");
    let id = add(&tx, title).await;
    tx.commit(Event::new("note.added", "note", id, title)).await.expect("commits");
    id
}

/// Rows of notifications, audit and outbox.
async fn counts(world: &World) -> (i64, i64, i64) {
    let admin = world.admin().await;
    let count = async |table: &str| value::<i64>(&admin, &format!("SELECT COUNT(*) FROM {table}"), []).await;
    (count("notifications").await, count("audit_entries").await, count("outbox").await)
}

on_both!(
    a_commit_is_change_audit_entry_and_outbox_row,
    what_is_not_committed_leaves_nothing,
    a_failed_statement_takes_everything_back,
    several_events_are_one_commit,
    a_quiet_commit_is_nobodys_news,
    finders_see_the_own_seller_only,
    anothers_id_is_as_unknown_as_an_unknown_one,
    a_reader_sees_no_half_of_a_change,
    a_sink_takes_each_event_once,
);

async fn a_commit_is_change_audit_entry_and_outbox_row(world: World) {
    let scope = world.platform().await;
    let tx = scope.write().await.expect("begins");
    let id = add(&tx, "First").await;
    let event = Event::new("note.added", "note", id, "First").level(Level::Warning).details(json!({ "title": "First" }));
    tx.commit(event.notify(Level::Critical, "A note", "came", "/notes")).await.expect("commits");
    assert_eq!(counts(&world).await, (1, 1, 1));
    let admin = world.admin().await;
    let entry = "SELECT action || ' ' || subject_kind || ' ' || subject_label || ' ' || level || ' ' || actor_kind || ' ' || actor_name \
         FROM audit_entries";
    assert_eq!(text(&admin, entry, []).await, "note.added note First warning system test");
    assert_eq!(value::<Json>(&admin, "SELECT details FROM audit_entries", []).await, json!({ "title": "First" }));
    let payload: Json = value(&admin, "SELECT payload FROM outbox", []).await;
    assert_eq!((payload["notice"]["title"].as_str(), payload["notice"]["priority"].as_str()), (Some("A note"), Some("critical")));
}

async fn what_is_not_committed_leaves_nothing(world: World) {
    let tx = world.platform().await.write().await.expect("begins");
    add(&tx, "Lost").await;
    drop(tx);
    assert_eq!(counts(&world).await, (0, 0, 0));
}

async fn a_failed_statement_takes_everything_back(world: World) {
    let tx = world.platform().await.write().await.expect("begins");
    let id = add(&tx, "Twice").await;
    let again = tx.run(
        "INSERT INTO notifications (seller_id, id, event, priority, title, body, link, created_at) VALUES ($1, $2, '', '', '', '', '', $3)",
        [tx.seller_id().0.into(), id.into(), tx.scope().now().into()],
    );
    assert!(matches!(again.await, Err(Error::Bug(_))), "a constraint that nobody mapped is a bug");
    drop(tx);
    assert_eq!(counts(&world).await, (0, 0, 0));
}

async fn several_events_are_one_commit(world: World) {
    let scope = world.platform().await;
    let tx = scope.write().await.expect("begins");
    let (a, b) = (add(&tx, "A").await, add(&tx, "B").await);
    tx.commit_all(vec![Event::new("note.added", "note", a, "A"), Event::new("note.added", "note", b, "B")]).await.expect("commits");
    assert_eq!(counts(&world).await, (2, 2, 2));
}

async fn a_quiet_commit_is_nobodys_news(world: World) {
    let tx = world.platform().await.write().await.expect("begins");
    add(&tx, "Quiet").await;
    tx.commit_quietly().await.expect("commits");
    assert_eq!(counts(&world).await, (1, 0, 0));
}

async fn finders_see_the_own_seller_only(world: World) {
    let (platform, nile) = (world.platform().await, world.tenant("nile").await);
    added(&platform, "The platform's").await;
    added(&nile, "The Nile's").await;
    for (scope, title) in [(&platform, "The platform's"), (&nile, "The Nile's")] {
        let tx = scope.read().await.expect("begins");
        let found = tx.find::<note::Entity>().all(&*tx).await.expect("reads");
        assert_eq!(found.iter().map(|n| n.title.as_str()).collect::<Vec<_>>(), [title]);
    }
}

async fn anothers_id_is_as_unknown_as_an_unknown_one(world: World) {
    let (platform, nile) = (world.platform().await, world.tenant("nile").await);
    let id = added(&platform, "The platform's").await;
    let tx = nile.read().await.expect("begins");
    let foreign = tx.get::<note::Entity>(id).await.expect_err("not the Nile's");
    let unknown = tx.get::<note::Entity>(Uuid::now_v7()).await.expect_err("nobody's");
    assert_eq!((&foreign, &unknown), (&Error::NotFound, &Error::NotFound));
    drop(tx);
    let tx = platform.read().await.expect("begins");
    assert_eq!(tx.get::<note::Entity>(id).await.expect("the own").title, "The platform's");
}

async fn a_reader_sees_no_half_of_a_change(world: World) {
    let scope = world.platform().await;
    let writing = scope.write().await.expect("begins");
    add(&writing, "Under way").await;
    let reading = scope.read().await.expect("reads beside a writer");
    assert!(reading.find::<note::Entity>().all(&*reading).await.expect("reads").is_empty());
    drop(reading);
    writing.commit_quietly().await.expect("commits");
    let reading = scope.read().await.expect("begins");
    assert_eq!(reading.find::<note::Entity>().all(&*reading).await.expect("reads").len(), 1);
}

/// Two workers deliver at once: every event reaches the sink once, in the transaction that marks it.
async fn a_sink_takes_each_event_once(world: World) {
    use app::kit::event::{Delivery, deliver_batch};
    fn sink<'a>(tx: &'a Tx, delivery: &'a Delivery) -> futures::future::BoxFuture<'a, app::kit::Result<Option<&'static str>>> {
        Box::pin(async move {
            tx.run(
                "INSERT INTO notifications (seller_id, id, event, priority, title, body, link, created_at) VALUES ($1, $2, $3, 'info', $4, '', '', $5)",
                [
                    tx.seller_id().0.into(),
                    delivery.id.into(),
                    format!("told of {}", delivery.event).into(),
                    delivery.label.clone().into(),
                    tx.scope().now().into(),
                ],
            )
            .await?;
            Ok(Some("notification.created"))
        })
    }
    let scope = world.platform().await;
    for n in 0..20 {
        added(&scope, &format!("Note {n}")).await;
    }
    let other = world.second().await;
    let deliver = async |db| while deliver_batch(db, &[sink]).await.expect("delivers") > 0 {};
    futures::join!(deliver(&world.db), deliver(&other));
    let admin = world.admin().await;
    let told = rows(&admin, "SELECT id FROM notifications WHERE event = 'told of note.added'", []).await;
    assert_eq!(told.len(), 20);
    assert_eq!(value::<i64>(&admin, "SELECT COUNT(*) FROM outbox WHERE delivered_at IS NULL", []).await, 0);
}

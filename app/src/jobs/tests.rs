use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{JobState, housekeeping, store};
use crate::kit::db::Sql;
use crate::kit::event::Event;
use crate::kit::job::{self, MAX_ATTEMPTS, NewJob, Registry, Schedule};
use crate::kit::paging::ListQuery;
use crate::kit::scope::Scope;
use crate::kit::testing::TestWorld;
use crate::kit::{Error, JobId, clock};

async fn enqueue(scope: &Scope, kind: &'static str) -> JobId {
    let tx = scope.write().await.expect("writes");
    let id = job::enqueue(&tx, NewJob::new(kind, json!({ "file": "book.csv" }))).await.expect("enqueued");
    tx.commit_quietly().await.expect("committed");
    id
}

/// Lets every waiting job be due, and runs them.
async fn run_all(scope: &Scope, registry: &Registry) {
    loop {
        let tx = scope.db().system_write().await.expect("writes");
        tx.run("UPDATE jobs SET run_at = $1 WHERE status = 'queued'", [(clock::now() - TimeDelta::seconds(1)).into()]).await.expect("due");
        tx.commit().await.expect("committed");
        if !job::run_next(scope.db(), registry).await.expect("ran") {
            return;
        }
    }
}

#[tokio::test]
async fn a_job_that_fails_for_good_is_shown_and_retried() {
    let world = TestWorld::new().await;
    let (scope, healed) = (world.scope(), Arc::new(AtomicU32::new(0)));
    let mut registry = Registry::default();
    let works = healed.clone();
    registry.handle("test.import", move |_| {
        let works = works.clone();
        async move { if works.load(Ordering::SeqCst) > 0 { Ok(json!({ "rows": 7 })) } else { Err(Error::Conflict("The file is gone.".into())) } }
    });
    let id = enqueue(&scope, "test.import").await;
    run_all(&scope, &registry).await;
    let detail = store::detail(&scope, id).await.expect("a job");
    assert_eq!((detail.job.state, detail.job.attempts, detail.runs.len()), (JobState::Dead, MAX_ATTEMPTS, MAX_ATTEMPTS as usize));
    assert_eq!(detail.job.error.as_deref(), Some("The file is gone."));
    assert_eq!(detail.payload, [("File".to_owned(), "book.csv".to_owned())]);
    assert_eq!(store::dead_count(&scope).await, Ok(1));

    let nobodys = [id, JobId(uuid::Uuid::nil())];
    assert_eq!(store::retry_many(&scope, &nobodys).await, Err(Error::NotFound));
    assert_eq!(store::dead_count(&scope).await, Ok(1), "all or none");
    assert_eq!(store::retry_many(&scope, &[id]).await, Ok(1));
    run_all(&scope, &registry).await;
    let (rows, next) = store::chunk(&scope, &ListQuery::default(), 10).await.expect("a portion");
    assert_eq!((rows.len(), rows[0].state, next), (1, JobState::Dead, None));

    healed.store(1, Ordering::SeqCst);
    store::retry(&scope, id).await.expect("retried");
    assert!(matches!(store::retry(&scope, id).await, Err(Error::Conflict(_))));
    assert_eq!(store::retry_many(&scope, &[id]).await, Ok(0), "it waits already");
    run_all(&scope, &registry).await;
    let list = store::list(&scope, &ListQuery::default()).await.expect("a list");
    assert_eq!((list.total, list.rows[0].state, &list.rows[0].counts[..]), (1, JobState::Done, &[("Rows".to_owned(), "7".to_owned())][..]));
    assert_eq!(store::dead_count(&scope).await, Ok(0));
    let kinds = store::kinds(&scope).await;
    assert_eq!(kinds, Ok(vec!["test.import".to_owned()]));
}

#[tokio::test]
async fn a_seller_sees_its_own_and_the_platform_also_the_programs() {
    let world = TestWorld::new().await;
    let (platform, tenant) = (world.scope(), world.other_seller().await);
    let mine = enqueue(&tenant, "test.mine").await;
    let tx = platform.db().system_write().await.expect("writes");
    let program = job::enqueue_system(&tx, NewJob::new("test.program", json!({})), clock::now()).await.expect("enqueued");
    tx.commit().await.expect("committed");
    let kinds = async |scope: &Scope| {
        let page = store::list(scope, &ListQuery::default()).await.expect("a list");
        page.rows.into_iter().map(|row| row.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&platform).await, ["test.program"]);
    assert_eq!(kinds(&tenant).await, ["test.mine"]);
    assert_eq!(store::detail(&platform, mine).await.err(), Some(Error::NotFound));
    assert_eq!(store::retry(&tenant, program).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_schedule_fires_once_however_many_servers_run() {
    let world = TestWorld::new().await;
    let (platform, _tenant) = (world.scope(), world.other_seller().await);
    let mut registry = Registry::default();
    for (kind, per_seller) in [("test.once", false), ("test.each", true)] {
        registry.schedule(Schedule { kind, cron: "0 4 * * *", title: "Test", per_seller });
    }
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
    let (from, to) = (at("2026-11-20T03:59:50Z"), at("2026-11-20T04:00:05Z"));
    let db = platform.db();
    let (one, two) = tokio::join!(job::fire(db, &registry, from, to), job::fire(db, &registry, from, to));
    assert_eq!((one, two), (Ok(()), Ok(())));
    job::fire(db, &registry, to, at("2026-11-20T04:00:20Z")).await.expect("nothing to fire");
    let tx = db.system_read().await.expect("reads");
    #[derive(sea_orm::FromQueryResult)]
    struct Kind {
        kind: String,
    }
    let rows: Vec<Kind> = tx.all("SELECT kind FROM jobs ORDER BY kind", []).await.expect("rows");
    assert_eq!(rows.into_iter().map(|r| r.kind).collect::<Vec<_>>(), ["test.each", "test.each", "test.once"]);
    let shown = store::schedules(&platform.at(from), registry.schedules()).await.expect("schedules");
    assert_eq!(shown.iter().map(|s| s.next.iso.as_str()).collect::<Vec<_>>(), ["2026-11-20T04:00:00+00:00"; 2]);
}

#[tokio::test]
async fn housekeeping_keeps_what_is_young_or_waiting() {
    let world = TestWorld::new().await;
    let (scope, now) = (world.scope(), clock::now());
    for (age, delivered) in [(20, true), (1, true), (20, false)] {
        let then = scope.at(now - TimeDelta::days(age));
        then.write().await.expect("writes").commit(Event::new("thing.made", "thing", age, "X")).await.expect("committed");
        if delivered {
            let tx = scope.db().system_write().await.expect("writes");
            tx.run("UPDATE outbox SET delivered_at = created_at WHERE delivered_at IS NULL", []).await.expect("delivered");
            tx.commit().await.expect("committed");
        }
    }
    let mut registry = Registry::default();
    housekeeping::register(&mut registry);
    let tx = scope.db().system_write().await.expect("writes");
    let id = job::enqueue_system(&tx, NewJob::new("jobs.housekeeping", json!({})), now).await.expect("enqueued");
    tx.commit().await.expect("committed");
    run_all(&scope, &registry).await;
    let counts = store::detail(&scope, id).await.expect("a job").job.counts;
    assert!(counts.contains(&("Events".to_owned(), "1".to_owned())), "{counts:?}");
}

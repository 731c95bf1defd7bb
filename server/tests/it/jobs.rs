//! Background jobs: run once however many workers there are, tried again with backoff, dead after the last try, taken
//! over from a worker that was killed; schedules fire once however many servers there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::kit::clock;
use app::kit::db::Db;
use app::kit::error::Error;
use app::kit::job::{self, MAX_ATTEMPTS, NewJob, Registry, Schedule};
use app::kit::scope::Scope;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::support::{World, rows, text, value};

/// A registry whose job `test.count` counts its runs.
fn counting() -> (Registry, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let (mut registry, seen) = (Registry::default(), runs.clone());
    registry.handle("test.count", move |_| {
        let seen = seen.clone();
        async move {
            seen.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(json!({ "rows": 1 }))
        }
    });
    (registry, runs)
}

/// A registry whose job `test.fail` always fails.
fn failing() -> Registry {
    let mut registry = Registry::default();
    registry.handle("test.fail", |_| async { Err(Error::Conflict("the file is gone".into())) });
    registry
}

async fn enqueue(scope: &Scope, job: NewJob) {
    let tx = scope.write().await.expect("begins");
    job::enqueue(&tx, job).await.expect("enqueued");
    tx.commit_quietly().await.expect("commits");
}

async fn run_all(db: &Db, registry: &Registry) -> usize {
    let mut runs = 0;
    while job::run_next(db, registry).await.expect("runs") {
        runs += 1;
    }
    runs
}

async fn set(db: &Db, assignments: &str, values: impl IntoIterator<Item = sea_orm::Value>) {
    db.connection().execute_raw(db.sql(format!("UPDATE jobs SET {assignments}"), values)).await.expect("set");
}

on_both!(
    a_job_runs_once_with_two_workers,
    a_job_is_enqueued_with_the_change_or_not_at_all,
    a_failed_job_waits_longer_each_time_and_dies,
    a_panic_is_a_failure,
    a_killed_workers_job_is_taken_over,
    a_job_at_work_is_left_alone,
    a_unique_key_enqueues_once,
    a_job_waits_for_its_time,
    a_schedule_fires_once_with_two_servers,
    a_schedule_of_each_seller_fires_for_each,
    workers_finish_what_they_have_in_hand,
);

async fn a_job_runs_once_with_two_workers(world: World) {
    let scope = world.platform().await;
    for _ in 0..20 {
        enqueue(&scope, NewJob::new("test.count", json!({}))).await;
    }
    let (registry, runs) = counting();
    let other = world.second().await;
    let (a, b) = futures::join!(run_all(&world.db, &registry), run_all(&other, &registry));
    assert_eq!((a + b, runs.load(Ordering::SeqCst)), (20, 20));
    assert_eq!(value::<i64>(&world.db, "SELECT COUNT(*) FROM jobs WHERE status = 'done' AND attempts = 1", []).await, 20);
    assert_eq!(value::<i64>(&world.db, "SELECT COUNT(*) FROM job_runs WHERE outcome = 'done'", []).await, 20);
    assert_eq!(value::<serde_json::Value>(&world.db, "SELECT counts FROM job_runs", []).await, json!({ "rows": 1 }));
}

async fn a_job_is_enqueued_with_the_change_or_not_at_all(world: World) {
    let tx = world.platform().await.write().await.expect("begins");
    job::enqueue(&tx, NewJob::new("test.count", json!({}))).await.expect("enqueued");
    drop(tx);
    let (registry, runs) = counting();
    assert_eq!((run_all(&world.db, &registry).await, runs.load(Ordering::SeqCst)), (0, 0));
}

async fn a_failed_job_waits_longer_each_time_and_dies(world: World) {
    enqueue(&world.platform().await, NewJob::new("test.fail", json!({}))).await;
    let registry = failing();
    let mut waits = Vec::new();
    for attempt in 1..=MAX_ATTEMPTS {
        let before = clock::now();
        assert_eq!(run_all(&world.db, &registry).await, 1, "one try, then it waits");
        assert_eq!(value::<i32>(&world.db, "SELECT attempts FROM jobs", []).await, attempt);
        if attempt < MAX_ATTEMPTS {
            assert_eq!(text(&world.db, "SELECT status FROM jobs", []).await, "queued");
            waits.push((value::<DateTime<Utc>>(&world.db, "SELECT run_at FROM jobs", []).await - before).num_seconds());
            set(&world.db, "run_at = $1", [(clock::now() - TimeDelta::seconds(1)).into()]).await;
        }
    }
    assert!(waits.windows(2).all(|w| w[1] >= 3 * w[0]) && waits[0] >= 10, "{waits:?}");
    assert_eq!(text(&world.db, "SELECT status || ': ' || error FROM jobs", []).await, "dead: the file is gone");
    assert_eq!(rows(&world.db, "SELECT id FROM job_runs WHERE outcome = 'failed'", []).await.len(), MAX_ATTEMPTS as usize);
    set(&world.db, "run_at = $1", [(clock::now() - TimeDelta::seconds(1)).into()]).await;
    assert_eq!(run_all(&world.db, &registry).await, 0, "the dead stay dead");
}

async fn a_panic_is_a_failure(world: World) {
    enqueue(&world.platform().await, NewJob::new("test.panic", json!({}))).await;
    let mut registry = Registry::default();
    registry.handle("test.panic", |_| async { panic!("a defect") });
    assert_eq!(run_all(&world.db, &registry).await, 1);
    assert_eq!(text(&world.db, "SELECT status FROM jobs", []).await, "queued");
    let error = text(&world.db, "SELECT error FROM jobs", []).await;
    assert!(error.contains("Quote") && !error.contains("defect"), "people get an id, not the inside: {error}");
}

async fn a_killed_workers_job_is_taken_over(world: World) {
    enqueue(&world.platform().await, NewJob::new("test.count", json!({}))).await;
    // As a worker leaves it that was killed a while ago.
    set(&world.db, "status = 'running', attempts = 1, lease_until = $1", [(clock::now() - TimeDelta::seconds(1)).into()]).await;
    let (registry, runs) = counting();
    assert_eq!((run_all(&world.db, &registry).await, runs.load(Ordering::SeqCst)), (1, 1));
    assert_eq!(text(&world.db, "SELECT status || ' ' || attempts FROM jobs", []).await, "done 2");
}

async fn a_job_at_work_is_left_alone(world: World) {
    enqueue(&world.platform().await, NewJob::new("test.count", json!({}))).await;
    set(&world.db, "status = 'running', attempts = 1, lease_until = $1", [(clock::now() + TimeDelta::seconds(30)).into()]).await;
    let (registry, runs) = counting();
    assert_eq!((run_all(&world.db, &registry).await, runs.load(Ordering::SeqCst)), (0, 0));
}

async fn a_unique_key_enqueues_once(world: World) {
    let scope = world.platform().await;
    for _ in 0..3 {
        enqueue(&scope, NewJob { unique_key: Some("import imp_1".into()), ..NewJob::new("test.count", json!({})) }).await;
    }
    let (registry, runs) = counting();
    assert_eq!((run_all(&world.db, &registry).await, runs.load(Ordering::SeqCst)), (1, 1));
}

async fn a_job_waits_for_its_time(world: World) {
    let scope = world.platform().await;
    enqueue(&scope, NewJob { run_at: Some(world.now + TimeDelta::hours(1)), ..NewJob::new("test.count", json!({})) }).await;
    let (registry, runs) = counting();
    assert_eq!((run_all(&world.db, &registry).await, runs.load(Ordering::SeqCst)), (0, 0));
}

async fn a_schedule_fires_once_with_two_servers(world: World) {
    world.platform().await;
    let (mut registry, runs) = counting();
    registry.schedule(Schedule { kind: "test.count", cron: "0 3 * * *", title: "Count", per_seller: false });
    let (night, morning) = (at("2026-03-28T02:59:00Z"), at("2026-03-28T03:00:30Z"));
    let other = world.second().await;
    let fire = |db| job::fire(db, &registry, night, morning);
    let (a, b) = futures::join!(fire(&world.db), fire(&other));
    a.and(b).expect("fires");
    fire(&world.db).await.expect("fires again after a restart");
    assert_eq!((run_all(&world.db, &registry).await, runs.load(Ordering::SeqCst)), (1, 1));
    job::fire(&world.db, &registry, morning, at("2026-03-29T02:59:59Z")).await.expect("nothing is due");
    assert_eq!(run_all(&world.db, &registry).await, 0);
    job::fire(&world.db, &registry, morning, at("2026-03-29T03:00:00Z")).await.expect("the next night");
    assert_eq!(run_all(&world.db, &registry).await, 1);
}

async fn a_schedule_of_each_seller_fires_for_each(world: World) {
    world.platform().await;
    world.tenant("nile").await;
    let (mut registry, runs) = counting();
    registry.schedule(Schedule { kind: "test.count", cron: "0 3 * * *", title: "Count", per_seller: true });
    for _ in 0..2 {
        job::fire(&world.db, &registry, at("2026-03-28T02:59:00Z"), at("2026-03-28T03:00:30Z")).await.expect("fires");
    }
    assert_eq!((run_all(&world.db, &registry).await, runs.load(Ordering::SeqCst)), (2, 2));
    assert_eq!(value::<i64>(&world.db, "SELECT COUNT(DISTINCT seller_id) FROM jobs", []).await, 2);
}

async fn workers_finish_what_they_have_in_hand(world: World) {
    let scope = world.platform().await;
    let (registry, runs) = counting();
    enqueue(&scope, NewJob::new("test.count", json!({}))).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let working = tokio::spawn(job::work(world.db.clone(), registry, 2, stop.clone()));
    for _ in 0..500 {
        if runs.load(Ordering::SeqCst) > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    working.await.expect("ends");
    assert_eq!(text(&world.db, "SELECT status FROM jobs", []).await, "done");
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

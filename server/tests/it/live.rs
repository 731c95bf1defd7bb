//! Live updates: what one server commits, every server hears, after the commit and not without it.

use std::time::Duration;

use app::kit::db::{Db, Sql as _};
use app::kit::event::Event;
use app::kit::live::{self, LiveEvent};
use app::kit::permission::Role;
use app::kit::scope::Scope;
use app::kit::wire::BUILD;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

use crate::support::World;

on_both!(the_own_server_hears_a_commit_and_no_rollback, a_stream_is_refused_once_the_session_has_ended);
on_postgres!(two_servers_on_one_database_hear_each_other);

async fn change(scope: &Scope, subject: &str) {
    let tx = scope.write().await.expect("begins");
    tx.commit(Event::new("note.added", "note", subject, "A note")).await.expect("commits");
}

async fn next(receiver: &mut Receiver<LiveEvent>) -> LiveEvent {
    timeout(Duration::from_secs(10), receiver.recv()).await.expect("heard in time").expect("heard")
}

/// Listens, and waits until a commit is heard: the connection that listens takes a moment.
async fn listen(db: &Db, scope: &Scope) -> Receiver<LiveEvent> {
    tokio::spawn(live::forward(db.clone()));
    let mut receiver = db.live().subscribe();
    for _ in 0..100 {
        change(scope, "warm-up").await;
        if timeout(Duration::from_millis(100), receiver.recv()).await.is_ok() {
            break;
        }
    }
    // What was announced while the connection was made may still be on its way.
    while timeout(Duration::from_millis(300), receiver.recv()).await.is_ok() {}
    receiver
}

async fn the_own_server_hears_a_commit_and_no_rollback(world: World) {
    let scope = world.tenant("nile").await;
    let mut receiver = listen(&world.db, &scope).await;
    drop(scope.write().await.expect("begins"));
    let tx = scope.write().await.expect("begins");
    assert!(timeout(Duration::from_millis(50), receiver.recv()).await.is_err(), "nothing before the commit");
    tx.commit(Event::new("note.added", "note", "note_1", "A note")).await.expect("commits");
    let heard = next(&mut receiver).await;
    assert_eq!(heard, LiveEvent { seller: scope.seller().id, name: "note.added".into(), subject: "note_1".into() });
    assert!(receiver.is_empty(), "once");
}

/// What a page asks that was refused its stream, and sends it to sign in.
async fn a_stream_is_refused_once_the_session_has_ended(world: World) {
    let member = world.member(&world.tenant("nile").await, Role::Staff).await;
    let ask = async |path: &str| {
        let request = member.request(http::Method::HEAD, path);
        timeout(Duration::from_secs(10), member.send(request, axum::body::Body::empty())).await.expect("an answer").status
    };
    assert_eq!(ask("/live").await, 200);
    assert_eq!(ask(&format!("/live?build={BUILD}")).await, 200);
    assert_eq!(ask("/live?build=another").await, 406, "what its page would fetch is nothing that this server writes");
    let tx = world.db.system_write().await.expect("begins");
    tx.run("DELETE FROM sessions WHERE id = $1", [member.session.0.into()]).await.expect("ended");
    tx.commit().await.expect("commits");
    assert_eq!(ask("/live").await, 401);
}

async fn two_servers_on_one_database_hear_each_other(world: World) {
    let (here, scope) = (world.db.clone(), world.tenant("nile").await);
    let there = world.second().await;
    let mut hears = [listen(&here, &scope).await, listen(&there, &scope).await];
    let elsewhere = Scope::system(there.clone(), "test", scope.seller().clone(), world.now);
    while !hears[0].is_empty() {
        next(&mut hears[0]).await;
    }
    for (from, subject) in [(&scope, "note_here"), (&elsewhere, "note_there")] {
        change(from, subject).await;
        for receiver in &mut hears {
            assert_eq!(next(receiver).await.subject, subject);
        }
    }
}

//! The life of an import: uploaded, checked, begun, interrupted, done; in the console and by the API.

use app::imports::store::{self, NewUpload};
use app::imports::{Import, ImportId, ImportStatus};
use app::kit::job;
use app::kit::permission::Role;
use futures::stream;

use super::*;

on_both!(
    an_import_is_uploaded_checked_and_run_by_a_job,
    a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_one_does_it,
    a_job_that_runs_twice_imports_once,
    a_refused_file_can_be_begun_again_without_its_bad_rows,
    a_form_takes_a_file_and_refuses_what_is_none,
    only_who_may_import_can_upload,
);

async fn uploaded(scope: &Scope, bytes: Vec<u8>) -> ImportId {
    let size_bytes = bytes.len() as u64;
    let key = format!("imports/test/{}", ImportId::new());
    let body = stream::iter([Ok::<_, String>(bytes)]);
    scope.db().files().expect("files").put(&key, body, u64::MAX).await.expect("kept");
    let upload = NewUpload { file_name: "book.csv".into(), file_key: key, size_bytes };
    store::create(scope, upload, None).await.expect("taken in")
}

async fn work(world: &World) {
    let registry = app::registry::jobs();
    while job::run_next(&world.db, &registry).await.expect("runs") {}
}

async fn get(scope: &Scope, id: ImportId) -> Import {
    store::get(scope, id).await.expect("an import")
}

async fn an_import_is_uploaded_checked_and_run_by_a_job(world: World) {
    let scope = world.platform().await;
    let id = uploaded(&scope, std::fs::read(telco()).expect("the book")).await;
    let draft = get(&scope, id).await;
    assert_eq!((draft.status, draft.headers.len(), draft.mapping.len()), (ImportStatus::Draft, 11, 11));
    store::set_mapping(&scope, id, draft.mapping).await.expect("checked");
    let checked = get(&scope, id).await;
    assert_eq!((checked.status, checked.rows_total, checked.rows_bad), (ImportStatus::Checked, 7_043, 0));
    let preview = store::preview(&scope, id).await.expect("rows");
    assert_eq!((preview.rows.len(), preview.rows[0].0, preview.rows[0].1[0].as_str()), (8, 2, "7590-VHVEG"));
    nothing_is_left(&world).await;
    store::start(&scope, id, false).await.expect("begun");
    assert!(store::start(&scope, id, false).await.is_err(), "begun once");
    work(&world).await;
    let done = get(&scope, id).await;
    assert_eq!((done.status, done.report.map(|r| r.subscriptions_created)), (ImportStatus::Done, Some(7_043)));
    assert_eq!(standing(&world, "2026-10-31").await, (31_698_575, 5_174));
    let told = "SELECT COUNT(*) FROM outbox WHERE event = 'import.finished'";
    assert_eq!(value::<i64>(&world.admin().await, told, []).await, 1);
    store::delete(&scope, id).await.expect("deleted");
    assert_eq!(count(&world, "subscriptions").await, 7_043, "what was imported stays");
}

async fn a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_one_does_it(world: World) {
    let scope = world.platform().await;
    let id = uploaded(&scope, std::fs::read(telco()).expect("the book")).await;
    store::start(&scope, id, false).await.expect("begun");
    let dying = scope.clone();
    let death = tokio::spawn(async move {
        let mut hear = |done: u64, total: u64| assert!(done * 2 < total, "dies half-way");
        store::run_now(&dying, id, &mut hear).await
    });
    assert!(death.await.expect_err("died").is_panic());
    nothing_is_left(&world).await;
    assert_eq!(get(&scope, id).await.status, ImportStatus::Running);
    work(&world).await;
    assert_eq!(get(&scope, id).await.status, ImportStatus::Done);
    assert_eq!(standing(&world, "2026-10-31").await, (31_698_575, 5_174));
}

async fn a_job_that_runs_twice_imports_once(world: World) {
    let scope = world.platform().await;
    let id = uploaded(&scope, format!("{HEADER}\nc1,Nadia,s1,Pro,month,USD,50,,2026-01-01,,,\n").into_bytes()).await;
    store::start(&scope, id, false).await.expect("begun");
    assert!(store::run_now(&scope, id, &mut |_, _| {}).await.expect("done").is_some());
    assert!(store::run_now(&scope, id, &mut |_, _| {}).await.expect("done already").is_none());
    work(&world).await;
    assert_eq!(count(&world, "subscriptions").await, 1);
    let done = get(&scope, id).await;
    let finished = done.finished.expect("it is done").iso;
    assert!(finished > scope.now().to_rfc3339(), "{finished}: when the job was done, not when it began");
}

async fn a_refused_file_can_be_begun_again_without_its_bad_rows(world: World) {
    let scope = world.platform().await;
    let rows = "c1,Nadia,s1,Pro,month,USD,50,,2026-01-01,,,\nc2,Omar,s2,Pro,month,USD,x,,2026-01-01,,,";
    let id = uploaded(&scope, format!("{HEADER}\n{rows}\n").into_bytes()).await;
    store::start(&scope, id, false).await.expect("begun");
    work(&world).await;
    let refused = get(&scope, id).await;
    assert_eq!((refused.status, refused.rows_bad), (ImportStatus::Failed, 1));
    assert_eq!(store::errors(&scope, id, 0, 10).await.expect("errors").len(), 1);
    nothing_is_left(&world).await;
    store::start(&scope, id, true).await.expect("begun again");
    work(&world).await;
    let done = get(&scope, id).await;
    assert_eq!((done.status, done.report.map(|r| r.skipped)), (ImportStatus::Done, Some(1)));
    assert_eq!(store::errors(&scope, id, 0, 10).await.expect("errors").len(), 1, "what was left out stays listed");
}

async fn a_form_takes_a_file_and_refuses_what_is_none(world: World) {
    let scope = world.platform().await;
    let admin = world.member(&scope, Role::Admin).await;
    let book = format!("{HEADER}\nc1,Nadia,s1,Pro,month,USD,50,,2026-01-01,,,\n");
    let answer = admin.upload("/imports/upload", "file", "my book.csv", book.as_bytes()).await.expect(200);
    let path = answer.told::<String>();
    let id: ImportId = path.trim_start_matches("/imports/").parse().expect("an id");
    assert_eq!(get(&scope, id).await.file_name, "my book.csv");
    let refused = admin.upload("/imports/upload", "file", "book.xlsx", b"PK\x03\x04 and so on").await.expect(422);
    assert!(refused.body.contains("cannot be imported: line 1: the file is a ZIP archive"), "{}", refused.body);
    admin.upload("/imports/upload", "other", "book.csv", book.as_bytes()).await.expect(422);
    assert_eq!(count(&world, "imports").await, 1);
}

async fn only_who_may_import_can_upload(world: World) {
    let scope = world.platform().await;
    let support = world.member(&scope, Role::Support).await;
    support.upload("/imports/upload", "file", "book.csv", b"x").await.expect(403);
    world.stranger().upload("/imports/upload", "file", "book.csv", b"x").await.expect(401);
    assert_eq!(count(&world, "imports").await, 0);
}

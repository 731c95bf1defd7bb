use axum::body::{Body, to_bytes};
use axum::response::IntoResponse;
use http::{Request, StatusCode};
use tower::ServiceExt;

use crate::kit::db::Sql;
use crate::kit::testing::TestWorld;

async fn ask(world: &TestWorld, path: &str, token: Option<&str>, bearer: Option<&str>) -> (StatusCode, String) {
    let router = super::routes(world.scope().db().clone(), token.map(str::to_owned));
    let mut request = Request::get(path);
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let response = router.oneshot(request.body(Body::empty()).expect("a request")).await.into_response();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1_000_000).await.expect("a body");
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn it_is_ready_once_every_migration_is_applied() {
    let world = TestWorld::new().await;
    assert_eq!(ask(&world, "/healthz", None, None).await.0, StatusCode::OK);
    assert_eq!(ask(&world, "/readyz", None, None).await.0, StatusCode::OK);
    let tx = world.scope().db().system_write().await.expect("writes");
    tx.run("DELETE FROM seaql_migrations WHERE version LIKE '%operations'", []).await.expect("deleted");
    tx.commit().await.expect("committed");
    let (status, why) = ask(&world, "/readyz", None, None).await;
    assert_eq!((status, why.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "1 migrations are not applied\n"));
}

#[test]
fn what_the_database_does_not_say_is_left_out() {
    let text = "# TYPE tenantry_jobs gauge\ntenantry_jobs{status=\"dead\"} 0\n\n# TYPE tenantry_job_runs_total counter\n\
                tenantry_job_runs_total 3\ntenantry_outbox_waiting 2\n";
    assert_eq!(super::without_gauges(text), "\n# TYPE tenantry_job_runs_total counter\ntenantry_job_runs_total 3\n");
}

#[tokio::test]
async fn metrics_are_told_to_who_has_the_token() {
    let world = TestWorld::new().await;
    assert_eq!(ask(&world, "/metrics", Some("secret"), None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&world, "/metrics", Some("secret"), Some("wrong")).await.0, StatusCode::UNAUTHORIZED);
    let (status, text) = ask(&world, "/metrics", Some("secret"), Some("secret")).await;
    assert_eq!(status, StatusCode::OK);
    for name in ["tenantry_jobs{status=\"queued\"}", "tenantry_outbox_waiting", "tenantry_db_connections{"] {
        assert!(text.contains(name), "{name} in {text}");
    }
}

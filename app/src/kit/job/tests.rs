//! How jobs are looked for.

use sea_orm::{FromQueryResult, Value};

use super::{any_due_sql, sandbox};
use crate::kit::clock;
use crate::kit::db::Sql;
use crate::kit::testing::TestWorld;

/// Among all that were ever done, and SQLite has no statistics here: by itself it walks them all at each look.
#[tokio::test]
async fn what_is_to_be_done_is_found_without_what_is_done() {
    #[derive(FromQueryResult)]
    struct Step {
        detail: String,
    }
    let world = TestWorld::new().await;
    let scope = world.scope();
    let (seller, now): (Value, Value) = (scope.seller().id.0.into(), clock::now().into());
    let looks = [(any_due_sql(), vec![now.clone()]), (sandbox::look(), vec![seller, "sandbox.advance".into(), now.clone(), now])];
    let tx = scope.db().system_read().await.expect("reads");
    for (sql, values) in looks {
        let steps: Vec<Step> = tx.all(&format!("EXPLAIN QUERY PLAN {sql}"), values).await.expect("a plan");
        let steps: Vec<String> = steps.into_iter().map(|step| step.detail).filter(|step| step.contains("jobs")).collect();
        assert!(!steps.is_empty() && steps.iter().all(|step| step.contains("jobs_open") || step.contains("jobs_seller_open")), "{steps:?}");
    }
}

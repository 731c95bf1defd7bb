//! Forgets idempotency keys that no longer hold.

use serde_json::json;

use super::idempotency::LIFE;
use crate::kit::db::Sql;
use crate::kit::error::Result;
use crate::kit::job::{Counts, JobContext, Registry, Schedule};

pub fn register(registry: &mut Registry) {
    registry.handle("api.forget_keys", forget);
    registry.schedule(Schedule { kind: "api.forget_keys", cron: "41 3 * * *", title: "Forget used idempotency keys", per_seller: true });
}

async fn forget(job: JobContext) -> Result<Counts> {
    let scope = job.scope().await?;
    let tx = scope.write().await?;
    let values = [tx.seller_id().0.into(), (scope.real_now() - LIFE).into()];
    let gone = tx.run("DELETE FROM idempotency_keys WHERE seller_id = $1 AND created_at < $2", values).await?;
    tx.commit_quietly().await?;
    Ok(json!({ "keys": gone }))
}

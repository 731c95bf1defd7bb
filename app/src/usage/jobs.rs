//! Files of events in the background.

use serde_json::json;

use super::model::UsageUploadId;
use super::store::uploads::{self, UPLOAD_JOB};
use crate::kit::db::bug;
use crate::kit::job::{Counts, JobContext, MAX_ATTEMPTS, Registry};
use crate::kit::{Error, Result};

pub fn register(registry: &mut Registry) {
    registry.handle(UPLOAD_JOB, upload);
}

async fn upload(job: JobContext) -> Result<Counts> {
    let scope = job.scope().await?;
    let id: UsageUploadId =
        job.payload["upload"].as_str().and_then(|text| text.parse().ok()).ok_or_else(|| bug("an upload job without an upload"))?;
    match uploads::run(&scope, id).await {
        Ok(()) => {
            let upload = uploads::get(&scope, id).await?;
            Ok(json!({ "rows": upload.rows, "new": upload.new, "known": upload.known, "bad": upload.bad }))
        }
        Err(Error::NotFound) => Ok(json!({})),
        Err(error) => {
            // After the last try the upload itself says that it failed.
            if job.attempt >= MAX_ATTEMPTS {
                uploads::give_up(&scope, id).await?;
            }
            Err(error)
        }
    }
}

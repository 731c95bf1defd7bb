//! Sweeps expired sessions every hour.

use serde_json::json;

use super::store::session;
use crate::kit::job::{Registry, Schedule};

pub fn register(registry: &mut Registry) {
    registry.handle("auth.sweep", |job| async move { Ok(json!({ "sessions": session::sweep(&job.db, job.now).await? })) });
    registry.schedule(Schedule { kind: "auth.sweep", cron: "17 * * * *", title: "Remove expired sessions", per_seller: false });
}

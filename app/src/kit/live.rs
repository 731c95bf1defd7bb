//! The live bus: announces committed events, ids only. Within one process by a broadcast channel; between servers on
//! one PostgreSQL by LISTEN/NOTIFY, sent inside the transaction and so delivered on commit.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;

use super::db::Db;
use super::id::OrganizationId;

/// The channel of LISTEN/NOTIFY.
pub const CHANNEL: &str = "tenantry_live";

/// What happened to what, for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveEvent {
    pub seller: OrganizationId,
    /// Past tense: `subscription.changed`.
    pub name: String,
    /// The shown id of the subject; empty where the event has none.
    pub subject: String,
}

/// Sender of the bus; a clone is the same bus.
#[derive(Clone)]
pub struct Live(Arc<broadcast::Sender<LiveEvent>>);

impl Default for Live {
    fn default() -> Self {
        Self(Arc::new(broadcast::channel(1024).0))
    }
}

impl Live {
    /// What is announced from now on. A receiver that lags is told so and refetches.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.0.subscribe()
    }

    /// Announces within this process.
    pub fn announce(&self, event: LiveEvent) {
        // An error here means that nobody listens, which is no error.
        let _ = self.0.send(event);
    }
}

/// On PostgreSQL: forwards what other servers (and this one) announce to this process's bus, for as long as it runs.
pub async fn forward(db: Db) {
    while !db.is_sqlite() {
        if let Err(error) = forward_once(&db).await {
            tracing::warn!(%error, "live updates from PostgreSQL broke off; trying again");
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

async fn forward_once(db: &Db) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(db.url().as_str()).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        match serde_json::from_str(notification.payload()) {
            Ok(event) => db.live().announce(event),
            Err(error) => tracing::warn!(%error, "an announcement that is none"),
        }
    }
}

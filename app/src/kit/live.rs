//! The live bus: announces committed events, ids only. Within one process by a broadcast channel; between servers on
//! one PostgreSQL by LISTEN/NOTIFY, sent inside the transaction and so delivered on commit.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;

use super::clock;
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

/// How many announcements are kept, for those who begin to listen and for those who listen slowly.
const KEPT: usize = 1024;

/// How far apart the clocks of two servers on one database may be. On SQLite there is one server.
pub const SKEW: TimeDelta = TimeDelta::seconds(2);

/// Sender of the bus; a clone is the same bus.
#[derive(Clone)]
pub struct Live(Arc<Bus>);

struct Bus {
    sender: broadcast::Sender<LiveEvent>,
    recent: Mutex<Recent>,
}

/// The last announcements, by time; complete from `since` on.
struct Recent {
    since: DateTime<Utc>,
    events: VecDeque<(DateTime<Utc>, LiveEvent)>,
}

impl Default for Live {
    fn default() -> Self {
        let recent = Mutex::new(Recent { since: clock::now(), events: VecDeque::new() });
        Self(Arc::new(Bus { sender: broadcast::channel(KEPT).0, recent }))
    }
}

impl Live {
    /// What is announced from now on. A receiver that lags is told so and refetches.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.0.sender.subscribe()
    }

    /// What was announced after `at`, so that whoever saw the state of then misses nothing.
    /// `None` where that is not known any more.
    pub fn after(&self, at: DateTime<Utc>) -> Option<Vec<LiveEvent>> {
        let recent = self.0.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let after = || recent.events.iter().filter(|(then, _)| *then >= at).map(|(_, event)| event.clone()).collect();
        (recent.since <= at).then(after)
    }

    /// Announces within this process.
    pub fn announce(&self, event: LiveEvent) {
        {
            let mut recent = self.0.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if recent.events.len() == KEPT
                && let Some((then, _)) = recent.events.pop_front()
            {
                recent.since = then + TimeDelta::microseconds(1);
            }
            recent.events.push_back((clock::now(), event.clone()));
        }
        // An error here means that nobody listens, which is no error.
        let _ = self.0.sender.send(event);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn event(n: usize) -> LiveEvent {
        LiveEvent { seller: OrganizationId::new(), name: format!("plan.changed_{n}"), subject: String::new() }
    }

    #[test]
    fn who_begins_to_listen_hears_what_happened_since_the_page_was_made() {
        let live = Live::default();
        let started = clock::now();
        live.announce(event(1));
        assert_eq!(live.after(started).map(|found| found.len()), Some(1));
        assert_eq!(live.after(clock::now() + TimeDelta::milliseconds(1)).map(|found| found.len()), Some(0));
    }

    #[test]
    fn what_is_not_known_any_more_is_said_to_be_so() {
        let live = Live::default();
        let before = clock::now();
        assert_eq!(live.after(before - TimeDelta::seconds(60)), None, "before the program started");
        (0..=KEPT).for_each(|n| live.announce(event(n)));
        assert_eq!(live.after(before), None, "more than are kept");
    }
}

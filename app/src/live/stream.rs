//! One browser's stream.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::Event;
use chrono::{DateTime, Utc};
use futures::Stream;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::auth::{self, SessionId};
use crate::kit::live::{LiveEvent, SKEW};
use crate::kit::scope::Scope;
use crate::notifications;

/// How soon a browser comes back after a broken connection.
const RETRY: Duration = Duration::from_secs(1);

/// How often a stream looks whether its session still lasts, where nothing makes it look sooner.
const LOOK: Duration = Duration::from_secs(20);

/// Who listens to what.
struct Listener {
    scope: Scope,
    session: SessionId,
    /// The shown id of the person.
    person: String,
    /// What it missed before it came.
    missed: VecDeque<LiveEvent>,
    events: Receiver<LiveEvent>,
    stop: CancellationToken,
    greeted: bool,
}

/// What happens at the scope's seller from `since` on, else from now on, until `stop`.
pub fn events(
    scope: Scope,
    session: SessionId,
    stop: CancellationToken,
    since: Option<DateTime<Utc>>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    // Before what was missed is looked up, so that nothing falls between the two.
    let events = scope.db().live().subscribe();
    let anything = || vec![LiveEvent { seller: scope.seller().id, name: String::new(), subject: String::new() }];
    let missed = since.map(|since| if scope.db().is_sqlite() { since } else { since - SKEW });
    let missed = missed.map(|since| scope.db().live().after(since).unwrap_or_else(anything)).unwrap_or_default();
    let listener = Listener {
        session,
        missed: missed.into(),
        person: scope.user().map(|id| id.to_string()).unwrap_or_default(),
        events,
        stop,
        greeted: false,
        scope,
    };
    futures::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    })
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(Event::default().retry(RETRY).comment("listening"));
        }
        while let Some(event) = self.missed.pop_front() {
            if self.concerned(&event) {
                return Some(written(&event.name, &event.subject));
            }
        }
        loop {
            let heard = tokio::select! {
                () = self.stop.cancelled() => return None,
                heard = self.events.recv() => heard,
                () = tokio::time::sleep(LOOK) => {
                    self.still_signed_in().await?;
                    continue;
                }
            };
            if heard.as_ref().is_ok_and(|event| ends_sessions(&event.name)) {
                self.still_signed_in().await?;
            }
            match heard {
                Ok(event) if self.concerned(&event) => return Some(written(&event.name, &event.subject)),
                Ok(_) => {}
                // Without a name: anything may have changed.
                Err(RecvError::Lagged(_)) => return Some(written("", "")),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// `None` once the session has ended or moved to another organization. While the database does not answer, it lasts.
    async fn still_signed_in(&self) -> Option<()> {
        auth::store::session::lasts(&self.scope, self.session).await.unwrap_or(true).then_some(())
    }

    fn concerned(&self, event: &LiveEvent) -> bool {
        let personal = event.name == notifications::READ;
        event.seller == self.scope.seller().id && (!personal || event.subject == self.person)
    }
}

/// Events that may have ended somebody's session or membership.
fn ends_sessions(name: &str) -> bool {
    ["session.", "user.", "member."].iter().any(|prefix| name.starts_with(prefix))
}

fn written(name: &str, subject: &str) -> Event {
    Event::default().data(json!({ "name": name, "subject": subject }).to_string())
}

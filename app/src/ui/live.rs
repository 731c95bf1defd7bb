//! Live updates: the browser hears what changed and fetches anew. The server's half does nothing.

use leptos::prelude::*;

use super::browser;

/// What `/live` sends: the event's name and the id of what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveEvent {
    /// `subscription.changed`; empty after a reconnection, when anything may have changed.
    pub name: String,
    /// `sub_…`.
    pub subject: String,
}

/// Calls `heard` when an event whose name starts with one of `prefixes` arrives, and after each reconnection. Several
/// events in quick succession are one call with the last of them. Ends with the component.
pub fn use_live(prefixes: &'static [&'static str], heard: impl Fn(LiveEvent) + 'static) {
    // Taken by the effect, which a server never runs: what belongs to the browser must not be kept on a server's thread.
    let mut heard = Some(heard);
    Effect::new(move |_| {
        if let Some(heard) = heard.take() {
            let ear = browser::listen(prefixes, heard);
            on_cleanup(move || browser::stop_listening(ear));
        }
    });
}

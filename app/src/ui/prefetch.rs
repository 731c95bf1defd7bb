//! Fetching the next page before it is asked for.

use leptos::prelude::*;

use super::browser;

/// Calls `intent` with the path of each link of the application that is pointed at or focused, once per path: the place
/// to preload that page's chunk.
pub fn on_link_intent(intent: impl Fn(&str) + 'static) {
    let mut intent = Some(intent);
    Effect::new(move |_| {
        if let Some(intent) = intent.take() {
            browser::on_link_intent(intent);
        }
    });
}

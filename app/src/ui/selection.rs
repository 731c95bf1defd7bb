//! Rows picked in a list, and the bar that says what can be done with them.

use leptos::prelude::*;

use super::icon::{self, Icon};

/// The ids of the rows picked. Made by the page, so that it outlives a new fetch of the rows.
#[derive(Clone, Copy)]
pub struct Selection(RwSignal<Vec<String>>);

/// Nothing picked yet.
pub fn use_selection() -> Selection {
    Selection(RwSignal::new(Vec::new()))
}

impl Selection {
    pub fn ids(self) -> Signal<Vec<String>> {
        self.0.into()
    }

    /// The ids with commas between, for a `HiddenField`.
    pub fn joined(self) -> Signal<String> {
        Signal::derive(move || self.0.read().join(","))
    }

    /// `path` with the ids: a link to just these rows.
    pub fn link(self, path: &'static str) -> Signal<String> {
        Signal::derive(move || String::from(path) + "?id=" + &self.0.read().join(","))
    }

    pub fn count(self) -> usize {
        self.0.read().len()
    }

    pub fn clear(self) {
        self.0.set(Vec::new());
    }

    pub(crate) fn has(self, id: &str) -> bool {
        self.0.read().iter().any(|picked| picked == id)
    }

    pub(crate) fn set(self, id: &str, on: bool) {
        self.0.update(|ids| {
            ids.retain(|picked| picked != id);
            if on {
                ids.push(id.to_owned());
            }
        });
    }

    pub(crate) fn set_all(self, ids: &[String]) {
        self.0.set(ids.to_vec());
    }
}

/// Floats at the bottom while rows are picked; the children are the actions, named after what they do.
#[component]
pub fn BulkBar(of: Selection, children: Children) -> impl IntoView {
    view! {
        <div class="bulk" role="region" aria-label="Selected rows" hidden=move || of.count() == 0>
            <span class="bulk-count" aria-live="polite">{move || of.count()} " selected"</span>
            {children()}
            <button type="button" class="icon-button" aria-label="Clear selection" on:click=move |_| of.clear()>
                <Icon of=icon::X/>
            </button>
        </div>
    }
}

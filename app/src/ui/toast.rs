//! Short news at the corner of the page, with a way back where there is one.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::badge::Tone;
use super::icon::{self, Icon};
use crate::kit::Error;

/// Owned by the news: the row or the form whose undoing it is may be gone when it is wanted.
type Undo = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    tone: Tone,
    undo: Option<Undo>,
}

/// The news being shown.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

/// Makes [`use_toasts`] work below; once, above the frame.
pub fn provide_toasts() {
    provide_context(Toasts { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) });
}

/// The news of this page.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(|| Toasts { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) })
}

impl Toasts {
    /// Something was done.
    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), Tone::Good, None);
    }

    /// Something was done that `undo` takes back.
    pub fn undoable(self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.push(text.into(), Tone::Good, Some(Arc::new(undo)));
    }

    /// Something failed.
    pub fn error(self, error: &Error) {
        self.push(error.to_string(), Tone::Bad, None);
    }

    fn push(self, text: String, tone: Tone, undo: Option<Undo>) {
        let id = self.next.get_value() + 1;
        self.next.set_value(id);
        let seconds = if undo.is_some() || tone == Tone::Bad { 12 } else { 5 };
        self.shown.update(|shown| shown.push(Toast { id, text, tone, undo }));
        set_timeout(move || self.dismiss(id), Duration::from_secs(seconds));
    }

    fn dismiss(self, id: u32) {
        self.shown.try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where the news appears; part of the frame.
#[component]
pub fn Toaster() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-label="News">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                {toast_view(toasts, toast)}
            </For>
        </div>
    }
}

fn toast_view(toasts: Toasts, of: Toast) -> AnyView {
    let glyph = if of.tone == Tone::Bad { icon::CIRCLE_ALERT } else { icon::CIRCLE_CHECK };
    let id = of.id;
    let undo = of.undo.map(|undo| {
        view! {
            <button
                type="button"
                class="text-button"
                on:click=move |_| {
                    undo();
                    toasts.dismiss(id);
                }
            >
                "Undo"
            </button>
        }
    });
    view! {
        <div class="toast" data-tone=of.tone.word()>
            <Icon of=glyph/>
            <span>{of.text}</span>
            {undo}
            <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| toasts.dismiss(id)>
                <Icon of=icon::X/>
            </button>
        </div>
    }
    .into_any()
}

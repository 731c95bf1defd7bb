//! How far along something is.

use leptos::prelude::*;

use super::badge::Tone;

/// A bar from 0 to `max`. `label` names it for assistive technology.
#[component]
pub fn Progress(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<u64>,
    #[prop(into, default = Signal::stored(100))] max: Signal<u64>,
    #[prop(default = Tone::Info)] tone: Tone,
) -> impl IntoView {
    let percent = move || (value.get().min(max.get()) * 100).checked_div(max.get()).unwrap_or(0).to_string();
    view! {
        <div
            class="progress"
            data-tone=tone.word()
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=percent
        >
            <div style:width=move || percent() + "%"></div>
        </div>
    }
}

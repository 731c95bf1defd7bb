//! Where one is in a wizard.

use leptos::prelude::*;

use super::icon::{self, Icon};

/// The steps by name; `current` counts from 0, those before it are done.
#[component]
pub fn Steps(steps: Vec<&'static str>, #[prop(into)] current: Signal<usize>) -> impl IntoView {
    let items = steps.into_iter().enumerate().map(|(i, name)| {
        let done = move || current.get() > i;
        view! {
            <li class:done=done aria-current=move || (current.get() == i).then_some("step")>
                <span class="step-mark" aria-hidden="true">
                    <span class="step-number">{i + 1}</span>
                    <Icon of=icon::CHECK/>
                </span>
                {name}
                <span class="visually-hidden">{move || if done() { " (done)" } else { "" }}</span>
            </li>
        }
    });
    let items = items.collect::<Vec<_>>();
    view! { <ol class="steps" aria-label="Steps">{items}</ol> }
}

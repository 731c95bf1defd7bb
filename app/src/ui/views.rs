//! The saved views of a list, in its filter bar.

use leptos::prelude::*;

use super::browser;
use super::icon::{self, Icon};
use super::popover::Popover;
use crate::kit::paging::ListQuery;

/// What the frame hangs into every filter bar below it, given what the list shows: the menu of saved views, made by the
/// feature that keeps them, which the design system does not know.
#[derive(Clone, Copy)]
pub struct ViewsSlot(pub fn(Signal<ListQuery>) -> AnyView);

/// The menu of the list at hand, where the frame provides one.
pub(crate) fn slot(query: Signal<ListQuery>) -> Option<AnyView> {
    use_context::<ViewsSlot>().map(|slot| (slot.0)(query))
}

/// A saved state of a list.
pub struct SavedView {
    pub name: String,
    /// Path and query.
    pub href: String,
    /// A word after the name.
    pub note: &'static str,
    /// Whether the list shows just this.
    pub current: Signal<bool>,
    /// The forms that change it, for who may.
    pub edit: Option<AnyView>,
}

/// The button that opens the saved views. The children are the [`ViewsList`] and the form that saves the present one.
#[component]
pub fn ViewsMenu(children: Children) -> impl IntoView {
    view! {
        <Popover label="Views" class="button chip" icon=icon::BOOKMARK>
            {children()}
        </Popover>
    }
}

/// The views, each a link.
#[component]
pub fn ViewsList(of: Vec<SavedView>) -> impl IntoView {
    let items = of.into_iter().map(|view| {
        let label = String::from("Change view ") + &view.name;
        let note = (!view.note.is_empty()).then(|| view! { <span class="muted">{view.note}</span> });
        let edit = view.edit.map(|edit| {
            view! {
                <details>
                    <summary class="icon-button" aria-label=label>
                        <Icon of=icon::PENCIL/>
                    </summary>
                    <div class="menu-slot">{edit}</div>
                </details>
            }
        });
        let current = view.current;
        view! {
            <li>
                <a
                    class="menu-item"
                    href=view.href
                    aria-current=move || current.get().then_some("true")
                    on:click=|event| browser::close_popover_around(&event)
                >
                    <Icon of=icon::BOOKMARK/>
                    <span class="view-name">{view.name}</span>
                    {note}
                </a>
                {edit}
            </li>
        }
    });
    let items = items.collect::<Vec<_>>();
    (!items.is_empty()).then(|| view! { <ul class="views" aria-label="Saved views">{items}</ul> })
}

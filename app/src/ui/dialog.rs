//! The one dialog: modal, opened by a button even before or without JavaScript, left by Escape, the cross or a click
//! beside it; the focus goes back to where it was.

use leptos::context::Provider;
use leptos::html;
use leptos::prelude::*;

use super::browser;
use super::button::{Button, Kind};
use super::form::Typed;
use super::icon::{self, Glyph, Icon};
use super::id::unique;

/// A dialog as its opener and its content know it.
#[derive(Clone, Copy)]
pub struct DialogRef {
    id: StoredValue<String>,
    node: NodeRef<html::Dialog>,
    open: RwSignal<bool>,
    form: StoredValue<Option<Typed>>,
}

impl DialogRef {
    pub fn open(self) {
        browser::show_modal(self.node);
    }

    pub fn close(self) {
        browser::close_dialog(self.node);
    }

    /// The form in it, by what was typed into it when it was refused.
    pub(super) fn holds(self, form: Typed) {
        self.form.set_value(Some(form));
    }

    /// Whether its form was sent without JavaScript and refused: then the page shows it from the start.
    fn is_refused(self) -> bool {
        self.form.get_value().is_some_and(|form| form.with_value(|typed| typed.as_ref().is_some_and(|typed| !typed.is_empty())))
    }

    /// Whether it is open: what only matters then may be fetched then.
    pub fn is_open(self) -> Signal<bool> {
        self.open.into()
    }
}

/// A dialog to hand to one [`Dialog`] and any number of [`DialogButton`]s.
pub fn use_dialog() -> DialogRef {
    DialogRef { id: StoredValue::new(unique()), node: NodeRef::new(), open: RwSignal::new(false), form: StoredValue::new(None) }
}

/// Opens a dialog.
#[component]
pub fn DialogButton(
    of: DialogRef,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=kind.class()
            command="show-modal"
            commandfor=of.id.get_value()
            disabled=move || disabled.get()
            on:click=move |event: leptos::ev::MouseEvent| {
                // The browser's own command would open it a second time.
                event.prevent_default();
                of.open();
            }
        >
            {icon.map(|of| view! { <Icon of/> })}
            {children()}
        </button>
    }
}

/// The dialog itself; its first field has the focus, so the cross comes last. `wide` for content that needs the room.
#[component]
pub fn Dialog(of: DialogRef, #[prop(into)] title: String, #[prop(optional)] wide: bool, children: Children) -> impl IntoView {
    let id = of.id.get_value();
    let heading = id.clone() + "t";
    let (closes, labelled) = (id.clone(), heading.clone());
    let sync = move |_: leptos::ev::Event| of.open.set(browser::is_open(of.node));
    view! {
        <dialog
            id=id
            class="dialog"
            class:wide=wide
            open=move || of.is_refused()
            closedby="any"
            aria-labelledby=labelled
            node_ref=of.node
            on:toggle=sync
            on:close=sync
        >
            <header>
                <h2 id=heading>{title}</h2>
            </header>
            <Provider value=of>{children()}</Provider>
            <button
                type="button"
                class="icon-button dialog-close"
                aria-label="Close"
                command="close"
                commandfor=closes
                on:click=move |_| of.close()
            >
                <Icon of=icon::X/>
            </button>
        </dialog>
    }
}

/// The row of buttons at the end of a dialog; the main one last.
#[component]
pub fn DialogActions(children: Children) -> impl IntoView {
    view! { <footer class="dialog-actions">{children()}</footer> }
}

/// Leaves the dialog it is in.
#[component]
pub fn CancelButton(#[prop(default = "Cancel")] label: &'static str) -> impl IntoView {
    let of = use_context::<DialogRef>();
    view! {
        <button
            type="button"
            class="button"
            command="close"
            commandfor=of.map(|of| of.id.get_value())
            on:click=move |_| {
                if let Some(of) = of {
                    of.close();
                }
            }
        >
            {label}
        </button>
    }
}

/// Asks before something that hurts. The children say what will happen; `confirm` is the verb ("Void invoice"). For
/// what must work without JavaScript put a `Form` into a [`Dialog`] instead.
#[component]
pub fn ConfirmDialog(
    of: DialogRef,
    #[prop(into)] title: String,
    #[prop(into)] confirm: String,
    #[prop(into)] on_confirm: Callback<()>,
    #[prop(default = Kind::Danger)] kind: Kind,
    children: Children,
) -> impl IntoView {
    view! {
        <Dialog of title>
            <div class="dialog-body">{children()}</div>
            <DialogActions>
                <CancelButton/>
                <Button
                    kind
                    on:click=move |_| {
                        of.close();
                        on_confirm.run(());
                    }
                >
                    {confirm}
                </Button>
            </DialogActions>
        </Dialog>
    }
}

//! Elements: dialogs, menus, the root's attributes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use js_sys::Reflect;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement};

use crate::kit::wire::BUILD;

/// The first element that matches, as a `T`.
pub(super) fn find<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

pub fn copy(text: &str) {
    let _ = window().navigator().clipboard().write_text(text);
}

pub fn reload() {
    let _ = window().location().reload();
}

pub fn is_of_this_build() -> bool {
    document().document_element().and_then(|root| root.get_attribute("data-build")).as_deref() == Some(BUILD)
}

pub fn mark_hydrated() {
    if let Some(body) = document().body() {
        let _ = body.set_attribute("data-hydrated", "");
    }
}

/// Sets `data-NAME` of the root and remembers it for a year.
pub fn set_root(name: &'static str, value: &'static str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(&["data-", name].concat(), value);
    }
    if let Ok(changed) = web_sys::Event::new([name, "change"].concat().as_str()) {
        let _ = document().dispatch_event(&changed);
    }
    let cookie = [name, "=", value, ";path=/;max-age=31536000;samesite=lax"].concat();
    let _ = Reflect::set(&document(), &JsValue::from_str("cookie"), &JsValue::from_str(&cookie));
}

pub fn fold_sidebar() {
    let folded = document().document_element().and_then(|root| root.get_attribute("data-sidebar")).as_deref() == Some("icons");
    set_root("sidebar", if folded { "wide" } else { "icons" });
}

/// On a phone the sheet closes behind a link.
pub fn sidebar_click(event: &web_sys::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if target.is_some_and(|target| target.closest("a").ok().flatten().is_some()) {
        close_popover_around(event);
    }
}

pub fn close_popover_around(event: &web_sys::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let panel = target.and_then(|target| target.closest("[popover]:popover-open").ok().flatten());
    if let Some(panel) = panel.and_then(|panel| panel.dyn_into::<HtmlElement>().ok()) {
        let _ = panel.hide_popover();
    }
}

pub fn show_modal(node: NodeRef<html::Dialog>) {
    if let Some(dialog) = node.get_untracked() {
        modal(&dialog);
    }
}

fn modal(dialog: &HtmlDialogElement) {
    if !dialog.open() {
        let _ = dialog.show_modal();
    }
}

pub fn close_dialog(node: NodeRef<html::Dialog>) {
    if let Some(dialog) = node.get_untracked() {
        dialog.close();
    }
}

pub fn is_open(node: NodeRef<html::Dialog>) -> bool {
    node.get_untracked().is_some_and(|dialog| dialog.open())
}

pub fn toggle_dialog(id: &str) {
    let found = document().get_element_by_id(id).and_then(|found| found.dyn_into::<HtmlDialogElement>().ok());
    if let Some(dialog) = found {
        if dialog.open() { dialog.close() } else { modal(&dialog) }
    }
}

/// Scrolls the chosen option of the palette into view, once it is marked.
pub fn reveal_option(id: &'static str) {
    request_animation_frame(move || {
        if let Some(option) = find::<Element>(&["#", id, " [aria-selected=true]"].concat()) {
            option.scroll_into_view_with_bool(false);
        }
    });
}

pub fn focus_search() {
    if let Some(input) = find::<HtmlInputElement>("[data-search]") {
        let _ = input.focus();
        input.select();
    }
}

/// The first field at fault, else the form's own message.
pub fn focus_first_invalid(node: NodeRef<html::Form>) {
    request_animation_frame(move || {
        let found = node.get_untracked().and_then(|form| form.query_selector("[aria-invalid=true]").ok().flatten());
        if let Some(field) = found.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            let _ = field.focus();
        }
    });
}

pub fn value_of(node: NodeRef<html::Input>) -> String {
    node.get_untracked().map(|input| input.value()).unwrap_or_default()
}

/// What is being typed is left alone.
pub fn set_value_unless_focused(node: NodeRef<html::Input>, value: &str) {
    if let Some(input) = node.get_untracked() {
        let focused = document().active_element().is_some_and(|active| active == **input);
        if !focused && input.value() != value {
            input.set_value(value);
        }
    }
}

/// Links pointed at or focused, each path once. Ends with the owner.
pub fn on_link_intent(intent: impl Fn(&str) + 'static) {
    let intent = Rc::new((intent, RefCell::new(BTreeSet::new())));
    let heard = move |event: &web_sys::Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = target.and_then(|target| target.closest("a[href^='/']:not([download])").ok().flatten());
        let Some(href) = link.and_then(|link| link.get_attribute("href")) else { return };
        let path = href.split(['?', '#']).next().unwrap_or_default();
        if intent.1.borrow_mut().insert(path.to_owned()) {
            (intent.0)(path);
        }
    };
    let (over, focus) = (heard.clone(), heard);
    let over = window_event_listener(leptos::ev::mouseover, move |event| over(&event));
    let focus = window_event_listener(leptos::ev::focusin, move |event| focus(&event));
    on_cleanup(move || {
        over.remove();
        focus.remove();
    });
}

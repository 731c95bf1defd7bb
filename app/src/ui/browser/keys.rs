//! Keys: in menus, and for the whole page.

use std::cell::RefCell;

use crate::kit::case;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent};

fn items(panel: &HtmlElement) -> Vec<HtmlElement> {
    let Ok(found) = panel.query_selector_all("[role^=menuitem]") else { return Vec::new() };
    (0..found.length()).filter_map(|i| found.item(i)?.dyn_into().ok()).collect()
}

/// The first item takes the focus of a menu that opened.
pub fn menu_toggled(panel: NodeRef<html::Div>) {
    let Some(panel) = panel.get_untracked().filter(|panel| panel.matches(":popover-open").unwrap_or(false)) else { return };
    if let Some(first) = items(&panel).first() {
        let _ = first.focus();
    }
}

/// Arrows, Home and End move, letters search, Space chooses.
pub fn menu_key(panel: NodeRef<html::Div>, event: &KeyboardEvent) {
    let Some(panel) = panel.get_untracked() else { return };
    let items = items(&panel);
    let active = document().active_element();
    let Some(at) = items.iter().position(|item| active.as_ref().is_some_and(|active| active == item.as_ref() as &Element)) else { return };
    let key = event.key();
    let next = match key.as_str() {
        "ArrowDown" => (at + 1) % items.len(),
        "ArrowUp" => (at + items.len() - 1) % items.len(),
        "Home" => 0,
        "End" => items.len() - 1,
        " " => {
            items[at].click();
            event.prevent_default();
            return;
        }
        "Tab" => {
            let _ = panel.hide_popover();
            return;
        }
        letter if letter.chars().count() == 1 && !event.ctrl_key() && !event.meta_key() => {
            let starts = |i: &usize| case::lower(items[*i].text_content().unwrap_or_default().trim()).starts_with(&case::lower(&letter));
            (1..=items.len()).map(|step| (at + step) % items.len()).find(starts).unwrap_or(at)
        }
        _ => return,
    };
    let _ = items[next].focus();
    event.prevent_default();
}

/// A choice that is made closes the menu; one that is switched leaves it open.
pub fn menu_click(panel: NodeRef<html::Div>, event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let chosen = target.and_then(|target| target.closest("[role=menuitem]").ok().flatten());
    if let (Some(_), Some(panel)) = (chosen, panel.get_untracked()) {
        let _ = panel.hide_popover();
    }
}

/// Closes the panel once a link in it was followed.
pub fn peek_click(panel: NodeRef<html::Div>, event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let followed = target.and_then(|target| target.closest("a[href]").ok().flatten());
    if let (Some(_), Some(panel)) = (followed, panel.get_untracked()) {
        let _ = panel.hide_popover();
    }
}

/// Ctrl or ⌘ with `key`, anywhere. Ends with the owner.
pub fn on_shortcut(key: &'static str, pressed: impl Fn() + 'static) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && event.key().eq_ignore_ascii_case(key) {
            event.prevent_default();
            pressed();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Plain keys outside of fields, and two of them pressed within a second: `g t`. Ends with the owner.
pub fn on_keys(pressed: impl Fn(&str) + 'static) {
    let before = RefCell::new((String::new(), 0.0));
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let key = event.key();
        if event.ctrl_key() || event.meta_key() || event.alt_key() || key.chars().count() != 1 || typing(&event) {
            return;
        }
        if key == "/" {
            event.prevent_default();
        }
        let (last, at) = before.replace((key.clone(), event.time_stamp()));
        pressed(&key);
        if !last.is_empty() && event.time_stamp() - at < 1000.0 {
            pressed(&[&last, " ", &key].concat());
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whether the key belongs to a field or an open dialog.
fn typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("input, textarea, select, dialog, [contenteditable], [popover]").ok().flatten().is_some())
}

//! The server's twin of `browser`: the same names, and nothing happens.

use leptos::html;
use leptos::prelude::*;
use leptos::web_sys;
use leptos_router::hooks::use_location;
use leptos_router::location::Location;

use super::form::FormValues;
use super::live::LiveEvent;
use crate::kit::{Error, Result};

/// What identifiers made on this side start with.
pub const SIDE: &str = "s";

pub fn copy(_: &str) {}
pub fn reload() {}
pub fn set_root(_: &'static str, _: &'static str) {}
pub fn fold_sidebar() {}
pub fn sidebar_click(_: &web_sys::MouseEvent) {}
pub fn focus_search() {}
pub fn show_modal(_: NodeRef<html::Dialog>) {}
pub fn close_dialog(_: NodeRef<html::Dialog>) {}
pub fn toggle_dialog(_: &str) {}
pub fn reveal_option(_: &str) {}
pub fn menu_toggled(_: NodeRef<html::Div>) {}
pub fn menu_key(_: NodeRef<html::Div>, _: &web_sys::KeyboardEvent) {}
pub fn menu_click(_: NodeRef<html::Div>, _: &web_sys::MouseEvent) {}
pub fn peek_click(_: NodeRef<html::Div>, _: &web_sys::MouseEvent) {}
pub fn close_popover_around(_: &web_sys::MouseEvent) {}
pub fn focus_first_invalid(_: NodeRef<html::Form>) {}
pub fn set_value_unless_focused(_: NodeRef<html::Input>, _: &str) {}
pub fn on_shortcut(_: &'static str, _: impl Fn() + 'static) {}
pub fn on_keys(_: impl Fn(&str) + 'static) {}
pub fn upload(_: NodeRef<html::Form>, _: &str, _: Callback<u64>, _: Callback<Result<String>>) {}
pub fn on_link_intent(_: impl Fn(&str) + 'static) {}
pub fn stop_listening(_: u32) {}

pub fn is_open(_: NodeRef<html::Dialog>) -> bool {
    false
}

pub fn form_values(_: NodeRef<html::Form>) -> FormValues {
    Vec::new()
}

pub fn value_of(_: NodeRef<html::Input>) -> String {
    String::new()
}

pub fn settled(_: impl Fn() + 'static) -> impl Fn() + Clone + Send + Sync + 'static {
    || {}
}

/// A memo that has its value already. The parts of a page are rendered by several threads, and of two that are the first to
/// read a memo one may find it empty, which is a panic.
pub fn settled_memo<T: PartialEq + Send + Sync + 'static>(memo: Memo<T>) -> Memo<T> {
    memo.with_untracked(|_| ());
    memo
}

/// See [`settled_memo`]: the parts of the address. Before the pages, inside of the router.
pub fn settle_address() {
    let Location { pathname, search, query, .. } = use_location();
    settled_memo(pathname);
    settled_memo(search);
    settled_memo(query);
}

pub fn listen(_: &'static [&'static str], _: impl Fn(LiveEvent) + 'static) -> u32 {
    0
}

/// A call of a server function, which only a browser makes.
pub struct Request;

pub trait Arguments<Encoding> {}

impl<Encoding, T> Arguments<Encoding> for T {}

pub fn request<Encoding>(_: impl Arguments<Encoding>, _: &str) -> Result<Request> {
    Err(Error::Unavailable)
}

pub fn form_request(_: &web_sys::SubmitEvent, _: &str) -> Result<Request> {
    Err(Error::Unavailable)
}

pub async fn answer(_: Request) -> Result<Vec<u8>> {
    Err(Error::Unavailable)
}

pub fn spawn(_: impl Future<Output = ()>) {}

/// Whether a refused form led to the address. Here that is known from the request alone.
pub fn led_back() -> bool {
    true
}

/// What was fetched, for the page.
pub fn carried<T: serde::Serialize>(of: &T) -> Vec<u8> {
    crate::kit::wire::write(of).unwrap_or_default()
}

/// A chart is drawn in the browser alone.
pub struct Chart;

impl Chart {
    pub fn mount(_: web_sys::HtmlDivElement, _: String) -> Self {
        Self
    }

    pub fn update(&self, _: String) {}
}

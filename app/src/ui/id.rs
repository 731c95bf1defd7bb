//! Identifiers for elements that refer to each other (a button and its menu, a field and its error).

use std::sync::atomic::{AtomicU32, Ordering};

use super::browser;

static NEXT: AtomicU32 = AtomicU32::new(1);

/// An identifier no other element on the page has. The server and the browser count apart, so after hydration the
/// elements keep the server's while Rust holds the browser's: use it for attributes that refer to each other, and a
/// `NodeRef` to reach an element.
pub fn unique() -> String {
    let mut id = String::from(browser::SIDE);
    id.push_str(&NEXT.fetch_add(1, Ordering::Relaxed).to_string());
    id
}

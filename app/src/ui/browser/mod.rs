//! What only a browser can do. `browser_ssr.rs` has the same names.

mod chart;
mod dom;
mod keys;
mod live;
mod send;

pub use chart::Chart;
pub use dom::*;
pub use keys::*;
pub use live::{listen, stop_listening};
pub use send::*;

use leptos::prelude::Memo;

/// A browser has one thread: a memo has its value whenever it is read.
pub fn settled_memo<T>(memo: Memo<T>) -> Memo<T>
where
    T: Send + Sync + 'static,
{
    memo
}

pub fn settle_address() {}

/// What identifiers made on this side start with.
pub const SIDE: &str = "b";

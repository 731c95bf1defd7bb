//! The browser's twin of `request`.

use leptos::server_fn::error::ServerFnErrorErr;

use super::error::Error;
use super::viewer::Viewer;

/// Not known here but from the page.
pub fn viewer() -> Option<Viewer> {
    None
}

/// A call that was not answered, or not by this program.
pub fn failed(error: ServerFnErrorErr) -> Error {
    use ServerFnErrorErr::{Deserialization, Request, Response};
    match error {
        Request(_) | Response(_) | Deserialization(_) => Error::Unavailable,
        other => Error::Bug(other.to_string()),
    }
}

/// Not known here but from the page.
pub fn refused() -> String {
    String::new()
}

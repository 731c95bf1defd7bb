//! The browser's twin of `request`.

use leptos::server_fn::error::ServerFnErrorErr;

use super::error::Error;
use super::form::Refused;
use super::viewer::Viewer;
use super::wire::OF_ANOTHER_BUILD;

/// Not known here but from the page.
pub fn viewer() -> Option<Viewer> {
    None
}

/// A call that was not answered, or not by this program.
pub fn failed(error: ServerFnErrorErr) -> Error {
    use ServerFnErrorErr::{Deserialization, Request, Response};
    match error {
        Deserialization(why) if why == OF_ANOTHER_BUILD => Error::Outdated,
        Request(_) | Response(_) | Deserialization(_) => Error::Unavailable,
        other => Error::Bug(other.to_string()),
    }
}

/// Not known here but from the page.
pub fn refused() -> Option<Refused> {
    None
}

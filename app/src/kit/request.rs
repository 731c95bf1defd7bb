//! What the page needs to know of the request before it is rendered. The browser's twin knows nothing: it reads what
//! the server wrote into the page.

use leptos::prelude::use_context;

use super::viewer::Viewer;

/// Who looks, if signed in.
pub fn viewer() -> Option<Viewer> {
    super::scope::viewer()
}

/// The refused form that led back to this page, as JSON; empty where none did.
pub fn refused() -> String {
    let refused = use_context::<http::request::Parts>().and_then(|parts| super::refused::of(&parts));
    refused.and_then(|refused| serde_json::to_string(&refused).ok()).unwrap_or_default()
}

/// The request's cookies as they came.
pub fn cookies() -> String {
    let parts = use_context::<http::request::Parts>();
    parts.and_then(|p| p.headers.get(http::header::COOKIE).and_then(|c| c.to_str().ok().map(str::to_owned))).unwrap_or_default()
}

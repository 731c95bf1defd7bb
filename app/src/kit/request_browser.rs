//! The browser's twin of `request`.

use super::viewer::Viewer;

/// Not known here but from the page.
pub fn viewer() -> Option<Viewer> {
    None
}

/// Not known here but from the page.
pub fn refused() -> String {
    String::new()
}

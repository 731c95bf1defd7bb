//! What the page needs to know of the request before it is rendered. The browser's twin knows nothing: it reads what
//! the server wrote into the page.

use http::StatusCode;
use leptos::prelude::use_context;
use leptos::server_fn::error::ServerFnErrorErr;

use super::db::bug;
use super::error::Error;
use super::form::Refused;
use super::scope::posted_by_a_form;
use super::viewer::Viewer;

/// Who looks, if signed in.
pub fn viewer() -> Option<Viewer> {
    super::scope::viewer()
}

/// The refused form that led back to this page, if one did.
pub fn refused() -> Option<Refused> {
    use_context::<http::request::Parts>().and_then(|parts| super::refused::of(&parts))
}

/// The request's cookies as they came.
pub fn cookies() -> String {
    let parts = use_context::<http::request::Parts>();
    parts.and_then(|p| p.headers.get(http::header::COOKIE).and_then(|c| c.to_str().ok().map(str::to_owned))).unwrap_or_default()
}

/// What a server function answers that did not get as far as its own work. How it reads its arguments stays in the house.
pub fn failed(error: ServerFnErrorErr) -> Error {
    use ServerFnErrorErr::{Args, Deserialization, MissingArg};
    let (Args(what) | MissingArg(what) | Deserialization(what)) = error else { return bug(error) };
    tracing::debug!(what, "arguments that cannot be read");
    let (error, status) = unreadable(&what);
    // A form posted without JavaScript is led back to its page, which shows the error.
    if let (Some(options), false) = (use_context::<leptos_axum::ResponseOptions>(), posted_by_a_form()) {
        options.set_status(status);
    }
    error
}

fn unreadable(what: &str) -> (Error, StatusCode) {
    if what.contains("length limit") {
        return (Error::field("", "What was sent is too large."), StatusCode::PAYLOAD_TOO_LARGE);
    }
    match what.split_once("missing field `").and_then(|(_, rest)| rest.split_once('`')) {
        Some((field, _)) => (Error::field(field, "is required"), StatusCode::UNPROCESSABLE_ENTITY),
        None => (Error::field("", "What was sent cannot be read. Load the page again and try once more."), StatusCode::BAD_REQUEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_said_plainly() {
        let of = |what: &str| {
            let (error, status) = unreadable(what);
            (error.fields().0.into_keys().collect::<String>(), status.as_u16())
        };
        assert_eq!(of("missing field `name` at line 1 column 2"), ("name".into(), 422));
        assert_eq!(of("length limit exceeded"), (String::new(), 413));
        for other in ["invalid value: integer `-5`, expected u32 at line 1 column 20", "unknown variant `nosuch`", "missing field `"] {
            assert_eq!(of(other), (String::new(), 400), "{other}");
            assert!(!unreadable(other).0.to_string().contains('`'));
        }
    }
}

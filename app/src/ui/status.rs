//! The status of the answer being streamed.

use leptos::prelude::use_context;

/// Sets it where the headers are not sent yet.
pub fn set(status: u16) {
    if let (Some(options), Ok(status)) = (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(status)) {
        options.set_status(status);
    }
}

//! The browser's half of `case`.

use js_sys::JsString;

/// `text` in lower case.
pub fn lower(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

/// `text` in upper case.
pub fn upper(text: &str) -> String {
    JsString::from(text).to_upper_case().into()
}

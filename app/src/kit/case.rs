//! Upper and lower case of any alphabet. A browser knows them, so that the tables need not be sent to it.

/// `text` in lower case.
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// `text` in upper case.
pub fn upper(text: &str) -> String {
    text.to_uppercase()
}

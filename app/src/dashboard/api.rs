//! Server functions of the overview.

use leptos::prelude::*;

use super::model::{Overview, Span};
use crate::kit::Result;

/// The overview over a span, with what the caller may see of it.
#[server]
pub async fn read_overview(span: Span) -> Result<Overview> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::dashboard::store::overview(&scope, span).await)
}

//! Server functions of the overview.

use super::model::{Found, Overview, Span, Waiting};
use crate::kit::{Result, server};

/// The overview over a span, with what the caller may see of it.
#[server]
pub async fn read_overview(span: Span) -> Result<Overview> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::dashboard::store::overview(&scope, span).await)
}

/// Customers, invoices, plans and subscriptions by name or number, as far as the caller may see them.
#[server]
pub async fn find(text: String) -> Result<Vec<Found>> {
    crate::dashboard::store::find(&crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?, &text).await
}

/// What waits for the caller.
#[server]
pub async fn read_waiting() -> Result<Waiting> {
    crate::dashboard::store::waiting(&crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?).await
}

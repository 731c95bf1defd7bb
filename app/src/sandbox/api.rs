//! What the pages ask the server.

use super::model::Sandbox;
use crate::kit::{Result, server};

/// The clock, where the organization is a sandbox.
#[server]
pub async fn read_sandbox() -> Result<Option<Sandbox>> {
    use crate::kit::{permission::can, scope};
    crate::sandbox::store::state(&scope::scope::<can::UseConsole>()?).await
}

/// Makes the organization a sandbox that begins on a day.
#[server]
pub async fn begin_sandbox(#[server(default)] on: String) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteSettings>()?;
    let mut check = Check::default();
    let day = check.day("on", &on);
    scope::answer(async { crate::sandbox::store::begin(&scope, check.done_with(day)?).await }).await?;
    scope::redirect_page("/settings/sandbox");
    Ok(())
}

/// Has a job advance the clock: to a day, or by a number of hours, days or months.
#[server]
pub async fn advance_sandbox(
    #[server(default)] to: String,
    #[server(default)] count: String,
    #[server(default)] unit: String,
) -> Result<()> {
    use crate::kit::{Error, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let by = || {
        let count = match count.trim() {
            "" => None,
            text => Some(text.parse::<i64>().map_err(|_| Error::field("count", "must be a whole number"))?),
        };
        let of = |name: &str| count.filter(|_| unit == name);
        Ok(crate::sandbox::model::Advance { to: Some(to.clone()), hours: of("hours"), days: of("days"), months: of("months") })
    };
    let asked = async {
        let to = crate::sandbox::store::target(scope.seller(), &by()?)?;
        crate::sandbox::store::ask(&scope, to).await
    };
    scope::answer_with_status(asked.await)?;
    scope::redirect_page("/settings/sandbox");
    Ok(())
}

//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{Meter, MeterId};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn list_meters(query: ListQuery) -> Result<Page<Meter>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::meters::store::list(&scope::scope::<can::ReadPlans>()?, &query).await)
}

#[server]
pub async fn get_meter(id: MeterId) -> Result<Meter> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::meters::store::get(&scope::scope::<can::ReadPlans>()?, id).await)
}

/// Makes a meter and goes to its page.
#[server]
pub async fn create_meter(
    key: String,
    name: String,
    #[server(default)] unit: String,
    #[server(default)] aggregation: String,
) -> Result<MeterId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let form = super::model::MeterForm { key, name, unit, aggregation };
    let id = scope::answer(async { crate::meters::store::create(&scope, form.parse()?).await }).await?;
    leptos_axum::redirect(&format!("/meters/{id}"));
    Ok(id)
}

/// Changes what people read of a meter.
#[server]
pub async fn update_meter(id: MeterId, name: String, #[server(default)] unit: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let form = super::model::MeterForm { name, unit, ..Default::default() };
    scope::answer(async { crate::meters::store::update(&scope, id, form.names()?).await }).await?;
    scope::redirect_page(&format!("/meters/{id}"));
    Ok(())
}

/// Takes no more events for a meter, or takes them again.
#[server]
pub async fn archive_meter(id: MeterId, archived: bool) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    scope::answer_with_status(crate::meters::store::set_archived(&scope, id, archived).await)?;
    scope::redirect_page(&format!("/meters/{id}"));
    Ok(())
}

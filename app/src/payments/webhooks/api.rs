//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{EventStatus, GatewayEvent, GatewayEventDetail, GatewayEventId};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn list_gateway_events(query: ListQuery) -> Result<Page<GatewayEvent>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::events::list(&scope::scope::<can::ReadPayments>()?, &query).await)
}

/// The types to filter by.
#[server]
pub async fn list_gateway_event_kinds() -> Result<Vec<String>> {
    use crate::kit::{permission::can, scope};
    crate::payments::store::events::kinds(&scope::scope::<can::ReadPayments>()?).await
}

#[server]
pub async fn get_gateway_event(id: GatewayEventId) -> Result<GatewayEventDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::payments::store::events::detail(&scope::scope::<can::ReadPayments>()?, id).await)
}

/// Applies an event once more; says what became of it.
#[server]
pub async fn replay_gateway_event(id: GatewayEventId) -> Result<EventStatus> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    let status = scope::answer_with_status(crate::payments::store::events::replay(&scope, id).await)?;
    scope::redirect_page(&format!("/webhook-events/{id}"));
    Ok(status)
}

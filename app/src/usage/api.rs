//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{SubscriptionUse, UsageEvent, UsageUpload, UsageUploadId, UsingSubscription};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};
use crate::meters::model::MeterChoice;
use crate::subscriptions::SubscriptionId;

/// Subscriptions that used something lately.
#[server(protocol = Wired<Json>)]
pub async fn list_using_subscriptions(query: ListQuery) -> Result<Page<UsingSubscription>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::usage::store::using(&scope::scope::<can::ReadSubscriptions>()?, &query).await)
}

#[server(protocol = Wired<Json>)]
pub async fn list_usage_events(query: ListQuery) -> Result<Page<UsageEvent>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::usage::store::events(&scope::scope::<can::ReadSubscriptions>()?, &query).await)
}

/// The meters that events can be filtered by.
#[server]
pub async fn list_usage_meters() -> Result<Vec<MeterChoice>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::meters::store::choices(&scope::scope::<can::ReadSubscriptions>()?).await)
}

/// What a subscription used in the period of a day, `YYYY-MM-DD`; blank: today.
#[server]
pub async fn read_usage(id: SubscriptionId, #[server(default)] on: String) -> Result<SubscriptionUse> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::ReadSubscriptions>()?;
    let mut check = Check::default();
    let day = check.optional_day("on", &on);
    scope::answer(async { crate::usage::store::of_subscription(&scope, id, check.done(|| day)?).await }).await
}

/// The latest files of events.
#[server]
pub async fn list_usage_uploads() -> Result<Vec<UsageUpload>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::usage::store::uploads::list(&scope::scope::<can::ReadSubscriptions>()?).await)
}

#[server]
pub async fn get_usage_upload(id: UsageUploadId) -> Result<UsageUpload> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::usage::store::uploads::get(&scope::scope::<can::ReadSubscriptions>()?, id).await)
}

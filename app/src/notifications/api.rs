//! Server functions of the bell and the page. Everyone has notifications, so the permission is the console's.

use leptos::server_fn::codec::Json;

use super::model::{Bell, NotificationId, NotificationRow};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

/// The bell's number and its newest.
#[server]
pub async fn read_bell() -> Result<Bell> {
    crate::notifications::store::bell(&crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?).await
}

/// A page of the list.
#[server(protocol = Wired<Json>)]
pub async fn list_notifications(query: ListQuery) -> Result<Page<NotificationRow>> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::notifications::store::list(&scope, &query).await)
}

/// Marks one as read; gives where it leads. A browser that asked for the page is redirected there.
#[server]
pub async fn open_notification(id: NotificationId) -> Result<String> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    let link = crate::kit::scope::answer_with_status(crate::notifications::store::open(&scope, id).await)?;
    crate::kit::scope::redirect_page(&link);
    Ok(link)
}

/// Takes one off the own list.
#[server]
pub async fn dismiss_notification(id: NotificationId) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::notifications::store::dismiss(&scope, id).await)
}

/// Puts one that was dismissed back.
#[server]
pub async fn restore_notification(id: NotificationId) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer_with_status(crate::notifications::store::restore(&scope, id).await)
}

/// Marks all as read; gives how many were not.
#[server]
pub async fn read_all_notifications() -> Result<u64> {
    crate::notifications::store::mark_all_read(&crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?).await
}

/// Marks the picked ones as read, or takes them off the own list.
#[server]
pub async fn mark_notifications(ids: String, #[server(default)] dismiss: bool) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer(async { crate::notifications::store::mark_many(&scope, &crate::kit::paging::picked(&ids)?, dismiss).await })
        .await
}

/// Puts the ones that were dismissed back.
#[server]
pub async fn restore_notifications(ids: String) -> Result<()> {
    let scope = crate::kit::scope::scope::<crate::kit::permission::can::UseConsole>()?;
    crate::kit::scope::answer(async { crate::notifications::store::restore_many(&scope, &crate::kit::paging::picked(&ids)?).await }).await
}

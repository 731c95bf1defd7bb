//! What the menu asks the server. Everyone has views, so the permission is the console's; what a list shows asks for its own.

use super::model::{List, ViewId, ViewRow};
use crate::kit::{Result, server};

/// The views of a list: the own ones and the shared ones.
#[server]
pub async fn list_views(list: List) -> Result<Vec<ViewRow>> {
    use crate::kit::{permission::can, scope};
    crate::views::store::list(&scope::scope::<can::UseConsole>()?, list).await
}

/// Saves the state of a list under a name.
#[server]
pub async fn save_view(
    list: List,
    #[server(default)] query: String,
    #[server(default)] name: String,
    #[server(default)] shared: bool,
) -> Result<ViewId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::UseConsole>()?;
    scope::answer(async { crate::views::store::save(&scope, super::model::NewView::parse(list, &query, &name, shared)?).await }).await
}

/// Gives a view another name, shares it or takes it back.
#[server]
pub async fn change_view(id: ViewId, #[server(default)] name: String, #[server(default)] shared: bool) -> Result<()> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::views::store::change(&scope::scope::<can::UseConsole>()?, id, &name, shared).await)
}

/// Deletes a view.
#[server]
pub async fn delete_view(id: ViewId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::views::store::delete(&scope::scope::<can::UseConsole>()?, id).await)
}

//! What the pages ask the server.

use std::collections::BTreeMap;

use leptos::server_fn::codec::Json;

use super::model::{Import, ImportId, Preview, RowError};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn list_imports(query: ListQuery) -> Result<Page<Import>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::imports::store::list(&scope::scope::<can::ReadImports>()?, &query).await)
}

#[server]
pub async fn get_import(id: ImportId) -> Result<Import> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::imports::store::get(&scope::scope::<can::ReadImports>()?, id).await)
}

#[server]
pub async fn import_preview(id: ImportId) -> Result<Preview> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::imports::store::preview(&scope::scope::<can::ReadImports>()?, id).await)
}

/// The first hundred errors after a line.
#[server]
pub async fn import_errors(id: ImportId, after: u64) -> Result<Vec<RowError>> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::ReadImports>()?;
    scope::answer_with_status(crate::imports::store::errors(&scope, id, after, 100).await)
}

/// Keeps which column is which, checks the file and goes back to its page.
#[server]
pub async fn set_import_mapping(id: ImportId, #[server(default)] column: BTreeMap<String, String>) -> Result<()> {
    use crate::imports::{model, store};
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteImports>()?;
    let headers = scope::answer_with_status(store::get(&scope, id).await)?.headers;
    scope::answer(async { store::set_mapping(&scope, id, model::parse_mapping(&column, &headers)?).await }).await?;
    leptos_axum::redirect(&format!("/imports/{id}"));
    Ok(())
}

/// Begins the import: `rows` is `all` or `good`.
#[server]
pub async fn start_import(id: ImportId, rows: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteImports>()?;
    scope::answer_with_status(crate::imports::store::start(&scope, id, rows == "good").await)?;
    leptos_axum::redirect(&format!("/imports/{id}"));
    Ok(())
}

#[server]
pub async fn delete_import(id: ImportId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteImports>()?;
    scope::answer_with_status(crate::imports::store::delete(&scope, id).await)?;
    leptos_axum::redirect("/imports");
    Ok(())
}

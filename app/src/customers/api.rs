//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{Customer, CustomerFilters, CustomerForm, CustomerId, CustomerStats, MrrStep};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn list_customers(query: ListQuery) -> Result<Page<Customer>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::customers::store::list(&scope::scope::<can::ReadCustomers>()?, &query).await)
}

#[server]
pub async fn read_customer_stats() -> Result<CustomerStats> {
    use crate::kit::{permission::can, scope};
    crate::customers::store::stats(&scope::scope::<can::ReadCustomers>()?).await
}

#[server]
pub async fn read_customer_filters() -> Result<CustomerFilters> {
    use crate::kit::{permission::can, scope};
    crate::customers::store::filters(&scope::scope::<can::ReadCustomers>()?).await
}

#[server]
pub async fn get_customer(id: CustomerId) -> Result<Customer> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::customers::store::get(&scope::scope::<can::ReadCustomers>()?, id).await)
}

#[server]
pub async fn read_customer_form(id: CustomerId) -> Result<CustomerForm> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::customers::store::form(&scope::scope::<can::WriteCustomers>()?, id).await)
}

#[server]
pub async fn read_customer_mrr(id: CustomerId) -> Result<Vec<MrrStep>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::customers::store::mrr_history(&scope::scope::<can::ReadRevenue>()?, id).await)
}

/// Makes a customer and goes to its page.
#[server]
pub async fn create_customer(
    name: String,
    #[server(default)] email: String,
    #[server(default)] country: String,
    #[server(default)] external_id: String,
    #[server(default)] organization: String,
) -> Result<CustomerId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteCustomers>()?;
    let form = CustomerForm { name, email, country, external_id, organization };
    let id = scope::answer(async { crate::customers::store::create(&scope, form.parse()?).await }).await?;
    leptos_axum::redirect(&format!("/customers/{id}"));
    Ok(id)
}

/// Changes a customer's fields and goes back to its page.
#[server]
pub async fn update_customer(
    id: CustomerId,
    name: String,
    #[server(default)] email: String,
    #[server(default)] country: String,
    #[server(default)] external_id: String,
    #[server(default)] organization: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteCustomers>()?;
    let form = CustomerForm { name, email, country, external_id, organization };
    scope::answer(async { crate::customers::store::update(&scope, id, form.parse()?).await }).await?;
    leptos_axum::redirect(&format!("/customers/{id}"));
    Ok(())
}

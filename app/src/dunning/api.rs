//! What the pages ask the server.

use std::collections::BTreeMap;

use leptos::server_fn::codec::Json;

use super::model::{Case, CaseDetail, CaseId, CustomerDunning, ExclusionId, Policy, PolicyId, Summary};
use crate::customers::CustomerId;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn list_dunning_cases(query: ListQuery) -> Result<Page<Case>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::dunning::store::list(&scope::scope::<can::ReadInvoices>()?, &query).await)
}

#[server]
pub async fn read_dunning_summary(#[server(default)] currency: String) -> Result<Summary> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::dunning::store::summary(&scope::scope::<can::ReadInvoices>()?, &currency).await)
}

#[server]
pub async fn get_dunning_case(id: CaseId) -> Result<CaseDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::dunning::store::detail(&scope::scope::<can::ReadInvoices>()?, id).await)
}

#[server]
pub async fn promise_payment(id: CaseId, promised_on: String, #[server(default)] note: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer(async {
        let (by, note) = crate::dunning::forms::promise(&promised_on, &note)?;
        crate::dunning::store::promise(&scope, id, by, note).await
    })
    .await?;
    scope::redirect_page(&format!("/dunning/{id}"));
    Ok(())
}

#[server]
pub async fn pause_dunning_case(id: CaseId, #[server(default)] reason: String) -> Result<()> {
    use crate::kit::{form, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer(async { crate::dunning::store::pause(&scope, id, form::reason(&reason)?).await }).await?;
    scope::redirect_page(&format!("/dunning/{id}"));
    Ok(())
}

#[server]
pub async fn resume_dunning_case(id: CaseId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer_with_status(crate::dunning::store::resume(&scope, id).await)?;
    scope::redirect_page(&format!("/dunning/{id}"));
    Ok(())
}

#[server]
pub async fn take_next_step(id: CaseId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer_with_status(crate::dunning::store::take_now(&scope, id).await)?;
    scope::redirect_page(&format!("/dunning/{id}"));
    Ok(())
}

#[server]
pub async fn collect_again(id: CaseId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePayments>()?;
    scope::answer_with_status(crate::dunning::store::retry_now(&scope, id).await)?;
    scope::redirect_page(&format!("/dunning/{id}"));
    Ok(())
}

#[server]
pub async fn close_dunning_case(id: CaseId, #[server(default)] reason: String) -> Result<()> {
    use crate::kit::{form, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer(async { crate::dunning::store::close(&scope, id, form::reason(&reason)?).await }).await?;
    scope::redirect_page(&format!("/dunning/{id}"));
    Ok(())
}

#[server]
pub async fn read_customer_dunning(customer: CustomerId) -> Result<CustomerDunning> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::dunning::store::of_customer(&scope::scope::<can::ReadInvoices>()?, customer).await)
}

/// A blank policy: the default one.
#[server]
pub async fn choose_dunning_policy(customer: CustomerId, #[server(default)] policy: String) -> Result<()> {
    use crate::kit::{Error, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let policy = match policy.as_str() {
        "" => Ok(None),
        id => id.parse::<PolicyId>().map(Some).map_err(|_| Error::field("policy", "is no policy in use")),
    };
    scope::answer(async { crate::dunning::store::choose_policy(&scope, customer, policy?).await }).await?;
    scope::redirect_page(&format!("/customers/{customer}/dunning"));
    Ok(())
}

/// Leaves all of a customer's alone.
#[server]
pub async fn exclude_from_dunning(customer: CustomerId, #[server(default)] reason: String) -> Result<ExclusionId> {
    use crate::kit::{form, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let id = scope::answer(async { crate::dunning::store::exclude(&scope, customer, None, form::reason(&reason)?).await }).await?;
    scope::redirect_page(&format!("/customers/{customer}/dunning"));
    Ok(id)
}

#[server]
pub async fn include_in_dunning(id: ExclusionId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let customer = scope::answer_with_status(crate::dunning::store::include(&scope, id).await)?;
    scope::redirect_page(&format!("/customers/{customer}/dunning"));
    Ok(())
}

#[server]
pub async fn list_dunning_policies() -> Result<Vec<Policy>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::dunning::store::policies::list(&scope::scope::<can::ReadInvoices>()?).await)
}

#[server]
pub async fn get_dunning_policy(id: PolicyId) -> Result<Policy> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::dunning::store::policies::get(&scope::scope::<can::ReadInvoices>()?, id).await)
}

#[server]
pub async fn create_dunning_policy(
    name: String,
    #[server(default)] default: bool,
    #[server(default)] day: BTreeMap<String, String>,
    #[server(default)] action: BTreeMap<String, String>,
) -> Result<PolicyId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let form = crate::dunning::forms::PolicyForm { name, default, day, action };
    let id = scope::answer(async { crate::dunning::store::policies::create(&scope, form.parse()?).await }).await?;
    scope::redirect_page("/dunning/policies");
    Ok(id)
}

#[server]
pub async fn update_dunning_policy(
    id: PolicyId,
    name: String,
    #[server(default)] default: bool,
    #[server(default)] day: BTreeMap<String, String>,
    #[server(default)] action: BTreeMap<String, String>,
) -> Result<PolicyId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let form = crate::dunning::forms::PolicyForm { name, default, day, action };
    let id = scope::answer(async { crate::dunning::store::policies::update(&scope, id, form.parse()?).await }).await?;
    scope::redirect_page("/dunning/policies");
    Ok(id)
}

#[server]
pub async fn archive_dunning_policy(id: PolicyId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    scope::answer_with_status(crate::dunning::store::policies::archive(&scope, id).await)?;
    scope::redirect_page("/dunning/policies");
    Ok(())
}

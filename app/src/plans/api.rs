//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{Plan, PlanChoice, PlanDetail, PlanId};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};

#[server(protocol = Wired<Json>)]
pub async fn list_plans(query: ListQuery) -> Result<Page<Plan>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::plans::store::list(&scope::scope::<can::ReadPlans>()?, &query).await)
}

#[server]
pub async fn get_plan(id: PlanId) -> Result<PlanDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::plans::store::detail(&scope::scope::<can::ReadPlans>()?, id).await)
}

/// The plans that a subscription may take.
#[server]
pub async fn plan_choices(also: Option<PlanId>) -> Result<Vec<PlanChoice>> {
    use crate::kit::{permission::can, scope};
    crate::plans::store::choices(&scope::scope::<can::ReadPlans>()?, also).await
}

/// Makes a plan and goes to its page.
#[server]
pub async fn create_plan(
    name: String,
    interval: String,
    #[server(default)] interval_count: String,
    price: String,
    currency: String,
    #[server(default)] trial_days: String,
) -> Result<PlanId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let form = super::model::PlanForm { name, interval, interval_count, price, currency, trial_days };
    let id = scope::answer(async { crate::plans::store::create(&scope, form.parse()?).await }).await?;
    leptos_axum::redirect(&format!("/plans/{id}"));
    Ok(id)
}

/// Gives a plan a new price.
#[server]
pub async fn change_plan_price(
    id: PlanId,
    price: String,
    #[server(default)] move_existing: bool,
    #[server(default)] move_from: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let form = super::model::PriceForm { price, move_existing, move_from };
    scope::answer_with_status(crate::plans::store::change_price_as_typed(&scope, id, &form).await)
}

/// Adds a charge to a plan: to its present version where nobody is on it, else by a new one.
#[server]
#[allow(clippy::too_many_arguments)]
pub async fn add_plan_charge(
    id: PlanId,
    kind: String,
    name: String,
    #[server(default)] model: String,
    #[server(default)] amount: String,
    #[server(default)] package_size: String,
    #[server(default)] included: String,
    #[server(default)] tiers: String,
    #[server(default)] meter: String,
    #[server(default)] move_existing: bool,
    #[server(default)] move_from: String,
) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let form = super::charges::ChargeForm { kind, name, model, amount, package_size, included, tiers, meter };
    let mut check = Check::default();
    let move_from = if move_existing { check.day("move_from", &move_from) } else { None };
    scope::answer(async { crate::plans::store::charges::add_as_typed(&scope, id, &form, check.done(|| move_from)?).await }).await?;
    scope::redirect_page(&format!("/plans/{id}"));
    Ok(())
}

/// Takes a charge off a plan, as [`add_plan_charge`] puts one on.
#[server]
pub async fn remove_plan_charge(
    charge: super::charges::ChargeId,
    #[server(default)] move_existing: bool,
    #[server(default)] move_from: String,
) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let mut check = Check::default();
    let move_from = if move_existing { check.day("move_from", &move_from) } else { None };
    let plan = scope::answer(async { crate::plans::store::charges::remove(&scope, charge, check.done(|| move_from)?).await }).await?;
    scope::redirect_page(&format!("/plans/{plan}"));
    Ok(())
}

/// Takes a plan off the offer, or puts it back.
#[server]
pub async fn archive_plan(id: PlanId, archived: bool) -> Result<()> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::plans::store::set_archived(&scope::scope::<can::WritePlans>()?, id, archived).await)
}

/// Takes the picked plans off the offer, or puts them back; gives how many moved.
#[server]
pub async fn archive_plans(ids: String, archived: bool) -> Result<u64> {
    use crate::kit::{paging::picked, permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    scope::answer(async { crate::plans::store::set_archived_many(&scope, &picked(&ids)?, archived).await }).await
}

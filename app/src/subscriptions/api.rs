//! What the pages ask the server.

use chrono::NaiveDate;
use leptos::server_fn::codec::Json;

use super::model::{
    CancelEffect, ChangeForm, Effect, ExchangeRate, Service, Subscription, SubscriptionDetail, SubscriptionFilters, SubscriptionForm,
    SubscriptionId, SubscriptionStart, Verb,
};
use super::switching::SwitchesView;
use crate::audit::Activity;
use crate::customers::CustomerId;
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{FieldErrors, Result, server};
use crate::plans::PlanId;
use crate::plans::model::PlanChoice;

/// What a form would do, or what is wrong with which of its fields.
pub type Previewed = std::result::Result<Effect, FieldErrors>;

#[server(protocol = Wired<Json>)]
pub async fn list_subscriptions(query: ListQuery) -> Result<Page<Subscription>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::subscriptions::store::list(&scope::scope::<can::ReadSubscriptions>()?, &query).await)
}

#[server]
pub async fn list_customer_subscriptions(customer: CustomerId) -> Result<Vec<Subscription>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::subscriptions::store::of_customer(&scope::scope::<can::ReadSubscriptions>()?, customer).await)
}

#[server]
pub async fn get_subscription(id: SubscriptionId) -> Result<SubscriptionDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::subscriptions::store::detail(&scope::scope::<can::ReadSubscriptions>()?, id).await)
}

/// What happened to it.
#[server(protocol = Wired<Json>)]
pub async fn list_subscription_activity(id: SubscriptionId, query: ListQuery) -> Result<Page<Activity>> {
    use crate::kit::{permission::can, scope};
    let page = crate::subscriptions::store::activity(&scope::scope::<can::ReadAudit>()?, id, &query).await;
    scope::answer_with_status(page.map(|page| page.map(|row| Activity::of(&row, "subscription"))))
}

/// What happened to a customer and its subscriptions.
#[server(protocol = Wired<Json>)]
pub async fn list_customer_activity(customer: CustomerId, query: ListQuery) -> Result<Page<Activity>> {
    use crate::kit::{permission::can, scope};
    let page = crate::subscriptions::store::customer_activity(&scope::scope::<can::ReadAudit>()?, customer, &query).await;
    scope::answer_with_status(page.map(|page| page.map(|row| Activity::of(&row, "customer"))))
}

/// What the filters of the list offer.
#[server]
pub async fn read_subscription_filters() -> Result<SubscriptionFilters> {
    use crate::kit::{permission::can, scope};
    crate::subscriptions::store::filters(&scope::scope::<can::ReadSubscriptions>()?).await
}

/// What the form of a new subscription starts from.
#[server]
pub async fn start_subscription(customer: String) -> Result<SubscriptionStart> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    scope::answer_with_status(crate::subscriptions::store::start(&scope, &customer).await)
}

/// The plans that a subscription may take, its own included.
#[server]
pub async fn plans_to_move_to(plan: PlanId) -> Result<Vec<PlanChoice>> {
    use crate::kit::{permission::can, scope};
    crate::plans::store::choices(&scope::scope::<can::WriteSubscriptions>()?, Some(plan)).await
}

/// What a new subscription would do to MRR.
#[server(protocol = Wired<Json>)]
pub async fn preview_new_subscription(form: SubscriptionForm) -> Result<Previewed> {
    use crate::kit::{permission::can, scope};
    crate::subscriptions::store::previewed(
        crate::subscriptions::store::preview_new(&scope::scope::<can::WriteSubscriptions>()?, &form).await,
    )
}

/// Changes plan, price or quantity.
#[server]
pub async fn change_subscription(
    id: SubscriptionId,
    plan_id: String,
    #[server(default)] quantity: String,
    #[server(default)] price: String,
    #[server(default)] at: String,
    #[server(default)] on: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let form = ChangeForm { plan_id, quantity, price, at, on };
    scope::answer_with_status(crate::subscriptions::store::change_as_typed(&scope, id, &form).await)?;
    leptos_axum::redirect(&format!("/subscriptions/{id}"));
    Ok(())
}

/// What [`change_subscription`] would do to MRR.
#[server(protocol = Wired<Json>)]
pub async fn preview_change(id: SubscriptionId, form: ChangeForm) -> Result<Previewed> {
    use crate::kit::{permission::can, scope};
    crate::subscriptions::store::previewed(
        crate::subscriptions::store::preview_as_typed(&scope::scope::<can::WriteSubscriptions>()?, id, &form).await,
    )
}

/// Ends service: `at` is `now`, `period_end`, or `date` with the day in `on`.
#[server]
pub async fn cancel_subscription(
    id: SubscriptionId,
    #[server(default)] at: String,
    #[server(default)] on: String,
    #[server(default)] reason: String,
) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let mut check = Check::default();
    let at = super::model::when(&mut check, &at, &on);
    let reason = check.optional_text("reason", &reason, 200);
    let verb = scope::answer_with_status(check.done(|| Verb::Cancel { at, reason }))?;
    scope::answer_with_status(crate::subscriptions::store::perform(&scope, id, verb).await)?;
    leptos_axum::redirect(&format!("/subscriptions/{id}"));
    Ok(())
}

/// Cancels the picked subscriptions at the ends of their periods; gives how many had no end yet.
#[server]
pub async fn cancel_subscriptions(ids: String, #[server(default)] reason: String) -> Result<u64> {
    use crate::kit::{form::Check, paging::picked, permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let mut check = Check::default();
    let reason = check.optional_text("reason", &reason, 200);
    let (ids, reason) = scope::answer_with_status(check.done(|| reason).and_then(|reason| Ok((picked(&ids)?, reason))))?;
    scope::answer_with_status(crate::subscriptions::store::cancel_many(&scope, &ids, reason).await)
}

/// What [`cancel_subscriptions`] would do to MRR.
#[server]
pub async fn preview_cancel_subscriptions(ids: String) -> Result<CancelEffect> {
    use crate::kit::{paging::picked, permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    scope::answer_with_status(match picked(&ids) {
        Ok(ids) => crate::subscriptions::store::preview_cancel_many(&scope, &ids).await,
        Err(error) => Err(error),
    })
}

/// What any verb would do to MRR.
#[server(protocol = Wired<Json>)]
pub async fn preview_verb(id: SubscriptionId, verb: Verb) -> Result<Effect> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::subscriptions::store::preview(&scope::scope::<can::WriteSubscriptions>()?, id, verb).await)
}

/// Takes a cancellation to come back, or starts service again today.
#[server]
pub async fn reactivate_subscription(id: SubscriptionId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let verb = Verb::Reactivate { at: super::model::When::Now };
    scope::answer_with_status(crate::subscriptions::store::perform(&scope, id, verb).await)?;
    leptos_axum::redirect(&format!("/subscriptions/{id}"));
    Ok(())
}

/// Pauses service: `at` is `now`, `period_end`, or `date` with the day in `on`; blank `resumes_on`: until it is resumed.
#[server]
pub async fn pause_subscription(
    id: SubscriptionId,
    #[server(default)] at: String,
    #[server(default)] on: String,
    #[server(default)] resumes_on: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let verb = scope::answer_with_status(super::model::PauseForm { at, on, resumes_on }.pause())?;
    scope::answer_with_status(crate::subscriptions::store::perform(&scope, id, verb).await)?;
    scope::redirect_page(&format!("/subscriptions/{id}"));
    Ok(())
}

/// Service again, now or on a day; a pause to come is taken back, or ends on another day.
#[server]
pub async fn resume_subscription(id: SubscriptionId, #[server(default)] at: String, #[server(default)] on: String) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let verb = scope::answer_with_status(super::model::PauseForm { at, on, ..Default::default() }.resume())?;
    scope::answer_with_status(crate::subscriptions::store::perform(&scope, id, verb).await)?;
    scope::redirect_page(&format!("/subscriptions/{id}"));
    Ok(())
}

/// Ends a trial on another day; today: now.
#[server]
pub async fn change_trial(id: SubscriptionId, ends_on: String) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let mut check = Check::default();
    let day = check.day("ends_on", &ends_on);
    let verb = scope::answer_with_status(check.done_with(day.map(|ends_on| Verb::Trial { ends_on })))?;
    scope::answer_with_status(crate::subscriptions::store::perform(&scope, id, verb).await)?;
    leptos_axum::redirect(&format!("/subscriptions/{id}"));
    Ok(())
}

/// How the switches of a subscription stand.
#[server]
pub async fn read_switches(id: SubscriptionId) -> Result<SwitchesView> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::subscriptions::store::switches::view(&scope::scope::<can::ReadSubscriptions>()?, id).await)
}

/// Slows service down, suspends it or gives it back; billing goes on.
#[server]
pub async fn switch_service(id: SubscriptionId, service: Service, #[server(default)] reason: String) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let mut check = Check::default();
    let reason = check.optional_text("reason", &reason, 200);
    scope::answer_with_status(match check.done(|| reason) {
        Ok(reason) => crate::subscriptions::store::switches::set_service(&scope, id, service, reason).await,
        Err(error) => Err(error),
    })?;
    scope::redirect_page(&format!("/subscriptions/{id}"));
    Ok(())
}

/// Leaves billing out from the next period on, or takes it up again; service goes on.
#[server]
pub async fn switch_billing(id: SubscriptionId, billed: bool, #[server(default)] reason: String) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let mut check = Check::default();
    let reason = check.optional_text("reason", &reason, 200);
    scope::answer_with_status(match check.done(|| reason) {
        Ok(reason) => crate::subscriptions::store::switches::set_billing(&scope, id, billed, reason).await,
        Err(error) => Err(error),
    })?;
    scope::redirect_page(&format!("/subscriptions/{id}"));
    Ok(())
}

/// The exchange rates, and the day they are read on.
#[server]
pub async fn list_exchange_rates() -> Result<(NaiveDate, Vec<ExchangeRate>)> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::ReadSubscriptions>()?;
    Ok((scope.today(), crate::subscriptions::rates::all(&scope).await?))
}

/// Sets the rate of a currency from a day on.
#[server]
pub async fn set_exchange_rate(currency: String, rate: String, starts_on: String) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteSettings>()?;
    let mut check = Check::default();
    let currency = check.parse("currency", &currency.to_uppercase());
    let rate = super::model::parse_rate(rate.trim()).map_err(|e| check.refuse("rate", e)).ok();
    let starts_on = check.day("starts_on", &starts_on);
    let new = currency.zip(rate).zip(starts_on).map(|((currency, rate), starts_on)| ExchangeRate { currency, starts_on, rate });
    let new = scope::answer_with_status(check.done_with(new))?;
    scope::answer_with_status(crate::subscriptions::rates::set(&scope, new).await)?;
    leptos_axum::redirect("/settings/rates");
    Ok(())
}

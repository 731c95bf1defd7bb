//! What the pages ask the server.

use leptos::server_fn::codec::Json;

use super::model::{BillingForm, CustomerBilling};
use crate::customers::CustomerId;
use crate::invoices::catalogue::{CouponDetail, CouponId, CouponView, PromotionCodeId, TaxRateView};
use crate::invoices::model::{RedemptionId, TaxRateId};
use crate::kit::paging::{ListQuery, Page};
use crate::kit::wire::Wired;
use crate::kit::{Result, server};
use crate::subscriptions::SubscriptionId;

/// Begins a subscription, with something off where a code is given, and goes to its page.
#[server]
#[allow(clippy::too_many_arguments)]
pub async fn create_subscription(
    customer_id: String,
    plan_id: String,
    started_on: String,
    #[server(default)] trial_ends_on: String,
    #[server(default)] quantity: String,
    #[server(default)] price: String,
    #[server(default)] anchor_day: String,
    #[server(default)] promotion_code: String,
) -> Result<SubscriptionId> {
    use crate::kit::{permission::can, scope};
    use crate::subscriptions::model::SubscriptionForm;
    let scope = scope::scope::<can::WriteSubscriptions>()?;
    let form = SubscriptionForm { customer_id, plan_id, started_on, trial_ends_on, quantity, price, anchor_day };
    let id = scope::answer_with_status(crate::billing::store::subscribe_as_typed(&scope, &form, &promotion_code).await)?;
    leptos_axum::redirect(&format!("/subscriptions/{id}"));
    Ok(id)
}

#[server(protocol = Wired<Json>)]
pub async fn list_coupons(query: ListQuery) -> Result<Page<CouponView>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::coupons::page(&scope::scope::<can::ReadPlans>()?, &query).await)
}

#[server]
pub async fn get_coupon(id: CouponId) -> Result<CouponDetail> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::coupons::detail(&scope::scope::<can::ReadPlans>()?, id).await)
}

/// Makes a coupon and goes to its page.
#[server]
#[allow(clippy::too_many_arguments)]
pub async fn create_coupon(
    name: String,
    #[server(default)] percent: String,
    #[server(default)] amount: String,
    #[server(default)] currency: String,
    #[server(default)] duration: String,
    #[server(default)] times: String,
    #[server(default)] max_redemptions: String,
    #[server(default)] expires_on: String,
    #[server(default)] plan: String,
) -> Result<CouponId> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let form =
        crate::invoices::catalogue::CouponForm { name, percent, amount, currency, duration, times, max_redemptions, expires_on, plan };
    let id = scope::answer(async { crate::invoices::store::coupons::create(&scope, form.parse()?).await }).await?;
    leptos_axum::redirect(&format!("/coupons/{id}"));
    Ok(id)
}

/// A coupon is given out no more.
#[server]
pub async fn archive_coupon(id: CouponId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    scope::answer_with_status(crate::invoices::store::coupons::archive(&scope, id).await)?;
    scope::redirect_page(&format!("/coupons/{id}"));
    Ok(())
}

/// Makes a code that a coupon is given out by.
#[server]
pub async fn add_promotion_code(
    id: CouponId,
    code: String,
    #[server(default)] max_redemptions: String,
    #[server(default)] expires_on: String,
    #[server(default)] first_time_only: bool,
) -> Result<()> {
    use crate::invoices::store::coupons::{NewCode, add_code};
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let mut check = Check::default();
    let code = check.text("code", &code, 40);
    let many = max_redemptions.trim();
    let max = if many.is_empty() { None } else { i32::try_from(check.whole("max_redemptions", many, 1, 1_000_000_000)).ok() };
    let expires_on = check.optional_day("expires_on", &expires_on);
    scope::answer(async { add_code(&scope, id, check.done(|| NewCode { code, max, expires_on, first_time_only })?).await }).await?;
    scope::redirect_page(&format!("/coupons/{id}"));
    Ok(())
}

/// A code is given out no more.
#[server]
pub async fn archive_promotion_code(id: PromotionCodeId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WritePlans>()?;
    let coupon = scope::answer_with_status(crate::invoices::store::coupons::archive_code(&scope, id).await)?;
    scope::redirect_page(&format!("/coupons/{coupon}"));
    Ok(())
}

/// Account, coupons and what can be given.
#[server]
pub async fn read_customer_billing(customer: CustomerId) -> Result<CustomerBilling> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::billing::store::of_customer(&scope::scope::<can::ReadInvoices>()?, customer).await)
}

/// Gives a customer a coupon, by its code where one is typed.
#[server]
pub async fn give_coupon(
    customer: CustomerId,
    #[server(default)] coupon: String,
    #[server(default)] code: String,
    #[server(default)] subscription: String,
) -> Result<()> {
    use crate::invoices::store::coupons::{Redeem, redeem};
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let mut check = Check::default();
    let by = if code.trim().is_empty() { check.parse("coupon", &coupon).map(Redeem::Coupon) } else { Some(Redeem::Code(code)) };
    let subscription = if subscription.trim().is_empty() { None } else { check.parse("subscription_id", &subscription) };
    scope::answer(async { redeem(&scope, customer, check.done_with(by)?, subscription).await }).await?;
    scope::redirect_page(&format!("/customers/{customer}/billing"));
    Ok(())
}

/// A customer has a coupon no more.
#[server]
pub async fn end_coupon(id: RedemptionId) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let customer = scope::answer_with_status(crate::invoices::store::coupons::end_redemption(&scope, id).await)?;
    scope::redirect_page(&format!("/customers/{customer}/billing"));
    Ok(())
}

/// Changes how a customer is billed, for invoices to come.
#[server]
#[allow(clippy::too_many_arguments)]
pub async fn update_customer_billing(
    customer: CustomerId,
    #[server(default)] tax_status: String,
    #[server(default)] tax_reason: String,
    #[server(default)] tax_number: String,
    #[server(default)] legal_name: String,
    #[server(default)] address: String,
    #[server(default)] billing_email: String,
    #[server(default)] language: String,
    #[server(default)] terms_days: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let form = crate::invoices::catalogue::AccountForm {
        tax_status,
        tax_reason,
        tax_number,
        legal_name,
        address,
        billing_email,
        language,
        terms_days,
    };
    scope::answer(async { crate::invoices::store::accounts::update(&scope, customer, form.parse()?).await }).await?;
    scope::redirect_page(&format!("/customers/{customer}/billing"));
    Ok(())
}

#[server]
pub async fn list_tax_rates() -> Result<Vec<TaxRateView>> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::invoices::store::settings::rates_for_page(&scope::scope::<can::ReadInvoices>()?).await)
}

/// Adds a rate of tax, for invoices to come.
#[server]
pub async fn add_tax_rate(
    name: String,
    percent: String,
    #[server(default)] inclusive: bool,
    #[server(default)] country: String,
    #[server(default)] starts_on: String,
    #[server(default)] ends_on: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let form = crate::invoices::catalogue::TaxRateForm { name, percent, inclusive, country, starts_on, ends_on };
    scope::answer(async { crate::invoices::store::settings::add_tax_rate(&scope, form.parse(scope.today())?).await }).await?;
    scope::redirect_page("/settings/taxes");
    Ok(())
}

/// Ends a rate of tax on a day.
#[server]
pub async fn end_tax_rate(id: TaxRateId, ends_on: String) -> Result<()> {
    use crate::kit::{form::Check, permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let mut check = Check::default();
    let day = check.day("ends_on", &ends_on);
    scope::answer(async { crate::invoices::store::settings::end_tax_rate(&scope, id, check.done_with(day)?).await }).await?;
    scope::redirect_page("/settings/taxes");
    Ok(())
}

/// How the seller bills, and whether it has a logo.
#[server]
pub async fn read_billing_settings() -> Result<(BillingForm, bool)> {
    use crate::kit::{permission::can, scope};
    scope::answer_with_status(crate::billing::store::read(&scope::scope::<can::ReadInvoices>()?).await)
}

/// Changes how the seller bills, from now on.
#[server]
#[allow(clippy::too_many_arguments)]
pub async fn update_billing_settings(
    invoice_prefix: String,
    credit_note_prefix: String,
    account_prefix: String,
    #[server(default)] terms_days: String,
    #[server(default)] anchor_days: String,
    #[server(default)] proration: String,
    #[server(default)] draft_days: String,
    #[server(default)] tax_inclusive: bool,
    #[server(default)] bound_major: String,
    #[server(default)] bound_lines: String,
    #[server(default)] bound_invoices: String,
    #[server(default)] accent: String,
    #[server(default)] footer: String,
    #[server(default)] language: String,
) -> Result<()> {
    use crate::kit::{permission::can, scope};
    let scope = scope::scope::<can::WriteInvoices>()?;
    let form = BillingForm {
        invoice_prefix,
        credit_note_prefix,
        account_prefix,
        terms_days,
        anchor_days,
        proration,
        draft_days,
        tax_inclusive,
        bound_major,
        bound_lines,
        bound_invoices,
        accent,
        footer,
        language,
    };
    scope::answer_with_status(crate::billing::store::save(&scope, &form).await)?;
    scope::redirect_page("/settings/billing");
    Ok(())
}

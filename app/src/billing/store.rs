//! Typed settings to stored ones, and back; subscriptions that begin with something off.

use serde_json::json;

use super::model::{BillingForm, CustomerBilling};
use crate::customers::CustomerId;
use crate::invoices::catalogue::CouponState;
use crate::invoices::store::coupons::Redeem;
use crate::invoices::store::settings::{self, Settings};
use crate::invoices::store::{accounts, coupons};
use crate::kit::form::Check;
use crate::kit::scope::Scope;
use crate::kit::{Error, Result};
use crate::subscriptions::SubscriptionId;
use crate::subscriptions::model::{NewSubscription, SubscriptionForm};
use crate::subscriptions::store as subscriptions;

/// Begins a subscription and gives it what a coupon or code takes off, both or neither.
pub async fn subscribe(scope: &Scope, new: NewSubscription, by: Option<Redeem>) -> Result<SubscriptionId> {
    let tx = scope.write().await?;
    let (customer, from) = (new.customer_id, new.started_on.min(scope.today()));
    let (id, event) = subscriptions::create_in(&tx, new).await?;
    let mut events = vec![event];
    if let Some(by) = by {
        let redeemed = coupons::redeem_in(&tx, customer, by, Some(id), from).await;
        events.push(redeemed.map_err(as_named_here)?.1);
    }
    tx.commit_all(events).await?;
    Ok(id)
}

/// As [`subscribe`], from a form and a code that may be blank.
pub async fn subscribe_as_typed(scope: &Scope, form: &SubscriptionForm, code: &str) -> Result<SubscriptionId> {
    let code = code.trim();
    let by = (!code.is_empty()).then(|| Redeem::Code(code.to_owned()));
    subscribe(scope, subscriptions::typed(scope, form).await?, by).await
}

/// What is wrong with a coupon or code, under the names that a new subscription has for them.
fn as_named_here(error: Error) -> Error {
    let fields = error.fields();
    match (fields.first("code"), fields.first("coupon_id")) {
        (Some(why), _) => Error::field("promotion_code", why),
        (None, Some(why)) => Error::field("coupon", why),
        (None, None) => error,
    }
}

/// How the seller bills, and whether it has a logo.
pub async fn read(scope: &Scope) -> Result<(BillingForm, bool)> {
    let tx = scope.read().await?;
    let (is, logo) = (settings::settings(&tx).await?, settings::logo_key(&tx).await?);
    let days: Vec<String> = is.anchors().iter().map(u32::to_string).collect();
    let form = BillingForm {
        anchor_days: days.join(", "),
        invoice_prefix: is.invoice_prefix,
        credit_note_prefix: is.credit_note_prefix,
        account_prefix: is.account_prefix,
        terms_days: is.terms_days.to_string(),
        proration: is.proration.word().to_owned(),
        draft_days: is.draft_days.to_string(),
        tax_inclusive: is.tax_inclusive,
        bound_major: is.bound_major.to_string(),
        bound_lines: is.bound_lines.to_string(),
        bound_invoices: is.bound_invoices.to_string(),
        accent: is.accent.unwrap_or_default(),
        footer: is.footer.unwrap_or_default(),
        language: is.language,
    };
    Ok((form, logo.is_some()))
}

/// Keeps what was typed.
pub async fn save(scope: &Scope, form: &BillingForm) -> Result<()> {
    settings::update(scope, parse(form)?).await
}

fn parse(form: &BillingForm) -> Result<Settings> {
    let mut check = Check::default();
    let mut anchors = Vec::new();
    for day in form.anchor_days.split([',', ' ', ';']).filter(|day| !day.is_empty()) {
        anchors.push(check.whole("anchor_days", day, 1, 31));
    }
    anchors.sort_unstable();
    anchors.dedup();
    let mut small = |field: &str, text: &str, low: i64, high: i64| i32::try_from(check.whole(field, text, low, high)).unwrap_or(0);
    let terms_days = small("terms_days", &form.terms_days, 0, 365);
    let draft_days = small("draft_days", &form.draft_days, 0, 60);
    let bound_lines = small("bound_lines", &form.bound_lines, 1, 1_000_000);
    let bound_invoices = small("bound_invoices", &form.bound_invoices, 1, 1_000_000);
    let bound_major = check.whole("bound_major", &form.bound_major, 1, 1_000_000_000_000);
    let accent = check.optional_text("accent", &form.accent, 7);
    let footer = check.optional_text("footer", &form.footer, 1_000);
    let language = check.text("language", &form.language, 10);
    let proration = check.parse("proration", &form.proration);
    let settings = proration.map(|proration| Settings {
        invoice_prefix: form.invoice_prefix.trim().to_uppercase(),
        credit_note_prefix: form.credit_note_prefix.trim().to_uppercase(),
        account_prefix: form.account_prefix.trim().to_uppercase(),
        terms_days,
        anchor_days: json!(anchors),
        proration,
        draft_days,
        tax_inclusive: form.tax_inclusive,
        bound_major,
        bound_lines,
        bound_invoices,
        accent,
        footer,
        language,
    });
    check.done_with(settings)
}

/// What of billing is a customer's own.
pub async fn of_customer(scope: &Scope, customer: CustomerId) -> Result<CustomerBilling> {
    let account = accounts::get(scope, customer).await?.view();
    let redeemed = coupons::of_customer(scope, customer).await?;
    let offered = coupons::list(scope).await?.into_iter().filter(|c| c.state == CouponState::Active);
    let subscriptions = crate::subscriptions::store::of_customer(scope, customer).await?;
    let subscriptions = subscriptions.into_iter().filter(|s| s.ended_on.is_none()).map(|s| (s.id, s.plan_name));
    Ok(CustomerBilling { account, coupons: redeemed, offered: offered.collect(), subscriptions: subscriptions.collect() })
}

#[cfg(test)]
mod tests;

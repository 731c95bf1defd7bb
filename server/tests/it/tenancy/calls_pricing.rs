//! As `calls`, of prices and usage: meters, events, charges of plans, coupons, taxes, how a seller bills. Tried before
//! those, of which the last signs out.

use app::kit::permission::Permission::*;

use super::calls::{Function, Plain, may};
use super::operations::Operation;

pub const FUNCTIONS: &[Function] = &[
    may("meters/api/list_meters", ReadPlans, r#"{"query":{}}"#),
    may("meters/api/get_meter", ReadPlans, "id=$meter"),
    may("meters/api/create_meter", WritePlans, "key=another&name=Another&unit=GB&aggregation=sum"),
    may("meters/api/update_meter", WritePlans, "id=$meter&name=Renamed&unit=GB"),
    may("meters/api/archive_meter", WritePlans, "id=$meter&archived=true"),
    may("usage/api/list_using_subscriptions", ReadSubscriptions, r#"{"query":{}}"#),
    may("usage/api/list_usage_events", ReadSubscriptions, r#"{"query":{}}"#),
    may("usage/api/list_usage_meters", ReadSubscriptions, ""),
    may("usage/api/read_usage", ReadSubscriptions, "id=$subscription"),
    may("usage/api/list_usage_uploads", ReadSubscriptions, ""),
    may("usage/api/get_usage_upload", ReadSubscriptions, "id=$usage_upload"),
    may("billing/api/list_coupons", ReadPlans, r#"{"query":{}}"#),
    may("billing/api/get_coupon", ReadPlans, "id=$coupon"),
    may("billing/api/create_coupon", WritePlans, "name=Autumn&percent=12.5&duration=once"),
    may("billing/api/add_promotion_code", WritePlans, "id=$coupon&code=autumn"),
    may("billing/api/read_customer_billing", ReadInvoices, "customer=$customer"),
    may("billing/api/give_coupon", WriteInvoices, "customer=$customer&code=own"),
    may("billing/api/end_coupon", WriteInvoices, "id=$redemption"),
    may("billing/api/archive_promotion_code", WritePlans, "id=$promotion_code"),
    may("billing/api/archive_coupon", WritePlans, "id=$coupon"),
    may("billing/api/update_customer_billing", WriteInvoices, "customer=$customer&tax_status=exempt&tax_reason=A school"),
    may("billing/api/list_tax_rates", ReadInvoices, ""),
    may("billing/api/add_tax_rate", WriteInvoices, "name=VAT&percent=15"),
    may("billing/api/end_tax_rate", WriteInvoices, "id=$tax_rate&ends_on=2050-01-01"),
    may("billing/api/read_billing_settings", ReadInvoices, ""),
    may(
        "billing/api/update_billing_settings",
        WriteInvoices,
        "invoice_prefix=INV&credit_note_prefix=CN&account_prefix=CT&terms_days=14&proration=prorate&draft_days=7&bound_major=1000000&\
         bound_lines=500&bound_invoices=1200&language=en",
    ),
    may("subscriptions/api/read_switches", ReadSubscriptions, "id=$subscription"),
    may("subscriptions/api/switch_service", WriteSubscriptions, "id=$subscription&service=suspended&reason=Moved"),
    may("subscriptions/api/switch_billing", WriteSubscriptions, "id=$subscription&billed=false"),
    may("plans/api/add_plan_charge", WritePlans, "id=$other_plan&kind=setup&name=Setup&amount=5"),
    may("plans/api/remove_plan_charge", WritePlans, "charge=$plan_charge"),
];

/// What takes an id as a wish and goes on without it where there is no such thing.
pub const WISHES: &[(&str, &str)] = &[("post /usage/events", "says of each event whether it was taken")];

pub const OPERATIONS: &[Operation] = &[
    Operation("get /meters", ReadPlans, "", ""),
    Operation("post /meters", WritePlans, "", r#"{"key":"third","name":"Third","unit":"GB","aggregation":"sum"}"#),
    Operation("get /meters/{id}", ReadPlans, "meter", ""),
    Operation("patch /meters/{id}", WritePlans, "meter", r#"{"name":"Renamed"}"#),
    Operation(
        "post /usage/events",
        WriteSubscriptions,
        "",
        r#"{"events":[{"event_id":"e","meter":"gb","subscription_id":"$subscription"}]}"#,
    ),
    Operation("get /usage/events", ReadSubscriptions, "", ""),
    Operation("get /subscriptions/{id}/usage", ReadSubscriptions, "subscription", ""),
    Operation("delete /meters/{id}", WritePlans, "meter", "{}"),
    Operation("get /plans/{id}/charges", ReadPlans, "other_plan", ""),
    Operation("post /plans/{id}/charges", WritePlans, "other_plan", r#"{"kind":"setup","name":"Setup","model":"flat","amount_minor":100}"#),
    Operation("delete /plan-charges/{id}", WritePlans, "plan_charge", "{}"),
    Operation("post /plans/{id}/prices", WritePlans, "other_plan", r#"{"price":{"minor":5100,"currency":"USD"}}"#),
    Operation("patch /tax-rates/{id}", WriteInvoices, "tax_rate", r#"{"ends_on":"2050-01-01"}"#),
    Operation("get /coupons/{id}", ReadPlans, "coupon", ""),
    Operation("delete /promotion-codes/{id}", WritePlans, "promotion_code", "{}"),
    Operation("get /customers/{id}/coupons", ReadInvoices, "customer", ""),
    Operation("delete /coupon-redemptions/{id}", WriteInvoices, "redemption", "{}"),
];

pub const PLAIN: &[Plain] = &[
    Plain("post /usage/upload", WriteSubscriptions, ""),
    Plain("post /settings/billing/logo", WriteInvoices, ""),
    Plain("get /settings/billing/logo/picture", ReadInvoices, ""),
];

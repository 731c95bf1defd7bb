//! As `calls`, of prices and usage: meters, events, charges of plans, coupons, taxes, how a seller bills. Tried before
//! those, of which the last signs out.

use app::kit::permission::Permission::*;

use super::calls::{Function, Operation, Plain, may};

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
];

pub const PLAIN: &[Plain] = &[Plain("post /usage/upload", WriteSubscriptions, "")];

//! Every way into the program, with sample arguments. One that is missing here fails the test: whoever adds one says
//! here what it needs and which ids it takes.
//!
//! `$customer` in a template stands for the id of a customer; a template that begins with `{` is sent as JSON, any
//! other as a form. The order is that in which they are tried with the own ids: what ends a thing comes last.

use app::kit::permission::Permission::{self, *};

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Anybody, signed in or not.
    Nothing,
    Permission(Permission),
}

/// A server function: its path after `/api/app/`, what it needs, its arguments.
pub struct Function(pub &'static str, pub Need, pub &'static str);

pub(super) const fn may(path: &'static str, permission: Permission, arguments: &'static str) -> Function {
    Function(path, Need::Permission(permission), arguments)
}

const fn open(path: &'static str, arguments: &'static str) -> Function {
    Function(path, Need::Nothing, arguments)
}

pub const FUNCTIONS: &[Function] = &[
    open("auth/api/current_viewer", ""),
    open("auth/api/sign_in", "email=nobody@nowhere.example&password=wrong"),
    open("auth/api/give_second_factor", "code=000000"),
    may("customers/api/list_customers", ReadCustomers, r#"{"query":{}}"#),
    may("customers/api/read_customer_stats", ReadCustomers, ""),
    may("customers/api/read_customer_filters", ReadCustomers, ""),
    may("customers/api/get_customer", ReadCustomers, "id=$customer"),
    may("customers/api/read_customer_form", WriteCustomers, "id=$customer"),
    may("customers/api/read_customer_mrr", ReadCustomers, "id=$customer"),
    may("customers/api/create_customer", WriteCustomers, "name=Another"),
    may("customers/api/update_customer", WriteCustomers, "id=$customer&name=Renamed"),
    may("plans/api/list_plans", ReadPlans, r#"{"query":{}}"#),
    may("plans/api/get_plan", ReadPlans, "id=$plan"),
    may("plans/api/plan_choices", ReadPlans, "also=$plan"),
    may("plans/api/create_plan", WritePlans, "name=Another&interval=month&price=10&currency=USD"),
    may("plans/api/change_plan_price", WritePlans, "id=$plan&price=50"),
    may("subscriptions/api/list_subscriptions", ReadSubscriptions, r#"{"query":{}}"#),
    may("subscriptions/api/list_customer_subscriptions", ReadSubscriptions, "customer=$customer"),
    may("subscriptions/api/get_subscription", ReadSubscriptions, "id=$subscription"),
    may("subscriptions/api/list_subscription_activity", ReadAudit, r#"{"id":"$subscription","query":{}}"#),
    may("subscriptions/api/list_customer_activity", ReadAudit, r#"{"customer":"$customer","query":{}}"#),
    may("subscriptions/api/read_subscription_filters", ReadSubscriptions, ""),
    may("dashboard/api/read_overview", UseConsole, "span=30d"),
    may("subscriptions/api/find_customers", WriteSubscriptions, "q=a"),
    may("subscriptions/api/start_subscription", WriteSubscriptions, "customer=$customer"),
    may("subscriptions/api/plans_to_move_to", WriteSubscriptions, "plan=$plan"),
    may("subscriptions/api/create_subscription", WriteSubscriptions, "customer_id=$customer&plan_id=$plan&started_on=2026-02-01"),
    may(
        "subscriptions/api/preview_new_subscription",
        WriteSubscriptions,
        r#"{"form":{"customer_id":"$customer","plan_id":"$plan","started_on":"2026-02-01","trial_ends_on":"","quantity":"","price":""}}"#,
    ),
    may("subscriptions/api/change_subscription", WriteSubscriptions, "id=$subscription&plan_id=$other_plan&at=now"),
    may(
        "subscriptions/api/preview_change",
        WriteSubscriptions,
        r#"{"id":"$subscription","form":{"plan_id":"$plan","quantity":"2","price":"","at":"now","on":""}}"#,
    ),
    may("subscriptions/api/preview_verb", WriteSubscriptions, r#"{"id":"$subscription","verb":{"Cancel":{"at":"now","reason":null}}}"#),
    may("subscriptions/api/cancel_subscription", WriteSubscriptions, "id=$subscription&at=now&reason=price"),
    may("subscriptions/api/reactivate_subscription", WriteSubscriptions, "id=$subscription"),
    may("subscriptions/api/change_trial", WriteSubscriptions, "id=$subscription&ends_on=2026-01-02"),
    may("subscriptions/api/preview_cancel_subscriptions", WriteSubscriptions, "ids=$subscription"),
    may("subscriptions/api/cancel_subscriptions", WriteSubscriptions, "ids=$subscription&reason=price"),
    may("subscriptions/api/list_exchange_rates", ReadSubscriptions, ""),
    may("subscriptions/api/set_exchange_rate", WriteSettings, "currency=EUR&rate=1.1&starts_on=2026-01-01"),
    may("plans/api/archive_plan", WritePlans, "id=$other_plan&archived=true"),
    may("plans/api/archive_plans", WritePlans, "ids=$plan,$other_plan&archived=false"),
    may("payments/api/list_payments", ReadPayments, r#"{"query":{}}"#),
    may("payments/api/read_payment_stats", ReadPayments, ""),
    may("payments/api/get_payment", ReadPayments, "id=$payment"),
    may("payments/api/start_payment", WritePayments, "invoice=$invoice"),
    may("payments/api/record_payment", WritePayments, "customer=$customer&amount=5&currency=USD&paid_by=cash"),
    may("payments/api/list_customer_payments", ReadPayments, "customer=$customer"),
    may("payments/api/read_statement", ReadPayments, "customer=$customer"),
    may("payments/api/list_payment_methods", ReadPayments, "customer=$customer"),
    may("payments/api/add_payment_method", WritePayments, "customer=$customer&kind=bank_account&holder=Nile&bank=First&account=6288888888"),
    may("payments/api/make_payment_method_primary", WritePayments, "id=$payment_method"),
    may("payments/api/remove_payment_method", WritePayments, "id=$other_payment_method"),
    may("payments/api/refund_payment", WritePayments, "id=$payment&amount=0.10&to=method&reason=Asked for"),
    may("payments/api/reverse_payment", WritePayments, "id=$other_payment&reason=Bounced"),
    may("receipts/api/list_receipts", ReadPayments, r#"{"query":{}}"#),
    may("receipts/api/get_receipt", ReadPayments, "id=$receipt"),
    may("receipts/api/link_receipt", WritePayments, "id=$receipt&number=$number"),
    may("receipts/api/approve_receipt", WritePayments, "id=$receipt&customer=$customer&amount=1&currency=USD&paid_by=cash&invoice=credit"),
    may("receipts/api/reject_receipt", WritePayments, "id=$other_receipt&reason=Blurred"),
    may("revenue/api/revenue_report", ReadRevenue, "span=12&month="),
    may("revenue/api/cohort_report", ReadRevenue, "span=12"),
    may("revenue/api/moved_customers", ReadRevenue, r#"{"query":{}}"#),
    may("imports/api/list_imports", WriteImports, r#"{"query":{}}"#),
    may("imports/api/get_import", WriteImports, "id=$import"),
    may("imports/api/import_preview", WriteImports, "id=$import"),
    may("imports/api/import_errors", WriteImports, "id=$import&after=0"),
    may(
        "imports/api/set_import_mapping",
        WriteImports,
        "id=$import&column[customer_id]=customer_id&column[customer_name]=customer_name&column[subscription_id]=subscription_id&\
         column[plan]=plan&column[interval]=interval&column[currency]=currency&column[amount]=amount&column[started_on]=started_on",
    ),
    may("imports/api/start_import", WriteImports, "id=$import&rows=all"),
    may("imports/api/delete_import", WriteImports, "id=$import"),
    may("audit/api/list_audit_entries", ReadAudit, r#"{"query":{}}"#),
    may("jobs/api/list_jobs", ReadJobs, r#"{"query":{}}"#),
    may("jobs/api/list_job_kinds", ReadJobs, ""),
    may("jobs/api/read_job", ReadJobs, "id=$job"),
    may("jobs/api/list_schedules", ReadJobs, ""),
    may("jobs/api/retry_job", WriteJobs, "id=$job"),
    may("jobs/api/retry_jobs", WriteJobs, "ids=$job"),
    may("notifications/api/read_bell", UseConsole, ""),
    may("notifications/api/list_notifications", UseConsole, r#"{"query":{}}"#),
    may("notifications/api/open_notification", UseConsole, "id=$notification"),
    may("notifications/api/dismiss_notification", UseConsole, "id=$notification"),
    may("notifications/api/restore_notification", UseConsole, "id=$notification"),
    may("notifications/api/mark_notifications", UseConsole, "ids=$notification&dismiss=true"),
    may("notifications/api/restore_notifications", UseConsole, "ids=$notification"),
    may("notifications/api/read_all_notifications", UseConsole, ""),
    may("views/api/list_views", UseConsole, "list=/customers"),
    may("views/api/save_view", UseConsole, "list=/customers&query=?status=paying&name=Another&shared=true"),
    may("views/api/change_view", UseConsole, "id=$view&name=Renamed"),
    may("views/api/delete_view", UseConsole, "id=$view"),
    may("api_keys/api/list_api_keys", WriteApiKeys, ""),
    may("api_keys/api/create_api_key", WriteApiKeys, "name=Another&scope=read"),
    may("api_keys/api/revoke_api_key", WriteApiKeys, "key=$key"),
    may("members/api/list_members", WriteMembers, ""),
    may("members/api/add_member", WriteMembers, "name=New&email=new@nile.example&role=support&password=a long enough one"),
    may("members/api/change_member_role", WriteMembers, "member=$member&role=billing"),
    may("members/api/remove_member", WriteMembers, "member=$member"),
    may("settings/api/rename_me", UseConsole, "name=Somebody"),
    may("settings/api/change_password", UseConsole, "current_password=wrong&new_password=a long enough one"),
    may("settings/api/my_sessions", UseConsole, ""),
    may("settings/api/my_second_factor", UseConsole, ""),
    may("settings/api/begin_second_factor", UseConsole, ""),
    may("settings/api/confirm_second_factor", UseConsole, "code=000000"),
    may("settings/api/cancel_second_factor", UseConsole, ""),
    may("settings/api/disable_second_factor", UseConsole, "password=wrong"),
    may("settings/api/my_organization", WriteSettings, ""),
    may("settings/api/update_organization", WriteSettings, "name=Nile&currency=USD&time_zone=Africa/Cairo&gross_margin=80"),
    may("settings/api/end_session", UseConsole, "session=$other_session"),
    may("settings/api/end_other_sessions", UseConsole, ""),
    may("auth/api/switch_organization", UseConsole, "slug=$slug"),
    open("auth/api/sign_out", ""),
];

/// What the own call may answer besides 200: the arguments above cannot be right in a fresh world.
pub const REFUSED_ANYWAY: &[(&str, u16, &str)] = &[
    ("auth/api/sign_in", 422, "nobody has that password"),
    ("auth/api/give_second_factor", 401, "there is no sign-in under way"),
    ("imports/api/delete_import", 409, "it was started just before"),
    ("settings/api/change_password", 422, "the old password is wrong"),
    ("settings/api/confirm_second_factor", 422, "the code is wrong"),
    ("settings/api/disable_second_factor", 422, "the password is wrong"),
    ("subscriptions/api/change_trial", 409, "there is no trial"),
];

/// What refers to an id in a field beside others, so that the answer is about the field: 422, the same for an unknown id.
pub const FIELDS: &[&str] = &[
    "subscriptions/api/change_subscription",
    "subscriptions/api/create_subscription",
    "subscriptions/api/preview_change",
    "subscriptions/api/preview_new_subscription",
    "payments/api/record_payment",
    "post /invoices",
    "post /payments",
    "post /subscriptions",
];

/// What takes an id as a wish and goes on without it where there is no such thing.
pub const WISHES: &[(&str, &str)] = &[
    ("plans/api/plan_choices", "offers that plan too, if it is one"),
    ("subscriptions/api/plans_to_move_to", "offers that plan too, if it is one"),
];

/// An operation of `/api/v1`: method and path as in the OpenAPI document, what it needs, the kind of its `{id}`, its body.
pub struct Operation(pub &'static str, pub Permission, pub &'static str, pub &'static str);

pub const OPERATIONS: &[Operation] = &[
    Operation("get /customers", ReadCustomers, "", ""),
    Operation("post /customers", WriteCustomers, "", r#"{"name":"Another"}"#),
    Operation("get /customers/{id}", ReadCustomers, "customer", ""),
    Operation("patch /customers/{id}", WriteCustomers, "customer", r#"{"name":"Renamed"}"#),
    Operation("get /plans", ReadPlans, "", ""),
    Operation("post /plans", WritePlans, "", r#"{"name":"Third","interval":"month","price":{"minor":1,"currency":"USD"}}"#),
    Operation("get /plans/{id}", ReadPlans, "plan", ""),
    Operation("get /subscriptions", ReadSubscriptions, "", ""),
    Operation("post /subscriptions", WriteSubscriptions, "", r#"{"customer_id":"$customer","plan_id":"$plan","started_on":"2026-02-01"}"#),
    Operation("get /subscriptions/{id}", ReadSubscriptions, "subscription", ""),
    Operation("post /subscriptions/{id}/change", WriteSubscriptions, "subscription", r#"{"quantity":2}"#),
    Operation("post /subscriptions/{id}/cancel", WriteSubscriptions, "subscription", r#"{"at":"now"}"#),
    Operation("post /subscriptions/{id}/reactivate", WriteSubscriptions, "subscription", "{}"),
    Operation("get /invoices", ReadInvoices, "", ""),
    Operation(
        "post /invoices",
        WriteInvoices,
        "",
        r#"{"customer_id":"$customer","lines":[{"description":"Work","unit_amount":{"minor":100,"currency":"USD"}}]}"#,
    ),
    Operation("post /invoices/preview", ReadInvoices, "", r#"{"subscription_id":"$subscription","change":{"quantity":7},"at":"now"}"#),
    Operation("get /invoices/{id}", ReadInvoices, "invoice", ""),
    Operation("post /invoices/{id}/finalize", WriteInvoices, "draft", "{}"),
    Operation("post /invoices/{id}/void", WriteInvoices, "void_invoice", "{}"),
    Operation("post /invoices/{id}/replace", WriteInvoices, "wrong_invoice", "{}"),
    Operation("post /invoices/{id}/uncollectible", WriteInvoices, "bad_invoice", "{}"),
    Operation("post /invoices/{id}/credit-notes", WriteInvoices, "invoice", r#"{"settlement":"offset","reason":"A mistake"}"#),
    Operation("delete /invoices/{id}", WriteInvoices, "other_draft", "{}"),
    Operation("get /billing/runs", ReadInvoices, "", ""),
    Operation("post /billing/runs", WriteInvoices, "", r#"{"until":"2026-03-01","wait":true}"#),
    Operation("get /billing/alerts", ReadInvoices, "", ""),
    Operation("post /billing/alerts/{id}/resolve", WriteInvoices, "alert", "{}"),
    Operation("post /customers/{id}/bill", WriteInvoices, "customer", "{}"),
    Operation("get /customers/{id}/balance", ReadInvoices, "customer", ""),
    Operation("post /customers/{id}/use-credit", WriteInvoices, "customer", "{}"),
    Operation("get /customers/{id}/statement", ReadInvoices, "customer", ""),
    Operation("get /ledger/trial-balance", ReadInvoices, "", ""),
    Operation("get /tax-rates", ReadInvoices, "", ""),
    Operation("post /tax-rates", WriteInvoices, "", r#"{"name":"VAT","rate_ppm":150000}"#),
    Operation("get /coupons", ReadPlans, "", ""),
    Operation("post /coupons", WritePlans, "", r#"{"name":"Spring","percent_ppm":100000,"duration":"once"}"#),
    Operation("post /coupons/{id}/codes", WritePlans, "coupon", r#"{"code":"spring"}"#),
    Operation("post /customers/{id}/coupons", WriteInvoices, "customer", r#"{"code":"SPRING"}"#),
    Operation("delete /coupons/{id}", WritePlans, "coupon", "{}"),
    Operation("get /billing/settings", ReadInvoices, "", ""),
    Operation("patch /billing/settings", WriteInvoices, "", r#"{"terms_days":30}"#),
    Operation("get /customers/{id}/account", ReadInvoices, "customer", ""),
    Operation("put /customers/{id}/account", WriteInvoices, "customer", r#"{"terms_days":7}"#),
    Operation("get /subscriptions/{id}/switches", ReadSubscriptions, "subscription", ""),
    Operation("patch /subscriptions/{id}/switches", WriteSubscriptions, "subscription", r#"{"suspended":true,"billed":false}"#),
    Operation("get /payments", ReadPayments, "", ""),
    Operation("post /payments", WritePayments, "", r#"{"customer_id":"$customer","amount":{"minor":100,"currency":"USD"}}"#),
    Operation("get /payments/{id}", ReadPayments, "payment", ""),
    Operation("post /payments/{id}/refunds", WritePayments, "payment", r#"{"amount":{"minor":10,"currency":"USD"},"reason":"Asked for"}"#),
    Operation("post /payments/{id}/reverse", WritePayments, "other_payment", r#"{"reason":"Bounced"}"#),
    Operation("get /customers/{id}/payment-methods", ReadPayments, "customer", ""),
    Operation(
        "post /customers/{id}/payment-methods",
        WritePayments,
        "customer",
        r#"{"kind":"bank_account","holder":"Nile","bank":"First","account":"6299999999"}"#,
    ),
    Operation("get /payment-methods/{id}", ReadPayments, "payment_method", ""),
    Operation("post /payment-methods/{id}/primary", WritePayments, "payment_method", "{}"),
    Operation("delete /payment-methods/{id}", WritePayments, "payment_method", "{}"),
    Operation("get /receipts", ReadPayments, "", ""),
    Operation("get /receipts/{id}", ReadPayments, "receipt", ""),
    Operation(
        "post /receipts/{id}/approve",
        WritePayments,
        "receipt",
        r#"{"customer_id":"$customer","amount":{"minor":100,"currency":"USD"}}"#,
    ),
    Operation("post /receipts/{id}/reject", WritePayments, "other_receipt", r#"{"reason":"Blurred"}"#),
    Operation("get /revenue/movements?from=2026-01&to=2026-02", ReadRevenue, "", ""),
    Operation("get /revenue/metrics?month=2026-02", ReadRevenue, "", ""),
    Operation("get /revenue/by-plan?month=2026-02", ReadRevenue, "", ""),
    Operation("get /audit-log", ReadAudit, "", ""),
    Operation("post /imports/subscriptions", WriteImports, "", "text/csv"),
    Operation("get /imports/{id}", WriteImports, "import", ""),
];

/// A route of the console that is neither page nor server function: method and path, what it needs, the kind of its id.
pub struct Plain(pub &'static str, pub Permission, pub &'static str);

pub const PLAIN: &[Plain] = &[
    Plain("get /customers/export.csv", ReadCustomers, ""),
    Plain("get /plans/export.csv", ReadPlans, ""),
    Plain("get /subscriptions/export.csv", ReadSubscriptions, ""),
    Plain("get /jobs/export.csv", ReadJobs, ""),
    Plain("get /imports/export.csv", WriteImports, ""),
    Plain("get /revenue/movements-by-month.csv?from=2026-01&to=2026-02", ReadRevenue, ""),
    Plain("get /revenue/metrics.csv?from=2026-01&to=2026-02", ReadRevenue, ""),
    Plain("get /revenue/movements.csv", ReadRevenue, ""),
    Plain("get /payments/export.csv", ReadPayments, ""),
    Plain("get /customers/{id}/statement.csv", ReadPayments, "customer"),
    Plain("post /receipts/upload", WritePayments, ""),
    Plain("get /receipts/{id}/file", ReadPayments, "receipt"),
    Plain("get /audit/export.csv", ReadAudit, ""),
    Plain("post /imports/upload", WriteImports, ""),
    Plain("get /imports/{id}/errors.csv", WriteImports, "import"),
    Plain("get /live", UseConsole, ""),
];

/// Routes that answer everybody, and why.
pub const PUBLIC: &[(&str, &str)] = &[
    ("/healthz", "says that the process lives"),
    ("/readyz", "says that the database answers"),
    ("/metrics", "guarded by a token of its own"),
    ("/openapi.json", "the description of the API"),
    ("/api/docs", "the same for people"),
    ("/api/docs.css", "its looks"),
    ("/", "leads to the dashboard"),
];

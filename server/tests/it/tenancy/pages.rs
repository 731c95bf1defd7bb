//! Who may see which page: every page of the program, asked for by members who may do little.

use app::customers::Customer;
use app::customers::model::CustomerStats;
use app::kit::paging::Page;
use app::kit::permission::Role;

use super::samples::populate;
use super::{Faults, address};
use crate::support::World;

on_both!(a_role_sees_its_pages_and_no_others, who_may_not_see_revenue_is_told_none);

/// What a page's address ends with that makes or changes something.
const VERBS: &[&str] = &["/new", "/edit", "/send"];

/// Other pages that a read-only member has no use for.
const NOT_FOR_READING: &[&str] = &[
    "/api-keys",
    "/imports",
    "/imports/:id",
    "/settings/organization",
    "/settings/members",
    "/settings/gateways",
    "/settings/mail-templates",
    "/settings/mail-templates/:template/:language",
    "/account",
    "/account/invoices",
    "/account/invoices/:id",
    "/account/subscriptions",
    "/account/payment-methods",
];

/// What staff without a further permission see, by how it begins; of all else nothing.
const FOR_STAFF: &[&str] = &["/dashboard", "/notifications", "/customers", "/plans", "/subscriptions", "/coupons", "/meters", "/usage"];
/// Parts of those that they do not see, by how it ends.
const NOT_FOR_STAFF: &[&str] = &["/activity", "/mrr", "/invoices", "/payments", "/billing", "/statement", "/dunning"];
const SETTINGS_FOR_STAFF: &[&str] = &["profile", "password", "second-factor", "sessions", "sandbox", "rates"];

fn staff_sees(route: &str) -> bool {
    let setting = route.strip_prefix("/settings/").is_some_and(|rest| SETTINGS_FOR_STAFF.contains(&rest));
    let begins = FOR_STAFF.iter().any(|path| route.starts_with(path));
    setting || begins && !NOT_FOR_STAFF.iter().chain(VERBS).any(|end| route.ends_with(end))
}

fn reader_sees(route: &str) -> bool {
    !VERBS.iter().any(|end| route.ends_with(end)) && !NOT_FOR_READING.contains(&route)
}

async fn a_role_sees_its_pages_and_no_others(world: World) {
    let nile = populate(&world, "nile").await;
    let (staff, reader) = (world.member(&nile.scope, Role::Staff).await, world.member(&nile.scope, Role::ReadOnly).await);
    let mut faults = Faults::default();
    for route in server::http::routes() {
        let route = route.path().replace('{', ":").replace('}', "");
        if ["/sign-in", "/pay", "/invitation"].iter().any(|open| route.starts_with(open)) {
            continue;
        }
        let page = address(&route, &nile.ids, false).0;
        for (who, sees) in [(&staff, staff_sees(&route)), (&reader, reader_sees(&route))] {
            let (answer, role) = (who.get(&page).await, if sees { "sees" } else { "does not see" });
            let opens = answer.status == 200 || route.starts_with("/notifications") && answer.status == 302;
            let right = if sees { opens } else { answer.status == 403 && answer.body.contains("Your role does not include") };
            faults.check(right, || format!("{route}: {} for one who {role} it", answer.status));
        }
    }
    faults.none();
}

/// MRR stands in lists, figures and files for those alone who may see revenue.
async fn who_may_not_see_revenue_is_told_none(world: World) {
    let nile = populate(&world, "nile").await;
    let (support, reader) = (world.member(&nile.scope, Role::Support).await, world.member(&nile.scope, Role::ReadOnly).await);
    let customer = format!("/customers/{}", nile.ids["customer"]);
    for path in ["/customers", "/plans", customer.as_str(), &format!("/plans/{}", nile.ids["plan"])] {
        assert!(reader.get(path).await.expect(200).body.contains(">MRR"), "{path}");
        assert!(!support.get(path).await.expect(200).body.contains(">MRR"), "{path}");
    }
    for path in ["/customers/export.csv", "/plans/export.csv"] {
        let (seen, hidden) = (reader.get(path).await.expect(200).body, support.get(path).await.expect(200).body);
        assert!(seen.lines().next().is_some_and(|head| head.contains("mrr")), "{seen}");
        assert!(hidden.lines().next().is_some_and(|head| !head.contains("mrr") && !head.contains("mrr_currency")), "{hidden}");
        let widths: Vec<usize> = hidden.lines().map(|line| line.split(',').count()).collect();
        assert!(widths.len() > 1 && widths.iter().all(|width| *width == widths[0]), "{hidden}");
    }
    let stats = support.call("/api/app/customers/api/read_customer_stats", &[]).await.expect(200).told::<CustomerStats>();
    assert!(stats.mrr.is_none() && stats.total > 0, "{stats:?}");
    let listed = async |sort: &str| {
        let query = app::kit::paging::ListQuery { sort: sort.to_owned(), ..Default::default() };
        let answer = support.post("/api/app/customers/api/list_customers", &serde_json::json!({ "query": query })).await;
        answer.expect(200).told::<Page<Customer>>().rows
    };
    assert_eq!(listed("-mrr").await, listed("").await, "the order tells nothing");
}

//! Things found by what is typed into the palette.

use super::super::model::Found;
use crate::kit::Result;
use crate::kit::paging::ListQuery;
use crate::kit::permission::Permission;
use crate::kit::scope::Scope;
use crate::{customers, invoices, plans, subscriptions};

/// Of each kind.
const AT_MOST: u32 = 5;

/// Customers by name, invoices by number, plans by name, subscriptions by whose they are; those that the scope may see.
pub async fn find(scope: &Scope, text: &str) -> Result<Vec<Found>> {
    let text = text.trim();
    let mut found = Vec::new();
    if text.is_empty() {
        return Ok(found);
    }
    let query = ListQuery { q: text.to_owned(), limit: AT_MOST, ..ListQuery::default() };
    let may = |permission| scope.permissions().allows(permission);
    let mut add = |kind: &str, label: String, href: String| found.push(Found { label, kind: kind.to_owned(), href });
    if may(Permission::ReadCustomers) {
        let noun = if scope.seller().is_platform { "Tenant" } else { "Customer" };
        for c in customers::store::list(scope, &query).await?.rows {
            add(noun, c.name, format!("/customers/{}", c.id));
        }
    }
    if may(Permission::ReadInvoices) {
        for i in invoices::store::list(scope, &query).await?.rows {
            let number = i.number.unwrap_or_else(|| "Draft".into());
            add("Invoice", format!("{number} \u{b7} {}", i.customer_name), format!("/invoices/{}", i.id));
        }
    }
    if may(Permission::ReadPlans) {
        for p in plans::store::list(scope, &query).await?.rows {
            add("Plan", p.name, format!("/plans/{}", p.id));
        }
    }
    if may(Permission::ReadSubscriptions) {
        for s in subscriptions::store::list(scope, &query).await?.rows {
            add("Subscription", format!("{} \u{b7} {}", s.plan_name, s.customer_name), format!("/subscriptions/{}", s.id));
        }
    }
    Ok(found)
}

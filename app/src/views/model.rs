//! What a saved view is.

use serde::{Deserialize, Serialize};

use crate::kit::Result;
use crate::kit::form::Check;
use crate::{id, text_enum};

id!(
    /// A saved view.
    ViewId,
    "viw"
);

text_enum!(
    /// A list that has views, by its path.
    pub enum List {
        Customers = "/customers" => "Customers",
        Subscriptions = "/subscriptions" => "Subscriptions",
        Plans = "/plans" => "Plans",
        Invoices = "/invoices" => "Invoices",
        CreditNotes = "/credit-notes" => "Credit notes",
        Payments = "/payments" => "Payments",
        Receipts = "/receipts" => "Receipts",
        Dunning = "/dunning" => "Dunning",
        Letters = "/mails" => "Letters",
        Coupons = "/coupons" => "Coupons",
        Meters = "/meters" => "Meters",
        Usage = "/usage" => "Usage",
        UsageEvents = "/usage/events" => "Usage events",
        WebhookEvents = "/webhook-events" => "Webhook events",
        Movements = "/revenue/movements" => "Movements",
        Notifications = "/notifications" => "Notifications",
        Imports = "/imports" => "Imports",
        Jobs = "/jobs" => "Jobs",
        Audit = "/audit" => "Audit log",
    }
);

impl List {
    /// The list of the page at that path, if it is one.
    pub fn at(path: &str) -> Option<Self> {
        path.parse().ok()
    }
}

/// The longest query that is kept.
const QUERY_MAX: usize = 2_000;

/// One view, as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRow {
    pub id: ViewId,
    pub list: List,
    pub name: String,
    /// With its `?`; empty: the list as it comes.
    pub query: String,
    pub shared: bool,
    /// Whether the reader may change it.
    pub may_change: bool,
}

impl ViewRow {
    /// The list in that state.
    pub fn href(&self) -> String {
        String::from(self.list.word()) + &self.query
    }
}

/// A view's fields, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewView {
    pub list: List,
    pub name: String,
    pub query: String,
    pub shared: bool,
}

impl NewView {
    /// The checked fields, or what is wrong with which.
    pub fn parse(list: List, query: &str, name: &str, shared: bool) -> Result<Self> {
        let mut check = Check::default();
        let name = check.text("name", name, 80);
        // A link is made of it, so it is what a query can be and no more.
        let plain = query.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~,%=&?".contains(&b));
        if !(query.is_empty() || query.starts_with('?')) || !plain {
            check.refuse("query", "is not the state of a list");
        }
        if query.len() > QUERY_MAX {
            check.refuse("query", format!("must have at most {QUERY_MAX} characters"));
        }
        check.done(|| Self { list, name, query: query.to_owned(), shared })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::paging::ListQuery;

    #[test]
    fn every_state_of_a_list_can_be_kept_and_nothing_else() {
        let state = ListQuery { q: "a b&c/\u{e9}".into(), sort: "-mrr".into(), columns: vec!["name".into()], ..Default::default() };
        let state = state.toggled("status", "active").toggled("status", "trial").to_url_query();
        let view = NewView::parse(List::Customers, &state, " Mine ", false).expect("kept");
        assert_eq!((view.name.as_str(), view.query), ("Mine", state));
        for bad in ["status=active", "//elsewhere.example", "?a=\"><b", "?a b", "?\n"] {
            assert!(NewView::parse(List::Customers, bad, "Mine", false).expect_err("refused").fields().first("query").is_some(), "{bad}");
        }
        assert!(NewView::parse(List::Customers, "", " ", true).expect_err("refused").fields().first("name").is_some());
    }

    #[test]
    fn a_page_that_is_no_list_has_no_views() {
        assert_eq!(List::at("/customers"), Some(List::Customers));
        assert_eq!((List::at("/customers/new"), List::at("/")), (None, None));
    }
}

//! One customer's view of a seller, on both databases.

use super::*;
use crate::customers::{self, CustomerId, NewCustomer};
use crate::invoices::model::{NewInvoice, NewLine};
use crate::kit::UserId;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::money::{Currency, Money};
use crate::kit::period::{Interval, IntervalUnit};
use crate::kit::permission::Role;
use crate::kit::scope::{Actor, Origin, Scope};
use crate::payments::methods::MethodForm;
use crate::plans::NewPlan;
use crate::subscriptions::model::NewSubscription;

/// A tenant: its own scope as a person's, and the customer that it is of the platform.
struct Tenant {
    person: Scope,
    customer: CustomerId,
}

async fn tenant(platform: &Scope, slug: &str) -> Tenant {
    let own = new_seller(platform.db(), slug, "USD", "UTC").await;
    let new = NewCustomer { name: format!("Customer {slug}"), organization: Some(slug.into()), ..Default::default() };
    let customer = customers::store::create(platform, new).await.expect("a customer");
    let actor = Actor::User { id: UserId::new(), name: "Salma".into() };
    let seller = own.seller().clone();
    let person = Scope::of(own.db().clone(), actor, seller, Role::Owner.permissions(), own.now(), Origin::default());
    Tenant { person, customer }
}

async fn bill(platform: &Scope, customer: CustomerId, issue: bool) -> InvoiceId {
    let line = NewLine { description: "Work".into(), quantity: 1, unit: Money::new(5_000, Currency::USD) };
    let new = NewInvoice { customer, lines: vec![line], issued_on: None, due_on: None, note: None };
    let id = invoices::create(platform, new).await.expect("drafted");
    if issue {
        invoices::finalize(platform, id).await.expect("issued");
    }
    id
}

fn account(number: &str) -> MethodForm {
    let text = |t: &str| t.to_owned();
    MethodForm { kind: text("bank_account"), holder: text("Nile"), bank: text("First"), account: text(number), ..Default::default() }
}

#[tokio::test]
async fn a_customer_sees_its_own_and_nothing_else() {
    on_each_database(|platform| async move {
        let (nile, delta) = (tenant(&platform, "nile").await, tenant(&platform, "delta").await);
        let (ours, draft) = (bill(&platform, nile.customer, true).await, bill(&platform, nile.customer, false).await);
        let theirs = bill(&platform, delta.customer, true).await;
        let who = CustomerScope::of(&nile.person).await.expect("a customer");
        assert_eq!((who.customer(), who.name()), (nile.customer, "Customer nile"));

        assert_eq!(invoice(&who, ours).await.expect("ours").detail.invoice.id, ours);
        for unknown in [theirs, draft, InvoiceId::new()] {
            assert_eq!(invoice(&who, unknown).await.err(), Some(Error::NotFound));
            assert_eq!(check_invoice(&who, unknown).await.err(), Some(Error::NotFound));
        }
        // Whatever the query says, the list is the customer's own, without drafts.
        let mut query = ListQuery::default().toggled("customer", &delta.customer.to_string());
        assert_eq!(list(&who, &query).await.expect("a page").rows.iter().map(|i| i.id).collect::<Vec<_>>(), [ours]);
        query = query.toggled("status", "draft");
        assert!(list(&who, &query).await.expect("a page").rows.is_empty());
        let all = super::account(&who).await.expect("an account");
        assert_eq!((all.open.len(), all.overdue, all.balances.len()), (1, 0, 1));

        let method =
            add_method(&CustomerScope::of(&delta.person).await.expect("theirs"), account("6211111111").parse().expect("valid")).await;
        let method = method.expect("added");
        assert_eq!(make_primary(&who, method).await.err(), Some(Error::NotFound));
        assert_eq!(remove_method(&who, method).await.err(), Some(Error::NotFound));
        assert!(methods(&who).await.expect("methods").is_empty());
        let own = add_method(&who, account("6222222222").parse().expect("valid")).await.expect("added");
        make_primary(&who, own).await.expect("primary");
        remove_method(&who, own).await.expect("removed");
    })
    .await;
}

#[tokio::test]
async fn who_is_no_customer_has_no_account() {
    on_each_database(|platform| async move {
        let stray = new_seller(platform.db(), "stray", "USD", "UTC").await;
        let person = |of: &Scope| {
            let actor = Actor::User { id: UserId::new(), name: "Nobody".into() };
            Scope::of(of.db().clone(), actor, of.seller().clone(), Role::Owner.permissions(), of.now(), Origin::default())
        };
        assert_eq!(CustomerScope::of(&person(&stray)).await.err().map(|e| e.status()), Some(404));
        assert_eq!(CustomerScope::of(&person(&platform)).await.err().map(|e| e.status()), Some(404), "the platform bills itself nothing");
        assert!(CustomerScope::of(&stray).await.is_err(), "a job acts for nobody");
    })
    .await;
}

#[tokio::test]
async fn dearer_now_cheaper_at_the_period_s_end() {
    on_each_database(|platform| async move {
        let (nile, delta) = (tenant(&platform, "nile").await, tenant(&platform, "delta").await);
        let mut made = Vec::new();
        for (name, minor) in [("Small", 1_000), ("Middle", 5_000), ("Large", 9_000)] {
            let price = Money::new(minor, Currency::USD);
            let new = NewPlan { name: name.into(), interval: Interval { unit: IntervalUnit::Month, count: 1 }, price, trial_days: 0 };
            made.push(plans::store::create(&platform, new).await.expect("a plan"));
        }
        let subscribe = async |customer_id| {
            let new = NewSubscription {
                customer_id,
                plan_id: made[1],
                started_on: platform.today(),
                trial_ends_on: None,
                ends_on: None,
                quantity: 1,
                price: None,
                external_id: None,
                payment_method: None,
                anchor_day: None,
            };
            subscriptions::create(&platform, new).await.expect("a subscription")
        };
        let (ours, theirs) = (subscribe(nile.customer).await, subscribe(delta.customer).await);
        let who = CustomerScope::of(&nile.person).await.expect("a customer");
        assert_eq!(offers(&who, theirs).await.err(), Some(Error::NotFound));
        assert_eq!(change_plan(&who, theirs, made[2]).await.err(), Some(Error::NotFound));
        let found = offers(&who, ours).await.expect("offers").offers;
        let of = |plan| found.iter().find(|o| o.plan == plan).expect("offered");
        assert_eq!((found.len(), of(made[2]).now, of(made[0]).now), (2, true, false));
        assert!(of(made[0]).from > platform.today());
        change_plan(&who, ours, made[2]).await.expect("up");
        let now = subscriptions::get(&platform, ours).await.expect("there");
        assert_eq!((now.plan_id, now.monthly.minor()), (made[2], 9_000));
        change_plan(&who, ours, made[0]).await.expect("down");
        let phases = subscriptions::detail(&platform, ours).await.expect("there").phases;
        assert!(phases.iter().any(|p| p.plan_id == made[0] && p.starts_on > platform.today()), "{phases:?}");
        assert!(change_plan(&who, ours, PlanId::new()).await.expect_err("no offer").fields().first("plan").is_some());
    })
    .await;
}

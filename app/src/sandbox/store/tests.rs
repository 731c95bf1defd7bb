//! Clocks on both databases.

use super::*;
use crate::customers::{self, CustomerId, NewCustomer};
use crate::invoices::store as invoices;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::kit::period::{Interval, IntervalUnit};
use crate::plans::{self, NewPlan};
use crate::sandbox::jobs::advance;
use crate::subscriptions;
use crate::subscriptions::model::NewSubscription;

async fn sandbox(db: &Db, zone: &str, day: &str) -> Scope {
    let scope = new_seller(db, "sandbox", "USD", zone).await;
    begin(&scope, day.parse().expect("a day")).await.expect("begun");
    again(&scope).await
}

/// The scope that a request made now would have.
async fn again(scope: &Scope) -> Scope {
    Scope::system(scope.db().clone(), "test", here(scope.db(), scope.seller().id).await.expect("there"), clock::now())
}

async fn to(scope: &Scope, day: &str) -> Scope {
    let by = Advance { to: Some(day.into()), ..Advance::default() };
    ask(scope, target(scope.seller(), &by).expect("a time")).await.expect("asked");
    advance(scope, None, None).await.expect("advanced").expect("in hand");
    again(scope).await
}

async fn subscriber(scope: &Scope) -> CustomerId {
    let new = NewCustomer { name: "Nile Wave".into(), ..Default::default() };
    let customer = customers::store::create(scope, new).await.expect("a customer");
    // It never pays, and is left alone all the same.
    crate::dunning::store::exclude(scope, customer, None, "A scenario".into()).await.expect("left alone");
    let price = Money::new(3_100, Currency::USD);
    let interval = Interval { unit: IntervalUnit::Month, count: 1 };
    let plan_id = plans::store::create(scope, NewPlan { name: "Basic".into(), interval, price, trial_days: 0 }).await.expect("a plan");
    let new = NewSubscription {
        customer_id: customer,
        plan_id,
        started_on: scope.today(),
        trial_ends_on: None,
        ends_on: None,
        quantity: 1,
        price: None,
        external_id: None,
        payment_method: None,
        anchor_day: None,
    };
    subscriptions::store::create(scope, new).await.expect("a subscription");
    customer
}

async fn issued(scope: &Scope) -> Vec<String> {
    let mut query = ListQuery { sort: "issued".into(), limit: 200, ..Default::default() };
    query.filters.insert("status".into(), ["open", "paid", "overdue"].map(str::to_owned).to_vec());
    let page = invoices::list(scope, &query).await.expect("a page");
    page.rows.iter().map(|i| i.issued_on.to_string()).collect()
}

#[tokio::test]
async fn a_year_passes_and_every_bill_is_made_on_its_day() {
    on_each_database(|outside| async move {
        let scope = sandbox(outside.db(), "Europe/Berlin", "2024-01-31").await;
        assert_eq!(scope.today().to_string(), "2024-01-31");
        subscriber(&scope).await;
        let scope = to(&scope, "2024-05-31").await;
        assert_eq!(scope.today().to_string(), "2024-05-31");
        assert_eq!(issued(&scope).await, ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]);
        let state = state(&scope).await.expect("reads").expect("a sandbox");
        assert_eq!((state.going_to, state.progress), (None, 1_000));
        // Again to the same day: nothing more.
        let scope = to(&scope, "2024-05-31").await;
        assert_eq!(issued(&scope).await.len(), 5);
        // Nobody else's clock has moved.
        assert_eq!(Scope::system(outside.db().clone(), "x", outside.seller().clone(), outside.now()).now(), outside.now());
    })
    .await;
}

#[tokio::test]
async fn a_clock_never_goes_back_and_one_moves_it_at_a_time() {
    on_each_database(|outside| async move {
        let scope = sandbox(outside.db(), "UTC", "2026-03-01").await;
        let by = |text: &str| target(scope.seller(), &Advance { to: Some(text.into()), ..Advance::default() });
        for bad in ["2026-02-28", "2026-03-01T11:59:59Z", "2032-01-01", "soon", ""] {
            assert!(by(bad).expect_err(bad).fields().first("to").is_some(), "{bad}");
        }
        let two = Advance { hours: Some(1), months: Some(1), ..Advance::default() };
        assert!(target(scope.seller(), &two).is_err());
        let hours = target(scope.seller(), &Advance { hours: Some(30), ..Advance::default() }).expect("a time");
        assert_eq!(hours.to_rfc3339(), "2026-03-02T18:00:00+00:00");
        let month = target(scope.seller(), &Advance { months: Some(1), ..Advance::default() }).expect("a time");
        assert_eq!(month.to_rfc3339(), "2026-04-01T12:00:00+00:00");
        assert!(target(outside.seller(), &Advance { hours: Some(1), ..Advance::default() }).is_err(), "no sandbox");

        ask(&scope, hours).await.expect("asked");
        let other = uuid::Uuid::now_v7();
        assert_eq!(take(&scope, other).await.expect("an answer"), Some(hours));
        assert_eq!(advance(&scope, None, None).await.expect("an answer"), None, "another has it in hand");
        release(&scope, other).await.expect("released");
        // Stopped on its way, it goes on from where it is.
        let first = advance(&scope, Some(std::time::Duration::ZERO), None).await.expect("an answer").expect("in hand");
        assert!(first <= hours);
        let scope = again(&scope).await;
        assert_eq!(advance(&scope, None, None).await.expect("an answer"), Some(hours));
        assert!(matches!(begin(&again(&scope).await, scope.today()).await, Err(Error::Conflict(_))), "it is one already");
    })
    .await;
}

//! The verbs against SQLite, one by one and in random order.

mod pauses;

use chrono::{DateTime, Days, Utc};
use proptest::prelude::*;

use super::*;
use crate::customers::NewCustomer;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::db::Sql;
use crate::kit::error::Error;
use crate::kit::money::Currency;
use crate::kit::paging::ListQuery;
use crate::movements::Rate;
use crate::plans::NewPlan;
use crate::subscriptions::model::{ExchangeRate, NewSubscription, SubscriptionStatus, Verb, When};

fn noon(day: &str) -> DateTime<Utc> {
    crate::kit::period::day(day).expect("a day").and_hms_opt(12, 0, 0).expect("noon").and_utc()
}

fn d(text: &str) -> NaiveDate {
    crate::kit::period::day(text).expect("a day")
}

async fn customer(scope: &Scope) -> CustomerId {
    let new = NewCustomer { name: "Nile Wave".into(), ..Default::default() };
    crate::customers::store::create(scope, new).await.expect("a customer")
}

async fn plan(scope: &Scope, name: &str, minor: i64, currency: &str, unit: IntervalUnit) -> PlanId {
    let price = Money::new(minor, currency.parse().expect("a currency"));
    let new = NewPlan { name: name.into(), interval: Interval { unit, count: 1 }, price, trial_days: 0 };
    crate::plans::store::create(scope, new).await.expect("a plan")
}

fn begin(customer_id: CustomerId, plan_id: PlanId, day: &str) -> NewSubscription {
    NewSubscription {
        customer_id,
        plan_id,
        started_on: d(day),
        trial_ends_on: None,
        ends_on: None,
        quantity: 1,
        price: None,
        external_id: None,
        payment_method: None,
        anchor_day: None,
    }
}

async fn mrr(scope: &Scope, id: CustomerId) -> i64 {
    crate::customers::store::get(scope, id).await.expect("there").mrr.expect("for who may see it").minor()
}

#[tokio::test]
async fn a_change_does_what_its_preview_said() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (who, basic) = (customer(&scope).await, plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await);
        let pro = plan(&scope, "Pro", 36_000, "USD", IntervalUnit::Year).await;
        let id = create(&scope, begin(who, basic, "2026-01-10")).await.expect("begun");
        assert_eq!(mrr(&scope, who).await, 1000);
        let verb = Verb::Change { plan_id: Some(pro), quantity: Some(2), price: None, at: When::Now };
        let effect = preview(&scope, id, verb.clone()).await.expect("a preview");
        assert_eq!((effect.customer_before.minor(), effect.customer_after.minor()), (1000, 6000));
        assert_eq!(mrr(&scope, who).await, 1000, "a preview writes nothing");
        perform(&scope, id, verb).await.expect("changed");
        assert_eq!(mrr(&scope, who).await, 6000);
        let detail = detail(&scope, id).await.expect("there");
        assert_eq!(detail.phases.len(), 2);
        assert_eq!(detail.subscription.plan_name, "Pro");
        let history = crate::customers::store::mrr_history(&scope, who).await.expect("a history");
        assert_eq!(history.iter().map(|m| m.kind.word()).collect::<Vec<_>>(), ["new", "expansion"]);
    })
    .await;
}

#[tokio::test]
async fn a_cancellation_at_the_period_end_counts_when_the_day_comes() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (who, basic) = (customer(&scope).await, plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await);
        let id = create(&scope, begin(who, basic, "2026-01-10")).await.expect("begun");
        perform(&scope, id, Verb::Cancel { at: When::PeriodEnd, reason: Some("moved".into()) }).await.expect("cancelled");
        let row = get(&scope, id).await.expect("there");
        assert_eq!((row.status, row.ended_on, mrr(&scope, who).await), (SubscriptionStatus::Cancelling, Some(d("2026-03-10")), 1000));
        let then = scope.at(noon("2026-03-10"));
        let counts = crate::subscriptions::jobs::pass_day(&then).await.expect("the day passed");
        assert_eq!(counts["subscriptions_ended"], 1);
        assert_eq!(mrr(&then, who).await, 0);
        assert_eq!(crate::subscriptions::jobs::pass_day(&then).await.expect("again")["already_done"], true);
        perform(&then, id, Verb::Reactivate { at: When::Now }).await.expect("back");
        assert_eq!(mrr(&then, who).await, 1000);
        let churn = crate::customers::store::mrr_history(&then, who).await.expect("a history");
        assert!(churn.iter().all(|m| m.kind.word() == "new"), "ended and back on one day nets out");
    })
    .await;
}

#[tokio::test]
async fn activity_is_that_of_the_customer_and_of_its_own_subscriptions() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (one, two) = (customer(&scope).await, customer(&scope).await);
        let basic = plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await;
        let id = create(&scope, begin(one, basic, "2026-01-10")).await.expect("begun");
        create(&scope, begin(two, basic, "2026-01-10")).await.expect("begun");
        let later = scope.at(noon("2026-03-02"));
        perform(&later, id, Verb::Cancel { at: When::PeriodEnd, reason: Some("moved".into()) }).await.expect("cancelled");
        let actions =
            |page: crate::kit::paging::Page<crate::audit::AuditRow>| page.rows.into_iter().map(|row| row.action).collect::<Vec<_>>();
        let of = activity(&scope, id, &ListQuery::default()).await.expect("activity");
        assert!(of.rows[0].story().contains(&("Reason".into(), "none \u{2192} moved".into())), "{:?}", of.rows[0].story());
        assert_eq!(actions(of), ["subscription.cancelled", "subscription.created"]);
        let of = actions(customer_activity(&scope, one, &ListQuery::default()).await.expect("activity"));
        assert_eq!((of.len(), of[0].as_str()), (3, "subscription.cancelled"));
        assert!(of.contains(&"customer.created".to_owned()));
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        assert_eq!(activity(&other, id, &ListQuery::default()).await.err(), Some(Error::NotFound));
        assert_eq!(customer_activity(&other, one, &ListQuery::default()).await.err(), Some(Error::NotFound));
    })
    .await;
}

#[tokio::test]
async fn several_are_cancelled_as_their_preview_said_or_none_is() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (one, two) = (customer(&scope).await, customer(&scope).await);
        let basic = plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await;
        let first = create(&scope, begin(one, basic, "2026-01-10")).await.expect("begun");
        let second = create(&scope, begin(two, basic, "2026-01-20")).await.expect("begun");
        create(&scope, begin(two, basic, "2026-01-25")).await.expect("begun");
        let ended =
            create(&scope, NewSubscription { ends_on: Some(d("2026-06-01")), ..begin(one, basic, "2026-01-10") }).await.expect("begun");
        let ids = [first, second, ended];
        let effect = preview_cancel_many(&scope, &ids).await.expect("a preview");
        // The customer of `first` still pays for `ended` when `first` and `second` are gone.
        assert_eq!((effect.cancelled, effect.left, effect.loses.minor(), effect.customers_lost), (2, 1, 2000, 0));
        assert_eq!(effect.days, Some((d("2026-03-10"), d("2026-03-20"))));
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        assert_eq!(cancel_many(&other, &ids, None).await, Err(Error::NotFound));
        let nobodys = [first, SubscriptionId(uuid::Uuid::nil())];
        assert_eq!(cancel_many(&scope, &nobodys, None).await, Err(Error::NotFound));
        assert_eq!(get(&scope, first).await.expect("there").status, SubscriptionStatus::Active, "all or none");
        assert_eq!(cancel_many(&scope, &ids, Some("shop closed".into())).await, Ok(2));
        assert_eq!(cancel_many(&scope, &ids, None).await, Ok(0), "they have an end now");
        let row = get(&scope, second).await.expect("there");
        assert_eq!((row.ended_on, row.cancel_reason.as_deref()), (Some(d("2026-03-20")), Some("shop closed")));
        let query = ListQuery::default().toggled("action", "subscription.cancelled");
        let entries = crate::audit::store::list(&scope, &query).await.expect("entries").rows;
        assert_eq!(entries.len(), 2, "an entry for each");
        crate::subscriptions::jobs::pass_day(&scope.at(noon("2026-03-20"))).await.expect("the day passed");
        assert_eq!((mrr(&scope, one).await, mrr(&scope, two).await), (1000, 1000));
        let paying = async |day: &str| crate::customers::store::stats(&scope.at(noon(day))).await.expect("figures").paying;
        assert_eq!((paying("2026-01-15").await, paying("2026-03-20").await, paying("2026-06-01").await), (1, 2, 1));
        let rebuilt = rebuild(&scope.at(noon("2026-03-20"))).await.expect("rebuilt");
        assert_eq!((rebuilt.differing_movements, rebuilt.differing_days), (0, 0));
        let last = preview_cancel_many(&scope, &[ended]).await.expect("a preview");
        assert_eq!((last.cancelled, last.left, last.loses.minor(), last.days), (0, 1, 0, None));
    })
    .await;
}

#[tokio::test]
async fn a_foreign_currency_needs_a_rate_and_keeps_it() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (who, euro) = (customer(&scope).await, plan(&scope, "Euro", 1000, "EUR", IntervalUnit::Month).await);
        let refused = create(&scope, begin(who, euro, "2026-02-01")).await.expect_err("no rate yet");
        assert!(refused.fields().first("currency").is_some_and(|m| m.contains("EUR has no exchange rate")));
        let eur: Currency = "EUR".parse().expect("a currency");
        let rate = |day: &str, nano| ExchangeRate { currency: eur, starts_on: d(day), rate: Rate::from_nano(nano).expect("a rate") };
        rates::set(&scope, rate("2026-01-01", 1_100_000_000)).await.expect("set");
        create(&scope, begin(who, euro, "2026-02-01")).await.expect("begun");
        rates::set(&scope, rate("2026-02-15", 1_200_000_000)).await.expect("set");
        assert_eq!(mrr(&scope, who).await, 1100);
        let own = ExchangeRate { currency: Currency::USD, ..rate("2026-01-01", 1) };
        assert!(rates::set(&scope, own).await.expect_err("refused").fields().first("currency").is_some());
    })
    .await;
}

#[tokio::test]
async fn another_sellers_subscription_plan_and_customer_are_unknown() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        let (who, basic) = (customer(&scope).await, plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await);
        let id = create(&scope, begin(who, basic, "2026-01-10")).await.expect("begun");
        assert_eq!(detail(&other, id).await, Err(Error::NotFound));
        let verb = Verb::Cancel { at: When::Now, reason: None };
        assert_eq!(perform(&other, id, verb).await, Err(Error::NotFound));
        let theirs = plan(&other, "Basic", 1, "USD", IntervalUnit::Month).await;
        assert!(create(&other, begin(who, theirs, "2026-01-10")).await.expect_err("refused").fields().first("customer_id").is_some());
        let change = Verb::Change { plan_id: Some(theirs), quantity: None, price: None, at: When::Now };
        assert!(perform(&scope, id, change).await.expect_err("refused").fields().first("plan_id").is_some());
        assert_eq!(list(&other, &ListQuery::default()).await.expect("a page").total, 0);
    })
    .await;
}

#[tokio::test]
async fn a_list_filters_by_status_plan_and_currency() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (who, basic) = (customer(&scope).await, plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await);
        let pro = plan(&scope, "Pro", 36_000, "USD", IntervalUnit::Year).await;
        let ended = NewSubscription { ends_on: Some(d("2026-02-01")), ..begin(who, basic, "2026-01-10") };
        let trial = NewSubscription { trial_ends_on: Some(d("2026-04-01")), ..begin(who, pro, "2026-02-28") };
        let cancelling = NewSubscription { ends_on: Some(d("2026-05-01")), ..begin(who, pro, "2026-02-01") };
        for new in [ended, trial, cancelling, begin(who, basic, "2026-03-01"), begin(who, basic, "2026-04-01")] {
            create(&scope, new).await.expect("begun");
        }
        for status in ["ended", "trial", "cancelling", "active", "scheduled"] {
            let page = list(&scope, &ListQuery::default().toggled("status", status)).await.expect("a page");
            assert_eq!(page.rows.iter().map(|s| s.status.word()).collect::<Vec<_>>(), [status]);
        }
        let picked = list(&scope, &ListQuery::default()).await.expect("a page").rows[0].id.to_string();
        for (key, value, total) in [
            ("plan", pro.to_string(), 2),
            ("currency", "USD".into(), 5),
            ("currency", "EUR".into(), 0),
            ("interval", "year".into(), 2),
            ("id", picked, 1),
            ("id", "sub_x".into(), 0),
        ] {
            let page = list(&scope, &ListQuery::default().toggled(key, &value)).await.expect("a page");
            assert_eq!(page.total, total, "{key}={value}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_price_moves_subscriptions_at_the_plans_own_prices_only() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-01"));
        let (who, basic) = (customer(&scope).await, plan(&scope, "Basic", 1000, "USD", IntervalUnit::Month).await);
        create(&scope, begin(who, basic, "2026-01-10")).await.expect("begun");
        let own = NewSubscription { price: Some(Money::new(700, Currency::USD)), ..begin(who, basic, "2026-01-10") };
        create(&scope, own).await.expect("begun");
        let price = crate::plans::model::NewPrice { price: Money::new(1500, Currency::USD), move_from: Some(d("2026-03-01")) };
        crate::plans::store::change_price(&scope, basic, price).await.expect("priced");
        assert_eq!(mrr(&scope, who).await, 1700, "the job has not run yet");
        let version = crate::plans::store::get(&scope, basic).await.expect("there").version;
        let nil = SubscriptionId(uuid::Uuid::nil());
        assert_eq!(move_batch(&scope, basic, version, d("2026-03-01"), nil).await, Ok((1, None)));
        assert_eq!(mrr(&scope, who).await, 2200);
        assert_eq!(move_batch(&scope, basic, version, d("2026-03-01"), nil).await, Ok((0, None)), "what has moved is not found again");
    })
    .await;
}

/// Which subscription, which verb, days until then, days from then to its effect, plan and quantity.
type Step = (usize, u8, u64, i64, usize, i64);

async fn act(scope: &Scope, ids: &mut Vec<SubscriptionId>, customers: &[CustomerId], plans: &[PlanId], step: Step) -> Result<()> {
    let (which, verb, _, ahead, plan, quantity) = step;
    let on = scope.today() + chrono::Duration::days(ahead);
    let Some(id) = ids.get(which % (ids.len() + 1)).copied() else {
        let day = on.to_string();
        let trial_ends_on = (quantity % 2 == 0).then(|| on + chrono::Duration::days(quantity));
        let new = NewSubscription { quantity, trial_ends_on, ..begin(customers[which % customers.len()], plans[plan], &day) };
        ids.push(create(scope, new).await?);
        return Ok(());
    };
    let at = if ahead % 3 == 0 { When::PeriodEnd } else { When::On(on) };
    let verb = match verb {
        0 | 1 => Verb::Change { plan_id: Some(plans[plan]), quantity: Some(quantity), price: None, at },
        2 => Verb::Cancel { at, reason: Some("why".into()) },
        3 => Verb::Reactivate { at: When::On(on.min(scope.today())) },
        5 => Verb::Pause { at, resumes_on: (quantity % 2 == 0).then(|| on + chrono::Duration::days(5 * quantity)) },
        6 => Verb::Resume { at },
        _ => Verb::Trial { ends_on: on },
    };
    let effect = preview(scope, id, verb.clone()).await;
    let done = perform(scope, id, verb).await;
    assert_eq!(effect.as_ref().err(), done.as_ref().err(), "the preview refuses what the verb refuses");
    done
}

/// MRR today is the sum over the phases in service, in the roll-ups and in the customers alike.
async fn check(scope: &Scope) {
    #[derive(FromQueryResult)]
    struct Sum {
        minor: i64,
    }
    let tx = scope.read().await.expect("reads");
    let today: sea_orm::Value = scope.today().into();
    let seller: sea_orm::Value = tx.seller_id().0.into();
    let mut sums = Vec::new();
    for sql in [
        "SELECT CAST(COALESCE(SUM(mrr_minor), 0) AS BIGINT) AS minor FROM subscription_phases WHERE seller_id = $1 AND starts_on <= $2 AND pays_from <= $2 \
         AND (ends_on IS NULL OR ends_on > $2)",
        "SELECT CAST(COALESCE(SUM(new_minor + expansion_minor + reactivation_minor - contraction_minor - churn_minor), 0) AS BIGINT) AS minor FROM mrr_days \
         WHERE seller_id = $1 AND day <= $2",
        "SELECT CAST(COALESCE(SUM(mrr_minor), 0) AS BIGINT) AS minor FROM customers WHERE seller_id = $1 AND $2 = $2",
    ] {
        sums.push(tx.one::<Sum>(sql, [seller.clone(), today.clone()]).await.expect("a sum").expect("a row").minor);
    }
    assert_eq!((sums[0], sums[0]), (sums[1], sums[2]));
}

/// A life of random verbs, one after another.
async fn live(scope: Scope, steps: Vec<Step>) {
    let mut scope = scope.at(noon("2026-01-31"));
    let eur: Currency = "EUR".parse().expect("a currency");
    let rate = Rate::from_nano(1_083_400_000).expect("a rate");
    rates::set(&scope, ExchangeRate { currency: eur, starts_on: d("2026-01-01"), rate }).await.expect("set");
    let customers = [customer(&scope).await, customer(&scope).await];
    let plans = [
        plan(&scope, "A", 1000, "USD", IntervalUnit::Month).await,
        plan(&scope, "B", 9999, "EUR", IntervalUnit::Quarter).await,
        plan(&scope, "C", 0, "USD", IntervalUnit::Month).await,
        plan(&scope, "D", 777, "USD", IntervalUnit::Week).await,
    ];
    let mut ids = Vec::new();
    for step in steps {
        scope = scope.at(scope.now().checked_add_days(Days::new(step.2)).expect("a day"));
        crate::subscriptions::jobs::pass_day(&scope).await.expect("the day passed");
        match act(&scope, &mut ids, &customers, &plans, step).await {
            Ok(()) | Err(Error::Invalid(_) | Error::Conflict(_)) => {}
            Err(error) => panic!("{step:?}: {error:?}"),
        }
        check(&scope).await;
    }
    for id in ids {
        let tx = scope.read().await.expect("reads");
        assert!(phases::load(&tx, id).await.expect("there").1.is_sound());
    }
    let rebuilt = rebuild(&scope).await.expect("rebuilt");
    assert_eq!((rebuilt.differing_movements, rebuilt.differing_days), (0, 0));
    check(&scope).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn random_verbs_keep_the_books(steps in prop::collection::vec((0usize..6, 0u8..7, 0u64..20, -6i64..40, 0usize..4, 1i64..9), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(on_each_database(|scope| live(scope, steps.clone())));
    }
}

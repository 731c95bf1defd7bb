//! A subscription that begins with something off: both, or neither.

use chrono::{DateTime, NaiveDate, Utc};

use super::*;
use crate::customers::NewCustomer;
use crate::invoices::catalogue::{CouponDuration, NewCoupon};
use crate::invoices::store::coupons::NewCode;
use crate::kit::databases::on_each_database;
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::kit::period::{Interval, IntervalUnit};
use crate::plans::{NewPlan, PlanId};

fn d(text: &str) -> NaiveDate {
    crate::kit::period::day(text).expect("a day")
}

fn noon(day: &str) -> DateTime<Utc> {
    d(day).and_hms_opt(12, 0, 0).expect("noon").and_utc()
}

async fn plan(scope: &Scope, name: &str) -> PlanId {
    let new = NewPlan {
        name: name.into(),
        interval: Interval { unit: IntervalUnit::Month, count: 1 },
        price: Money::new(3_000, Currency::USD),
        trial_days: 0,
    };
    crate::plans::store::create(scope, new).await.expect("a plan")
}

fn typed(customer: CustomerId, plan: PlanId, started_on: &str) -> SubscriptionForm {
    SubscriptionForm { customer_id: customer.to_string(), plan_id: plan.to_string(), started_on: started_on.into(), ..Default::default() }
}

#[tokio::test]
async fn a_subscription_begins_with_its_code_or_not_at_all() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-04-20"));
        let who = crate::customers::store::create(&scope, NewCustomer { name: "Nile Wave".into(), ..Default::default() })
            .await
            .expect("somebody");
        let (basic, pro) = (plan(&scope, "Basic").await, plan(&scope, "Pro").await);
        let half = NewCoupon {
            name: "Half".into(),
            percent_ppm: Some(500_000),
            amount: None,
            duration: CouponDuration::Once,
            times: None,
            max_redemptions: None,
            expires_on: None,
            plans: vec![basic],
        };
        let half = coupons::create(&scope, half).await.expect("a coupon");
        for (code, max, expires_on) in [("HALF", Some(1), None), ("OLD", None, Some(d("2026-04-19")))] {
            let new = NewCode { code: code.into(), max, expires_on, ..Default::default() };
            coupons::add_code(&scope, half, new).await.expect("a code");
        }
        let refused = async |plan: PlanId, code: &str| {
            let error = subscribe_as_typed(&scope, &typed(who, plan, "2026-04-01"), code).await.expect_err("refused");
            error.fields().first("promotion_code").unwrap_or_default().to_owned()
        };
        assert_eq!(refused(basic, "nothing").await, "is no code");
        assert_eq!(refused(basic, "old").await, "has expired");
        assert_eq!(refused(pro, "half").await, "is not good for the plan of this subscription");
        let list = subscriptions::list(&scope, &ListQuery::default()).await.expect("a page");
        assert_eq!(list.total, 0, "without its code it has not begun");
        // One that begins in the past has it on the invoice of its first day.
        let id = subscribe_as_typed(&scope, &typed(who, basic, "2026-04-01"), " half ").await.expect("begun");
        assert_eq!(refused(basic, "half").await, "was redeemed as often as it may be", "what was refused used nothing up");
        let held = coupons::of_customer(&scope, who).await.expect("read");
        assert_eq!((held.len(), held[0].code.as_deref()), (1, Some("HALF")));
        crate::invoices::store::run(&scope, d("2026-05-10")).await.expect("billed");
        let query = ListQuery { sort: "issued".into(), ..ListQuery::default().toggled("subscription", &id.to_string()) };
        let bills = crate::invoices::store::list(&scope, &query).await.expect("a page").rows;
        let told: Vec<_> = bills.iter().map(|i| (i.issued_on.to_string(), i.discount.minor(), i.total.minor())).collect();
        assert_eq!(told, [("2026-04-01".into(), 1_500, 1_500), ("2026-05-01".into(), 0, 3_000)]);
    })
    .await;
}

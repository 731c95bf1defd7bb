//! What the demo's sellers meter and give away: a plan or two with usage on it, the events of the last months, and coupons.

use chrono::{Datelike as _, Days, NaiveDate};

use super::world::Dice;
use crate::invoices::catalogue::{CouponDuration, NewCoupon};
use crate::invoices::store::coupons::{self, NewCode, Redeem};
use crate::kit::error::Result;
use crate::kit::paging::ListQuery;
use crate::kit::period::Month;
use crate::kit::scope::Scope;
use crate::meters::model::{Aggregation, NewMeter};
use crate::plans::charges::{ChargeType, NewCharge};
use crate::plans::tiers::{PriceModel, Tier};
use crate::subscriptions;
use crate::usage::model::NewEvent;

/// Months at the end of the past whose usage is known: enough for a period behind and one under way on every page.
pub const MONTHS_METERED: i32 = 3;
/// Subscriptions that are metered.
const METERED: u32 = 25;
/// Days between two events of a subscription.
const EVERY: usize = 4;

/// Key, name, unit, and how events add up.
const METERS: &[(&str, &str, &str, Aggregation)] = &[
    ("messages", "Text messages", "messages", Aggregation::Sum),
    ("traffic", "Traffic", "GB", Aggregation::Sum),
    ("devices", "Devices seen", "devices", Aggregation::Unique),
];

/// Plan, meter, units included in a month, and the most that one event says.
const CHARGED: &[(&str, &str, i64, u64)] =
    &[("Premium", "messages", 4_000, 900), ("Enterprise", "messages", 10_000, 2_600), ("Business 500", "traffic", 1_000, 260)];

/// The meters, before the plans that charge them.
pub async fn meters(scope: &Scope) -> Result<()> {
    for (key, name, unit, aggregation) in METERS {
        let new = NewMeter { key: (*key).into(), name: (*name).into(), unit: (*unit).into(), aggregation: *aggregation };
        crate::meters::store::create(scope, new).await?;
    }
    Ok(())
}

/// What a plan charges beside its price.
pub fn charges(plan: &str) -> Vec<NewCharge> {
    let charge = |(_, meter, included, _): &(&str, &str, i64, u64)| NewCharge {
        kind: ChargeType::Usage,
        name: if *meter == "traffic" { "Traffic beyond the allowance" } else { "Text messages" }.into(),
        model: PriceModel::Graduated,
        amount_minor: 0,
        package_size: 1,
        included: *included,
        tiers: vec![Tier { up_to: Some(5_000), unit_minor: 3, flat_minor: 0 }, Tier { up_to: None, unit_minor: 2, flat_minor: 0 }],
        meter: Some((*meter).into()),
    };
    CHARGED.iter().filter(|of| of.0 == plan).map(charge).collect()
}

/// Takes in what was used in a month, up to the day of the scope.
pub async fn month(then: &Scope, month: Month) -> Result<()> {
    let mut query = ListQuery { limit: METERED, sort: "started".into(), ..ListQuery::default() };
    for plan in crate::plans::store::names(then).await?.iter().filter(|plan| CHARGED.iter().any(|of| of.0 == plan.label)) {
        query = query.toggled("plan", &plan.id.to_string());
    }
    if query.filter("plan").is_empty() {
        return Ok(());
    }
    let mut events = Vec::new();
    for subscription in subscriptions::store::list(then, &query).await?.rows {
        let Some((_, meter, _, most)) = CHARGED.iter().find(|of| of.0 == subscription.plan_name) else { continue };
        let last = then.today().min(subscription.ended_on.and_then(|end| end.pred_opt()).unwrap_or(NaiveDate::MAX));
        let served = |day: &NaiveDate| *day >= subscription.started_on && *day <= last;
        // The same each time: it follows from who it is and when.
        let seed = subscription.customer_name.bytes().map(u64::from).sum::<u64>() * 31 + u64::from(month.first_day().month());
        let mut dice = Dice::new(seed);
        let (period, meters) = (month.period(), [(*meter, *most), ("devices", 1)]);
        for day in period.start.iter_days().take_while(|day| *day < period.end).step_by(EVERY).filter(served) {
            for (key, most) in meters {
                events.push(NewEvent {
                    event_id: format!("demo-{key}-{}-{day}", subscription.id),
                    meter: key.into(),
                    subscription: subscription.id.to_string(),
                    at: day.to_string(),
                    quantity: i64::try_from(1 + dice.below(most)).unwrap_or(1),
                    subject: if key == "devices" { format!("device-{}", dice.below(9)) } else { String::new() },
                });
            }
        }
    }
    for some in events.chunks(crate::usage::model::EVENTS_AT_ONCE) {
        crate::usage::store::record(then, some).await?;
    }
    Ok(())
}

/// A coupon that is given out by a code and has been, one that is given by hand, and one that is over.
pub async fn coupons(then: &Scope) -> Result<()> {
    let coupon = |name: &str, percent_ppm, duration, times, expires_on| NewCoupon {
        name: name.into(),
        percent_ppm: Some(percent_ppm),
        amount: None,
        duration,
        times,
        max_redemptions: None,
        expires_on,
        plans: Vec::new(),
    };
    let soon = then.today().checked_add_days(Days::new(20));
    let welcome = coupons::create(then, coupon("Welcome", 200_000, CouponDuration::Repeating, Some(6), None)).await?;
    let loyal = coupons::create(then, coupon("Loyal customer", 50_000, CouponDuration::Forever, None, None)).await?;
    coupons::create(then, coupon("Early bird", 100_000, CouponDuration::Once, None, soon)).await?;
    coupons::add_code(then, welcome, NewCode { code: "WELCOME20".into(), max: Some(50), ..NewCode::default() }).await?;
    let query = ListQuery { limit: 8, sort: "name".into(), ..ListQuery::default() };
    for (n, customer) in crate::customers::store::list(then, &query).await?.rows.into_iter().enumerate() {
        let by = if n < 5 { Redeem::Code("WELCOME20".into()) } else { Redeem::Coupon(loyal) };
        coupons::redeem(then, customer.id, by, None).await?;
    }
    Ok(())
}

//! The lives of the demo's customers: drawn first as a list of deeds with their days, then done in order of time.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::extras;
use super::world::{Dice, FIBRE_PLANS, NAMED, PLATFORM_PLANS, REASONS, business, household};
use crate::customers::{self, CustomerId};
use crate::kit::error::Result;
use crate::kit::money::Money;
use crate::kit::period::{Interval, IntervalUnit, Month};
use crate::kit::scope::Scope;
use crate::plans::{self, PlanId};
use crate::subscriptions::model::{NewSubscription, Verb, When};
use crate::subscriptions::{self, SubscriptionId};

/// Months of the past.
pub(super) const MONTHS: i32 = 18;

/// Who buys: drawn before anything is written.
struct Buyer {
    name: String,
    email: String,
    country: &'static str,
    organization: Option<String>,
    /// Index of the first plan.
    plan: usize,
    quantity: i64,
    starts: NaiveDate,
    then: Vec<(NaiveDate, Deed)>,
}

enum Deed {
    Plan(usize),
    Quantity(i64),
    Cancel(When, &'static str),
    Return,
}

/// The platform's tenants.
pub async fn platform(scope: &Scope) -> Result<()> {
    let (mut dice, first) = (Dice::new(2026), first_month(scope));
    let mut buyers: Vec<Buyer> = NAMED.iter().map(|named| named_tenant(scope, named, first)).collect();
    for n in 0..36 {
        let (name, domain, country) = business(n, &mut dice);
        let starts = day_in(scope, first.plus(dice.below(MONTHS as u64) as i32), dice.below(27));
        let plan = [0, 0, 0, 1, 1, 2][dice.below(6) as usize];
        let email = format!("billing@{domain}");
        let mut buyer = Buyer { name, email, country, organization: None, plan, quantity: 1, starts, then: vec![] };
        buyer.then = life(scope, &mut dice, starts, plan, 3);
        buyers.push(buyer);
    }
    live(scope, PLATFORM_PLANS, buyers).await
}

/// The subscribers of the internet provider.
pub async fn provider(scope: &Scope) -> Result<()> {
    let (mut dice, first) = (Dice::new(1879), first_month(scope));
    let mut buyers = Vec::new();
    for n in 0..120 {
        let (name, email) = household(n);
        let starts = day_in(scope, first.plus(dice.below(MONTHS as u64) as i32), dice.below(27));
        let plan = [0, 0, 1, 1, 1, 2, 2, 3][dice.below(8) as usize];
        let then = life(scope, &mut dice, starts, plan, FIBRE_PLANS.len() - 1);
        buyers.push(Buyer { name, email, country: "EG", organization: None, plan, quantity: 1, starts, then });
    }
    live(scope, FIBRE_PLANS, buyers).await
}

/// The tenants that the stories are about.
fn named_tenant(scope: &Scope, named: &(&'static str, &'static str, &'static str, usize, i32), first: Month) -> Buyer {
    let (name, domain, country, plan, month) = *named;
    let starts = day_in(scope, first.plus(month), 3);
    let ago = |days: u64| scope.today().checked_sub_days(Days::new(days)).unwrap_or(starts);
    let (organization, then) = match name {
        "Al Noor Schools" => {
            (Some("alnoor"), vec![(ago(300), Deed::Quantity(3)), (ago(120), Deed::Quantity(5)), (ago(12), Deed::Quantity(6))])
        }
        "Nilewave Internet" => (Some("nilewave"), vec![(ago(200), Deed::Quantity(4)), (ago(40), Deed::Quantity(9))]),
        // Shrinks, and is set to leave.
        "Harbour Clinics" => (Some("harbour"), vec![(ago(60), Deed::Plan(1)), (ago(2), Deed::Cancel(When::PeriodEnd, "Too expensive"))]),
        "Cedar College" => (None, vec![(ago(90), Deed::Cancel(When::Now, "No longer needed")), (ago(25), Deed::Return)]),
        _ => (None, vec![]),
    };
    let starts = if name == "Orchard Academy" { ago(12) } else { starts };
    Buyer {
        name: name.into(),
        email: format!("accounts@{domain}"),
        country,
        organization: organization.map(str::to_owned),
        plan,
        quantity: 1,
        starts,
        then,
    }
}

/// Grows now and then, sometimes shrinks, sometimes leaves.
fn life(scope: &Scope, dice: &mut Dice, starts: NaiveDate, plan: usize, top: usize) -> Vec<(NaiveDate, Deed)> {
    let (mut deeds, mut plan, mut day) = (Vec::new(), plan, starts);
    loop {
        day = day.checked_add_days(Days::new(35 + dice.below(120))).unwrap_or(NaiveDate::MAX);
        if day > scope.today() {
            return deeds;
        }
        match dice.below(100) {
            0..=34 if plan < top => {
                plan += 1;
                deeds.push((day, Deed::Plan(plan)));
            }
            35..=44 if plan > 0 => {
                plan -= 1;
                deeds.push((day, Deed::Plan(plan)));
            }
            45..=62 => {
                deeds.push((day, Deed::Cancel(When::Now, dice.pick(REASONS))));
                let back = day.checked_add_days(Days::new(30 + dice.below(60))).unwrap_or(NaiveDate::MAX);
                if !dice.chance(20) || back > scope.today() {
                    return deeds;
                }
                deeds.push((back, Deed::Return));
                day = back;
            }
            _ => {}
        }
    }
}

/// Makes the plans, then does every deed on its day.
async fn live(scope: &Scope, plans: &[(&str, i64, i64)], buyers: Vec<Buyer>) -> Result<()> {
    let opening = at(scope, first_month(scope).first_day());
    extras::meters(&scope.at(opening)).await?;
    let mut ids: Vec<PlanId> = Vec::new();
    for (name, cents, trial_days) in plans {
        let interval = Interval { unit: IntervalUnit::Month, count: 1 };
        let price = Money::new(*cents, scope.currency());
        let new = plans::NewPlan { name: (*name).into(), interval, price, trial_days: i32::try_from(*trial_days).unwrap_or(0) };
        ids.push(plans::store::charges::create_with(&scope.at(opening), new, extras::charges(name)).await?);
    }
    let mut deeds: Vec<(NaiveDate, usize, Option<usize>)> = Vec::new();
    for (b, buyer) in buyers.iter().enumerate() {
        deeds.push((buyer.starts, b, None));
        let known = buyer.then.iter().enumerate().filter(|(_, (day, _))| *day > buyer.starts);
        deeds.extend(known.map(|(d, (day, _))| (*day, b, Some(d))));
    }
    deeds.sort();
    let mut subscriptions: Vec<Option<SubscriptionId>> = buyers.iter().map(|_| None).collect();
    for (day, b, deed) in deeds {
        let then = scope.at(at(scope, day));
        match (deed, subscriptions[b]) {
            (None, _) => subscriptions[b] = Some(begin(&then, &buyers[b], &ids).await?),
            (Some(d), Some(id)) => subscriptions::store::perform(&then, id, verb(&buyers[b].then[d].1, &ids)).await?,
            (Some(_), None) => {}
        }
    }
    Ok(())
}

async fn begin(scope: &Scope, buyer: &Buyer, plans: &[PlanId]) -> Result<SubscriptionId> {
    let new = customers::NewCustomer {
        name: buyer.name.clone(),
        email: Some(buyer.email.clone()),
        country: Some(buyer.country.into()),
        external_id: None,
        organization: buyer.organization.clone(),
    };
    let customer_id: CustomerId = customers::store::create(scope, new).await?;
    let new = NewSubscription {
        customer_id,
        plan_id: plans[buyer.plan],
        started_on: scope.today(),
        trial_ends_on: None,
        ends_on: None,
        quantity: buyer.quantity,
        price: None,
        external_id: None,
        payment_method: None,
        anchor_day: None,
    };
    subscriptions::store::create(scope, new).await
}

fn verb(deed: &Deed, plans: &[PlanId]) -> Verb {
    match deed {
        Deed::Plan(plan) => Verb::Change { plan_id: Some(plans[*plan]), quantity: None, price: None, at: When::Now },
        Deed::Quantity(quantity) => Verb::Change { plan_id: None, quantity: Some(*quantity), price: None, at: When::Now },
        Deed::Cancel(at, reason) => Verb::Cancel { at: *at, reason: Some((*reason).into()) },
        Deed::Return => Verb::Reactivate { at: When::Now },
    }
}

pub(super) fn first_month(scope: &Scope) -> Month {
    Month::of(scope.today()).plus(1 - MONTHS)
}

/// A day of a month, not later than today.
fn day_in(scope: &Scope, month: Month, day: u64) -> NaiveDate {
    month.first_day().checked_add_days(Days::new(day)).unwrap_or(month.first_day()).min(scope.today())
}

/// Ten in the morning UTC of a day, or the scope's own now where that is earlier.
pub(super) fn at(scope: &Scope, day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::from_hms_opt(10, 0, 0).unwrap_or_default()).and_utc().min(scope.now())
}

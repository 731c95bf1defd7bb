//! The verbs: read the course, apply the rule, write what differs; or stop before writing and say what it would do.

use chrono::NaiveDate;
use serde_json::json;

use super::priced::price;
use super::told::event;
use super::{billing, list, phases, refresh};
use crate::customers;
use crate::kit::event::{Event, Level};
use crate::kit::money::Money;
use crate::kit::period::short_day;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::movements::{self, derive};
use crate::plans::{self, Plan, PlanId, PlanVersionId};
use crate::subscriptions::course::{Course, Terms};
use crate::subscriptions::model::{
    ChangeForm, Effect, LaterEffect, NewSubscription, Proration, QUANTITY_MAX, SubscriptionForm, SubscriptionId, Verb, When,
};
use phases::Head;

/// What a verb comes to before anything is written.
pub(super) struct Prepared {
    pub head: Head,
    /// `None` for a new subscription.
    pub before: Option<Course>,
    pub after: Course,
    pub on: NaiveDate,
}

/// Begins a subscription.
pub async fn create(scope: &Scope, new: NewSubscription) -> Result<SubscriptionId> {
    let tx = scope.write().await?;
    let (id, event) = create_in(&tx, new).await?;
    tx.commit(event).await?;
    Ok(id)
}

/// As [`create`], in a transaction that is under way; gives the event that says so.
pub async fn create_in(tx: &Tx, new: NewSubscription) -> Result<(SubscriptionId, Event)> {
    movements::hold(tx).await?;
    let (external_id, payment_method) = (new.external_id.clone(), new.payment_method.clone());
    let prepared = prepare_new(tx, &new).await?;
    phases::insert_head(tx, &prepared.head, &prepared.after, external_id, payment_method).await?;
    let plan = plans::store::read(tx, new.plan_id).await?;
    let event = created_event(tx.scope(), &prepared, &plan);
    store(tx, &prepared).await?;
    Ok((prepared.head.id, event))
}

fn created_event(scope: &Scope, prepared: &Prepared, plan: &Plan) -> Event {
    let (head, first) = (&prepared.head, prepared.after.first());
    let monthly = Money::new(first.priced.mrr_minor, scope.currency());
    let details = json!({
        "customer": head.customer_id, "plan": plan.name, "quantity": first.priced.terms.quantity, "price": first.priced.terms.unit_amount,
        "monthly": monthly, "started_on": first.starts_on, "trial_ends_on": prepared.after.trial_ends_on, "ends_on": first.ends_on,
    });
    let body = match prepared.after.trial_ends_on {
        Some(day) => format!("On trial until {}, then {monthly} a month.", short_day(day)),
        None => format!("{monthly} a month from {}.", short_day(first.pays_from)),
    };
    Event::new("subscription.created", "subscription", head.id, head.customer_name.clone()).details(details).notify(
        Level::Info,
        format!("{} subscribed to {}", head.customer_name, plan.name),
        body,
        format!("/subscriptions/{}", head.id),
    )
}

/// What a form asks for: its amount is in the plan's currency.
pub async fn typed(scope: &Scope, form: &SubscriptionForm) -> Result<NewSubscription> {
    let currency = currency_of(scope, &form.plan_id).await?;
    form.parse(currency)
}

/// Does a verb.
pub async fn perform(scope: &Scope, id: SubscriptionId, verb: Verb) -> Result<()> {
    perform_prorated(scope, id, verb, None).await
}

/// Does a verb whose day is billed in a way of its own.
pub async fn perform_prorated(scope: &Scope, id: SubscriptionId, verb: Verb, proration: Option<Proration>) -> Result<()> {
    let tx = scope.write().await?;
    let event = perform_in(&tx, id, &verb, proration).await?;
    tx.commit(event).await
}

/// As [`perform_prorated`], in a transaction that is under way; gives the event that says so. What holds customers, too,
/// holds the movements first, as this does.
pub async fn perform_in(tx: &Tx, id: SubscriptionId, verb: &Verb, proration: Option<Proration>) -> Result<Event> {
    movements::hold(tx).await?;
    let prepared = prepare(tx, id, verb).await?;
    let event = event(tx, &prepared, verb).await?;
    store(tx, &prepared).await?;
    // What turned on that day before and still does is billed as it was.
    let turns = |course: &Course| course.turns(prepared.on);
    if proration.is_some() || prepared.before.as_ref().map(turns) != Some(turns(&prepared.after)) {
        billing::set_proration(tx, id, prepared.on, proration).await?;
    }
    Ok(event)
}

/// When a change takes effect where nobody says: at once where it costs more by the day, with
/// what it charges by tiers of the quantity, at the period's end where less.
pub async fn natural_day(
    scope: &Scope,
    id: SubscriptionId,
    plan_id: Option<PlanId>,
    quantity: Option<i64>,
    price: Option<Money>,
) -> Result<When> {
    let tx = scope.read().await?;
    let verb = Verb::Change { plan_id, quantity, price, at: When::Now };
    let (before, after, on) = foresee(&tx, id, &verb).await?;
    Ok(if after.mrr_on(on) < before.mrr_on(on) { When::PeriodEnd } else { When::Now })
}

/// The course that a subscription has, and the one that a verb would make of it, with the day it takes effect.
pub async fn foresee(tx: &Tx, id: SubscriptionId, verb: &Verb) -> Result<(Course, Course, NaiveDate)> {
    let prepared = prepare(tx, id, verb).await?;
    let before = prepared.before.ok_or(Error::NotFound)?;
    Ok((before, prepared.after, prepared.on))
}

/// What a verb would do, by its own code, with nothing written.
pub async fn preview(scope: &Scope, id: SubscriptionId, verb: Verb) -> Result<Effect> {
    let tx = scope.read().await?;
    let prepared = prepare(&tx, id, &verb).await?;
    effect(&tx, &prepared).await
}

/// What a new subscription would do.
pub async fn preview_new(scope: &Scope, form: &SubscriptionForm) -> Result<Effect> {
    let new = typed(scope, form).await?;
    let tx = scope.read().await?;
    let prepared = prepare_new(&tx, &new).await?;
    effect(&tx, &prepared).await
}

/// A change from a form: its amount is in the currency of the plan chosen.
pub async fn change_as_typed(scope: &Scope, id: SubscriptionId, form: &ChangeForm) -> Result<()> {
    let currency = currency_of(scope, &form.plan_id).await?;
    let verb = natural(scope, id, form, currency).await?;
    perform(scope, id, verb).await
}

/// A typed change with its day, where that is to follow from the price.
async fn natural(scope: &Scope, id: SubscriptionId, form: &ChangeForm, currency: crate::kit::money::Currency) -> Result<Verb> {
    if form.at != "natural" {
        return form.parse(currency);
    }
    let verb = ChangeForm { at: "now".into(), ..form.clone() }.parse(currency)?;
    let Verb::Change { plan_id, quantity, price, .. } = verb else { return Ok(verb) };
    let at = natural_day(scope, id, plan_id, quantity, price).await?;
    Ok(Verb::Change { plan_id, quantity, price, at })
}

/// As [`preview`], of a change from a form.
pub async fn preview_as_typed(scope: &Scope, id: SubscriptionId, form: &ChangeForm) -> Result<Effect> {
    let currency = currency_of(scope, &form.plan_id).await?;
    let verb = natural(scope, id, form, currency).await?;
    preview(scope, id, verb).await
}

async fn currency_of(scope: &Scope, plan: &str) -> Result<crate::kit::money::Currency> {
    let plan: PlanId = plan.trim().parse().map_err(|_| Error::field("plan_id", "is required"))?;
    Ok(known_plan(&scope.read().await?, plan).await?.price.currency())
}

/// The plan, or an error of the field that names it.
async fn known_plan(tx: &Tx, plan: PlanId) -> Result<Plan> {
    plans::store::read(tx, plan).await.map_err(|e| if e == Error::NotFound { Error::field("plan_id", "is no plan") } else { e })
}

async fn prepare_new(tx: &Tx, new: &NewSubscription) -> Result<Prepared> {
    let customer = customers::store::read(tx, new.customer_id).await;
    let customer = customer.map_err(|e| if e == Error::NotFound { Error::field("customer_id", "is no customer") } else { e })?;
    let plan = known_plan(tx, new.plan_id).await?;
    if plan.archived {
        return Err(Error::field("plan_id", "is archived and takes no new subscriptions"));
    }
    if let Some(day) = new.anchor_day {
        offered(tx, day).await?;
    }
    let terms = terms(&plan, None, new.quantity, new.price)?;
    let priced = price(tx, terms, new.started_on).await?;
    let trial = chrono::Days::new(u64::try_from(plan.trial_days).unwrap_or(0));
    let trial_ends_on = new.trial_ends_on.or_else(|| new.started_on.checked_add_days(trial));
    let started = Course::start(priced, new.started_on, trial_ends_on, new.ends_on)?;
    let after = Course { anchor_day: new.anchor_day, ..started };
    let head = Head::new(customer.id, customer.name);
    Ok(Prepared { head, before: None, on: after.started_on(), after })
}

/// An error where the seller offers days that periods begin on, and this is none of them.
async fn offered(tx: &Tx, day: u32) -> Result<()> {
    let days = list::anchor_days(tx).await?;
    if days.is_empty() || days.contains(&day) {
        return Ok(());
    }
    let days: Vec<String> = days.iter().map(u32::to_string).collect();
    Err(Error::field("anchor_day", format!("must be one of the days on offer: {}", days.join(", "))))
}

pub(super) async fn prepare(tx: &Tx, id: SubscriptionId, verb: &Verb) -> Result<Prepared> {
    let (mut head, before) = phases::load(tx, id).await?;
    let today = tx.scope().today();
    let (after, on) = match verb {
        Verb::Change { plan_id, quantity, price: own, at } => {
            let on = day(&before, *at, today);
            let last = before.last().priced.terms;
            let plan = known_plan(tx, plan_id.unwrap_or(last.plan)).await?;
            if plan.archived && plan.id != last.plan {
                return Err(Error::field("plan_id", "is archived and takes no new subscriptions"));
            }
            let keep = (plan.id == last.plan).then_some(last);
            let terms = terms(&plan, keep, quantity.unwrap_or(last.quantity), *own)?;
            (before.change(price(tx, terms, on).await?, on, today)?, on)
        }
        Verb::Cancel { at, reason } => {
            let on = day(&before, *at, today);
            head.why.clone_from(reason);
            (before.cancel(on, reason.clone(), today)?, on)
        }
        Verb::Reactivate { at } => {
            let on = if let When::On(on) = at { *on } else { today };
            (before.reactivate(price(tx, before.last().priced.terms, on).await?, on, today)?, on)
        }
        Verb::Trial { ends_on } => (before.end_trial_on(*ends_on, today)?, *ends_on),
        Verb::Pause { at, resumes_on } => {
            let on = day(&before, *at, today);
            (before.paused(on, *resumes_on, today)?, on)
        }
        Verb::Resume { at } => {
            let on = day(&before, *at, today);
            // Taken back, a pause counts for nothing on the day it would have begun.
            let begins = before.pause(today).map_or(on, |pause| pause.from);
            (before.resumed(on, today)?, on.max(begins))
        }
    };
    // What pays from the very first day onwards moves with the start of what has not started.
    let on = on.max(after.started_on());
    Ok(Prepared { head, before: Some(before), after, on })
}

/// The day that a verb names.
fn day(course: &Course, at: When, today: NaiveDate) -> NaiveDate {
    match at {
        When::Now => today,
        When::PeriodEnd => course.period_end(today).unwrap_or(today),
        When::On(day) => day,
    }
}

/// The terms that result: the plan's present price, unless an own one is given or `keep` has one on this plan.
fn terms(plan: &Plan, keep: Option<Terms>, quantity: i64, own: Option<Money>) -> Result<Terms> {
    if !(1..=QUANTITY_MAX).contains(&quantity) {
        return Err(Error::field("quantity", format!("must be from 1 to {QUANTITY_MAX}")));
    }
    let (version, unit_amount) = match (own, keep) {
        (Some(price), _) if price.currency() != plan.price.currency() => {
            return Err(Error::field("price", format!("must be in {}, the plan's currency", plan.price.currency())));
        }
        (Some(price), _) if price.is_negative() => return Err(Error::field("price", "must not be below zero")),
        (Some(price), _) if price == plan.price => (Some(plan.version), price),
        (Some(price), Some(keep)) if price == keep.unit_amount && keep.version.is_some() => (keep.version, price),
        // An own price takes the place of the plan's, and of nothing else that the plan charges.
        (Some(price), keep) => (keep.and_then(|keep| keep.version).or(Some(plan.version)), price),
        (None, Some(keep)) => (keep.version, keep.unit_amount),
        (None, None) => (Some(plan.version), plan.price),
    };
    Ok(Terms { plan: plan.id, version, unit_amount, interval: plan.interval, quantity })
}

/// Writes the phases, then the movements and the customer's MRR that follow from them.
async fn store(tx: &Tx, prepared: &Prepared) -> Result<()> {
    let Prepared { head, before, after, .. } = prepared;
    let nothing = Course { trial_ends_on: None, anchor_day: None, phases: Vec::new(), on_hold: false };
    phases::save(tx, head, before.as_ref().unwrap_or(&nothing), after).await?;
    let stretches = refresh::stretches(tx, head.customer_id, None).await?;
    let mrr = movements::refresh(tx, head.customer_id.0, &stretches).await?;
    customers::store::set_mrr(tx, head.customer_id, mrr.today_minor, mrr.first_paid_on).await
}

/// Derives the customer's movements without and with the verb.
async fn effect(tx: &Tx, prepared: &Prepared) -> Result<Effect> {
    let Prepared { head, before, after, on } = prepared;
    let money = |minor: i64| Money::new(minor, tx.scope().currency());
    let others = refresh::stretches(tx, head.customer_id, Some(head.id)).await?;
    let with = |course: Option<&Course>| {
        let own = course.map(|c| c.phases.iter().map(|phase| phase.stretch()).collect::<Vec<_>>()).unwrap_or_default();
        derive(&[others.clone(), own].concat())
    };
    let (without, with) = (with(before.as_ref()), with(Some(after)));
    let later = with.total.iter().filter(|m| m.day > *on && m.day > tx.scope().today()).take(12);
    Ok(Effect {
        on: *on,
        before: money(before.as_ref().map_or(0, |course| course.mrr_on(*on))),
        after: money(after.mrr_on(*on)),
        customer_before: money(without.at(*on)),
        customer_after: money(with.at(*on)),
        movement: with.total.iter().find(|m| m.day == *on).map(|m| m.kind),
        later: later.map(|m| LaterEffect { on: m.day, customer_after: money(m.after_minor) }).collect(),
    })
}

/// Moves some of the subscriptions of a plan to one of its versions from `from` on: those at another of the plan's own
/// prices, after the subscription `after`. Gives how many moved, and where to go on.
pub async fn move_batch(
    scope: &Scope,
    plan: PlanId,
    version: PlanVersionId,
    from: NaiveDate,
    after: SubscriptionId,
) -> Result<(u64, Option<SubscriptionId>)> {
    const AT_ONCE: usize = 500;
    let tx = scope.write().await?;
    movements::hold(&tx).await?;
    let plan = plans::store::read(&tx, plan).await?;
    let amount = plans::store::version_price(&tx, &plan, version).await?;
    let ids = list::on_other_versions(&tx, plan.id, version, from, after, AT_ONCE).await?;
    let (today, mut customers, mut moved) = (scope.today(), Vec::new(), 0);
    for id in &ids {
        let (head, before) = phases::load(&tx, *id).await?;
        let on = from.max(before.started_on());
        let quantity = before.last().priced.terms.quantity;
        let terms = Terms { plan: plan.id, version: Some(version), unit_amount: amount, interval: plan.interval, quantity };
        let course = before.change(price(&tx, terms, on).await?, on, today);
        // A pause on that day, or an end before it: nothing to move.
        let Ok(course) = course else { continue };
        phases::save(&tx, &head, &before, &course).await?;
        customers.push(head.customer_id);
        moved += 1;
    }
    customers.sort();
    customers.dedup();
    refresh::refresh_customers(&tx, &customers).await?;
    let details = json!({ "subscriptions": moved, "price": amount, "from": from });
    if moved > 0 {
        tx.commit(Event::new("plan.subscriptions_moved", "plan", plan.id, plan.name).details(details)).await?;
    }
    Ok((moved, (ids.len() == AT_ONCE).then(|| ids[ids.len() - 1])))
}

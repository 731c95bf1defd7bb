//! What an invoice would say, by the run's own code, with nothing written.

use chrono::NaiveDate;

use super::book::{self, SellerBook};
use crate::customers::CustomerId;
use crate::invoices::make::{CustomerBook, Draft, build};
use crate::invoices::model::{InvoiceDiscount, InvoiceLine, InvoiceTax, Preview};
use crate::kit::db::bug;
use crate::kit::money::{Currency, Money};
use crate::kit::period::next_day;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::subscriptions::model::{Proration, SubscriptionId, Verb};
use crate::subscriptions::store as subscriptions;
use crate::subscriptions::store::billing;

/// What a verb would add to the bill on the day it takes effect; without one, the subscription's next invoice, or the one
/// of the day `at`.
pub async fn preview(scope: &Scope, id: SubscriptionId, verb: Option<(Verb, Option<Proration>)>, at: Option<NaiveDate>) -> Result<Preview> {
    let tx = scope.read().await?;
    let mut billed = billing::one(&tx, id).await?.ok_or(Error::NotFound)?;
    let customer = billed.customer;
    // Every day of it is looked at again.
    billed.bills_on = billed.course.phases.first().map(|phase| phase.starts_on);
    let seller = book::seller(&tx).await?;
    let Some((verb, proration)) = verb else {
        let until = at.unwrap_or(NaiveDate::MAX);
        let mut book = open(&tx, &seller, customer, vec![billed], at.unwrap_or(scope.today())).await?;
        return next(&mut book, &seller, until, scope).map(|draft| shown(draft, customer, scope, at));
    };
    let (before, after, on) = subscriptions::foresee(&tx, id, &verb).await?;
    let day = at.unwrap_or(on).max(on);
    let mut book = open(&tx, &seller, customer, vec![billed.clone()], day).await?;
    // What is due without it is not its doing.
    build(&mut book, &seller.rates, day).map_err(bug)?;
    let prices = book::prices_of(&tx, &[billing::Billed { course: after.clone(), ..billed }]).await?;
    for subscription in &mut book.subscriptions {
        subscription.stretches = book::stretches(&after, &prices)?;
        subscription.charges = after.phases.iter().map(|p| prices.charges(p.priced.terms.version)).collect();
        subscription.plan_names.extend(prices.plans.clone());
        subscription.item_names.extend(prices.items.clone());
        subscription.next = Some(after.started_on());
        let days = &mut subscription.rules.proration_on;
        match proration {
            Some(proration) => {
                days.insert(on, proration);
            }
            None if before.turns(on) != after.turns(on) => {
                days.remove(&on);
            }
            None => {}
        }
        // The verb may end a period, or part one.
        subscription.used = book::used(&tx, subscription, day).await?;
    }
    book.last_issued = Some(day);
    let draft = build(&mut book, &seller.rates, day).map_err(bug)?.into_iter().next();
    Ok(shown(draft, customer, scope, Some(day)))
}

/// A customer's next invoice, with all its subscriptions.
pub async fn preview_next(scope: &Scope, customer: CustomerId) -> Result<Preview> {
    let tx = scope.read().await?;
    crate::customers::store::read(&tx, customer).await?;
    let seller = book::seller(&tx).await?;
    let billed = billing::of_customers(&tx, &[customer], false).await?;
    let mut book = open(&tx, &seller, customer, billed, scope.today()).await?;
    next(&mut book, &seller, NaiveDate::MAX, scope).map(|draft| shown(draft, customer, scope, None))
}

async fn open(tx: &Tx, seller: &SellerBook, customer: CustomerId, billed: Vec<billing::Billed>, until: NaiveDate) -> Result<CustomerBook> {
    let opened = book::open_with(tx, seller, &[customer], billed, until).await?;
    opened.into_iter().next().map(|o| o.book).ok_or(Error::NotFound)
}

/// The first invoice that comes; of the day `until` where there is one, it is the last up to then.
fn next(book: &mut CustomerBook, seller: &SellerBook, until: NaiveDate, scope: &Scope) -> Result<Option<Draft>> {
    if until < NaiveDate::MAX {
        return Ok(build(book, &seller.rates, until).map_err(bug)?.pop());
    }
    let mut until = scope.today();
    // Some days have nothing to say: the first that has.
    for _ in 0..100 {
        if let Some(draft) = build(book, &seller.rates, until).map_err(bug)?.into_iter().next() {
            return Ok(Some(draft));
        }
        let Some(next) = book.subscriptions.iter().filter_map(|s| s.next).min() else { return Ok(None) };
        until = next.max(next_day(until));
    }
    Ok(None)
}

fn shown(draft: Option<Draft>, customer: CustomerId, scope: &Scope, at: Option<NaiveDate>) -> Preview {
    let on = draft.as_ref().map(|d| d.issued_on).or(at).unwrap_or(scope.today());
    let currency = draft.as_ref().map_or(scope.currency(), |d| d.currency);
    let draft = draft.unwrap_or_else(|| Draft {
        id: None,
        customer,
        currency,
        issued_on: on,
        due_on: on,
        lines: Vec::new(),
        figures: Default::default(),
        rates: Vec::new(),
        coupons: Vec::new(),
        tax_note: None,
        note: None,
    });
    show(draft, currency)
}

/// A draft as pages and machines see it.
pub(super) fn show(draft: Draft, currency: Currency) -> Preview {
    let money = |minor| Money::new(minor, currency);
    let line = |line: &crate::invoices::make::Line| InvoiceLine {
        id: None,
        kind: line.kind,
        description: line.description.clone(),
        subscription: line.subscription,
        plan: line.plan,
        period: line.period,
        whole: line.whole,
        quantity: line.quantity,
        unit: money(line.unit),
        amount: money(line.amount),
        discount: money(line.discount),
        tax_ppm: line.rate.as_ref().map_or(0, |r| i32::try_from(r.ppm).unwrap_or(0)),
        tax: money(line.tax),
    };
    let tax = |tax: &crate::invoices::figures::TaxFigures| {
        let rate = &draft.rates[tax.rate];
        let ppm = i32::try_from(rate.ppm).unwrap_or(0);
        let (taxable, tax) = (money(tax.taxable), money(tax.tax));
        InvoiceTax { rate: rate.id, name: rate.name.clone(), ppm, inclusive: rate.inclusive, taxable, tax }
    };
    let discount =
        |(redemption, name, off): &(_, String, i64)| InvoiceDiscount { redemption: *redemption, name: name.clone(), amount: money(*off) };
    Preview {
        customer: draft.customer,
        on: draft.issued_on,
        lines: draft.lines.iter().map(line).collect(),
        taxes: draft.figures.taxes.iter().map(tax).collect(),
        discounts: draft.coupons.iter().map(discount).collect(),
        tax_note: draft.tax_note.clone(),
        subtotal: money(draft.figures.subtotal),
        discount: money(draft.figures.discount),
        tax: money(draft.figures.tax),
        total: money(draft.figures.total),
    }
}

//! What an invoice would say, by the run's own code, with nothing written.

use chrono::NaiveDate;

use super::book::{self, SellerBook};
use crate::customers::CustomerId;
use crate::invoices::make::{CustomerBook, Draft, build};
use crate::invoices::model::{Foreseen, InvoiceDiscount, InvoiceLine, InvoiceTax, Preview};
use crate::kit::db::bug;
use crate::kit::money::{Currency, Money};
use crate::kit::period::next_day;
use crate::kit::scope::Scope;
use crate::kit::tx::Tx;
use crate::kit::{Error, Result};
use crate::subscriptions::course::Course;
use crate::subscriptions::model::{Proration, SubscriptionId, Verb};
use crate::subscriptions::store as subscriptions;
use crate::subscriptions::store::billing;

/// What a verb would add to the bill on the day it takes effect; without one, the subscription's next invoice, or the one
/// of the day `at`.
pub async fn preview(
    scope: &Scope,
    id: SubscriptionId,
    verb: Option<(Verb, Option<Proration>)>,
    at: Option<NaiveDate>,
) -> Result<Foreseen> {
    let tx = scope.read().await?;
    let mut billed = billing::one(&tx, id).await?.ok_or(Error::NotFound)?;
    let customer = billed.customer;
    // Every day of it is looked at again.
    billed.bills_on = billed.course.phases.first().map(|phase| phase.starts_on);
    let seller = book::seller(&tx).await?;
    let Some((verb, proration)) = verb else {
        let until = at.unwrap_or(NaiveDate::MAX);
        let mut book = open(&tx, &seller, customer, vec![billed], at.unwrap_or(scope.today())).await?;
        return next(&mut book, &seller, until, scope).map(|drafts| shown(drafts, customer, scope, at));
    };
    let (before, after, on) = subscriptions::foresee(&tx, id, &verb).await?;
    let day = at.unwrap_or(on).max(on);
    let doing = Doing { on, proration, before: &before, after: &after };
    let book = open(&tx, &seller, customer, vec![billed.clone()], day).await?;
    // What lies before days that are billed already changes those, too.
    let until = book.last_issued.map_or(day, |last| last.max(day));
    let drafts = doing.adds(&tx, &seller, book.clone(), &billed, until).await?;
    let mut foreseen = shown(drafts, customer, scope, Some(until));
    if until > day && matches!(verb, Verb::Change { .. }) {
        let own = doing.adds(&tx, &seller, book, &billed, day).await?;
        foreseen.first = shown(own, customer, scope, Some(day)).first;
    }
    Ok(foreseen)
}

/// A verb's doing.
struct Doing<'a> {
    on: NaiveDate,
    proration: Option<Proration>,
    before: &'a Course,
    after: &'a Course,
}

impl Doing<'_> {
    /// What it adds to the invoices up to a day.
    async fn adds(
        &self,
        tx: &Tx,
        seller: &SellerBook,
        mut book: CustomerBook,
        billed: &billing::Billed,
        until: NaiveDate,
    ) -> Result<Vec<Draft>> {
        // What is due without it is not its doing.
        build(&mut book, &seller.rates, until).map_err(bug)?;
        self.put(tx, &mut book, billed, until).await?;
        book.last_issued = Some(until);
        build(&mut book, &seller.rates, until).map_err(bug)
    }

    /// Makes the book that of the course as it would be, up to a day.
    async fn put(&self, tx: &Tx, book: &mut CustomerBook, billed: &billing::Billed, until: NaiveDate) -> Result<()> {
        let (after, on) = (self.after, self.on);
        let prices = book::prices_of(tx, &[billing::Billed { course: after.clone(), ..billed.clone() }]).await?;
        for subscription in &mut book.subscriptions {
            subscription.stretches = book::stretches(after, &prices)?;
            subscription.charges = after.phases.iter().map(|p| prices.charges(p.priced.terms.version)).collect();
            subscription.plan_names.extend(prices.plans.clone());
            subscription.item_names.extend(prices.items.clone());
            subscription.next = Some(after.started_on());
            let days = &mut subscription.rules.proration_on;
            match self.proration {
                Some(proration) => {
                    days.insert(on, proration);
                }
                None if self.before.turns(on) != after.turns(on) => {
                    days.remove(&on);
                }
                None => {}
            }
            // The verb may end a period, or part one.
            subscription.used = book::used(tx, subscription, until).await?;
        }
        Ok(())
    }
}

/// A customer's next invoice, with all its subscriptions.
pub async fn preview_next(scope: &Scope, customer: CustomerId) -> Result<Foreseen> {
    let tx = scope.read().await?;
    crate::customers::store::read(&tx, customer).await?;
    let seller = book::seller(&tx).await?;
    let billed = billing::of_customers(&tx, &[customer], false).await?;
    let mut book = open(&tx, &seller, customer, billed, scope.today()).await?;
    next(&mut book, &seller, NaiveDate::MAX, scope).map(|drafts| shown(drafts, customer, scope, None))
}

async fn open(tx: &Tx, seller: &SellerBook, customer: CustomerId, billed: Vec<billing::Billed>, until: NaiveDate) -> Result<CustomerBook> {
    let opened = book::open_with(tx, seller, &[customer], billed, until).await?;
    opened.into_iter().next().map(|o| o.book).ok_or(Error::NotFound)
}

/// The first invoice that comes, with those of its day in other currencies; of the day `until` where there is one, it is
/// the last up to then.
fn next(book: &mut CustomerBook, seller: &SellerBook, until: NaiveDate, scope: &Scope) -> Result<Vec<Draft>> {
    let of_day = |mut drafts: Vec<Draft>, day: NaiveDate| {
        drafts.retain(|draft| draft.issued_on == day);
        drafts
    };
    if until < NaiveDate::MAX {
        let drafts = build(book, &seller.rates, until).map_err(bug)?;
        return Ok(match drafts.last().map(|last| last.issued_on) {
            Some(day) => of_day(drafts, day),
            None => drafts,
        });
    }
    let mut until = scope.today();
    // Some days have nothing to say: the first that has.
    for _ in 0..100 {
        let drafts = build(book, &seller.rates, until).map_err(bug)?;
        if let Some(day) = drafts.first().map(|first| first.issued_on) {
            return Ok(of_day(drafts, day));
        }
        let Some(next) = book.subscriptions.iter().filter_map(|s| s.next).min() else { return Ok(drafts) };
        until = next.max(next_day(until));
    }
    Ok(Vec::new())
}

fn shown(drafts: Vec<Draft>, customer: CustomerId, scope: &Scope, at: Option<NaiveDate>) -> Foreseen {
    let show = |draft: Draft| {
        let currency = draft.currency;
        show(draft, currency)
    };
    let invoices: Vec<Preview> = drafts.into_iter().map(show).collect();
    let first = invoices.first().cloned().unwrap_or_else(|| show(empty(customer, scope, at.unwrap_or(scope.today()))));
    Foreseen { first, invoices }
}

/// An invoice of nothing.
fn empty(customer: CustomerId, scope: &Scope, on: NaiveDate) -> Draft {
    Draft {
        id: None,
        customer,
        currency: scope.currency(),
        issued_on: on,
        due_on: on,
        lines: Vec::new(),
        figures: Default::default(),
        rates: Vec::new(),
        coupons: Vec::new(),
        tax_note: None,
        note: None,
    }
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

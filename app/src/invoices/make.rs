//! From what is due to invoices: a customer's book, walked through day by day, gives what is to be issued on each. The
//! run writes it, a preview shows it. Pure.

mod arrears;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use super::cover::{Cover, Terms};
use super::due::{Due, Rules, Stretch, due, next_day};
use super::figures::{Coupon, Figures, Item, TaxRate, figures};
use super::model::{InvoiceId, LineKind, RedemptionId};
use crate::customers::CustomerId;
use crate::kit::money::{Currency, LARGEST, Money, MoneyError};
use crate::kit::period::{Period, next_day as tomorrow, short_day};
use crate::meters::{Aggregation, MeterId};
use crate::plans::PlanId;
use crate::plans::tiers::Pricing;
use crate::subscriptions::SubscriptionId;

pub use arrears::Arrears;

/// What a plan charges beside its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The shown id.
    pub item: String,
    pub kind: ChargeKind,
    pub name: String,
    pub pricing: Pricing,
    /// What a charge for usage counts.
    pub meter: Option<(MeterId, Aggregation)>,
}

/// When a charge is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeKind {
    Setup,
    Minimum,
    Usage,
}

/// How much was used in some days of what a charge is for, by charge and the days' beginning and end.
pub type Used = BTreeMap<(String, NaiveDate, NaiveDate), i64>;

/// A subscription with all that its bill follows from.
#[derive(Clone, Debug)]
pub struct SubscriptionBook {
    pub id: SubscriptionId,
    pub stretches: Vec<Stretch>,
    /// What each stretch charges beside its prices.
    pub charges: Vec<Vec<Charge>>,
    pub rules: Rules,
    pub cover: Cover,
    /// The next day to look at; `None`: no more.
    pub next: Option<NaiveDate>,
    /// The last line of each item and day that a period begins on.
    pub sequences: BTreeMap<(String, NaiveDate), i32>,
    /// Charges that were made once.
    pub once: BTreeSet<String>,
    pub arrears: Arrears,
    pub used: Used,
    pub plan_names: BTreeMap<PlanId, String>,
    /// What charges are called.
    pub item_names: BTreeMap<String, String>,
}

/// A coupon and how often it may still count.
#[derive(Clone, Debug)]
pub struct Held {
    pub coupon: Coupon,
    /// Of an amount off.
    pub currency: Option<Currency>,
    pub starts_on: NaiveDate,
    /// `None`: without end.
    pub left: Option<i64>,
}

/// How a customer is taxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taxation {
    Taxed,
    /// Not at all, for the reason printed.
    Free(String),
}

/// A rate with whom and when it is for.
#[derive(Clone, Debug)]
pub struct DatedRate {
    pub rate: TaxRate,
    pub country: Option<String>,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
}

/// A customer with all that its invoices follow from.
#[derive(Clone, Debug)]
pub struct CustomerBook {
    pub id: CustomerId,
    pub country: Option<String>,
    pub taxation: Taxation,
    pub terms_days: u64,
    pub subscriptions: Vec<SubscriptionBook>,
    pub coupons: Vec<Held>,
    /// The latest day on an invoice of theirs: none is issued before it.
    pub last_issued: Option<NaiveDate>,
}

/// A line to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub kind: LineKind,
    pub description: String,
    pub subscription: Option<SubscriptionId>,
    pub item: Option<String>,
    pub sequence: Option<i32>,
    pub plan: Option<PlanId>,
    pub period: Option<Period>,
    pub whole: Option<Period>,
    pub quantity: i64,
    pub unit: i64,
    pub price: i64,
    pub amount: i64,
    pub discount: i64,
    pub tax: i64,
    pub rate: Option<TaxRate>,
    /// Of a credit: the place of the line of the same invoice that it takes back.
    pub of: Option<usize>,
}

/// An invoice to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Of the draft that it takes the place of.
    pub id: Option<InvoiceId>,
    pub customer: CustomerId,
    pub currency: Currency,
    pub issued_on: NaiveDate,
    pub due_on: NaiveDate,
    pub lines: Vec<Line>,
    pub figures: Figures,
    pub rates: Vec<TaxRate>,
    /// What each coupon that counted took off.
    pub coupons: Vec<(RedemptionId, String, i64)>,
    pub tax_note: Option<String>,
    pub note: Option<String>,
}

impl Draft {
    /// Itself, unless its sums are larger than what is taken from outside may be.
    pub fn bounded(self) -> Result<Self, MoneyError> {
        let most = self.figures.subtotal.max(self.figures.total);
        if most > LARGEST { Err(MoneyError::Overflow) } else { Ok(self) }
    }
}

impl Draft {
    /// The days that the lines cover.
    pub fn period(&self) -> Option<Period> {
        let periods = || self.lines.iter().filter_map(|l| l.period);
        periods().map(|p| p.start).min().zip(periods().map(|p| p.end).max()).map(|(start, end)| Period { start, end })
    }
}

/// Every invoice of a customer up to `until`, in order. The book is as if they were issued.
pub fn build(book: &mut CustomerBook, rates: &[DatedRate], until: NaiveDate) -> Result<Vec<Draft>, MoneyError> {
    let mut drafts = Vec::new();
    let clip = book.last_issued.map(|last| last.min(until));
    loop {
        let Some(next) = book.subscriptions.iter().filter_map(|s| s.next).min().filter(|day| *day <= until) else { return Ok(drafts) };
        let day = clip.map_or(next, |clip| next.max(clip));
        let mut lines: BTreeMap<Currency, Vec<(usize, Line, Option<Due>)>> = BTreeMap::new();
        for at in 0..book.subscriptions.len() {
            let subscription = &mut book.subscriptions[at];
            let Some(floor) = subscription.next.filter(|next| *next <= day) else { continue };
            let found = subscription.lines(floor, day)?;
            for (currency, line, due) in found {
                lines.entry(currency).or_default().push((at, line, due));
            }
            subscription.next = next_day(&subscription.stretches, &subscription.rules, day);
        }
        for (currency, lines) in lines {
            if !lines.is_empty() {
                drafts.push(book.draft(currency, day, lines, rates)?);
            }
        }
    }
}

impl CustomerBook {
    /// The rate of a day: that of the customer's country before that of all.
    pub fn rate<'a>(&self, rates: &'a [DatedRate], day: NaiveDate) -> Option<&'a TaxRate> {
        if self.taxation != Taxation::Taxed {
            return None;
        }
        let holds = |r: &&DatedRate| r.starts_on <= day && r.ends_on.is_none_or(|end| day < end);
        let own = rates.iter().filter(holds).filter(|r| r.country.is_some() && r.country == self.country).max_by_key(|r| r.starts_on);
        let all = || rates.iter().filter(holds).filter(|r| r.country.is_none()).max_by_key(|r| r.starts_on);
        own.or_else(all).map(|r| &r.rate)
    }

    fn draft(
        &mut self,
        currency: Currency,
        day: NaiveDate,
        lines: Vec<(usize, Line, Option<Due>)>,
        rates: &[DatedRate],
    ) -> Result<Draft, MoneyError> {
        let present = self.rate(rates, day).cloned();
        // The charges that no invoice has yet: of which subscription, by number, and where they stand here.
        let number = |due: &Option<Due>| due.as_ref().and_then(|due| due.charge);
        let charges = lines.iter().enumerate().filter(|(_, (_, line, _))| line.kind == LineKind::Charge);
        let places: BTreeMap<(usize, usize), usize> = charges.filter_map(|(n, (at, _, due))| Some(((*at, number(due)?), n))).collect();
        let mut rows = Vec::new();
        for (at, mut line, due) in lines {
            let then = |due: &Due| rates.iter().find(|r| Some(r.rate.id) == due.tax).map(|r| r.rate.clone());
            let credit = line.kind == LineKind::Credit;
            line.of = number(&due).filter(|_| credit).and_then(|number| places.get(&(at, number)).copied());
            line.rate = if credit && line.of.is_none() { due.as_ref().and_then(then) } else { present.clone() };
            rows.push(line);
        }
        let draft = self.figure(currency, day, rows)?;
        for ((at, number), place) in places {
            let line = &draft.lines[place];
            let back: i64 = draft.lines.iter().filter(|l| l.of == Some(place)).map(|l| l.discount).sum();
            let discount = Money::new(line.discount.saturating_add(back), currency);
            self.subscriptions[at].cover.settle(number, discount, line.rate.as_ref().map(|r| r.id));
        }
        Ok(draft)
    }

    /// Lines with their coupons, taxes and sums. A coupon that counts is used up by one.
    pub fn figure(&mut self, currency: Currency, day: NaiveDate, mut lines: Vec<Line>) -> Result<Draft, MoneyError> {
        let mut rates: Vec<TaxRate> = Vec::new();
        for rate in lines.iter().filter_map(|l| l.rate.as_ref()) {
            if !rates.contains(rate) {
                rates.push(rate.clone());
            }
        }
        let items: Vec<Item> = lines.iter().map(|line| line.item(&rates)).collect();
        let usable = |held: &Held| held.starts_on <= day && held.left != Some(0) && held.currency.is_none_or(|c| c == currency);
        let at: Vec<usize> = (0..self.coupons.len()).filter(|at| usable(&self.coupons[*at])).collect();
        let coupons: Vec<Coupon> = at.iter().map(|at| self.coupons[*at].coupon.clone()).collect();
        let figures = figures(&items, &coupons, &rates)?;
        for (line, of) in lines.iter_mut().zip(&figures.items) {
            (line.discount, line.tax) = (of.discount, of.tax);
        }
        let counted = figures.coupons.iter().map(|(n, off)| (coupons[*n].redemption, coupons[*n].name.clone(), *off)).collect();
        for (n, _) in &figures.coupons {
            let left = &mut self.coupons[at[*n]].left;
            *left = left.map(|left| left - 1);
        }
        let due_on = day.checked_add_days(Days::new(self.terms_days)).unwrap_or(day);
        let tax_note = if let Taxation::Free(reason) = &self.taxation { Some(reason.clone()) } else { None };
        let (id, customer) = (None, self.id);
        Ok(Draft { id, customer, currency, issued_on: day, due_on, lines, figures, rates, coupons: counted, tax_note, note: None })
    }
}

impl Line {
    fn item(&self, rates: &[TaxRate]) -> Item {
        Item {
            amount: self.amount,
            discount: self.discount,
            plan: self.plan,
            subscription: self.subscription,
            rate: self.rate.as_ref().and_then(|rate| rates.iter().position(|r| r == rate)),
            of: self.of,
        }
    }
}

impl SubscriptionBook {
    /// The lines of the days from `floor` to `day`.
    fn lines(&mut self, floor: NaiveDate, day: NaiveDate) -> Result<Vec<(Currency, Line, Option<Due>)>, MoneyError> {
        let dues = due(&self.stretches, &self.rules, &mut self.cover, floor, day)?;
        let mut lines: Vec<_> = self.setups(day).into_iter().map(|(currency, line)| (currency, line, None)).collect();
        for due in dues {
            lines.push((due.amount.currency(), self.recurring(&due), Some(due)));
        }
        lines.extend(self.arrears(floor, day)?.into_iter().map(|(currency, line)| (currency, line, None)));
        Ok(lines)
    }

    fn recurring(&mut self, due: &Due) -> Line {
        let Terms { item, plan, quantity, unit, price } = due.terms.clone();
        let mut name = self.name(plan, &item);
        if due.is_credit() {
            name = format!("Unused time of {name}");
        }
        if quantity != 1 {
            name = format!("{name} × {quantity}");
        }
        Line {
            kind: if due.is_credit() { LineKind::Credit } else { LineKind::Charge },
            description: format!("{name}, {}", days(due.period)),
            discount: due.discount.minor(),
            price: price.minor(),
            whole: Some(due.whole),
            ..self.line(&item, plan, due.period, quantity, unit.minor(), due.amount.minor())
        }
    }

    /// What is charged once, on the first paid day of the stretch that brings it.
    fn setups(&mut self, day: NaiveDate) -> Vec<(Currency, Line)> {
        let mut lines = Vec::new();
        for at in 0..self.stretches.len() {
            // A new price of the same plan is no new start.
            if at > 0 && self.sold(at - 1).map(|(plan, _)| plan) == self.sold(at).map(|(plan, _)| plan) {
                continue;
            }
            let stretch = &self.stretches[at];
            let on = stretch.starts_on.max(stretch.pays_from);
            let skipped = self.rules.bills_from.is_some_and(|from| on < from) || stretch.ends_on.is_some_and(|end| end <= on);
            if on > day || skipped {
                continue;
            }
            let setups = self.charges[at].iter().filter(|c| c.kind == ChargeKind::Setup).cloned().collect::<Vec<_>>();
            for charge in setups {
                if !self.once.insert(charge.item.clone()) {
                    continue;
                }
                let (period, amount) = (Period { start: on, end: tomorrow(on) }, charge.pricing.amount_minor);
                let Some((plan, currency)) = self.sold(at) else { continue };
                let line = self.line(&charge.item, plan, period, 1, amount, amount);
                lines.push((currency, Line { kind: LineKind::OneOff, description: charge.name, ..line }));
            }
        }
        lines
    }

    fn line(&mut self, item: &str, plan: PlanId, period: Period, quantity: i64, unit: i64, amount: i64) -> Line {
        let sequence = self.sequences.entry((item.to_owned(), period.start)).or_insert(0);
        *sequence += 1;
        Line {
            kind: LineKind::Charge,
            description: String::new(),
            subscription: Some(self.id),
            item: Some(item.to_owned()),
            sequence: Some(*sequence),
            plan: Some(plan),
            period: Some(period),
            whole: None,
            quantity,
            unit,
            price: amount,
            amount,
            discount: 0,
            tax: 0,
            rate: None,
            of: None,
        }
    }

    /// What a stretch sells, and in which currency.
    fn sold(&self, at: usize) -> Option<(PlanId, Currency)> {
        self.stretches[at].prices.first().map(|terms| (terms.plan, terms.unit.currency()))
    }

    fn name(&self, plan: PlanId, item: &str) -> String {
        let plan = self.plan_names.get(&plan).cloned().unwrap_or_default();
        self.item_names.get(item).map_or(plan.clone(), |charge| format!("{plan}, {charge}"))
    }
}

/// `1 Oct 2026 to 31 Oct 2026`: the last day is within.
pub fn days(period: Period) -> String {
    let last = period.end.pred_opt().unwrap_or(period.end);
    if last == period.start { short_day(last) } else { format!("{} to {}", short_day(period.start), short_day(last)) }
}

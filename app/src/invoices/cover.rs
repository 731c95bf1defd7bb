//! What invoices cover of a subscription: pieces of days, each with what it was charged at and what of that can still be
//! given back.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::invoices::model::TaxRateId;
use crate::kit::money::{Money, MoneyError};
use crate::kit::period::Period;
use crate::plans::PlanId;

/// What a line is for, and its price for a whole period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// `base`, or the shown id of a charge of the plan.
    pub item: String,
    pub plan: PlanId,
    pub quantity: i64,
    /// Of one unit.
    pub unit: Money,
    /// Of all units.
    pub price: Money,
}

/// Days that are covered at one price and for one charge.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    terms: Terms,
    part: Period,
    whole: Period,
    /// What it was charged at.
    nominal: Money,
    /// What can be given back: less where a credit note was written, nothing where the invoice is void.
    worth: Money,
    /// What a coupon took off it; goes back with it in proportion.
    discount: Money,
    /// The tax that it bore.
    tax: Option<TaxRateId>,
}

/// A charge, as an invoice has it or is about to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    pub terms: Terms,
    pub part: Period,
    pub whole: Period,
    pub amount: Money,
    /// What can be given back of it.
    pub worth: Money,
    pub discount: Money,
    pub tax: Option<TaxRateId>,
}

/// What goes back for days that are no longer wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Back {
    pub amount: Money,
    pub discount: Money,
    pub tax: Option<TaxRateId>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    pieces: Vec<Piece>,
    /// The latest day on which a charge or credit of each whole period begins.
    seen: BTreeMap<(NaiveDate, NaiveDate), NaiveDate>,
}

/// Days that are covered and not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surplus {
    piece: usize,
    /// When the piece that they are of begins.
    pub began_on: NaiveDate,
    pub terms: Terms,
    pub period: Period,
    pub whole: Period,
}

impl Cover {
    /// A charge; of one that costs nothing, too.
    pub fn add(&mut self, charged: Charged) {
        let Charged { terms, part, whole, amount, worth, discount, tax } = charged;
        self.see(whole, part.start);
        self.pieces.push(Piece { terms, part, whole, nominal: amount, worth, discount, tax });
    }

    /// The latest day on which something that is billed of a whole period begins: changes up to then are in it.
    pub fn seen(&self, whole: Period) -> Option<NaiveDate> {
        self.seen.get(&(whole.start, whole.end)).copied()
    }

    fn see(&mut self, whole: Period, day: NaiveDate) {
        let seen = self.seen.entry((whole.start, whole.end)).or_insert(day);
        *seen = day.max(*seen);
    }

    /// Notes what became of a charge: its discount and the tax it bears.
    pub fn settle(&mut self, terms: &Terms, part: Period, discount: Money, tax: Option<TaxRateId>) {
        if let Some(piece) = self.pieces.iter_mut().rfind(|p| p.terms == *terms && p.part == part) {
            (piece.discount, piece.tax) = (discount, tax);
        }
    }

    /// A credit that was given of days that were charged before.
    pub fn remove(&mut self, terms: &Terms, part: Period, amount: Money) -> Result<(), MoneyError> {
        let found = self.pieces.iter().rposition(|p| p.terms == *terms && p.part.start <= part.start && part.end <= p.part.end);
        match found {
            Some(at) => self.cut(at, part, amount).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Takes `part` with `amount` out of a piece, and gives the discount that goes with it; what is left on the right
    /// keeps its share by days.
    fn cut(&mut self, at: usize, part: Period, amount: Money) -> Result<Money, MoneyError> {
        let piece = self.pieces.remove(at);
        self.see(piece.whole, part.start);
        let zero = Money::zero(amount.currency());
        let off = match piece.nominal.minor() {
            0 => zero,
            of => piece.discount.times_ratio(i128::from(amount.minor()), i128::from(of))?,
        };
        let (nominal, discount) = (piece.nominal.minus(amount)?, piece.discount.minus(off)?);
        let worth = Money::new(piece.worth.minus(amount)?.minor().max(0), amount.currency());
        let left = Period::new(piece.part.start, part.start);
        let right = Period::new(part.end, piece.part.end);
        match (left, right) {
            (Some(left), Some(right)) => {
                let days = i128::from(left.days() + right.days());
                let of = |money: Money| money.times_ratio(i128::from(right.days()), days);
                let (n, w, o) = (of(nominal)?, of(worth)?, of(discount)?);
                let first =
                    Piece { part: left, nominal: nominal.minus(n)?, worth: worth.minus(w)?, discount: discount.minus(o)?, ..piece.clone() };
                self.pieces.insert(at, first);
                self.pieces.insert(at + 1, Piece { part: right, nominal: n, worth: w, discount: o, ..piece });
            }
            (Some(part), None) | (None, Some(part)) => self.pieces.insert(at, Piece { part, nominal, worth, discount, ..piece }),
            (None, None) => {}
        }
        Ok(off)
    }

    /// Covered days within `window` that `wanted` does not name for their terms.
    pub fn surplus(&self, window: Period, wanted: impl Fn(&Terms, Period) -> Vec<Period>) -> Vec<Surplus> {
        let mut found = Vec::new();
        for (at, piece) in self.pieces.iter().enumerate().rev() {
            let Some(inside) = Period::new(piece.part.start.max(window.start), piece.part.end.min(window.end)) else { continue };
            // From the last to the first, so that taking one leaves the others where they are.
            for period in without(inside, &wanted(&piece.terms, piece.whole)).into_iter().rev() {
                found.push(Surplus { piece: at, began_on: piece.part.start, terms: piece.terms.clone(), period, whole: piece.whole });
            }
        }
        found
    }

    /// Takes surplus days out; gives what they are worth: the difference of two rests of the price, all where they are
    /// all there is of the piece (or `whole`), and never more than there is.
    pub fn take(
        &mut self,
        surplus: &Surplus,
        whole: bool,
        rest: impl Fn(Money, NaiveDate) -> Result<Money, MoneyError>,
    ) -> Result<Back, MoneyError> {
        let piece = &self.pieces[surplus.piece];
        let (price, worth, part, tax) = (piece.terms.price, piece.worth, piece.part, piece.tax);
        let value = if whole || surplus.period == part {
            worth
        } else {
            let later = |day: NaiveDate| -> Result<Money, MoneyError> {
                if day >= part.end { Ok(Money::zero(price.currency())) } else { rest(price, day)?.minus(rest(price, part.end)?) }
            };
            let from = if surplus.period.start <= part.start { piece.nominal } else { later(surplus.period.start)? };
            from.minus(later(surplus.period.end)?)?
        };
        let value = Money::new(value.minor().clamp(0, worth.minor().max(0)), value.currency());
        let discount = self.cut(surplus.piece, surplus.period, value)?;
        Ok(Back { amount: value, discount, tax })
    }

    /// Days of `part` that nothing covers at these terms and for this whole period.
    pub fn missing(&self, terms: &Terms, whole: Period, part: Period) -> Vec<Period> {
        let covered: Vec<Period> = self.of(terms, whole).map(|p| p.part).collect();
        without(part, &covered)
    }

    /// What the days of `part` were charged at.
    pub fn nominal(&self, terms: &Terms, whole: Period, part: Period) -> Money {
        let minor = self.of(terms, whole).filter(|p| p.part.start < part.end && part.start < p.part.end).map(|p| p.nominal.minor());
        Money::new(minor.fold(0, i64::saturating_add), terms.price.currency())
    }

    /// What the days of a period were charged at, whatever for, in minor units.
    pub fn charged(&self, period: Period) -> i64 {
        let inside = self.pieces.iter().filter(|p| period.start <= p.part.start && p.part.end <= period.end);
        inside.fold(0, |sum, piece| sum.saturating_add(piece.nominal.minor()))
    }

    fn of(&self, terms: &Terms, whole: Period) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(move |p| p.terms == *terms && p.whole == whole)
    }
}

/// The days of `period` in none of `others`.
fn without(period: Period, others: &[Period]) -> Vec<Period> {
    let mut left = vec![period];
    for other in others {
        left = left
            .into_iter()
            .flat_map(|p| [Period::new(p.start, p.end.min(other.start)), Period::new(p.start.max(other.end), p.end)])
            .flatten()
            .collect();
    }
    left.sort_by_key(|p| p.start);
    left
}

//! What invoices cover of a subscription: pieces of days, each with what it was charged at and what of that can still be
//! given back.

use chrono::NaiveDate;

use crate::invoices::model::TaxRateId;
use crate::invoices::spread::spread;
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
    /// How much of it goes back at most.
    paid: Paid,
    /// The number of its charge, while no invoice has that.
    charge: Option<usize>,
}

/// The part of a charge that was paid, as a ratio: all of it, unless its invoice was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid(pub i128, pub i128);

impl Paid {
    pub const ALL: Self = Self(1, 1);
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
    pub paid: Paid,
}

/// What goes back for days that are no longer wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Back {
    pub amount: Money,
    pub discount: Money,
    pub tax: Option<TaxRateId>,
    /// The number of the charge that it takes back, where no invoice has that yet: discount and tax follow from it.
    pub charge: Option<usize>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    pieces: Vec<Piece>,
    /// The latest day on which a charge or credit begins.
    latest: Option<NaiveDate>,
    /// The number of the next charge.
    next: usize,
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
        let Charged { terms, part, whole, amount, worth, discount, tax, paid } = charged;
        self.see(part.start);
        self.pieces.push(Piece { terms, part, whole, nominal: amount, worth, discount, tax, paid, charge: None });
    }

    /// A charge that no invoice has yet; gives its number, by which [`settle`](Self::settle) knows it.
    pub fn charge(&mut self, terms: Terms, part: Period, whole: Period, amount: Money) -> usize {
        let (discount, number) = (Money::zero(amount.currency()), self.next);
        self.add(Charged { terms, part, whole, amount, worth: amount, discount, tax: None, paid: Paid::ALL });
        if let Some(piece) = self.pieces.last_mut() {
            piece.charge = Some(number);
        }
        self.next += 1;
        number
    }

    /// What is covered.
    pub fn terms(&self) -> impl Iterator<Item = &Terms> {
        self.pieces.iter().map(|piece| &piece.terms)
    }

    /// The latest day on which something that is billed begins: changes up to then are in what is.
    pub fn latest(&self) -> Option<NaiveDate> {
        self.latest
    }

    fn see(&mut self, day: NaiveDate) {
        self.latest = self.latest.max(Some(day));
    }

    /// Notes what became of a charge: the tax it bears, and the discount of what is left of it.
    pub fn settle(&mut self, charge: usize, discount: Money, tax: Option<TaxRateId>) {
        let left: Vec<&mut Piece> = self.pieces.iter_mut().filter(|p| p.charge == Some(charge)).collect();
        let sizes: Vec<i64> = left.iter().map(|p| p.nominal.minor()).collect();
        for (piece, part) in left.into_iter().zip(spread(discount.minor(), &sizes)) {
            (piece.discount, piece.tax, piece.charge) = (Money::new(part, discount.currency()), tax, None);
        }
    }

    /// A credit that was given of days that were charged before, with the discount that went back with it.
    pub fn remove(&mut self, terms: &Terms, part: Period, amount: Money, discount: Money) -> Result<(), MoneyError> {
        let found = self.pieces.iter().rposition(|p| p.terms == *terms && p.part.start <= part.start && part.end <= p.part.end);
        match found {
            Some(at) => self.cut(at, part, amount, Some(discount)).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Takes `part` with `amount` out of a piece, and gives the discount that goes with it: `off`, or in proportion; what
    /// is left on the right keeps its share by days.
    fn cut(&mut self, at: usize, part: Period, amount: Money, off: Option<Money>) -> Result<Money, MoneyError> {
        let piece = self.pieces.remove(at);
        self.see(part.start);
        let off = match (off, piece.nominal.minor()) {
            (Some(off), _) => off,
            (None, 0) => Money::zero(amount.currency()),
            (None, of) => piece.discount.times_ratio(i128::from(amount.minor()), i128::from(of))?,
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

    /// Covered days that `wanted` does not name for their terms, within the window of their whole period.
    pub fn surplus(&self, window: impl Fn(Period) -> Period, wanted: impl Fn(&Terms, Period) -> Vec<Period>) -> Vec<Surplus> {
        let mut found = Vec::new();
        for (at, piece) in self.pieces.iter().enumerate().rev() {
            let window = window(piece.whole);
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
        let (price, worth, part) = (piece.terms.price, piece.worth, piece.part);
        let (tax, charge, Paid(paid, of)) = (piece.tax, piece.charge, piece.paid);
        let value = if whole || surplus.period == part {
            worth
        } else {
            let later = |day: NaiveDate| -> Result<Money, MoneyError> {
                if day >= part.end { Ok(Money::zero(price.currency())) } else { rest(price, day)?.minus(rest(price, part.end)?) }
            };
            let from = if surplus.period.start <= part.start { piece.nominal } else { later(surplus.period.start)? };
            from.minus(later(surplus.period.end)?)?.times_ratio(paid, of)?
        };
        let value = Money::new(value.minor().clamp(0, worth.minor().max(0)), value.currency());
        let discount = self.cut(surplus.piece, surplus.period, value, None)?;
        Ok(Back { amount: value, discount, tax, charge })
    }

    /// Days of `part` that nothing covers at these terms and for this whole period.
    pub fn missing(&self, terms: &Terms, whole: Period, part: Period) -> Vec<Period> {
        let covered: Vec<Period> = self.of(terms, whole).map(|p| p.part).collect();
        without(part, &covered)
    }

    /// Whether anything of a whole period is covered at these terms.
    pub fn covers(&self, terms: &Terms, whole: Period) -> bool {
        self.of(terms, whole).next().is_some()
    }

    /// What the days of `part` were charged at.
    pub fn nominal(&self, terms: &Terms, whole: Period, part: Period) -> Money {
        let minor = self.of(terms, whole).filter(|p| p.part.start < part.end && part.start < p.part.end).map(|p| p.nominal.minor());
        Money::new(minor.fold(0, i64::saturating_add), terms.price.currency())
    }

    /// What days of a whole period were charged at, whatever for, in minor units: with what goes on after them, because an
    /// end that gives nothing back leaves it paid.
    pub fn charged(&self, days: Period, whole: Period) -> i64 {
        let of = self.pieces.iter().filter(|p| p.whole == whole && p.part.start < days.end && days.start < p.part.end);
        of.fold(0, |sum, piece| sum.saturating_add(piece.nominal.minor()))
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

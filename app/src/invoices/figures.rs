//! From lines to a total: coupons, tax, sums. Each coupon and each rate is rounded once for the invoice and spread over
//! its lines, so the lines add up to the invoice to the last minor unit.

use std::collections::BTreeSet;

use super::model::{RedemptionId, TaxRateId};
use super::spread::spread;
use crate::kit::money::{MoneyError, divide_half_away};
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;

/// A tax rate, in parts per million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxRate {
    pub id: TaxRateId,
    pub name: String,
    pub ppm: i64,
    /// The prices include it.
    pub inclusive: bool,
}

/// What a coupon takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// Parts per million.
    Percent(i64),
    /// Minor units of the invoice's currency.
    Amount(i64),
}

/// A coupon that the customer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupon {
    pub redemption: RedemptionId,
    pub name: String,
    pub off: Off,
    /// Good for these alone; none: for all.
    pub plans: Vec<PlanId>,
    /// Good for this one alone.
    pub subscription: Option<SubscriptionId>,
}

/// What figures are made of: a line before tax, with the discount that it brings along (a credit's).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    pub amount: i64,
    pub discount: i64,
    pub plan: Option<PlanId>,
    pub subscription: Option<SubscriptionId>,
    /// The tax it bears, as an index of the rates.
    pub rate: Option<usize>,
    /// Of a credit: the charge among the items that it takes back. Its discount is a part of that one's.
    pub of: Option<usize>,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ItemFigures {
    pub discount: i64,
    pub tax: i64,
}

/// The sum of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxFigures {
    pub rate: usize,
    pub taxable: i64,
    pub tax: i64,
}

/// The figures of an invoice, in minor units. `total = subtotal − discount + tax that the prices do not include`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub subtotal: i64,
    pub discount: i64,
    pub tax: i64,
    pub total: i64,
    pub items: Vec<ItemFigures>,
    pub taxes: Vec<TaxFigures>,
    /// What each coupon that counted took off, by its index.
    pub coupons: Vec<(usize, i64)>,
}

/// See the module.
pub fn figures(items: &[Item], coupons: &[Coupon], rates: &[TaxRate]) -> Result<Figures, MoneyError> {
    let mut figures = Figures { items: items.iter().map(|i| ItemFigures { discount: i.discount, tax: 0 }).collect(), ..Figures::default() };
    for (at, coupon) in coupons.iter().enumerate() {
        let off = apply(coupon, items, &mut figures.items)?;
        if off > 0 {
            figures.coupons.push((at, off));
        }
    }
    take_back(items, &mut figures.items);
    let net: Vec<i64> = items.iter().zip(&figures.items).map(|(item, f)| item.amount.saturating_sub(f.discount)).collect();
    let mut added = 0;
    for (at, rate) in rates.iter().enumerate() {
        let bearing: Vec<usize> = (0..items.len()).filter(|i| items[*i].rate == Some(at)).collect();
        if bearing.is_empty() {
            continue;
        }
        let amounts: Vec<i64> = bearing.iter().map(|i| net[*i]).collect();
        let sum = total(amounts.iter().copied())?;
        let tax = tax_of(sum, rate)?;
        for (i, part) in bearing.into_iter().zip(spread(tax, &amounts)) {
            figures.items[i].tax = part;
        }
        let taxable = if rate.inclusive { sum - tax } else { sum };
        figures.taxes.push(TaxFigures { rate: at, taxable, tax });
        added += if rate.inclusive { 0 } else { tax };
    }
    figures.subtotal = total(items.iter().map(|i| i.amount))?;
    figures.discount = total(figures.items.iter().map(|f| f.discount))?;
    figures.tax = total(figures.taxes.iter().map(|t| t.tax))?;
    figures.total = total([figures.subtotal, -figures.discount, added])?;
    Ok(figures)
}

/// Takes a coupon off the charges it is good for; gives how much. No line falls below zero.
fn apply(coupon: &Coupon, items: &[Item], figures: &mut [ItemFigures]) -> Result<i64, MoneyError> {
    let good = |item: &Item| {
        let plan = coupon.plans.is_empty() || item.plan.is_some_and(|p| coupon.plans.contains(&p));
        item.amount > 0 && plan && coupon.subscription.is_none_or(|s| item.subscription == Some(s))
    };
    let at: Vec<usize> = (0..items.len()).filter(|i| good(&items[*i])).collect();
    let left: Vec<i64> = at.iter().map(|i| (items[*i].amount - figures[*i].discount).max(0)).collect();
    let sum = total(left.iter().copied())?;
    let off = match coupon.off {
        Off::Percent(ppm) => ratio(sum, ppm, 1_000_000)?,
        Off::Amount(minor) => minor.min(sum),
    };
    if off <= 0 {
        return Ok(0);
    }
    for (i, part) in at.into_iter().zip(spread(off, &left)) {
        figures[i].discount += part;
    }
    Ok(off)
}

/// With a charge of this very invoice goes back what the coupons took off it, in proportion.
fn take_back(items: &[Item], figures: &mut [ItemFigures]) {
    let charges: BTreeSet<usize> = items.iter().filter_map(|item| item.of).collect();
    for charge in charges {
        let credits: Vec<usize> = (0..items.len()).filter(|i| items[*i].of == Some(charge)).collect();
        let mut sizes: Vec<i64> = credits.iter().map(|i| -items[*i].amount).collect();
        sizes.push((items[charge].amount - sizes.iter().sum::<i64>()).max(0));
        for (i, part) in credits.into_iter().zip(spread(figures[charge].discount, &sizes)) {
            figures[i].discount = -part;
        }
    }
}

/// The tax of a sum; of one that includes it, the part that it is.
fn tax_of(sum: i64, rate: &TaxRate) -> Result<i64, MoneyError> {
    ratio(sum, rate.ppm, if rate.inclusive { 1_000_000 + rate.ppm } else { 1_000_000 })
}

fn ratio(amount: i64, numerator: i64, denominator: i64) -> Result<i64, MoneyError> {
    let value = divide_half_away(i128::from(amount) * i128::from(numerator), i128::from(denominator));
    value.and_then(|v| i64::try_from(v).ok()).ok_or(MoneyError::Overflow)
}

fn total(amounts: impl IntoIterator<Item = i64>) -> Result<i64, MoneyError> {
    let sum: i128 = amounts.into_iter().map(i128::from).sum();
    i64::try_from(sum).map_err(|_| MoneyError::Overflow)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(ppm: i64, inclusive: bool) -> TaxRate {
        TaxRate { id: TaxRateId(uuid::Uuid::nil()), name: "VAT".into(), ppm, inclusive }
    }

    fn item(amount: i64) -> Item {
        Item { amount, rate: Some(0), ..Item::default() }
    }

    fn coupon(off: Off) -> Coupon {
        Coupon { redemption: RedemptionId(uuid::Uuid::nil()), name: "Spring".into(), off, plans: vec![], subscription: None }
    }

    #[test]
    fn tax_is_rounded_once_and_spread() {
        let got = figures(&[item(33), item(33), item(34)], &[], &[rate(150_000, false)]).expect("fits");
        assert_eq!((got.subtotal, got.tax, got.total), (100, 15, 115));
        assert_eq!(got.items.iter().map(|i| i.tax).collect::<Vec<_>>(), [5, 5, 5]);
        let inside = figures(&[item(115)], &[], &[rate(150_000, true)]).expect("fits");
        assert_eq!((inside.subtotal, inside.tax, inside.total, inside.taxes[0].taxable), (115, 15, 115, 100));
    }

    #[test]
    fn coupons_take_no_more_than_there_is_and_leave_credits_alone() {
        let items = [item(1_000), Item { amount: -400, discount: -40, ..item(0) }];
        let got = figures(&items, &[coupon(Off::Percent(100_000))], &[]).expect("fits");
        assert_eq!((got.discount, got.total, got.coupons.clone()), (60, 540, vec![(0, 100)]));
        let all = figures(&items[..1], &[coupon(Off::Amount(700)), coupon(Off::Amount(700))], &[]).expect("fits");
        assert_eq!((all.total, all.coupons.clone()), (0, vec![(0, 700), (1, 300)]));
        let none = figures(&items[1..], &[coupon(Off::Amount(700))], &[]).expect("fits");
        assert_eq!((none.coupons.len(), none.total), (0, -360));
    }

    #[test]
    fn what_takes_back_a_charge_of_the_invoice_bears_its_discount_and_tax() {
        let items = [item(28_000), Item { of: Some(0), ..item(-21_000) }, item(42_000)];
        let half = figures(&items, &[coupon(Off::Percent(500_000))], &[rate(150_000, false)]).expect("fits");
        assert_eq!(half.items.iter().map(|i| i.discount).collect::<Vec<_>>(), [14_000, -10_500, 21_000]);
        assert_eq!((half.subtotal, half.discount, half.tax, half.total), (49_000, 24_500, 3_675, 28_175));
    }

    proptest! {
        #[test]
        fn the_lines_add_up_to_the_invoice(amounts in proptest::collection::vec(-1_000_000i64..10_000_000, 1..30), ppm in 0i64..400_000, percent in 0i64..1_000_000, flat in 0i64..1_000_000, inclusive in any::<bool>()) {
            let items: Vec<Item> = amounts.iter().map(|a| item(*a)).collect();
            let coupons = [coupon(Off::Amount(flat)), coupon(Off::Percent(percent))];
            let got = figures(&items, &coupons, &[rate(ppm, inclusive)]).expect("fits");
            let lines: i64 = items.iter().zip(&got.items).map(|(i, f)| i.amount - f.discount + if inclusive { 0 } else { f.tax }).sum();
            prop_assert_eq!(lines, got.total);
            prop_assert_eq!(got.items.iter().map(|f| f.tax).sum::<i64>(), got.tax);
            prop_assert!(items.iter().zip(&got.items).all(|(i, f)| i.amount <= 0 || (0..=i.amount).contains(&f.discount)));
        }
    }
}

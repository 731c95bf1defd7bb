//! What a quantity costs where one price for each unit is not all there is to it.

use serde::{Deserialize, Serialize};

use crate::kit::money::{MoneyError, divide_half_away};
use crate::text_enum;

text_enum!(
    /// How a price follows from a quantity.
    pub enum PriceModel {
        /// The same whatever the quantity.
        Flat = "flat" => "Flat",
        PerUnit = "per_unit" => "Per unit",
        /// Each unit at the price of the tier that it falls in.
        Graduated = "graduated" => "Graduated",
        /// All units at the price of the tier that the quantity falls in.
        Volume = "volume" => "Volume",
        /// By packages; a begun one counts.
        Package = "package" => "Package",
    }
);

/// A tier: from where the one before ends up to and including `up_to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// `None` in the last.
    pub up_to: Option<i64>,
    pub unit_minor: i64,
    /// Once, where any unit falls in it.
    #[serde(default)]
    pub flat_minor: i64,
}

/// A price with what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pricing {
    pub model: PriceModel,
    /// Of one unit, of one package, or as it is.
    pub amount_minor: i64,
    pub package_size: i64,
    /// Units free in each period.
    pub included: i64,
    pub tiers: Vec<Tier>,
}

impl Pricing {
    /// What `quantity` costs, in minor units.
    pub fn price(&self, quantity: i64) -> Result<i64, MoneyError> {
        let units = (quantity - self.included).max(0);
        let sum = match self.model {
            PriceModel::Flat => i128::from(self.amount_minor),
            PriceModel::PerUnit => i128::from(self.amount_minor) * i128::from(units),
            PriceModel::Package => {
                let packages = (units + self.package_size.max(1) - 1) / self.package_size.max(1);
                i128::from(self.amount_minor) * i128::from(packages)
            }
            PriceModel::Graduated => self.graduated(units),
            PriceModel::Volume => self.volume(units),
        };
        i64::try_from(sum).map_err(|_| MoneyError::Overflow)
    }

    fn graduated(&self, units: i64) -> i128 {
        let (mut sum, mut from) = (0i128, 0i64);
        for tier in &self.tiers {
            let end = tier.up_to.unwrap_or(i64::MAX).min(units);
            if end > from {
                sum += i128::from(end - from) * i128::from(tier.unit_minor) + i128::from(tier.flat_minor);
                from = end;
            }
        }
        sum
    }

    fn volume(&self, units: i64) -> i128 {
        if units == 0 {
            return 0;
        }
        let tier = self.tiers.iter().find(|t| t.up_to.is_none_or(|end| units <= end)).or(self.tiers.last());
        tier.map_or(0, |t| i128::from(units) * i128::from(t.unit_minor) + i128::from(t.flat_minor))
    }
}

/// The price of one unit that comes nearest, for a line that shows one.
pub fn unit_of(amount: i64, quantity: i64) -> i64 {
    divide_half_away(i128::from(amount), i128::from(quantity.max(1))).and_then(|v| i64::try_from(v).ok()).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pricing(model: PriceModel) -> Pricing {
        let tier = |up_to, unit_minor, flat_minor| Tier { up_to, unit_minor, flat_minor };
        let tiers = vec![tier(Some(10), 100, 500), tier(Some(20), 80, 0), tier(None, 50, 0)];
        Pricing { model, amount_minor: 30, package_size: 12, included: 0, tiers }
    }

    #[test]
    fn each_model_has_its_price() {
        let of = |model, quantity| pricing(model).price(quantity).expect("fits");
        assert_eq!([0, 7].map(|q| of(PriceModel::Flat, q)), [30, 30]);
        assert_eq!([0, 7].map(|q| of(PriceModel::PerUnit, q)), [0, 210]);
        assert_eq!([0, 1, 12, 13].map(|q| of(PriceModel::Package, q)), [0, 30, 30, 60]);
        assert_eq!([0, 10, 11, 25].map(|q| of(PriceModel::Graduated, q)), [0, 1_500, 1_580, 2_550]);
        assert_eq!([0, 10, 11, 25].map(|q| of(PriceModel::Volume, q)), [0, 1_500, 880, 1_250]);
    }

    #[test]
    fn what_is_included_is_free_and_what_is_too_much_is_refused() {
        let free = Pricing { included: 5, ..pricing(PriceModel::PerUnit) };
        assert_eq!([4, 5, 6].map(|q| free.price(q).expect("fits")), [0, 0, 30]);
        assert_eq!(Pricing { amount_minor: i64::MAX, ..free }.price(100), Err(MoneyError::Overflow));
    }
}

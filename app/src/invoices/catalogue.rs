//! What is on offer beside plans' prices: coupons and charges, with the rules of their fields.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::tiers::{PriceModel, Tier};
use crate::kit::money::Money;
use crate::kit::{Error, FieldErrors, Result};
use crate::plans::PlanId;
use crate::{id, text_enum};

id!(
    /// Something off the price.
    CouponId,
    "cpn"
);
id!(
    /// A code that a coupon is given out by.
    PromotionCodeId,
    "prc"
);

text_enum!(
    /// For how many invoices a coupon counts.
    pub enum CouponDuration {
        Once = "once" => "Once",
        Repeating = "repeating" => "Several times",
        Forever = "forever" => "Forever",
    }
);

/// A coupon to make: a part or an amount off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCoupon {
    pub name: String,
    /// Parts per million.
    pub percent_ppm: Option<i32>,
    pub amount: Option<Money>,
    pub duration: CouponDuration,
    /// Invoices that a repeating one counts for.
    pub times: Option<i32>,
    pub max_redemptions: Option<i32>,
    /// The last day it is given out.
    pub expires_on: Option<NaiveDate>,
    /// Good for these alone; none: for all.
    pub plans: Vec<PlanId>,
}

impl NewCoupon {
    /// Itself, if it makes sense.
    pub fn checked(self) -> Result<Self> {
        let mut errors = FieldErrors::default();
        match (self.percent_ppm, self.amount) {
            (Some(ppm), None) if (1..=1_000_000).contains(&ppm) => {}
            (None, Some(amount)) if amount.minor() > 0 => {}
            (Some(_), None) => errors.add("percent_ppm", "must be above 0 and at most 1000000, which is all"),
            (None, Some(_)) => errors.add("amount", "must be above zero"),
            _ => errors.add("percent_ppm", "or an amount is required, and not both"),
        }
        if (self.duration == CouponDuration::Repeating) != self.times.is_some_and(|times| times > 0) {
            errors.add("times", "is for a repeating coupon, above zero");
        }
        if self.max_redemptions.is_some_and(|most| most < 1) {
            errors.add("max_redemptions", "must be above zero");
        }
        if errors.is_empty() { Ok(self) } else { Err(Error::Invalid(errors)) }
    }
}

text_enum!(
    /// What a charge of a plan is.
    pub enum ChargeType {
        /// Once, at the start.
        Setup = "setup" => "Setup",
        /// Tops a period up to an amount.
        Minimum = "minimum" => "Minimum",
        /// What a meter counted, in arrears.
        Usage = "usage" => "Usage",
        /// What the quantity costs by tiers, in advance.
        Tiers = "tiers" => "By quantity",
    }
);

/// A charge to add to a plan; amounts in minor units of the plan's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCharge {
    pub kind: ChargeType,
    pub name: String,
    pub model: PriceModel,
    pub amount_minor: i64,
    pub package_size: i64,
    /// Units free in each period.
    pub included: i64,
    pub tiers: Vec<Tier>,
    /// The key of the meter of a usage charge.
    pub meter: Option<String>,
}

impl NewCharge {
    /// Itself, if it makes sense.
    pub fn checked(self) -> Result<Self> {
        let mut errors = FieldErrors::default();
        let tiered = matches!(self.model, PriceModel::Graduated | PriceModel::Volume);
        if self.amount_minor < 0 || self.included < 0 || self.tiers.iter().any(|t| t.unit_minor < 0 || t.flat_minor < 0) {
            errors.add("amount", "must not be below zero, nor a unit of a tier, nor what is included");
        }
        if self.package_size < 1 {
            errors.add("package_size", "must be above zero");
        }
        let ends: Vec<i64> = self.tiers.iter().filter_map(|t| t.up_to).collect();
        let last_open = self.tiers.last().is_some_and(|t| t.up_to.is_none()) && ends.len() + 1 == self.tiers.len();
        if tiered && !(last_open && ends.windows(2).all(|pair| pair[0] < pair[1]) && ends.first().is_none_or(|end| *end > 0)) {
            errors.add("tiers", "must rise, and the last must have no end");
        }
        let flat = matches!(self.kind, ChargeType::Setup | ChargeType::Minimum);
        if flat && self.model != PriceModel::Flat {
            errors.add("model", "must be flat for a setup fee or a minimum");
        }
        if self.kind == ChargeType::Usage && self.meter.is_none() {
            errors.add("meter", "is required for usage");
        }
        if errors.is_empty() { Ok(self) } else { Err(Error::Invalid(errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(kind: ChargeType, model: PriceModel, ends: &[Option<i64>]) -> Result<NewCharge> {
        let tiers = ends.iter().map(|up_to| Tier { up_to: *up_to, unit_minor: 1, flat_minor: 0 }).collect();
        let new = NewCharge { kind, name: "Traffic".into(), model, amount_minor: 1, package_size: 1, included: 0, tiers, meter: None };
        new.checked()
    }

    #[test]
    fn tiers_rise_to_one_without_an_end() {
        assert!(charge(ChargeType::Tiers, PriceModel::Graduated, &[Some(10), Some(20), None]).is_ok());
        for ends in [&[][..], &[Some(10)], &[Some(20), Some(10), None], &[None, None], &[None, Some(10)], &[Some(0), None]] {
            assert!(charge(ChargeType::Tiers, PriceModel::Volume, ends).is_err(), "{ends:?}");
        }
        assert!(charge(ChargeType::Usage, PriceModel::PerUnit, &[]).is_err(), "no meter");
        assert!(charge(ChargeType::Setup, PriceModel::PerUnit, &[]).is_err());
    }

    #[test]
    fn a_coupon_takes_a_part_or_an_amount() {
        let new = NewCoupon {
            name: "Spring".into(),
            percent_ppm: Some(500_000),
            amount: None,
            duration: CouponDuration::Once,
            times: None,
            max_redemptions: None,
            expires_on: None,
            plans: vec![],
        };
        assert!(new.clone().checked().is_ok());
        for wrong in [
            NewCoupon { percent_ppm: None, ..new.clone() },
            NewCoupon { percent_ppm: Some(1_000_001), ..new.clone() },
            NewCoupon { times: Some(3), ..new.clone() },
            NewCoupon { duration: CouponDuration::Repeating, ..new.clone() },
        ] {
            assert!(wrong.checked().is_err());
        }
    }
}

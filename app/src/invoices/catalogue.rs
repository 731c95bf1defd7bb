//! What is on offer beside plans: coupons, with the rules of their fields.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;

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

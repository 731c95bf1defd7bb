//! What is on offer beside plans: coupons, with the rules of their fields.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::{RedemptionId, TaxRateId};
use crate::customers::CustomerId;
use crate::kit::case;
use crate::kit::form::Check;
use crate::kit::money::{Currency, Money};
use crate::kit::{Error, FieldErrors, Result};
use crate::plans::PlanId;
use crate::subscriptions::SubscriptionId;
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
    /// Whether a coupon is given out, and if not, why.
    pub enum CouponState {
        Active = "active" => "Given out",
        UsedUp = "used_up" => "Used up",
        Expired = "expired" => "Expired",
        Archived = "archived" => "Archived",
    }
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

/// A coupon, for the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponView {
    pub id: CouponId,
    pub name: String,
    /// Parts per million.
    pub percent_ppm: Option<i32>,
    pub amount: Option<Money>,
    pub duration: CouponDuration,
    pub times: Option<i32>,
    pub redemptions: i32,
    pub max_redemptions: Option<i32>,
    pub expires_on: Option<NaiveDate>,
    pub state: CouponState,
    pub codes: Vec<String>,
}

impl CouponView {
    /// `25 % off`, `$5.00 off`.
    pub fn off_label(&self) -> String {
        match (self.percent_ppm, self.amount) {
            (Some(ppm), _) => format!("{} off", percent_label(ppm)),
            (None, Some(amount)) => format!("{amount} off"),
            (None, None) => String::new(),
        }
    }

    /// For how many invoices.
    pub fn duration_label(&self) -> String {
        match (self.duration, self.times) {
            (CouponDuration::Repeating, Some(times)) => format!("{times} times"),
            (duration, _) => duration.label().to_owned(),
        }
    }

    /// `3 of 100`.
    pub fn redeemed_label(&self) -> String {
        match self.max_redemptions {
            Some(most) => format!("{} of {most}", self.redemptions),
            None => self.redemptions.to_string(),
        }
    }
}

/// A code that a coupon is given out by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionCode {
    pub id: PromotionCodeId,
    pub code: String,
    pub redemptions: i32,
    pub max_redemptions: Option<i32>,
    pub expires_on: Option<NaiveDate>,
    /// Only for customers who had no invoice yet.
    pub first_time_only: bool,
    pub archived: bool,
}

/// A coupon that a customer has or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeemed {
    pub id: RedemptionId,
    pub coupon: CouponId,
    pub coupon_name: String,
    pub customer: CustomerId,
    pub customer_name: String,
    /// Only of this one; `None`: of all the customer has.
    pub subscription: Option<SubscriptionId>,
    pub code: Option<String>,
    pub starts_on: NaiveDate,
    pub ended: bool,
}

/// A coupon with all that its page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponDetail {
    pub coupon: CouponView,
    pub codes: Vec<PromotionCode>,
    /// Good for these alone; none: for all.
    pub plans: Vec<(PlanId, String)>,
    /// The latest.
    pub redemptions: Vec<Redeemed>,
}

/// A coupon as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponForm {
    pub name: String,
    /// Or an amount.
    pub percent: String,
    /// Major units.
    pub amount: String,
    pub currency: String,
    pub duration: String,
    pub times: String,
    pub max_redemptions: String,
    pub expires_on: String,
    /// Good for this one alone; blank: for all.
    pub plan: String,
}

impl CouponForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self) -> Result<NewCoupon> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, 120);
        let blank = |text: &str| text.trim().is_empty();
        let percent_ppm = if blank(&self.percent) { None } else { Some(percent(&mut check, "percent", &self.percent)) };
        let amount = if blank(&self.amount) {
            None
        } else {
            let currency: Option<Currency> = check.parse("currency", &case::upper(self.currency.trim()));
            currency.map(|currency| check.money("amount", &self.amount, currency))
        };
        if blank(&self.percent) == blank(&self.amount) {
            check.refuse("percent", "or an amount is required, and not both");
        }
        let duration: Option<CouponDuration> = check.parse("duration", &self.duration);
        let many = |check: &mut Check, field: &str, text: &str| {
            if blank(text) { None } else { i32::try_from(check.whole(field, text, 1, 1_000_000_000)).ok() }
        };
        let times = if duration == Some(CouponDuration::Repeating) { many(&mut check, "times", &self.times) } else { None };
        let max_redemptions = many(&mut check, "max_redemptions", &self.max_redemptions);
        let expires_on = check.optional_day("expires_on", &self.expires_on);
        let plans = if blank(&self.plan) { Vec::new() } else { check.parse("plan", &self.plan).into_iter().collect() };
        let new = duration.map(|duration| NewCoupon { name, percent_ppm, amount, duration, times, max_redemptions, expires_on, plans });
        check.done_with(new)?.checked()
    }
}

/// `12.5` as parts per million of one; up to four decimals, no float.
fn percent(check: &mut Check, field: &str, text: &str) -> i32 {
    let text = text.trim().trim_end_matches('%').trim_end();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let right = !whole.is_empty() && whole.len() <= 3 && fraction.len() <= 4 && digits(whole) && digits(fraction);
    let ppm = if right { format!("{whole}{fraction:0<4}").parse::<i32>().ok() } else { None };
    match ppm.filter(|ppm| *ppm <= 1_000_000) {
        Some(ppm) => ppm,
        None => {
            check.refuse(field, "must be from 0 to 100 with at most four decimals, such as 12.5");
            0
        }
    }
}

/// `12.5 %`.
pub fn percent_label(ppm: i32) -> String {
    format!("{} %", super::sheet::percent(ppm))
}

text_enum!(
    /// How a customer is taxed.
    pub enum TaxStatus {
        Taxed = "taxed" => "Taxed",
        Exempt = "exempt" => "Exempt",
        /// The customer accounts for the tax itself.
        ReverseCharge = "reverse_charge" => "Reverse charge",
    }
);

/// A rate of tax, for the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRateView {
    pub id: TaxRateId,
    pub name: String,
    /// Parts per million.
    pub ppm: i32,
    pub inclusive: bool,
    pub country: Option<String>,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
}

/// A rate of tax to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTaxRate {
    pub name: String,
    /// Parts per million.
    pub ppm: i32,
    pub inclusive: bool,
    /// Of customers there; `None`: of all for whom there is none of their country.
    pub country: Option<String>,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
}

/// A rate of tax as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRateForm {
    pub name: String,
    pub percent: String,
    pub inclusive: bool,
    pub country: String,
    pub starts_on: String,
    pub ends_on: String,
}

impl TaxRateForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self, today: NaiveDate) -> Result<NewTaxRate> {
        let mut check = Check::default();
        let name = check.text("name", &self.name, 80);
        let ppm = percent(&mut check, "percent", &self.percent);
        let country = check.optional_country("country", &self.country);
        let starts_on = check.optional_day("starts_on", &self.starts_on).unwrap_or(today);
        let ends_on = check.optional_day("ends_on", &self.ends_on);
        let inclusive = self.inclusive;
        check.done(|| NewTaxRate { name, ppm, inclusive, country, starts_on, ends_on })
    }
}

/// How a customer is billed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    pub number: String,
    pub tax_status: TaxStatus,
    pub tax_reason: Option<String>,
    pub tax_number: Option<String>,
    pub legal_name: Option<String>,
    pub address: Option<String>,
    pub billing_email: Option<String>,
    pub language: Option<String>,
    pub terms_days: Option<i32>,
}

/// How a customer is billed, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountForm {
    pub tax_status: String,
    pub tax_reason: String,
    pub tax_number: String,
    pub legal_name: String,
    pub address: String,
    pub billing_email: String,
    pub language: String,
    pub terms_days: String,
}

/// How a customer is to be billed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountChange {
    pub tax_status: Option<TaxStatus>,
    pub tax_reason: Option<String>,
    pub tax_number: Option<String>,
    pub legal_name: Option<String>,
    pub address: Option<String>,
    pub billing_email: Option<String>,
    pub language: Option<String>,
    pub terms_days: Option<i32>,
}

impl AccountForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self) -> Result<AccountChange> {
        let mut check = Check::default();
        let tax_status = if self.tax_status.trim().is_empty() { None } else { check.parse("tax_status", &self.tax_status) };
        let terms = self.terms_days.trim();
        let change = AccountChange {
            tax_status,
            tax_reason: check.optional_text("tax_reason", &self.tax_reason, 300),
            tax_number: check.optional_text("tax_number", &self.tax_number, 60),
            legal_name: check.optional_text("legal_name", &self.legal_name, 200),
            address: check.optional_text("address", &self.address, 500),
            billing_email: check.optional_email("billing_email", &self.billing_email),
            language: check.optional_text("language", &self.language, 10),
            terms_days: if terms.is_empty() { None } else { i32::try_from(check.whole("terms_days", terms, 0, 365)).ok() },
        };
        check.done(|| change)
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

    #[test]
    fn a_percent_is_read_without_a_float() {
        let read = |text: &str| {
            let form = CouponForm { name: "Spring".into(), percent: text.into(), duration: "once".into(), ..CouponForm::default() };
            form.parse().map(|c| c.percent_ppm)
        };
        assert_eq!(read("12.5"), Ok(Some(125_000)));
        assert_eq!(read(" 100 % "), Ok(Some(1_000_000)));
        assert_eq!([1_000_000, 125_000, 150_000].map(percent_label), ["100 %", "12.5 %", "15 %"]);
        for wrong in ["100.1", "-1", "x", "1.00001", "0"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

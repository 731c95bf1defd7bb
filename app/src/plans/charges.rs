//! What a plan charges beside its price: how it is written, and the rules of its fields.

use serde::{Deserialize, Serialize};

use super::tiers::{PriceModel, Tier};
use crate::kit::form::Check;
use crate::kit::money::{Currency, Money};
use crate::kit::{Error, FieldErrors, Result};
use crate::{id, text_enum};

id!(
    /// What a plan charges beside its price.
    ChargeId,
    "chg"
);

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

/// A charge of a plan's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    pub id: ChargeId,
    pub kind: ChargeType,
    pub name: String,
    pub model: PriceModel,
    pub amount_minor: i64,
    pub package_size: i64,
    pub included: i64,
    pub tiers: Vec<Tier>,
    /// The key of its meter.
    pub meter: Option<String>,
}

impl Charge {
    /// What a person reads of its price: `$0.05 per unit, 100 included`.
    pub fn price_label(&self, currency: Currency) -> String {
        let money = |minor| Money::new(minor, currency).to_string();
        let price = match self.model {
            PriceModel::Flat => money(self.amount_minor),
            PriceModel::PerUnit => format!("{} per unit", money(self.amount_minor)),
            PriceModel::Package => format!("{} per {} begun", money(self.amount_minor), self.package_size),
            PriceModel::Graduated | PriceModel::Volume => {
                let tier = |t: &Tier| {
                    let end = t.up_to.map_or("above".to_owned(), |end| format!("to {end}"));
                    let flat = if t.flat_minor > 0 { format!(" + {}", money(t.flat_minor)) } else { String::new() };
                    format!("{end}: {}{flat}", money(t.unit_minor))
                };
                format!("{}, {}", self.model.label(), self.tiers.iter().map(tier).collect::<Vec<_>>().join("; "))
            }
        };
        if self.included > 0 { format!("{price}, {} included", self.included) } else { price }
    }
}

/// A charge as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeForm {
    pub kind: String,
    pub name: String,
    pub model: String,
    /// Major units of the plan's currency.
    pub amount: String,
    pub package_size: String,
    pub included: String,
    /// A line for each tier: the last unit in it (or `*`), the price of a unit, and maybe an amount once.
    pub tiers: String,
    pub meter: String,
}

impl ChargeForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self, currency: Currency) -> Result<NewCharge> {
        let mut check = Check::default();
        let kind: Option<ChargeType> = check.parse("kind", &self.kind);
        let name = check.text("name", &self.name, 120);
        let flat = matches!(kind, Some(ChargeType::Setup | ChargeType::Minimum));
        // A set-up fee and a minimum have but one model.
        let model = if flat { Some(PriceModel::Flat) } else { check.parse("model", &self.model) };
        let blank = |text: &str| text.trim().is_empty();
        let amount_minor = if blank(&self.amount) { 0 } else { check.money("amount", &self.amount, currency).minor() };
        let whole = |check: &mut Check, field: &str, text: &str, default: i64| {
            if blank(text) { default } else { check.whole(field, text, default, 1_000_000_000_000) }
        };
        let package_size = whole(&mut check, "package_size", &self.package_size, 1);
        let included = whole(&mut check, "included", &self.included, 0);
        let tiered = matches!(model, Some(PriceModel::Graduated | PriceModel::Volume));
        let tiers = if tiered { parse_tiers(&mut check, &self.tiers, currency) } else { Vec::new() };
        let meter = Some(self.meter.trim().to_owned()).filter(|key| !key.is_empty() && kind == Some(ChargeType::Usage));
        let new = kind.zip(model).map(|(kind, model)| NewCharge { kind, name, model, amount_minor, package_size, included, tiers, meter });
        check.done_with(new)?.checked()
    }
}

/// `100 0.05`, `* 0.02 10.00`: a line for each.
fn parse_tiers(check: &mut Check, text: &str, currency: Currency) -> Vec<Tier> {
    let mut tiers = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let end = words.next().unwrap_or_default();
        let up_to = if end == "*" { None } else { Some(check.whole("tiers", end, 1, 1_000_000_000_000)) };
        let unit_minor = check.money("tiers", words.next().unwrap_or_default(), currency).minor();
        let flat_minor = words.next().map_or(0, |flat| check.money("tiers", flat, currency).minor());
        if words.next().is_some() {
            check.refuse("tiers", "has a line of more than three words");
        }
        tiers.push(Tier { up_to, unit_minor, flat_minor });
    }
    tiers
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
    fn tiers_are_typed_a_line_for_each() {
        let form = ChargeForm {
            kind: "usage".into(),
            name: "Traffic".into(),
            model: "graduated".into(),
            tiers: "100 0.05\n\n * 0.02 10.00 ".into(),
            meter: "gb".into(),
            ..ChargeForm::default()
        };
        let charge = form.parse(Currency::USD).expect("a charge");
        let tier = |up_to, unit_minor, flat_minor| Tier { up_to, unit_minor, flat_minor };
        assert_eq!(charge.tiers, [tier(Some(100), 5, 0), tier(None, 2, 1_000)]);
        for wrong in ["", "100 0.05", "* 0.05\n100 0.02", "x 1", "100", "100 1 2 3\n* 1"] {
            let form = ChargeForm { tiers: wrong.into(), ..form.clone() };
            assert!(form.parse(Currency::USD).expect_err(wrong).fields().first("tiers").is_some(), "{wrong}");
        }
        let setup = ChargeForm { kind: "setup".into(), name: "Setup".into(), amount: "50".into(), ..ChargeForm::default() };
        let setup = setup.parse(Currency::USD).expect("a charge");
        assert_eq!((setup.model, setup.amount_minor, setup.meter), (PriceModel::Flat, 5_000, None));
    }
}

//! Meters as pages and stores know them, and the rules of their fields.

use serde::{Deserialize, Serialize};

use crate::kit::Result;
use crate::kit::form::Check;
use crate::kit::moment::Moment;
use crate::{id, text_enum};

id!(
    /// Something that is counted.
    MeterId,
    "mtr"
);

text_enum!(
    /// How the events of a period become one quantity.
    pub enum Aggregation {
        Sum = "sum" => "Sum of the quantities",
        Count = "count" => "Number of events",
        Unique = "unique" => "Number of different subjects",
        Max = "max" => "Highest quantity",
        Last = "last" => "Last quantity",
    }
);

/// A meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    pub id: MeterId,
    /// What events name it by.
    pub key: String,
    pub name: String,
    pub unit: String,
    pub aggregation: Aggregation,
    pub archived: bool,
    pub created: Moment,
}

/// A meter to choose: its key, and what a person reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterChoice {
    pub key: String,
    pub label: String,
}

/// A meter as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterForm {
    pub key: String,
    pub name: String,
    pub unit: String,
    pub aggregation: String,
}

/// A meter, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMeter {
    pub key: String,
    pub name: String,
    pub unit: String,
    pub aggregation: Aggregation,
}

/// What can be changed of a meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterNames {
    pub name: String,
    pub unit: String,
}

impl MeterForm {
    /// The checked fields, or what is wrong with which.
    pub fn parse(&self) -> Result<NewMeter> {
        let mut check = Check::default();
        let key = check.text("key", &self.key, 60);
        if !key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b)) {
            check.refuse("key", "must be of small letters, digits and _ - . such as api_calls");
        }
        let (name, unit) = (check.text("name", &self.name, 120), check.text("unit", &self.unit, 40));
        let aggregation = check.parse("aggregation", &self.aggregation);
        check.done_with(aggregation.map(|aggregation| NewMeter { key, name, unit, aggregation }))
    }

    /// The checked names alone.
    pub fn names(&self) -> Result<MeterNames> {
        let mut check = Check::default();
        let (name, unit) = (check.text("name", &self.name, 120), check.text("unit", &self.unit, 40));
        check.done(|| MeterNames { name, unit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_word_for_machines() {
        let form = |key: &str| MeterForm { key: key.into(), name: "Traffic".into(), unit: "GB".into(), aggregation: "sum".into() };
        assert_eq!(form(" traffic_gb ").parse().map(|m| m.key).as_deref(), Ok("traffic_gb"));
        for wrong in ["", "Traffic", "a b", "é"] {
            assert!(form(wrong).parse().expect_err(wrong).fields().first("key").is_some());
        }
        let wrong = MeterForm { aggregation: "average".into(), ..form("a") };
        assert!(wrong.parse().expect_err("refused").fields().first("aggregation").is_some());
    }
}

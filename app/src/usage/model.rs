//! Usage as pages and stores know it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::kit::moment::Moment;
use crate::kit::period::Period;
use crate::meters::Aggregation;
use crate::subscriptions::SubscriptionId;
use crate::{id, text_enum};

id!(
    /// A file of events.
    UsageUploadId,
    "usu"
);
id!(
    /// An event's place in its list.
    UsageEventId,
    "use"
);

/// Events of one request at most.
pub const EVENTS_AT_ONCE: usize = 1_000;
/// The most that one event may say, up or down.
pub const QUANTITY_MAX: i64 = 1_000_000_000_000;
/// Parts of an allowance, in percent, that are told of when they are used up.
pub const THRESHOLDS: [i64; 2] = [80, 95];

/// An event as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEvent {
    /// The sender's own: a second one of the same id is the same event.
    pub event_id: String,
    /// The key of a meter.
    pub meter: String,
    /// The id of a subscription, or the seller's own number for it.
    pub subscription: String,
    /// RFC 3339, or a day and time of the seller's time zone; blank: now.
    pub at: String,
    pub quantity: i64,
    /// What a meter of different subjects counts.
    pub subject: String,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Taken {
    New,
    /// Its id was there already.
    Known,
    /// The field, and what is wrong with it.
    Refused(String, String),
}

/// An event, for the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageEvent {
    pub id: UsageEventId,
    pub event_id: String,
    pub meter: String,
    pub unit: String,
    pub subscription: SubscriptionId,
    pub customer: CustomerId,
    pub customer_name: String,
    pub at: Moment,
    /// The day that it counts on.
    pub day: NaiveDate,
    pub quantity: i64,
    pub subject: Option<String>,
}

/// What a subscription used of a meter in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterUse {
    /// Of the meter.
    pub key: String,
    pub name: String,
    pub unit: String,
    pub aggregation: Aggregation,
    pub quantity: i64,
    /// Units of it that the plan includes; `None`: the plan does not charge it.
    pub included: Option<i64>,
}

impl MeterUse {
    /// Hundredths of the allowance that are used, rounded down; `None` without one.
    pub fn percent(&self) -> Option<i64> {
        let included = self.included.filter(|units| *units > 0)?;
        i64::try_from(i128::from(self.quantity.max(0)) * 100 / i128::from(included)).ok()
    }

    /// Units beyond the allowance.
    pub fn over(&self) -> i64 {
        self.included.map_or(0, |included| (self.quantity - included).max(0))
    }
}

/// What a subscription used in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionUse {
    pub subscription: SubscriptionId,
    pub customer: CustomerId,
    pub customer_name: String,
    pub plan_name: String,
    /// `None` out of service.
    pub period: Option<Period>,
    /// Events of days before count on this one, because they were invoiced.
    pub closed_until: Option<NaiveDate>,
    pub meters: Vec<MeterUse>,
    /// Quantities of each day of the period, by meter in the order of `meters`.
    pub days: Vec<DayUse>,
    /// The chart of `days`.
    pub chart: String,
}

/// What was used on a day, by meter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayUse {
    pub day: NaiveDate,
    pub quantities: Vec<i64>,
}

/// A subscription that used something lately: a row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsingSubscription {
    pub subscription: SubscriptionId,
    pub customer_name: String,
    pub plan_name: String,
    pub last_used_on: NaiveDate,
    pub period: Option<Period>,
    pub meters: Vec<MeterUse>,
}

impl UsingSubscription {
    /// The meter whose allowance is used up the furthest.
    pub fn furthest(&self) -> Option<(&MeterUse, i64)> {
        self.meters.iter().filter_map(|m| m.percent().map(|percent| (m, percent))).max_by_key(|(_, percent)| *percent)
    }
}

text_enum!(
    /// Where a file of events stands.
    pub enum UploadStatus {
        Queued = "queued" => "Under way",
        Done = "done" => "Recorded",
        Failed = "failed" => "Refused",
    }
);

/// What is wrong with a row of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// The header is line 1.
    pub line: u64,
    pub column: String,
    pub message: String,
}

/// A file of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageUpload {
    pub id: UsageUploadId,
    pub file_name: String,
    pub status: UploadStatus,
    pub rows: u64,
    pub new: u64,
    pub known: u64,
    pub bad: u64,
    pub failure: Option<String>,
    /// The first bad rows; of the list, none.
    pub errors: Vec<BadRow>,
    pub created_by: String,
    pub created: Moment,
    pub finished: Option<Moment>,
}

/// A quantity with its unit: `1,200 GB`. One of what is named in the plural is one: `1 call` of `calls`.
pub fn quantity_label(quantity: i64, unit: &str) -> String {
    let sign = if quantity < 0 { "\u{2212}" } else { "" };
    // Words only: an abbreviation such as `Mbps` has capitals, or no vowel.
    let is_word = unit.chars().all(|c| c.is_ascii_lowercase()) && unit.contains(['a', 'e', 'i', 'o', 'u']);
    let one = unit.strip_suffix('s').filter(|one| is_word && one.len() > 2 && !one.ends_with('s'));
    let unit = one.filter(|_| quantity.unsigned_abs() == 1).unwrap_or(unit);
    format!("{sign}{} {unit}", crate::kit::money::group(&quantity.unsigned_abs().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_used_by_the_hundredth() {
        let of = |quantity, included| MeterUse {
            key: "gb".into(),
            name: "Traffic".into(),
            unit: "GB".into(),
            aggregation: Aggregation::Sum,
            quantity,
            included,
        };
        assert_eq!((of(79, Some(100)).percent(), of(799, Some(1_000)).percent()), (Some(79), Some(79)));
        assert_eq!((of(150, Some(100)).percent(), of(150, Some(100)).over()), (Some(150), 50));
        assert_eq!((of(5, None).percent(), of(5, Some(0)).percent(), of(5, Some(0)).over()), (None, None, 5));
        assert_eq!(of(i64::MAX, Some(1)).percent(), None, "beyond what can be said");
        assert_eq!(quantity_label(-1_200, "GB"), "\u{2212}1,200 GB");
        let ones = ["GB", "calls", "devices", "seat", "Mbps", "mbps", "gas", "glass"].map(|unit| quantity_label(1, unit));
        assert_eq!(ones, ["1 GB", "1 call", "1 device", "1 seat", "1 Mbps", "1 mbps", "1 gas", "1 glass"]);
        assert_eq!((quantity_label(0, "calls"), quantity_label(2, "calls")), ("0 calls".into(), "2 calls".into()));
    }
}

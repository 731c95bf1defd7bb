//! Where a sandbox is in time.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kit::moment::Moment;

/// The most days of one advance.
pub const DAYS_MAX: i64 = 1_100;

/// A sandbox's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    pub now: Moment,
    pub today: NaiveDate,
    /// Where it is going, while it is.
    pub going_to: Option<Moment>,
    /// In thousandths of the way.
    pub progress: u32,
}

/// How an advance is asked for; one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advance {
    /// A day, or a time by RFC 3339.
    pub to: Option<String>,
    pub hours: Option<i64>,
    pub days: Option<i64>,
    pub months: Option<i64>,
}

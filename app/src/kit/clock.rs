//! The clock. Nothing else reads it: a request or a job takes one `now` and passes it on in its scope.

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::moment::{Moment, relative};

/// The present, to the microsecond (what PostgreSQL keeps).
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// The business day of `at` in `zone`.
pub fn day_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// When `day` begins in `zone`: midnight, or the first moment after it where the clocks leap over midnight.
pub fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let candidates = (0..=8).map(|quarters| midnight + TimeDelta::minutes(15 * quarters));
    let found = candidates.filter_map(|local| zone.from_local_datetime(&local).earliest()).next();
    found.map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}

/// `at` for a reader in `zone` whose present is `now`.
pub fn moment(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> Moment {
    Moment {
        iso: at.to_rfc3339(),
        absolute: at.with_timezone(&zone).format("%-d %B %Y, %H:%M").to_string(),
        relative: relative((now - at).num_seconds()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_seller_is() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(start_of(day("2026-07-01"), Tz::Europe__Berlin).to_rfc3339(), "2026-06-30T22:00:00+00:00");
        // Clocks go from 24:00 to 01:00 on that night.
        assert_eq!(start_of(day("2026-04-24"), Tz::Africa__Cairo).to_rfc3339(), "2026-04-23T22:00:00+00:00");
    }
}

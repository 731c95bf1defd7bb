//! When an event was, as senders write it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

const LOCAL: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];

/// RFC 3339; or a day with or without a time in `zone`. An hour that the clocks go through twice is the first of the two,
/// one that they leap over is as long after the leap.
pub fn read(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc).trunc_subsecs(6));
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(crate::kit::clock::start_of(day, zone));
    }
    let local = LOCAL.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    let at = zone.from_local_datetime(&local).earliest();
    let leapt = || zone.from_local_datetime(&(local - TimeDelta::hours(3))).earliest().map(|at| at + TimeDelta::hours(3));
    at.or_else(leapt).map(|at| at.with_timezone(&Utc).trunc_subsecs(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_the_sellers() {
        let at = |text: &str| read(text, Tz::Europe__Berlin).map(|at| at.to_rfc3339());
        assert_eq!(at("2026-07-01T00:30:00+02:00").as_deref(), Some("2026-06-30T22:30:00+00:00"));
        assert_eq!(at("2026-07-01T00:30:00"), at("2026-07-01T00:30:00+02:00"));
        assert_eq!(at(" 2026-07-01 00:30"), at("2026-07-01T00:30:00+02:00"));
        assert_eq!(at("2026-07-01"), at("2026-07-01T00:00:00+02:00"));
        assert_eq!(at("2026-03-29 02:30").as_deref(), Some("2026-03-29T01:30:00+00:00"), "the clocks leap from 2 to 3");
        assert_eq!(at("2026-10-25 02:30").as_deref(), Some("2026-10-25T00:30:00+00:00"), "the first of the two");
        for wrong in ["", "yesterday", "2026-02-30", "2026-02-01T25:00", "1767225600"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}

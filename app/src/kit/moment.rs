//! A point in time as a person reads it. Worked out on the server, where the seller's time zone and the clock are, so
//! that the page and its hydration say the same.

use serde::{Deserialize, Serialize};

/// When something happened: `3 h ago`, and on hover `21 November 2026, 14:05`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339, for `<time datetime>`.
    pub iso: String,
    /// In the seller's time zone: `21 November 2026, 14:05`.
    pub absolute: String,
    /// Against the request's now: `just now`, `5 min ago`, `in 3 d`.
    pub relative: String,
}

/// `just now`, `5 min ago`, `3 h ago`, `2 d ago`, `in 4 months`; `seconds` counts back from now.
pub fn relative(seconds: i64) -> String {
    let size = seconds.unsigned_abs();
    let (n, unit) = match size {
        0..=44 => return "just now".into(),
        45..=5399 => ((size + 30) / 60, "min"),
        5400..=129_599 => ((size + 1800) / 3600, "h"),
        129_600..=3_887_999 => ((size + 43_200) / 86_400, "d"),
        3_888_000..=47_335_427 => ((size + 1_314_000) / 2_628_000, "months"),
        _ => ((size + 15_768_000) / 31_536_000, "years"),
    };
    if seconds < 0 { format!("in {n} {unit}") } else { format!("{n} {unit} ago") }
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn time_is_told_in_one_unit() {
        for (seconds, want) in [
            (0, "just now"),
            (60, "1 min ago"),
            (3600 * 3, "3 h ago"),
            (86_400 * 3, "3 d ago"),
            (-86_400 * 2, "in 2 d"),
            (86_400 * 365 * 2, "2 years ago"),
        ] {
            assert_eq!(relative(seconds), want);
        }
    }
}

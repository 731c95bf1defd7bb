//! A rate: a ratio of two amounts or counts, worked out in integers.

use serde::{Deserialize, Serialize};

use crate::kit::money::{divide_half_away, group};

/// Parts of one in which a ratio is kept.
const PARTS: i128 = 1_000_000_000;

/// A ratio to nine decimals, rounded half away from zero. No float is involved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ratio(i64);

impl Ratio {
    /// `part / whole`; `None` where there is no whole to take it of, or where the ratio exceeds nine thousand million.
    pub fn of(part: impl Into<i128>, whole: impl Into<i128>) -> Option<Self> {
        let scaled = part.into().checked_mul(PARTS)?;
        divide_half_away(scaled, whole.into()).and_then(|n| i64::try_from(n).ok()).map(Self)
    }

    /// The ratio less one: growth, from what is over what was.
    pub fn less_one(self) -> Self {
        Self(self.0.saturating_sub(PARTS as i64))
    }

    /// The difference of two ratios.
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// −1, 0 or 1.
    pub fn sign(self) -> i64 {
        self.0.signum()
    }

    /// In billionths: for a sparkline.
    pub fn billionths(self) -> i64 {
        self.0
    }

    /// In whole percent, for shading.
    pub fn whole_percent(self) -> i64 {
        self.rounded(10_000_000)
    }

    /// `30.5%`, with a true minus sign.
    pub fn percent(self) -> String {
        let tenths = self.rounded(1_000_000);
        format!("{}{}%", sign(tenths), tenth(tenths))
    }

    /// The size without its sign: `0.4 pt`, for a difference of two percentages.
    pub fn points(self) -> String {
        format!("{} pt", tenth(self.rounded(1_000_000)))
    }

    /// The size without its sign, in percent: `6.8%`.
    pub fn percent_size(self) -> String {
        format!("{}%", tenth(self.rounded(1_000_000)))
    }

    /// `1.24`.
    pub fn times(self) -> String {
        let hundredths = self.rounded(10_000_000);
        let size = hundredths.unsigned_abs();
        format!("{}{}.{:02}", sign(hundredths), group(&(size / 100).to_string()), size % 100)
    }

    /// A decimal number without trailing zeros: `0.305335436`, for the API and CSV.
    pub fn decimal(self) -> String {
        let (size, minus) = (self.0.unsigned_abs(), if self.0 < 0 { "-" } else { "" });
        let text = format!("{minus}{}.{:09}", size / PARTS as u64, size % PARTS as u64);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    fn rounded(self, unit: i128) -> i64 {
        divide_half_away(self.0.into(), unit).and_then(|n| i64::try_from(n).ok()).unwrap_or(0)
    }
}

fn sign(number: i64) -> &'static str {
    if number < 0 { "\u{2212}" } else { "" }
}

fn tenth(tenths: i64) -> String {
    let size = tenths.unsigned_abs();
    format!("{}.{}", group(&(size / 10).to_string()), size % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_exact_to_nine_decimals_and_shows_itself() {
        let churn = Ratio::of(13_913_085i64, 45_566_100i64).expect("a ratio");
        assert_eq!((churn.decimal().as_str(), churn.percent().as_str()), ("0.305338508", "30.5%"));
        assert_eq!(Ratio::of(1869i64, 7032i64).expect("a ratio").decimal(), "0.265784983");
        assert_eq!(Ratio::of(-1i64, 2i64).map(|r| (r.decimal(), r.percent())), Some(("-0.5".into(), "\u{2212}50.0%".into())));
        assert_eq!(Ratio::of(3i64, 1i64).map(|r| (r.decimal(), r.times())), Some(("3".into(), "3.00".into())));
        assert_eq!(Ratio::of(0i64, 9i64).map(|r| r.decimal()), Some("0".into()));
        assert_eq!(Ratio::of(5i64, 0i64), None);
        assert_eq!(Ratio::of(i64::MAX, 1i64), None);
        assert_eq!(Ratio::of(11i64, 10i64).map(|r| r.less_one().percent()), Some("10.0%".into()));
    }
}

//! What a part of a period costs, by days: `amount × days left / days of the whole period`, half away from zero.

use chrono::NaiveDate;

use crate::kit::money::{Money, MoneyError};
use crate::kit::period::Period;
pub use crate::subscriptions::Proration;

/// What the days of `whole` from `from` on cost.
pub fn rest(amount: Money, whole: Period, from: NaiveDate) -> Result<Money, MoneyError> {
    let left = (whole.end - from.clamp(whole.start, whole.end)).num_days();
    amount.times_ratio(i128::from(left), i128::from(whole.days().max(1)))
}

/// What `part` of `whole` costs. A difference of two rests, so that the parts of a period add up to its price; where it
/// is `alone`, because service ends within the period and nothing comes before it there, the share of its days.
pub fn share(amount: Money, whole: Period, part: Period, alone: bool) -> Result<Money, MoneyError> {
    if part.end >= whole.end {
        return rest(amount, whole, part.start);
    }
    if alone {
        return amount.times_ratio(i128::from(part.days()), i128::from(whole.days().max(1)));
    }
    rest(amount, whole, part.start)?.minus(rest(amount, whole, part.end)?)
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;
    use crate::kit::money::Currency;

    fn d(text: &str) -> NaiveDate {
        crate::kit::period::day(text).expect("a day")
    }

    fn period(start: &str, end: &str) -> Period {
        Period { start: d(start), end: d(end) }
    }

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn a_stub_is_a_part_of_its_whole_period() {
        let whole = period("2026-01-13", "2026-02-13");
        assert_eq!(share(usd(100_000), whole, period("2026-02-01", "2026-02-13"), false), Ok(usd(38_710)), "12/31");
        assert_eq!(share(usd(100_000), whole, period("2026-01-13", "2026-01-20"), true), Ok(usd(22_581)), "7/31");
    }

    #[test]
    fn a_stub_with_both_sides_cut_is_rounded_once() {
        let whole = period("2026-01-13", "2026-02-13");
        assert_eq!(share(usd(100_000), whole, period("2026-02-01", "2026-02-10"), true), Ok(usd(29_032)), "9/31");
        let whole = period("2026-04-03", "2026-05-03");
        assert_eq!(share(usd(99), whole, period("2026-04-15", "2026-05-01"), true), Ok(usd(53)), "16/30");
    }

    #[test]
    fn a_change_credits_and_charges_the_days_left() {
        let whole = period("2026-03-13", "2026-04-13");
        assert_eq!(rest(usd(100_000), whole, d("2026-03-16")), Ok(usd(90_323)), "28/31");
        assert_eq!(rest(usd(250_000), whole, d("2026-03-16")), Ok(usd(225_806)));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_period_are_its_price(minor in 0i64..1_000_000_000, length in 1u64..400, cuts in proptest::collection::vec(0u64..400, 0..6)) {
            let start = d("2026-01-01");
            let whole = Period { start, end: start + Days::new(length) };
            let mut days: Vec<u64> = cuts.into_iter().filter(|c| *c > 0 && *c < length).collect();
            days.extend([0, length]);
            days.sort_unstable();
            days.dedup();
            let mut sum = 0;
            for pair in days.windows(2) {
                let part = Period { start: start + Days::new(pair[0]), end: start + Days::new(pair[1]) };
                let one = share(usd(minor), whole, part, false).expect("fits").minor();
                prop_assert!(one >= 0);
                sum += one;
            }
            prop_assert_eq!(sum, minor);
        }
    }
}

//! Minor units as Stripe counts them. They are ISO 4217's, but for currencies that it still counts in hundredths
//! (<https://docs.stripe.com/currencies#special-cases>).

use crate::kit::money::Currency;

fn is_in_hundredths(currency: Currency) -> bool {
    ["ISK", "UGX"].contains(&currency.to_string().as_str())
}

/// Our minor units of theirs.
pub fn ours(currency: Currency, theirs: i64) -> i64 {
    if is_in_hundredths(currency) { theirs / 100 } else { theirs }
}

/// Their minor units of ours.
pub fn theirs(currency: Currency, ours: i64) -> Option<i64> {
    if is_in_hundredths(currency) { ours.checked_mul(100) } else { Some(ours) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_currencies_are_counted_in_hundredths() {
        let of = |code: &str| code.parse::<Currency>().expect("a currency");
        assert_eq!((theirs(of("UGX"), 5_000), ours(of("UGX"), 500_000)), (Some(500_000), 5_000));
        for code in ["USD", "JPY", "KWD"] {
            assert_eq!((theirs(of(code), 5_000), ours(of(code), 5_000)), (Some(5_000), 5_000));
        }
    }
}

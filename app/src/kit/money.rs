//! Money: an integer of minor units and its currency. No float ever comes near it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 4217 currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The dollar of the United States, in which a new platform keeps its books.
    pub const USD: Currency = Currency(*b"USD");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the decimal point: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        self.iso().and_then(|c| c.exponent()).map_or(2, u32::from)
    }

    /// Minor units in one major unit: `10^exponent`.
    pub fn minor_per_major(self) -> i64 {
        10i64.pow(self.exponent())
    }

    /// What stands before an amount: `$`, `€`, or the code and a no-break space where a sign would be ambiguous.
    pub fn sign(&self) -> String {
        match self.code() {
            "USD" => "$".into(),
            "EUR" => "€".into(),
            "GBP" => "£".into(),
            "JPY" => "¥".into(),
            "INR" => "₹".into(),
            code => format!("{code}\u{a0}"),
        }
    }

    fn iso(self) -> Option<iso_currency::Currency> {
        iso_currency::Currency::from_code(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let iso = iso_currency::Currency::from_code(text).filter(|c| c.exponent().is_some()).ok_or(MoneyError::Currency)?;
        let mut code = [0; 3];
        code.copy_from_slice(iso.code().as_bytes());
        Ok(Self(code))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A currency as the server tells it to every page, which need not look it up again.
pub mod told {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Currency;

    pub fn serialize<S: Serializer>(currency: &Currency, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(currency.code())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Currency, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(d)?;
        code.as_bytes().try_into().map(Currency).map_err(|_| serde::de::Error::custom("three letters"))
    }
}

/// Why an amount could not be read or computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// Not an ISO 4217 code of a currency with a minor unit.
    Currency,
    /// Not digits with at most one decimal point.
    Syntax,
    /// More digits after the point than the currency has.
    TooPrecise(u32),
    /// More than [`LARGEST`], or than fits 64 bits of minor units.
    Overflow,
    /// Two currencies in one sum.
    Mixed,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Currency => f.write_str("is not an ISO 4217 currency code, such as USD"),
            Self::Syntax => f.write_str("must be digits with an optional decimal point, such as 29.85"),
            Self::TooPrecise(0) => f.write_str("must have no decimals: this currency has no minor unit"),
            Self::TooPrecise(n) => write!(f, "must have at most {n} decimals in this currency"),
            Self::Overflow => f.write_str("is too large"),
            Self::Mixed => f.write_str("mixes two currencies"),
        }
    }
}

impl std::error::Error for MoneyError {}

/// An amount of one currency in its minor unit. On the wire: `{"minor":2985,"currency":"USD"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// The largest amount that is taken from outside, in minor units: ten million million of most currencies. Sums of many such
/// still fit the 64 bits that both databases add in.
pub const LARGEST: i64 = 1_000_000_000_000_000;

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Its currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Neither owed nor owned.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Below zero.
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Reads major units with a decimal point (`29.85`), exactly; no sign, no grouping, no exponent.
    pub fn parse_major(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((w, f)) if !f.is_empty() => (w, f),
            Some(_) => return Err(MoneyError::Syntax),
            None => (text, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(MoneyError::Syntax);
        }
        let exponent = currency.exponent();
        let significant = fraction.trim_end_matches('0');
        if significant.len() > exponent as usize {
            return Err(MoneyError::TooPrecise(exponent));
        }
        let digits = format!("{whole}{significant:0<width$}", width = exponent as usize);
        let minor = digits.parse().ok().filter(|minor| *minor <= LARGEST).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency })
    }

    /// The sum, in one currency.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The difference, in one currency.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// `self × numerator / denominator`, rounded half away from zero to the minor unit.
    pub fn times_ratio(self, numerator: i128, denominator: i128) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor).checked_mul(numerator).ok_or(MoneyError::Overflow)?;
        let minor = i64::try_from(divide_half_away(product, denominator).ok_or(MoneyError::Overflow)?).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Digits with a decimal point and no sign of the currency, as in a CSV cell or an input: `-1234.50`.
    pub fn to_major(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if exponent == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// Few digits for cards and axes: `$2.97m`, `$316,986`. Truncation is of the display alone.
    pub fn to_short(self) -> String {
        let major = divide_half_away(i128::from(self.minor), i128::from(self.currency.minor_per_major())).unwrap_or(0);
        let sign = if major < 0 { "\u{2212}" } else { "" };
        let size = major.unsigned_abs();
        let body = if size < 1_000_000 {
            group(&size.to_string())
        } else {
            let (unit, letter) = if size < 1_000_000_000 { (1_000_000, "m") } else { (1_000_000_000, "bn") };
            let hundredths = (size * 100 + unit / 2) / unit;
            format!("{}.{:02}{letter}", hundredths / 100, hundredths % 100)
        };
        format!("{sign}{}{body}", self.currency.sign())
    }

    /// As [`Display`](fmt::Display), with a plus sign before what is above zero.
    pub fn to_signed(self) -> String {
        if self.minor > 0 { format!("+{self}") } else { self.to_string() }
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::Mixed) }
    }
}

/// `numerator / denominator` to the nearest integer, halves away from zero. `None` where the denominator is zero.
pub fn divide_half_away(numerator: i128, denominator: i128) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    let remainder = numerator.checked_rem(denominator)?;
    if remainder.unsigned_abs() >= denominator.unsigned_abs() - remainder.unsigned_abs() {
        Some(quotient + if (numerator < 0) == (denominator < 0) { 1 } else { -1 })
    } else {
        Some(quotient)
    }
}

/// Thousands apart: `1234567` → `1,234,567`.
pub fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// For people: `$1,234.50`, `−€3.00`, `KWD 1.234`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = Self { minor: self.minor.saturating_abs(), ..*self }.to_major();
        let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, r)| (w, Some(r)));
        let sign = if self.minor < 0 { "\u{2212}" } else { "" };
        write!(f, "{sign}{}{}", self.currency.sign(), group(whole))?;
        fraction.map_or(Ok(()), |r| write!(f, ".{r}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    #[test]
    fn reads_major_units_exactly() {
        let usd = Currency::USD;
        assert_eq!(Money::parse_major("29.85", usd), Ok(Money::new(2985, usd)));
        assert_eq!(Money::parse_major("10000000000000", usd), Ok(Money::new(LARGEST, usd)));
        assert_eq!(Money::parse_major("10000000000000.01", usd), Err(MoneyError::Overflow));
        assert_eq!(Money::parse_major("42.3", usd), Ok(Money::new(4230, usd)));
        assert_eq!(Money::parse_major("7", usd), Ok(Money::new(700, usd)));
        assert_eq!(Money::parse_major("1.500", usd), Ok(Money::new(150, usd)));
        assert_eq!(Money::parse_major("1.234", currency("KWD")), Ok(Money::new(1234, currency("KWD"))));
        assert_eq!(Money::parse_major("100", currency("JPY")), Ok(Money::new(100, currency("JPY"))));
        assert_eq!(Money::parse_major("1.001", usd), Err(MoneyError::TooPrecise(2)));
        assert_eq!(Money::parse_major("1.5", currency("JPY")), Err(MoneyError::TooPrecise(0)));
        assert_eq!(Money::parse_major("99999999999999999999", usd), Err(MoneyError::Overflow));
        for bad in ["", ".5", "5.", "-1", "1,000", "1e3", "=1+1", " 1", "1 ", "٣", "0x10"] {
            assert_eq!(Money::parse_major(bad, usd), Err(MoneyError::Syntax), "{bad}");
        }
    }

    #[test]
    fn shows_itself() {
        assert_eq!(Money::new(123_456_789, Currency::USD).to_string(), "$1,234,567.89");
        assert_eq!(Money::new(-5, Currency::USD).to_string(), "\u{2212}$0.05");
        assert_eq!(Money::new(-1, Currency::USD).to_major(), "-0.01");
        assert_eq!(Money::new(1000, currency("JPY")).to_string(), "¥1,000");
        assert_eq!(Money::new(1234, currency("KWD")).to_string(), "KWD\u{a0}1.234");
        assert_eq!(Money::new(31_698_575, Currency::USD).to_short(), "$316,986");
        assert_eq!(Money::new(297_400_000, Currency::USD).to_short(), "$2.97m");
        assert_eq!(Money::new(297_400_000_000, Currency::USD).to_short(), "$2.97bn");
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (n, d, want) in [(5, 2, 3), (-5, 2, -3), (5, -2, -3), (4, 3, 1), (-4, 3, -1), (1, 2, 1), (-1, 2, -1), (1, 3, 0), (7, 7, 1)] {
            assert_eq!(divide_half_away(n, d), Some(want), "{n}/{d}");
        }
        assert_eq!(divide_half_away(1, 0), None);
    }

    #[test]
    fn refuses_to_mix_or_overflow() {
        let one = Money::new(1, Currency::USD);
        assert_eq!(one.plus(Money::new(1, currency("EUR"))), Err(MoneyError::Mixed));
        assert_eq!(Money::new(i64::MAX, Currency::USD).plus(one), Err(MoneyError::Overflow));
        assert_eq!(Money::new(i64::MAX, Currency::USD).times_ratio(2, 1), Err(MoneyError::Overflow));
    }
}

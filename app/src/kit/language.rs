//! The languages that customers are written to in, and how each says a day and an amount.

use chrono::{Datelike, NaiveDate};

use super::case;
use super::money::Money;
use crate::text_enum;

text_enum!(
    /// A language that documents and letters are written in.
    pub enum Language {
        English = "en" => "English",
        French = "fr" => "French",
        Arabic = "ar" => "Arabic",
    }
);

const FRENCH: [&str; 12] =
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];
const ARABIC: [&str; 12] = ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"];

impl Language {
    /// By a code such as `fr` or `fr-CA`; the next of `codes` where one is unknown, English in the end.
    pub fn of(codes: &[Option<&str>]) -> Self {
        let known = |code: &&str| case::lower(code.split(['-', '_']).next().unwrap_or_default()).parse().ok();
        codes.iter().flatten().find_map(known).unwrap_or(Self::English)
    }

    /// Written from right to left.
    pub fn is_rtl(self) -> bool {
        self == Self::Arabic
    }

    /// `rtl` or `ltr`.
    pub fn direction(self) -> &'static str {
        if self.is_rtl() { "rtl" } else { "ltr" }
    }

    /// `$1,234.50`, `1 234,50 $`. In Arabic the sign stands to the left of a number that is read from left to right, in a
    /// text of either direction.
    pub fn amount(self, of: Money) -> String {
        if self == Self::English {
            return of.to_string();
        }
        let plain = of.to_major();
        let minus = if plain.starts_with('-') { "\u{2212}" } else { "" };
        let plain = plain.trim_start_matches('-');
        let (whole, fraction) = plain.split_once('.').map_or((plain, None), |(whole, fraction)| (whole, Some(fraction)));
        let (apart, point) = if self == Self::French { ("\u{202f}", ',') } else { (",", '.') };
        let whole = crate::kit::money::group(whole).replace(',', apart);
        let number = fraction.map_or_else(|| format!("{minus}{whole}"), |fraction| format!("{minus}{whole}{point}{fraction}"));
        let sign = of.currency().sign();
        let sign = sign.trim_end();
        match self {
            Self::Arabic => format!("\u{2067}\u{2066}{number}\u{2069}\u{a0}{sign}\u{2069}"),
            _ => format!("{number}\u{a0}{sign}"),
        }
    }

    /// `15 November 2026`.
    pub fn day(self, day: NaiveDate) -> String {
        let month = |names: &[&'static str; 12]| names[day.month0() as usize % 12];
        match self {
            Self::English => crate::kit::period::long_day(day),
            Self::French if day.day() == 1 => format!("1er {} {}", month(&FRENCH), day.year()),
            Self::French => format!("{} {} {}", day.day(), month(&FRENCH), day.year()),
            Self::Arabic => format!("{} {} {}", day.day(), month(&ARABIC), day.year()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_nobody_knows_is_passed_over() {
        assert_eq!(Language::of(&[Some("fr-CA"), Some("ar")]), Language::French);
        assert_eq!(Language::of(&[Some("xx"), Some("ar_EG")]), Language::Arabic);
        assert_eq!(Language::of(&[None, Some("")]), Language::English);
    }

    #[test]
    fn each_says_an_amount_its_way() {
        let of = |minor, code: &str| Money::new(minor, code.parse().expect("a currency"));
        assert_eq!(Language::English.amount(of(1_234_567, "USD")), "$12,345.67");
        assert_eq!(Language::French.amount(of(1_234_567, "EUR")), "12\u{202f}345,67\u{a0}€");
        assert_eq!(Language::French.amount(of(-1_234_567, "JPY")), "\u{2212}1\u{202f}234\u{202f}567\u{a0}¥");
        let seen = Language::Arabic.amount(of(-1_234_567, "KWD")).replace(['\u{2066}', '\u{2067}'], "[").replace('\u{2069}', "]");
        assert_eq!(seen, "[[\u{2212}1,234.567]\u{a0}KWD]");
    }

    #[test]
    fn each_says_the_day_its_way() {
        let day = NaiveDate::from_ymd_opt(2026, 2, 1).expect("a day");
        assert_eq!(Language::French.day(day), "1er février 2026");
        assert_eq!(Language::Arabic.day(day), "1 فبراير 2026");
        assert!(Language::Arabic.is_rtl() && !Language::French.is_rtl());
    }
}

//! The numbers on documents. They are gapless: each is taken by the transaction that uses it.

use crate::text_enum;

text_enum!(
    /// What is numbered.
    pub enum Series {
        Invoice = "invoice" => "Invoice",
        CreditNote = "credit_note" => "Credit note",
        Account = "account" => "Account",
    }
);

impl Series {
    /// The year that the count is kept for: invoices and credit notes begin anew each year, accounts run on.
    pub fn counted_in(self, year: i32) -> i32 {
        match self {
            Self::Invoice | Self::CreditNote => year,
            Self::Account => 0,
        }
    }
}

/// `INV-2026-00042`; beyond 99,999 it grows by a digit.
pub fn number(prefix: &str, year: i32, value: i64) -> String {
    format!("{prefix}-{year:04}-{value:05}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_five_digits_or_more() {
        assert_eq!(number("INV", 2026, 42), "INV-2026-00042");
        assert_eq!(number("CT", 2026, 123_456), "CT-2026-123456");
        assert_eq!((Series::Invoice.counted_in(2026), Series::Account.counted_in(2026)), (2026, 0));
    }
}

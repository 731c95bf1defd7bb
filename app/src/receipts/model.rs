//! Receipts as pages and stores know them, and the rules of their files.

use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::document::FileKind;
use crate::kit::moment::Moment;
use crate::kit::money::Money;
use crate::payments::PaymentId;
use crate::{id, text_enum};

id!(
    /// A proof of payment.
    ReceiptId,
    "rcp"
);

text_enum!(
    /// What was decided about it.
    pub enum ReceiptStatus {
        Waiting = "waiting" => "Waiting",
        Approved = "approved" => "Approved",
        Rejected = "rejected" => "Rejected",
    }
);

/// A receipt: a row of the queue and its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub id: ReceiptId,
    pub status: ReceiptStatus,
    pub file_name: String,
    pub kind: FileKind,
    pub size_bytes: u64,
    pub customer: Option<(CustomerId, String)>,
    pub invoice: Option<LinkedInvoice>,
    pub payment: Option<PaymentId>,
    pub reject_reason: Option<String>,
    pub uploaded_by: String,
    pub uploaded: Moment,
    pub reviewed_by: Option<String>,
    pub reviewed: Option<Moment>,
}

/// The invoice that a receipt says was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedInvoice {
    pub id: InvoiceId,
    pub number: String,
    /// What it still wants.
    pub due: Money,
}

/// What may be numbers of invoices in the name of a file, in capital letters: letters, then digits in groups, each after
/// a dash (or what people write for one).
pub fn numbers_in(file_name: &str) -> Vec<String> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem).to_uppercase();
    let words: Vec<&str> = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let digits = |w: &str| w.bytes().all(|b| b.is_ascii_digit());
    let mut found = Vec::new();
    for window in words.windows(3) {
        let [prefix, year, count] = window else { continue };
        if !digits(prefix) && digits(year) && year.len() == 4 && digits(count) && (3..=9).contains(&count.len()) {
            found.push(format!("{prefix}-{year}-{count}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_however_they_are_joined() {
        assert_eq!(numbers_in("INV-2026-00012.pdf"), ["INV-2026-00012"]);
        assert_eq!(numbers_in("proof inv_2026_00012 (1).jpg"), ["INV-2026-00012"]);
        assert_eq!(numbers_in("EFT INV-2026-00012 and INV-2026-00013.png"), ["INV-2026-00012", "INV-2026-00013"]);
        assert_eq!(numbers_in("2026-11-21.pdf"), [""; 0]);
        assert_eq!(numbers_in("scan.pdf"), [""; 0]);
    }
}

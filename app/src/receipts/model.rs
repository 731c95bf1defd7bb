//! Receipts as pages and stores know them, and the rules of their files.

use serde::{Deserialize, Serialize};

use crate::customers::CustomerId;
use crate::invoices::InvoiceId;
use crate::kit::moment::Moment;
use crate::kit::money::Money;
use crate::payments::PaymentId;
use crate::{id, text_enum};

id!(
    /// A proof of payment.
    ReceiptId,
    "rcp"
);

/// The most bytes of a file.
pub const BYTES_MAX: u64 = 5 * 1024 * 1024;

text_enum!(
    /// What was decided about it.
    pub enum ReceiptStatus {
        Waiting = "waiting" => "Waiting",
        Approved = "approved" => "Approved",
        Rejected = "rejected" => "Rejected",
    }
);

text_enum!(
    /// What a file may be.
    pub enum FileKind {
        Pdf = "application/pdf" => "PDF",
        Png = "image/png" => "PNG",
        Jpeg = "image/jpeg" => "JPG",
    }
);

impl FileKind {
    /// By its first bytes, whatever it is called.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        if starts(b"%PDF-") {
            Some(Self::Pdf)
        } else if starts(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if starts(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else {
            None
        }
    }

    /// Whether a browser can show it as a picture.
    pub fn is_image(self) -> bool {
        self != Self::Pdf
    }
}

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

/// A name that is safe to show and to send in a header: its last part, without what does not show.
pub fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = last.chars().filter(|c| !hidden(*c)).take(120).collect();
    if name.trim().is_empty() { "receipt".to_owned() } else { name.trim().to_owned() }
}

/// What may follow `Content-Disposition: `: letters and digits for the old, all of it in percents for the new.
pub fn disposition(kind: FileKind, name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    // A picture is looked at; a PDF, which could hold a program, is handed over.
    let verb = if kind.is_image() { "inline" } else { "attachment" };
    format!("{verb}; filename=\"{ascii}\"; filename*=UTF-8''{}", crate::kit::paging::escape(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        assert_eq!(FileKind::of(b"%PDF-1.7\n..."), Some(FileKind::Pdf));
        assert_eq!(FileKind::of(b"\x89PNG\r\n\x1a\n...."), Some(FileKind::Png));
        assert_eq!(FileKind::of(b"\xff\xd8\xff\xe0..."), Some(FileKind::Jpeg));
        for other in [&b"<svg xmlns="[..], b"<html>", b"GIF89a", b"MZ", b"", b" %PDF-1.7"] {
            assert_eq!(FileKind::of(other), None);
        }
    }

    #[test]
    fn numbers_are_found_however_they_are_joined() {
        assert_eq!(numbers_in("INV-2026-00012.pdf"), ["INV-2026-00012"]);
        assert_eq!(numbers_in("proof inv_2026_00012 (1).jpg"), ["INV-2026-00012"]);
        assert_eq!(numbers_in("EFT INV-2026-00012 and INV-2026-00013.png"), ["INV-2026-00012", "INV-2026-00013"]);
        assert_eq!(numbers_in("2026-11-21.pdf"), [""; 0]);
        assert_eq!(numbers_in("scan.pdf"), [""; 0]);
    }

    #[test]
    fn a_hostile_name_is_harmless() {
        assert_eq!(shown_name("../../etc/passwd"), "passwd");
        assert_eq!(shown_name("C:\\x\\a\r\nSet-Cookie: b.pdf"), "aSet-Cookie: b.pdf");
        assert_eq!(shown_name("fdp\u{202e}cod.exe"), "fdpcod.exe");
        assert_eq!(shown_name("\u{0}"), "receipt");
        let header = disposition(FileKind::Pdf, "a\"; x=\"b\r\nc é.pdf");
        assert!(header.is_ascii() && !header.contains(['\r', '\n']), "{header}");
        assert!(header.starts_with("attachment; filename=\"a__ x__b__c _.pdf\""), "{header}");
        assert!(disposition(FileKind::Png, "a.png").starts_with("inline;"));
    }
}

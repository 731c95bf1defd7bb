//! Documents that people send: PDF, PNG or JPG, known by their content and never by their name.

use crate::text_enum;

/// The most bytes of a document.
pub const BYTES_MAX: u64 = 5 * 1024 * 1024;

text_enum!(
    /// What a document may be.
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

    /// What a file's name ends in.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }

    /// Whether a browser can show it as a picture.
    pub fn is_image(self) -> bool {
        self != Self::Pdf
    }
}

/// A name that is safe to show and to send in a header: its last part, without what does not show.
pub fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = last.chars().filter(|c| !hidden(*c)).take(120).collect();
    if name.trim().is_empty() { "document".to_owned() } else { name.trim().to_owned() }
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
    fn a_hostile_name_is_harmless() {
        assert_eq!(shown_name("../../etc/passwd"), "passwd");
        assert_eq!(shown_name("C:\\x\\a\r\nSet-Cookie: b.pdf"), "aSet-Cookie: b.pdf");
        assert_eq!(shown_name("fdp\u{202e}cod.exe"), "fdpcod.exe");
        assert_eq!(shown_name("\u{0}"), "document");
        let header = disposition(FileKind::Pdf, "a\"; x=\"b\r\nc é.pdf");
        assert!(header.is_ascii() && !header.contains(['\r', '\n']), "{header}");
        assert!(header.starts_with("attachment; filename=\"a__ x__b__c _.pdf\""), "{header}");
        assert!(disposition(FileKind::Png, "a.png").starts_with("inline;"));
    }
}

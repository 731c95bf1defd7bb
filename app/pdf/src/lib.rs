//! Invoices and credit notes as PDF: plain texts in, bytes out. It knows nothing of the product; what stands where is
//! decided by the template, and every text is data to it, never markup.

mod world;

use serde::Serialize;

/// What a document says. Every text is ready to be read, in the language of the reader.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Document {
    /// `Invoice`.
    pub title: String,
    pub number: String,
    /// Across the page, behind the text: `Draft`.
    pub watermark: Option<String>,
    /// ISO 639 code of two letters.
    pub language: String,
    pub right_to_left: bool,
    /// `#rrggbb`; anything else is passed over.
    pub accent: Option<String>,
    #[serde(skip)]
    pub logo: Option<Logo>,
    pub seller: Vec<String>,
    /// Above the buyer's lines: `Bill to`.
    pub buyer_label: String,
    pub buyer: Vec<String>,
    /// Name and value, such as the date.
    pub facts: Vec<(String, String)>,
    pub heads: Heads,
    pub lines: Vec<Line>,
    pub sums: Vec<Sum>,
    pub notes: Vec<String>,
    pub footer: Option<String>,
    /// `Page`.
    pub page_label: String,
}

/// Names of the columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Heads {
    pub description: String,
    pub quantity: String,
    pub unit: String,
    pub amount: String,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    pub description: String,
    /// The days that it is for.
    pub period: Option<String>,
    pub quantity: String,
    pub unit: String,
    pub amount: String,
}

/// A line below the lines: a discount, a tax, the total.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    pub label: String,
    pub amount: String,
    pub strong: bool,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    pub bytes: Vec<u8>,
    pub format: LogoFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoFormat {
    Png,
    Jpeg,
}

/// The document as PDF. The same document gives the same bytes.
///
/// # Errors
/// What the typesetter says, where it cannot. A logo that is no picture is left out.
pub fn render(document: &Document) -> Result<Vec<u8>, String> {
    let done = world::pdf(document);
    let done = match done {
        Err(_) if document.logo.is_some() => world::pdf(&Document { logo: None, ..document.clone() }),
        other => other,
    };
    // Layouts of documents long gone are of no use to those to come.
    comemo::evict(5);
    done
}

#[cfg(test)]
mod tests;

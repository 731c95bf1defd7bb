//! Invoices and credit notes as PDF: plain texts in, bytes out; and pictures of PDFs that others made. It knows nothing of the product; what stands where is
//! decided by the template, and every text is data to it, never markup.

mod preview;
mod world;

use serde::Serialize;

pub use preview::first_page;

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

/// Names of the columns. Quantity and price are left out where they have none.
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

/// The characters of a document that the fonts have no shape for: they are printed as empty boxes.
///
/// # Errors
/// What is wrong with the fonts.
pub fn missing(document: &Document) -> Result<String, String> {
    let Document { title, number, watermark, seller, buyer_label, buyer, facts, heads, lines, sums, notes, footer, page_label, .. } =
        document;
    let mut texts = vec![title, number, buyer_label, page_label, &heads.description, &heads.quantity, &heads.unit, &heads.amount];
    texts.extend(watermark.iter().chain(footer).chain(seller).chain(buyer).chain(notes));
    texts.extend(facts.iter().flat_map(|(name, value)| [name, value]));
    texts.extend(
        lines.iter().flat_map(|line| [&line.description, &line.quantity, &line.unit, &line.amount].into_iter().chain(&line.period)),
    );
    texts.extend(sums.iter().flat_map(|sum| [&sum.label, &sum.amount]));
    let mut missing = std::collections::BTreeSet::new();
    for c in texts.into_iter().flat_map(|text| text.chars()) {
        // What shows nothing misses nothing: spaces, joiners, marks of direction.
        let shows = !c.is_whitespace()
            && !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}');
        if shows && !missing.contains(&c) && !world::covers(c)? {
            missing.insert(c);
        }
    }
    Ok(missing.into_iter().collect())
}

#[cfg(test)]
mod tests;

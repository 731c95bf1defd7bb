//! From an invoice or a credit note to what the typesetter gets.

use invoice_pdf::{Document, Heads, Line, Logo, Sum};

use super::countries;
use super::direction::in_order;
use super::words::{Words, words};
use crate::invoices::InvoiceStatus;
use crate::invoices::model::{CreditNote, InvoiceDetail, InvoiceLine, InvoiceTax, Party};
use crate::kit::language::Language;
use crate::kit::money::Money;
use crate::kit::period::Period;

/// How a seller's documents look.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub accent: Option<String>,
    pub footer: Option<String>,
    pub logo: Option<Logo>,
}

/// The language of a document: the buyer's as it was at the moment of issue, else the seller's.
pub fn language(seller: &Party, buyer: &Party) -> Language {
    Language::of(&[buyer.language.as_deref(), seller.language.as_deref()])
}

/// An invoice; `credit_used` is what the customer's credit paid of it when it was issued.
pub fn invoice(of: &InvoiceDetail, credit_used: Money, look: Look) -> Document {
    let language = language(&of.seller, &of.buyer);
    let w = words(language);
    let invoice = &of.invoice;
    let mut facts = vec![(w.issued.to_owned(), language.day(invoice.issued_on)), (w.due_on.to_owned(), language.day(invoice.due_on))];
    facts.extend(invoice.period.map(|p| (w.period.to_owned(), days(p, language))));
    facts.extend(of.buyer.account.clone().map(|account| (w.account.to_owned(), account)));
    let mut sums = vec![sum(language, w.subtotal, invoice.subtotal)];
    sums.extend(of.discounts.iter().map(|d| sum(language, &format!("{}: {}", w.discount, d.name), negative(d.amount))));
    sums.extend(of.taxes.iter().map(|tax| sum(language, &tax_label(tax, w), tax.tax)));
    sums.push(strong(language, w.total, invoice.total));
    if invoice.total.minor() > 0 {
        if !credit_used.is_zero() {
            sums.push(sum(language, w.credit_used, negative(credit_used)));
        }
        let left = Money::new(invoice.total.minor() - credit_used.minor(), invoice.total.currency());
        sums.push(strong(language, w.amount_due, left));
    }
    let watermark = match invoice.status {
        InvoiceStatus::Draft => Some(w.draft),
        InvoiceStatus::Void => Some(w.void),
        _ => None,
    };
    Document {
        title: w.invoice.to_owned(),
        number: invoice.number.clone().unwrap_or_default(),
        watermark: watermark.map(str::to_owned),
        facts,
        lines: of.lines.iter().map(|l| line(l, language)).collect(),
        sums,
        notes: of.tax_note.iter().chain(&of.note).map(|note| in_order(note)).collect(),
        ..blank(language, &of.seller, &of.buyer, look)
    }
}

/// A credit note, with the parties of its invoice.
pub fn credit_note(of: &CreditNote, lines: &[(String, Money, Money)], invoice: &InvoiceDetail, look: Look) -> Document {
    let language = language(&invoice.seller, &invoice.buyer);
    let w = words(language);
    let mut facts = vec![(w.issued.to_owned(), language.day(of.issued_on)), (w.for_invoice.to_owned(), of.invoice_number.clone())];
    facts.extend(invoice.buyer.account.clone().map(|account| (w.account.to_owned(), account)));
    let line = |(description, amount, _): &(String, Money, Money)| Line {
        description: in_order(description),
        amount: language.amount(*amount),
        ..Line::default()
    };
    let blank = blank(language, &invoice.seller, &invoice.buyer, look);
    // It takes back amounts, not pieces.
    let heads = Heads { quantity: String::new(), unit: String::new(), ..blank.heads };
    let mut sums = vec![sum(language, w.subtotal, of.subtotal)];
    if !of.tax.is_zero() {
        sums.push(sum(language, w.tax, of.tax));
    }
    sums.push(strong(language, w.total, of.total));
    Document {
        title: w.credit_note.to_owned(),
        number: of.number.clone(),
        facts,
        lines: lines.iter().map(line).collect(),
        sums,
        notes: vec![in_order(&format!("{}: {}", w.reason, of.reason))],
        heads,
        ..blank
    }
}

fn blank(language: Language, seller: &Party, buyer: &Party, look: Look) -> Document {
    let w = words(language);
    let heads = Heads { description: w.description.into(), quantity: w.quantity.into(), unit: w.unit.into(), amount: w.amount.into() };
    Document {
        language: language.word().to_owned(),
        right_to_left: language.is_rtl(),
        accent: look.accent,
        logo: look.logo,
        footer: look.footer.map(|text| in_order(&text)),
        seller: party(seller, language),
        buyer_label: w.bill_to.to_owned(),
        buyer: party(buyer, language),
        heads,
        page_label: w.page.to_owned(),
        ..Document::default()
    }
}

fn party(of: &Party, language: Language) -> Vec<String> {
    let w = words(language);
    let name = of.legal_name.clone().unwrap_or_else(|| of.name.clone());
    let address = of.address.iter().flat_map(|a| a.lines()).map(|l| l.trim().to_owned()).filter(|l| !l.is_empty());
    let mut lines: Vec<String> = std::iter::once(name).chain(address).collect();
    lines.extend(of.country.as_ref().map(|code| countries::name(code, language)));
    lines.extend(of.tax_number.as_ref().map(|number| format!("{}: {number}", w.tax_number)));
    lines.extend(of.email.clone());
    lines.iter().map(|line| in_order(line)).collect()
}

fn line(of: &InvoiceLine, language: Language) -> Line {
    Line {
        description: in_order(&of.description),
        period: of.period.map(|p| days(p, language)),
        quantity: of.quantity.to_string(),
        unit: language.amount(of.unit),
        amount: language.amount(of.amount),
    }
}

/// The first and the last day, both included.
fn days(of: Period, language: Language) -> String {
    let last = of.end.pred_opt().unwrap_or(of.end);
    format!("{} {} {}", language.day(of.start), words(language).until, language.day(last))
}

/// `VAT 15 %`, and that it is in the prices where it is.
fn tax_label(of: &InvoiceTax, w: &Words) -> String {
    let (whole, rest) = (of.ppm / 10_000, of.ppm % 10_000);
    let rate = if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:04}").trim_end_matches('0').to_owned() };
    let included = if of.inclusive { format!(" ({})", w.included) } else { String::new() };
    // A name that says the rate already is not made to say it twice.
    let rate = if of.name.contains('%') { String::new() } else { format!(" {rate} %") };
    format!("{}{rate}{included}", of.name)
}

fn sum(language: Language, label: &str, amount: Money) -> Sum {
    Sum { label: in_order(label), amount: language.amount(amount), strong: false }
}

fn strong(language: Language, label: &str, amount: Money) -> Sum {
    Sum { strong: true, ..sum(language, label, amount) }
}

fn negative(amount: Money) -> Money {
    Money::new(-amount.minor(), amount.currency())
}

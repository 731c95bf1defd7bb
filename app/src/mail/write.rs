//! From a template to a letter. A template is text with places, `{{#if place}}…{{else}}…{{/if}}` and comments: everything
//! else that handlebars knows is refused before it sees it, so that no template loops, nests without end or reaches what it
//! was not given. HTML is made from the finished text.

use handlebars::{Handlebars, no_escape};
use serde_json::{Map, Value as Json};

use super::model::{PLACES, SUBJECT_MAX, Text};
use crate::kit::language::Language;
use crate::kit::mail::one_line;
use crate::kit::{Error, Result};

/// Places and conditions in one text, and conditions within conditions.
const TAGS_MAX: usize = 200;
const DEPTH_MAX: usize = 8;
/// Characters of one value; more is cut off.
const VALUE_MAX: usize = 500;
/// Bytes of a finished text.
const WRITTEN_MAX: usize = 128 * 1024;

/// Looks whether a text is one that letters can be written from.
///
/// # Errors
/// `Invalid`, with the field and what is wrong at which line.
pub fn check(text: &Text) -> Result<()> {
    for (field, source) in [("subject", &text.subject), ("body", &text.body)] {
        tags(source).map_err(|why| Error::field(field, why))?;
    }
    fill(text, &invented()).map(|_| ()).map_err(|why| Error::field("body", why))
}

/// The text with every place filled.
pub fn fill(text: &Text, values: &[(&str, String)]) -> Result<Text, String> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(no_escape);
    for helper in ["log", "lookup", "with", "each", "raw"] {
        engine.unregister_helper(helper);
    }
    let data = data(values);
    let written = |source: &str| {
        tags(source)?;
        let text = engine.render_template(source, &data).map_err(|e| format!("cannot be read: {e}"))?;
        if text.len() > WRITTEN_MAX { Err("becomes too long".to_owned()) } else { Ok(text) }
    };
    let subject: String = one_line(&written(&text.subject)?).chars().take(SUBJECT_MAX).collect();
    Ok(Text { subject, body: written(&text.body)?.trim().to_owned() })
}

fn data(values: &[(&str, String)]) -> Json {
    let mut data = Map::new();
    for (place, _) in PLACES {
        let value = values.iter().find(|(name, _)| name == place).map(|(_, value)| value.as_str()).unwrap_or_default();
        let value: String = one_line(value).chars().take(VALUE_MAX).collect();
        match place.split_once('.') {
            None => drop(data.insert((*place).to_owned(), value.into())),
            Some((head, tail)) => {
                let inner = data.entry(head).or_insert_with(|| Json::Object(Map::new()));
                inner[tail] = value.into();
            }
        }
    }
    Json::Object(data)
}

/// What a text shows before there is a customer.
pub fn invented() -> Vec<(&'static str, String)> {
    let example = |place: &str| match place {
        "seller.name" => "Your company",
        "customer.name" => "Nile Wave",
        "customer.account" => "CT-2026-00001",
        "document.number" => "INV-2026-00001",
        "document.issued_on" => "1 February 2026",
        "document.due_on" => "15 February 2026",
        "document.days_overdue" => "3",
        "reason" => "The card was declined",
        _ => "$115.00",
    };
    PLACES.iter().map(|(place, _)| (*place, example(place).to_owned())).collect()
}

/// Refuses every tag but `{{place}}`, `{{#if place}}`, `{{#unless place}}`, `{{else}}`, their ends and comments.
fn tags(source: &str) -> Result<(), String> {
    let (mut rest, mut open, mut count) = (source, Vec::new(), 0);
    while let Some(start) = rest.find("{{") {
        let line = source[..source.len() - rest.len() + start].lines().count().max(1);
        let at = |why: String| Err(format!("{why} (line {line})"));
        let Some(length) = rest[start + 2..].find("}}") else { return at("has {{ without }}".into()) };
        let tag = rest[start + 2..start + 2 + length].trim();
        rest = &rest[start + 2 + length + 2..];
        count += 1;
        if count > TAGS_MAX {
            return at(format!("has more than {TAGS_MAX} places"));
        }
        let words: Vec<&str> = tag.split_whitespace().collect();
        match words[..] {
            _ if tag.starts_with('!') && !tag.contains(['{', '}']) => {}
            [block @ ("#if" | "#unless"), place] if known(place) => open.push(&block[1..]),
            ["else"] if !open.is_empty() => {}
            [end @ ("/if" | "/unless")] if open.last() == Some(&&end[1..]) => drop(open.pop()),
            [place] if known(place) => {}
            _ => {
                let shown: String = tag.chars().take(40).collect();
                return at(format!("cannot use {{{{{shown}}}}}; it may name a place of the list, or begin with #if"));
            }
        }
        if open.len() > DEPTH_MAX {
            return at(format!("nests more than {DEPTH_MAX} conditions"));
        }
    }
    match open.last() {
        Some(block) => Err(format!("has {{{{#{block}}}}} without an end")),
        None if rest.contains("}}") => Err("has }} without {{".into()),
        None => Ok(()),
    }
}

fn known(place: &str) -> bool {
    PLACES.iter().any(|(name, _)| *name == place)
}

/// The letter as HTML: paragraphs of the text, in a quiet frame with the seller's name and colour.
pub fn html(text: &str, language: Language, seller: &str, accent: Option<&str>) -> String {
    let paragraphs: String = text
        .split("\n\n")
        .filter(|p| !p.trim().is_empty())
        .map(|p| format!("<p style=\"margin:0 0 16px\">{}</p>", escape(p.trim()).replace('\n', "<br>")))
        .collect();
    let color = accent.filter(|c| is_color(c)).unwrap_or("#4f46e5");
    format!(
        "<!DOCTYPE html><html lang=\"{}\" dir=\"{}\"><head><meta charset=\"utf-8\"></head>\
         <body style=\"margin:0;background:#f6f6f8;font-family:sans-serif;font-size:15px;line-height:1.5;color:#1c1f26\">\
         <div style=\"max-width:560px;margin:24px auto;background:#fff;border-top:4px solid {color};padding:28px 32px\">\
         <div style=\"font-weight:600;margin:0 0 20px\">{}</div>{paragraphs}</div></body></html>",
        language.word(),
        language.direction(),
        escape(seller)
    )
}

/// `#rrggbb`.
pub fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text.bytes().skip(1).all(|b| b.is_ascii_hexdigit())
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str) -> Text {
        Text { subject: "Bill".into(), body: body.into() }
    }

    #[test]
    fn places_and_conditions_are_filled() {
        let of = Text {
            subject: "Bill {{document.number}}".into(),
            body: "Dear {{customer.name}},\n\n{{#if reason}}Why: {{reason}}{{else}}No reason{{/if}}{{! a note }}".into(),
        };
        let values = [("customer.name", "<b>Nile</b> & \"Co\"".to_owned()), ("document.number", "INV-1\r\nBcc: x".to_owned())];
        let filled = fill(&of, &values).expect("filled");
        assert_eq!((filled.subject.as_str(), filled.body.as_str()), ("Bill INV-1 Bcc: x", "Dear <b>Nile</b> & \"Co\",\n\nNo reason"));
        let html = html(&filled.body, Language::Arabic, "A <script>", Some("red;}"));
        assert!(html.contains("&lt;b&gt;Nile&lt;/b&gt; &amp; &quot;Co&quot;") && html.contains("dir=\"rtl\""), "{html}");
        assert!(!html.contains("<script") && !html.contains("red;"), "{html}");
    }

    #[test]
    fn a_value_is_never_a_template() {
        let values = [("customer.name", "{{reason}} {{#if".to_owned()), ("reason", "secret".to_owned())];
        assert_eq!(fill(&text("{{customer.name}}"), &values).expect("filled").body, "{{reason}} {{#if");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        let deep = format!("{}{}", "{{#if reason}}".repeat(9), "{{/if}}".repeat(9));
        let many = "{{reason}}".repeat(TAGS_MAX + 1);
        let bad = [
            "{{{customer.name}}}",
            "{{& customer.name}}",
            "{{> other}}",
            "{{#each seller}}{{this}}{{/each}}",
            "{{#with seller}}{{name}}{{/with}}",
            "{{lookup seller \"name\"}}",
            "{{log reason}}",
            "{{password}}",
            "{{seller.secret}}",
            "{{../seller.name}}",
            "{{#if (eq reason \"a\")}}x{{/if}}",
            "{{#if reason}}x",
            "{{#if reason}}x{{/unless}}",
            "{{/if}}",
            "{{else}}",
            "{{reason",
            "reason}}",
            "{{#*inline \"a\"}}x{{/inline}}",
            "{{{{raw}}}}x{{{{/raw}}}}",
            "{{reason}}{{!-- {{secret --}}",
            deep.as_str(),
            many.as_str(),
        ];
        for body in bad {
            let refused = check(&text(body)).expect_err(body);
            assert!(refused.fields().first("body").is_some(), "{body}: {refused}");
        }
        check(&text("No places at all")).expect("accepted");
    }
}

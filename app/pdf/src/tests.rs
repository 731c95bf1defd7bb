use typst::layout::{Frame, FrameItem};

use super::*;

fn document() -> Document {
    let sum = |label: &str, amount: &str, strong| Sum { label: label.into(), amount: amount.into(), strong };
    Document {
        title: "Invoice".into(),
        number: "INV-2026-00001".into(),
        language: "en".into(),
        accent: Some("#0f766e".into()),
        seller: vec!["Platform".into(), "1 Nile Street".into()],
        buyer_label: "Bill to".into(),
        buyer: vec!["Nile Wave".into()],
        facts: vec![("Issued".into(), "1 February 2026".into())],
        heads: Heads { description: "Description".into(), quantity: "Quantity".into(), unit: "Price".into(), amount: "Amount".into() },
        lines: vec![Line {
            description: "Basic".into(),
            period: Some("1 to 28 February 2026".into()),
            quantity: "1".into(),
            unit: "$100.00".into(),
            amount: "$100.00".into(),
        }],
        sums: vec![sum("VAT 15 %", "$15.00", false), sum("Total", "$115.00", true)],
        notes: vec!["Thank you".into()],
        footer: Some("Bank 1234".into()),
        page_label: "Page".into(),
        ..Document::default()
    }
}

fn texts(frame: &Frame, out: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Text(text) => {
                out.push_str(&text.text);
                out.push('|');
            }
            FrameItem::Group(group) => texts(&group.frame, out),
            _ => {}
        }
    }
}

/// The texts of each page.
fn read(document: &Document) -> Vec<String> {
    let pages = world::pages(document).expect("pages");
    let read = |frame: &Frame| {
        let mut out = String::new();
        texts(frame, &mut out);
        out
    };
    pages.pages().iter().map(|page| read(&page.frame)).collect()
}

/// Without the breaks that the typesetter made.
fn flat(document: &Document) -> String {
    read(document).concat().replace(['|', ' '], "")
}

#[test]
fn it_says_what_it_was_given_and_the_same_each_time() {
    let of = document();
    let text = flat(&of);
    for want in ["Invoice", "INV-2026-00001", "NileWave", "1to28February2026", "VAT15%", "$115.00", "Thankyou", "Bank1234", "1/1"] {
        assert!(text.contains(want), "{want} in {text}");
    }
    let bytes = render(&of).expect("a file");
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!(render(&of).expect("a file"), bytes);
    assert!(!text.contains("DRAFT"));
    let draft = Document { watermark: Some("DRAFT".into()), ..of };
    assert!(flat(&draft).contains("DRAFT"));
}

#[test]
fn no_text_is_markup() {
    let hostile = [
        "#read(\"/etc/passwd\")",
        "#panic(1)",
        "#(1+1)",
        "$x^2$",
        "*bold* _it_ `raw`",
        "= Heading",
        "@label <label>",
        "\\ \\u{41} //x",
        "#{ while true {} }",
        "[#sys.version]",
        "\"quoted\" \\\" }",
    ];
    for name in hostile {
        let mut of = document();
        of.buyer = vec![name.into()];
        of.lines[0].description = name.into();
        of.footer = Some(name.into());
        of.number = name.into();
        let want: String = name.chars().filter(|c| *c != ' ').collect();
        let text = flat(&of);
        // Typographic quotes may have taken the place of plain ones.
        let plain = |t: &str| t.replace(['“', '”', '"', '\''], "");
        assert!(plain(&text).matches(&plain(&want)).count() >= 4, "{name}: {text}");
        render(&of).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    let accent = Document { accent: Some("#fff); #panic(".into()), ..document() };
    render(&accent).expect("another colour");
}

#[test]
fn a_long_one_goes_on_and_repeats_its_head() {
    let mut of = document();
    of.lines = (0..200).map(|n| Line { description: format!("Line {n}"), ..of.lines[0].clone() }).collect();
    let pages = read(&of);
    assert!(pages.len() > 3, "{}", pages.len());
    assert!(pages.iter().take(3).all(|page| page.contains("Description")));
    assert!(flat(&of).contains("Line199"));
}

#[test]
fn arabic_and_hebrew_have_their_letters() {
    for (language, name) in [("ar", "فاتورة ضريبية"), ("he", "חשבונית מס")] {
        let of = Document {
            language: language.into(),
            right_to_left: true,
            title: name.into(),
            seller: vec!["12 Corniche".into()],
            ..document()
        };
        let pages = world::pages(&of).expect("pages");
        let mut missing = 0;
        let mut found = false;
        walk(&pages.pages()[0].frame, &mut |text| {
            missing += text.glyphs.iter().filter(|g| g.id == 0).count();
            found |= name.split(' ').next().is_some_and(|word| text.text.contains(word));
        });
        assert!(found && missing == 0, "{language}: {missing} letters are missing");
        render(&of).expect("a file");
    }
}

fn walk(frame: &Frame, hear: &mut impl FnMut(&typst::text::TextItem)) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Text(text) => hear(text),
            FrameItem::Group(group) => walk(&group.frame, hear),
            _ => {}
        }
    }
}

#[test]
fn a_logo_that_is_no_picture_is_left_out() {
    let logo = Some(Logo { bytes: b"<svg onload=alert(1)>".to_vec(), format: LogoFormat::Png });
    render(&Document { logo, ..document() }).expect("a file without it");
}

#[test]
fn a_long_word_is_broken_and_lies_on_nothing() {
    let mut of = document();
    of.lines[0].description = "x".repeat(200);
    of.buyer = vec!["y".repeat(120)];
    of.sums[0].label = "z".repeat(120);
    for right_to_left in [false, true] {
        let of = Document { right_to_left, ..of.clone() };
        let text = read(&of).concat();
        let longest = text.split('|').map(|part| part.chars().count()).max().unwrap_or_default();
        assert!(longest <= 100, "{longest} characters in one line: {text}");
        let flat = flat(&of).replace('\u{200b}', "");
        assert!(["x", "y", "z"].iter().all(|c| flat.contains(&c.repeat(40))), "{flat}");
    }
}

#[test]
fn columns_without_a_name_are_left_out() {
    let mut of = document();
    (of.heads.quantity, of.heads.unit) = (String::new(), String::new());
    of.lines[0] = Line { description: "Back".into(), amount: "$5.00".into(), ..Line::default() };
    let text = flat(&of);
    assert!(text.contains("DescriptionAmountBack") && text.contains("$5.00"), "{text}");
}

#[test]
fn what_the_fonts_lack_is_known_before() {
    assert_eq!(missing(&document()).as_deref(), Ok(""));
    let of = Document {
        title: "فاتورة חשבונית Счёт".into(), notes: vec!["王 \u{2068}ไทย\u{2069} हिन्दी 王".into()], ..document()
    };
    let lacking = missing(&of).expect("fonts");
    assert!(lacking.contains('王') && lacking.contains('ท') && lacking.contains('ह') && lacking.matches('王').count() == 1, "{lacking}");
    assert!(!lacking.contains(['ف', 'ח', 'С', '\u{2068}']), "{lacking}");
}

#[test]
fn the_first_page_of_a_pdf_is_a_picture_and_what_is_none_is_not() {
    let png = first_page(render(&document()).expect("a file")).expect("a picture");
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 5_000, "{}", png.len());
    for broken in [&b""[..], b"%PDF-1.7", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<</Root 1 0 R>>"] {
        assert!(first_page(broken.to_vec()).is_err());
    }
}

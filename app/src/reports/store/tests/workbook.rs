//! Workbooks, read back.

use super::{bill, customer, spring};
use crate::kit::databases::on_each_database;
use crate::kit::scope::Caller;
use crate::reports::model::ReportKind;

#[tokio::test]
async fn a_workbook_says_what_the_csv_says() {
    on_each_database(|scope| async move {
        let scope = spring(&scope).await;
        let odd = customer(&scope, "=Tab\\ & <Söhne> \"Ltd\"").await;
        bill(&scope, odd, 1_234_567_890_123, "USD").await;
        bill(&scope, odd, 7, "JPY").await;
        for kind in ReportKind::ALL {
            let get = async |format: &str| {
                let router = crate::reports::export::routes().layer(axum::Extension(Caller::Machine(scope.clone())));
                let path = format!("/reports/export.{format}?report={kind}&from=2026-01-01&to=2026-03-31");
                let request = http::Request::builder().uri(path).body(axum::body::Body::empty()).expect("a request");
                let answer = tower::ServiceExt::oneshot(router, request).await.expect("an answer");
                assert_eq!(answer.status(), 200);
                axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body").to_vec()
            };
            let (file, sheet) = (read_csv(&get("csv").await), read_sheet(&get("xlsx").await));
            assert!(file.len() > 1, "{kind} has rows");
            let figures: Vec<bool> = kind.heads().iter().map(|head| head.2).collect();
            let rate = kind.heads().iter().position(|head| head.0 == "rate_percent");
            for (row, (in_book, in_csv)) in sheet.iter().zip(&file).enumerate() {
                // A cell that says nothing is none in a workbook.
                let filled: Vec<(usize, &String)> = in_csv.iter().enumerate().filter(|(_, text)| !text.is_empty()).collect();
                assert_eq!(in_book.len(), filled.len());
                for (is, (at, text)) in in_book.iter().zip(filled) {
                    let number = row > 0 && figures[at] && rate != Some(at);
                    let wanted = if number { SheetCell::Number(plain(text)) } else { SheetCell::Text(text.clone()) };
                    assert_eq!(is, &wanted, "{kind}, row {row}, column {at}");
                }
            }
            assert_eq!(sheet.len(), file.len(), "{kind}");
        }
    })
    .await;
}

#[derive(Debug, PartialEq)]
enum SheetCell {
    Number(String),
    Text(String),
}

/// A decimal without zeros at its end, as a workbook has it.
fn plain(decimal: &str) -> String {
    let text = if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn read_csv(file: &[u8]) -> Vec<Vec<String>> {
    let rows = csv::ReaderBuilder::new().has_headers(false).from_reader(file).into_records();
    rows.map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// The cells of a workbook's only sheet, as its XML has them.
fn read_sheet(file: &[u8]) -> Vec<Vec<SheetCell>> {
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(file)).expect("a workbook");
    let read = |book: &mut zip::ZipArchive<_>, name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut book.by_name(name).expect("a part"), &mut text).expect("text");
        text
    };
    assert!(book.by_name("xl/worksheets/sheet2.xml").is_err(), "one sheet");
    let sheet = read(&mut book, "xl/worksheets/sheet1.xml");
    let inside = |text: &str, open: &str, close: &str| -> Option<String> {
        let from = text.find(open)? + open.len();
        let from = from + text[from..].find('>')? + 1;
        Some(text[from..from + text[from..].find(close)?].to_owned())
    };
    let words = |text: String| text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let cell = |xml: &str| {
        let head = &xml[..xml.find('>').expect("a tag")];
        if head.contains("t=\"inlineStr\"") {
            SheetCell::Text(words(inside(xml, "<t", "</t>").expect("a text")))
        } else {
            assert!(!head.contains("t="), "a cell of another kind: {xml}");
            SheetCell::Number(inside(xml, "<v", "</v>").expect("a number"))
        }
    };
    sheet.split("<row ").skip(1).map(|row| row.split("<c ").skip(1).map(cell).collect()).collect()
}

//! Hostile files and true ones; and whatever else there may be, by chance.

use proptest::prelude::*;

use super::*;
use crate::imports::model::Column;
use crate::kit::money::Currency;
use crate::subscriptions::store::bulk::RateTable;

const HEADER: &str = "customer_id,customer_name,subscription_id,plan,interval,currency,amount,started_on,trial_ends_on,ended_on";

fn rates() -> RateTable {
    RateTable::new(Currency::USD)
}

fn limits() -> Limits {
    Limits { bytes: 1_000_000, rows: 1_000, record: 4_096, columns: 50 }
}

fn checked_with(bytes: &[u8], limits: Limits) -> Result<Checked, Refusal> {
    check(open(bytes, &ImportOptions::default(), limits)?, &rates(), |_, _| {})
}

fn checked(bytes: impl AsRef<[u8]>) -> Result<Checked, Refusal> {
    checked_with(bytes.as_ref(), limits())
}

/// A file with our header and these rows.
fn file(rows: &[&str]) -> String {
    let mut text = HEADER.to_owned();
    for row in rows {
        text.push('\n');
        text.push_str(row);
    }
    text + "\n"
}

fn errors(rows: &[&str]) -> Vec<String> {
    checked(file(rows)).expect("a book").errors.iter().map(ToString::to_string).collect()
}

fn refusal(bytes: impl AsRef<[u8]>) -> String {
    match checked(bytes) {
        Ok(_) => panic!("accepted"),
        Err(refusal) => refusal.to_string(),
    }
}

const GOOD: &str = "c1,Nadia,s1,Pro,month,USD,29.85,2026-01-01,,";

#[test]
fn a_good_row_is_read_whole() {
    let text = "\u{feff}Customer ID;customer_name;SUBSCRIPTION_ID;plan;interval;interval_count;currency;amount;quantity;started_on;notes\r\n\
                7590-VHVEG;\"Smith; \"\"Sons\"\"\nand daughters\";s-1;Pro;month;3;KWD;1.234;7;2026-02-28;=1+1\r\n";
    let mut book = open(text.as_bytes(), &ImportOptions::default(), limits()).expect("a book");
    let mut record = Record::default();
    assert!(book.records.read(&mut record).expect("a record"));
    assert_eq!((record.line, record.fields()), (2, 11));
    assert_eq!(record.get(1), "Smith; \"Sons\"\nand daughters");
    assert_eq!(book.layout.name(Column::CustomerId), "Customer ID");
    // A line break in a name is no name; all else is fine but for the rate.
    let found = parse(&record, &book.layout, &rates()).expect_err("refused");
    let columns: Vec<&str> = found.iter().map(|e| e.column.as_str()).collect();
    assert_eq!(columns, ["customer_name", "currency"]);
    assert!(!book.records.read(&mut record).expect("the end"));
}

#[test]
fn fields_have_their_types_and_defaults() {
    let text = file(&["7590-VHVEG,Nadia,s1,DSL / One year,year,USD,120,2024-02-29,2024-03-01,2026-01-01"]);
    let mut book = open(text.as_bytes(), &ImportOptions::default(), limits()).expect("a book");
    let mut record = Record::default();
    book.records.read(&mut record).expect("a record");
    let row = parse(&record, &book.layout, &rates()).expect("a row");
    assert_eq!((row.amount.minor(), row.quantity, row.interval.count, row.mrr_minor), (12_000, 1, 1, 1_000));
    assert_eq!((row.customer_id.as_str(), row.cancel_reason), ("7590-VHVEG", None));
}

#[test]
fn each_wrong_field_is_named_with_its_line() {
    for (row, want) in [
        ("c1,Nadia,s1,Pro,month,USD,29.851,2026-01-01,,", "line 2, column amount: must have at most 2 decimals in this currency"),
        ("c1,Nadia,s1,Pro,month,USD,-5,2026-01-01,,", "line 2, column amount: must not be below zero"),
        ("c1,Nadia,s1,Pro,month,USD,,2026-01-01,,", "line 2, column amount: is required"),
        ("c1,Nadia,s1,Pro,month,USD,5,2026-02-30,,", "line 2, column started_on: is not a day of the calendar"),
        ("c1,Nadia,s1,Pro,month,USD,5,01/02/2026,,", "line 2, column started_on: must be a date written YYYY-MM-DD"),
        ("c1,Nadia,s1,Pro,month,USD,5,2026-02-01,,2026-01-31", "line 2, column ended_on: lies before started_on (2026-02-01)"),
        ("c1,Nadia,s1,Pro,month,USD,5,2026-02-01,2026-01-31,", "line 2, column trial_ends_on: lies before started_on (2026-02-01)"),
        ("c1,Nadia,s1,Pro,fortnight,USD,5,2026-02-01,,", "line 2, column interval: must be one of day, week, month, quarter, year"),
        ("c1,Nadia,s1,Pro,month,XXX,5,2026-02-01,,", "line 2, column currency: is not an ISO 4217 currency code, such as USD"),
        ("c1,=HYPERLINK(1),s1,Pro,month,USD,5,2026-02-01,,", "looks like a formula"),
        ("c1,Nadia,@s1,Pro,month,USD,5,2026-02-01,,", "line 2, column subscription_id: looks like a formula"),
        ("c1,Nadia,s1,Pro,month,EUR,5,2026-02-01,,", "there is no exchange rate from EUR to USD on 2026-02-01"),
        (",,,,,,,,,", "line 2, column customer_id: is required"),
        ("c1,Nadia", "line 2: has 2 fields where the header has 10"),
        ("c1,Nadia,s1,Pro,day,USD,999999999999999.99,2026-02-01,,", "line 2, column amount: is too large"),
    ] {
        let found = errors(&[row]);
        assert!(found.first().is_some_and(|e| e.contains(want)), "{row}: {found:?}");
    }
}

#[test]
fn equal_days_are_allowed() {
    assert_eq!(errors(&["c1,Nadia,s1,Pro,month,USD,5,2026-02-01,,2026-02-01"]), [""; 0]);
    assert_eq!(errors(&["c1,Nadia,s1,Pro,month,USD,5,2026-02-01,2026-03-01,2026-03-01"]), [""; 0]);
}

#[test]
fn rows_of_one_subscription_are_held_against_each_other() {
    let later = "c1,Nadia,s1,Pro,month,USD,39.85,2026-03-01,,";
    assert_eq!(errors(&[GOOD, later]), [""; 0]);
    assert_eq!(errors(&[later, GOOD]), [""; 0], "in any order");
    for (row, want) in [
        (GOOD, "line 3, column started_on: is a duplicate: line 2"),
        ("c2,Omar,s1,Pro,month,USD,5,2026-03-01,,", "line 3, column customer_id: is another customer than on line 2"),
        ("c1,Nadia,s1,Pro,month,JPY,5,2026-03-01,,", "exchange rate"),
        ("c1,Nadia,s1,Pro,month,USD,5,2025-12-01,,2026-01-02", "line 2, column started_on: overlaps line 3"),
        ("c1,Nadia,s1,Pro,month,USD,5,2026-03-01,2026-04-01,", "line 3, column trial_ends_on: a trial belongs on the row"),
    ] {
        let found = errors(&[GOOD, row]);
        assert!(found.len() == 1 && found[0].contains(want), "{row}: {found:?}");
    }
    let trial = "c1,Nadia,s1,Pro,month,USD,5,2026-01-01,2026-02-01,";
    let ended = "c1,Nadia,s1,Pro,month,USD,6,2026-01-10,2026-02-01,2026-01-20";
    assert!(errors(&[trial, ended])[0].contains("lies after the end of the subscription (2026-01-20)"));
}

#[test]
fn a_good_row_knows_where_the_next_one_begins() {
    let rows = ["c1,Nadia,s1,Pro,month,USD,2,2026-03-01,,", GOOD, "c1,Nadia,s1,Pro,month,USD,bad,2026-02-01,,"];
    let found = checked(file(&rows)).expect("a book");
    assert_eq!((found.rows, found.bad), (3, 1));
    let next: Vec<Option<String>> = found.verdicts.iter().map(|v| v.next_on().map(|d| d.to_string())).collect();
    assert_eq!(next, [None, Some("2026-03-01".to_owned()), None]);
    assert_eq!(found.verdicts.iter().map(|v| v.is_good()).collect::<Vec<_>>(), [true, true, false]);
}

#[test]
fn files_that_are_no_books_are_refused_with_the_line() {
    let good = file(&[GOOD]);
    let cut = &good[..good.len() - 14];
    let latin = [good.as_bytes(), b"c1,Na\xefve,s1,Pro,month,USD,5,2026-02-01,,\n"].concat();
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_bom = [b"\xFF\xFE".to_vec(), utf16.clone()].concat();
    for (bytes, want) in [
        (Vec::new(), "line 1: the file is empty"),
        (b"\n\n".to_vec(), "line 1: the file is empty"),
        (HEADER.as_bytes().to_vec(), "line 1: the file has a header and no rows"),
        (b"a,b\n1,2\n".to_vec(), "line 1: the columns customer_id, customer_name"),
        (format!("{HEADER},Amount\n").into_bytes(), "line 1: the column Amount is there twice"),
        (cut.as_bytes().to_vec(), "line 2: the file is cut off here: 7 of 10 fields"),
        (format!("{HEADER}\nc1,\"Nadia,s1").into_bytes(), "line 2: a quote is opened and never closed"),
        (format!("{HEADER}\nc1,\"Nadia\"x,s1\n").into_bytes(), "line 2: has text after a closing quote"),
        (latin, "line 3: is not UTF-8"),
        (utf16, "line 1: the file is in UTF-16"),
        (with_bom, "line 1: the file is in UTF-16"),
        (b"PK\x03\x04rest of a workbook".to_vec(), "line 1: the file is a ZIP archive or a spreadsheet"),
        (file(&[GOOD, "c1,Na\0dia"]).into_bytes(), "line 3: holds a NUL byte"),
        (good.replace('\n', "\r").into_bytes(), "line 1: the lines end with a carriage return alone"),
        (file(&[GOOD, &"x".repeat(5_000)]).into_bytes(), "line 3: is longer than 4.1 KB"),
        (file(&[GOOD, &format!("\"{}", "x\n".repeat(3_000))]).into_bytes(), "line 3: a quote is not closed within 4.1 KB"),
        (vec![b'x'; 5_000], "line 1: is longer than 4.1 KB"),
        (file(&vec![GOOD; 1_001]).into_bytes(), "line 1002: the file has more than 1,000 rows"),
    ] {
        let found = refusal(&bytes);
        assert!(found.starts_with(want), "{found}, not {want}");
    }
    let small = Limits { bytes: 150, ..limits() };
    assert!(checked_with(file(&[GOOD, GOOD]).as_bytes(), small).expect_err("refused").message.contains("larger than 150 bytes"));
}

#[test]
fn a_line_beyond_its_limit_is_never_held_whole() {
    /// Gives one line without end, and counts what was taken of it.
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            buffer.fill(b'x');
            self.0 += buffer.len() as u64;
            Ok(buffer.len())
        }
    }
    let mut endless = Endless(0);
    let refused = open(&mut endless, &ImportOptions::default(), limits()).err().expect("refused");
    assert_eq!(refused.line, 1);
    assert!(endless.0 <= 128 * 1024, "{} bytes were read", endless.0);
}

#[test]
fn a_mapping_finds_columns_by_other_names() {
    let text = "Kunde,Name,Vertrag,Tarif,Takt,Geld,Preis,Beginn\nc1,Nadia,s1,Pro,month,USD,five,2026-01-01\n";
    let ours = ["customer_id", "customer_name", "subscription_id", "plan", "interval", "currency", "amount", "started_on"];
    let theirs = ["Kunde", "Name", "Vertrag", "Tarif", "Takt", "Geld", "Preis", "Beginn"];
    let mapping: Mapping = ours.iter().zip(theirs).map(|(o, t)| (o.parse().expect("a column"), t.to_owned())).collect();
    let options = ImportOptions { mapping: Some(mapping.clone()), skip_bad: false };
    let book = open(text.as_bytes(), &options, limits()).expect("a book");
    let found = check(book, &rates(), |_, _| {}).expect("checked");
    assert_eq!(found.errors[0].column, "Preis");
    let gone = ImportOptions { mapping: Some(mapping), skip_bad: false };
    assert!(open(file(&[GOOD]).as_bytes(), &gone, limits()).is_err());
}

/// A field as people write them, and as nobody should.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("2026-01-01".to_owned()),
        Just("s1".to_owned()),
        Just("USD".to_owned()),
        Just("month".to_owned()),
        Just("29.85".to_owned()),
        "[ -~]{0,12}",
        "\"[a-z,;\n\"]{0,8}\"?",
        "\\PC{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_panic_and_every_complaint_has_a_line(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Err(refusal) = checked(&bytes) {
            prop_assert!(refusal.line >= 1 && !refusal.message.is_empty());
        }
    }

    #[test]
    fn no_rows_make_it_panic_and_every_complaint_names_a_line_of_the_file(rows in proptest::collection::vec(proptest::collection::vec(field(), 8..12), 1..12)) {
        let rows: Vec<String> = rows.iter().map(|fields| fields.join(",")).collect();
        let text = file(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        let lines = text.split('\n').count() as u64;
        match checked(&text) {
            Err(refusal) => prop_assert!((1..=lines).contains(&refusal.line), "{}", refusal),
            Ok(found) => {
                prop_assert_eq!(found.verdicts.len() as u64, found.rows);
                prop_assert_eq!(found.verdicts.iter().filter(|v| !v.is_good()).count() as u64, found.bad);
                prop_assert_eq!(found.errors.is_empty(), found.bad == 0);
                for error in &found.errors {
                    prop_assert!((2..=lines).contains(&error.line), "{}", error);
                }
            }
        }
    }

    /// What is written by the rules of CSV is read back, whatever it holds.
    #[test]
    fn quoted_fields_come_back_as_they_were(fields in proptest::collection::vec("[a-zé,;\"\n ]{0,10}", 2..6), semicolon: bool) {
        let delimiter = if semicolon { b';' } else { b',' };
        let mut csv = csv::WriterBuilder::new().delimiter(delimiter).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        csv.write_record(fields.iter().map(|_| "h")).expect("written");
        csv.write_record(&fields).expect("written");
        let bytes = csv.into_inner().expect("written");
        let mut records = Records::new(bytes.as_slice(), limits()).expect("text");
        let mut record = Record::default();
        prop_assert!(records.read(&mut record).expect("a header"));
        prop_assert!(records.read(&mut record).expect("a record"));
        prop_assert_eq!(record.iter().collect::<Vec<_>>(), fields.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Stretches of one subscription, shuffled: those that are good neither overlap nor start together.
    #[test]
    fn good_rows_of_a_subscription_never_overlap(stretches in proptest::collection::vec((0u32..40, proptest::option::of(0u32..20)), 1..8)) {
        let day = |n: u32| chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") + chrono::Days::new(u64::from(n));
        let row = |(start, length): &(u32, Option<u32>)| {
            let end = length.map(|l| day(start + l).to_string()).unwrap_or_default();
            format!("c1,Nadia,s1,Pro,month,USD,5,{},,{end}", day(*start))
        };
        let rows: Vec<String> = stretches.iter().map(row).collect();
        let found = checked(file(&rows.iter().map(String::as_str).collect::<Vec<_>>())).expect("a book");
        let mut good: Vec<_> = stretches.iter().zip(&found.verdicts).filter(|(_, v)| v.is_good()).collect();
        good.sort_by_key(|((start, _), _)| *start);
        for pair in good.windows(2) {
            let ((start, length), verdict) = pair[0];
            let next = day(pair[1].0.0);
            prop_assert_eq!(verdict.next_on(), Some(next));
            prop_assert!(day(*start) < next && length.is_none_or(|l| day(start + l) <= next));
        }
        prop_assert!(!good.is_empty());
    }
}

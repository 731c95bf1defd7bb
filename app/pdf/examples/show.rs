use invoice_pdf::*;
fn main() {
    for (lang, rtl) in [("en", false), ("ar", true)] {
        let s = |a: &str, b: &str| if rtl { b.to_string() } else { a.to_string() };
        let d = Document {
            title: s("Invoice", "فاتورة"), number: "INV-2026-00001".into(), watermark: Some(s("DRAFT", "مسودة")), language: lang.into(), right_to_left: rtl,
            accent: Some("#0f766e".into()), logo: None, seller: vec!["Nilewave Internet".into(), "12 Corniche".into(), "Cairo".into(), "Tax number: 123".into()],
            buyer_label: s("Bill to", "فاتورة إلى"), buyer: vec![s("Acme #panic()", "شركة النيل"), "1 Street".into()],
            facts: vec![(s("Issued", "تاريخ الإصدار"), s("1 February 2026", "1 فبراير 2026")), (s("Due", "تاريخ الاستحقاق"), s("15 February 2026", "15 فبراير 2026"))],
            heads: Heads { description: s("Description", "البيان"), quantity: s("Quantity", "الكمية"), unit: s("Price", "السعر"), amount: s("Amount", "المبلغ") },
            lines: (0..6).map(|n| Line { description: format!("Basic {n}"), period: Some(s("1 February 2026 to 28 February 2026", "1 فبراير 2026 إلى 28 فبراير 2026")), quantity: "1".into(), unit: "$100.00".into(), amount: "\u{2212}$100.00".into() }).collect(),
            sums: vec![Sum { label: s("Subtotal", "المجموع الفرعي"), amount: "$600.00".into(), strong: false }, Sum { label: "VAT 15 %".into(), amount: "$90.00".into(), strong: false }, Sum { label: s("Total", "الإجمالي"), amount: "$690.00".into(), strong: true }],
            notes: vec!["Reverse charge".into()], footer: Some("Bank 1234 - thank you for your business".into()), page_label: s("Page", "صفحة"),
        };
        let t = std::time::Instant::now();
        let bytes = render(&d).unwrap();
        println!("first {:?} {} bytes", t.elapsed(), bytes.len());
        std::fs::write(format!("/tmp/h-{lang}.pdf"), bytes).unwrap();
        let t = std::time::Instant::now();
        for n in 0..50 { let mut e = d.clone(); e.number = format!("INV-{n}"); e.buyer = vec![format!("Customer {n}")]; render(&e).unwrap(); }
        println!("50 in {:?}", t.elapsed());
    }
}

//! Documents on both databases.

use super::*;
use crate::customers::{self, CustomerId, NewCustomer};
use crate::documents::jobs;
use crate::invoices::model::{NewCreditNote, NewInvoice, NewLine, Settlement};
use crate::invoices::store::accounts::AccountChange;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::event::deliver_batch;
use crate::kit::files::Files;
use crate::kit::job::{Registry, run_next};
use crate::kit::money::Currency;
use crate::kit::paging::ListQuery;

/// The same scope with a place for files.
fn with_files(scope: &Scope) -> (Scope, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let db = scope.db().with_files(Files::local(folder.path()).expect("files"));
    (Scope::system(db, "test", scope.seller().clone(), scope.now()), folder)
}

async fn customer(scope: &Scope, email: Option<&str>) -> CustomerId {
    let new = NewCustomer { name: "Nile #panic() *Wave*".into(), email: email.map(str::to_owned), ..Default::default() };
    customers::store::create(scope, new).await.expect("a customer")
}

async fn draft(scope: &Scope, customer: CustomerId) -> InvoiceId {
    let line = NewLine { description: "#read(\"/etc/passwd\")".into(), quantity: 2, unit: Money::new(5_000, Currency::USD) };
    let new = NewInvoice { customer, lines: vec![line], issued_on: None, due_on: None, note: None };
    invoices::create(scope, new).await.expect("drafted")
}

#[tokio::test]
async fn what_is_issued_is_made_once_and_a_draft_each_time() {
    on_each_database(|scope| async move {
        let (scope, _folder) = with_files(&scope);
        let of = customer(&scope, None).await;
        let change = AccountChange { language: Some("ar".into()), address: Some("1 Nile\nCairo".into()), ..Default::default() };
        invoices::accounts::update(&scope, of, change).await.expect("changed");
        let id = draft(&scope, of).await;
        let pdf = invoice_pdf(&scope, id).await.expect("a PDF");
        assert!(pdf.bytes.starts_with(b"%PDF-") && pdf.key.is_none() && pdf.name == "draft.pdf", "{}", pdf.name);
        invoices::finalize(&scope, id).await.expect("issued");
        let issued = invoice_pdf(&scope, id).await.expect("a PDF");
        assert_eq!(issued.name, "INV-2026-00001.pdf");
        assert!(issued.bytes != pdf.bytes);
        let detail = invoices::detail(&scope, id).await.expect("there");
        let document = compose::invoice(&detail, Money::zero(Currency::USD), look(&scope).await.expect("a look"));
        assert!(document.right_to_left && document.title == "فاتورة" && document.watermark.is_none());
        assert!(document.sums.last().is_some_and(|s| s.amount.contains("100.00\u{2069}\u{a0}$")), "{:?}", document.sums);
        assert_eq!(document.buyer[..3], ["Nile #panic() *Wave*", "1 Nile", "Cairo"]);
        // What is kept is what comes back, whatever the settings say by then.
        let key = issued.key.clone().expect("kept");
        scope.db().files().expect("files").put_bytes(&key, b"%PDF- as kept".to_vec()).await.expect("kept");
        assert_eq!(invoice_pdf(&scope, id).await.expect("a PDF").bytes, b"%PDF- as kept");
        let settlement = Settlement::Offset;
        let note = NewCreditNote { lines: vec![], settlement, reason: "A mistake".into() };
        let note = invoices::credit_note(&scope, id, note).await.expect("a credit note");
        let pdf = credit_note_pdf(&scope, note).await.expect("a PDF");
        assert!(pdf.bytes.starts_with(b"%PDF-") && pdf.name.starts_with("CN-2026-"), "{}", pdf.name);
        let (other, _folder) = with_files(&new_seller(scope.db(), "other", "USD", "UTC").await);
        assert_eq!(invoice_pdf(&other, id).await.err(), Some(Error::NotFound));
        assert_eq!(credit_note_pdf(&other, note).await.err(), Some(Error::NotFound));
    })
    .await;
}

#[tokio::test]
async fn an_issued_invoice_goes_out_by_itself_once() {
    on_each_database(|scope| async move {
        let (scope, _folder) = with_files(&scope);
        // The outbox and the jobs live in the present.
        let scope = scope.at(crate::kit::clock::now());
        let mut registry = Registry::default();
        jobs::register(&mut registry);
        let work = async || {
            while deliver_batch(scope.db(), &[jobs::sink]).await.expect("delivers") > 0 {}
            while run_next(scope.db(), &registry).await.expect("works") {}
        };
        let mails = async || mail::store::list(&scope, &ListQuery::default()).await.expect("a page").rows;
        let of = customer(&scope, Some("nadia@nile.example")).await;
        let id = draft(&scope, of).await;
        assert!(matches!(send_invoice(&scope, id).await, Err(Error::Conflict(_))), "a draft");
        invoices::finalize(&scope, id).await.expect("issued");
        work().await;
        work().await;
        let sent = mails().await;
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!((sent[0].to.as_str(), sent[0].about.clone()), ("nadia@nile.example", Some(id.to_string())));
        let detail = mail::store::list(&scope, &ListQuery { q: "nadia".into(), ..Default::default() }).await.expect("a page");
        assert_eq!(detail.rows.len(), 1);
        assert_eq!(send_issued(&scope, id).await.expect("an answer"), None, "once by itself");
        send_invoice(&scope, id).await.expect("again, as asked for");
        assert_eq!(mails().await.len(), 2);

        let silent = customer(&scope, None).await;
        let unsent = draft(&scope, silent).await;
        invoices::finalize(&scope, unsent).await.expect("issued");
        work().await;
        assert!(matches!(send_invoice(&scope, unsent).await, Err(Error::Conflict(_))), "no address");
        mail::store::save_settings(&scope, false, "").await.expect("saved");
        let kept = draft(&scope, of).await;
        invoices::finalize(&scope, kept).await.expect("issued");
        work().await;
        assert_eq!(mails().await.len(), 2, "the seller wants none");
    })
    .await;
}

#[tokio::test]
async fn an_arabic_document_keeps_figures_in_order_and_what_cannot_be_printed_is_told() {
    on_each_database(|scope| async move {
        let (scope, _folder) = with_files(&scope);
        let of = customer(&scope, None).await;
        let change = AccountChange {
            language: Some("ar".into()),
            legal_name: Some("نايل 王".into()),
            address: Some("هاتف +20 2 2735 1234\n1 Nile".into()),
            tax_number: Some("300-123-456".into()),
            ..Default::default()
        };
        invoices::accounts::update(&scope, of, change).await.expect("changed");
        let id = draft(&scope, of).await;
        assert_eq!(unprintable(&scope, id).await.as_deref(), Ok("王"));
        let detail = invoices::detail(&scope, id).await.expect("there");
        let document = composed(&scope, &detail).await.expect("composed");
        let buyer = document.buyer.join("\n");
        assert!(buyer.contains("\u{2066}300-123-456\u{2069}") && buyer.contains("\u{2066}+20 2 2735 1234\u{2069}"), "{buyer:?}");
        invoices::finalize(&scope, id).await.expect("issued");
        for _ in 0..2 {
            invoice_pdf(&scope, id).await.expect("a PDF");
        }
        #[derive(FromQueryResult)]
        struct Count {
            n: i64,
        }
        let sql = "SELECT COUNT(*) AS n FROM audit_entries WHERE seller_id = $1 AND action = 'document.incomplete'";
        let tx = scope.read().await.expect("begins");
        let told: Option<Count> = tx.one(sql, [tx.seller_id().0.into()]).await.expect("counted");
        assert_eq!(told.map(|count| count.n), Some(1), "once, when it is made");
    })
    .await;
}

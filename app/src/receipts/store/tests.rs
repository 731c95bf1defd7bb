//! Receipts on both databases.

use futures::future::join;

use super::*;
use crate::customers::{self, NewCustomer};
use crate::invoices::model::{NewInvoice, NewLine};
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;
use crate::payments::model::{NewAllocation, NewPayment, PaidBy};
use crate::receipts::model::{Receipt, ReceiptStatus};

async fn bill(scope: &Scope, minor: i64) -> invoices::Invoice {
    let customer =
        customers::store::create(scope, NewCustomer { name: "Nile Wave".into(), ..Default::default() }).await.expect("a customer");
    let unit = Money::new(minor, Currency::USD);
    let line = NewLine { description: "Work".into(), quantity: 1, unit };
    let new = NewInvoice { customer, lines: vec![line], issued_on: None, due_on: None, note: None };
    let id = invoices::store::create(scope, new).await.expect("drafted");
    invoices::store::finalize(scope, id).await.expect("issued");
    invoices::store::get(scope, id).await.expect("an invoice")
}

fn uploaded(name: &str, sha256: &str) -> NewReceipt {
    NewReceipt {
        file_key: format!("receipts/{sha256}"),
        file_name: name.into(),
        kind: FileKind::Png,
        size_bytes: 9,
        sha256: sha256.into(),
        invoice: None,
        uploader_organization: None,
    }
}

fn payment(invoice: &invoices::Invoice) -> NewPayment {
    NewPayment {
        customer: invoice.customer,
        amount: invoice.due,
        paid_by: PaidBy::BankTransfer,
        paid_on: None,
        reference: None,
        note: None,
        allocations: Some(vec![NewAllocation { invoice: invoice.id, amount: None }]),
    }
}

async fn found(scope: &Scope, id: ReceiptId) -> Receipt {
    get(scope, id).await.expect("a receipt")
}

#[tokio::test]
async fn an_approved_receipt_settles_its_invoice_once() {
    on_each_database(|scope| async move {
        let invoice = bill(&scope, 1_000).await;
        let number = invoice.number.clone().expect("a number");
        let id = create(&scope, uploaded(&format!("proof {}.png", number.to_lowercase()), "a1")).await.expect("uploaded");
        assert_eq!(found(&scope, id).await.invoice.map(|i| i.number), Some(number.clone()));
        let again = create(&scope, uploaded("other.png", "a1")).await.expect_err("the same file");
        assert!(again.fields().first("file").is_some());
        let (a, b) = join(approve(&scope, id, payment(&invoice)), approve(&scope, id, payment(&invoice))).await;
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let receipt = found(&scope, id).await;
        assert_eq!((receipt.status, receipt.payment), (ReceiptStatus::Approved, a.or(b).ok()));
        assert!(invoices::store::get(&scope, invoice.id).await.expect("there").due.is_zero());
        assert!(matches!(reject(&scope, id, "Late".into()).await, Err(Error::Conflict(_))));
        let page = list(&scope, &ListQuery { q: number, ..ListQuery::default() }).await.expect("a page");
        assert_eq!(page.rows.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn one_that_proves_anothers_payment_is_of_no_invoice_of_the_first() {
    on_each_database(|scope| async move {
        let (thought, meant) = (bill(&scope, 1_000).await, bill(&scope, 2_000).await);
        let number = thought.number.clone().expect("a number");
        let id = create(&scope, uploaded(&format!("{number}.png"), "c1")).await.expect("uploaded");
        approve(&scope, id, payment(&meant)).await.expect("approved");
        let receipt = found(&scope, id).await;
        assert_eq!((receipt.invoice, receipt.customer.map(|(id, _)| id)), (None, Some(meant.customer)));
        assert_eq!(invoices::store::get(&scope, thought.id).await.expect("there").due, thought.due);
    })
    .await;
}

#[tokio::test]
async fn a_rejected_one_says_why_and_may_come_again() {
    on_each_database(|scope| async move {
        let invoice = bill(&scope, 1_000).await;
        let id = create(&scope, uploaded("scan.png", "b1")).await.expect("uploaded");
        assert_eq!(found(&scope, id).await.invoice, None);
        assert!(link(&scope, id, "INV-1999-00001").await.expect_err("unknown").fields().first("number").is_some());
        link(&scope, id, invoice.number.as_deref().expect("a number")).await.expect("linked");
        assert_eq!(found(&scope, id).await.customer.map(|(id, _)| id), Some(invoice.customer));
        reject(&scope, id, "Cannot be read".into()).await.expect("rejected");
        let receipt = found(&scope, id).await;
        assert_eq!((receipt.status, receipt.reject_reason.as_deref()), (ReceiptStatus::Rejected, Some("Cannot be read")));
        assert!(matches!(approve(&scope, id, payment(&invoice)).await, Err(Error::Conflict(_))));
        assert_eq!(invoices::store::get(&scope, invoice.id).await.expect("there").due, invoice.due, "nothing was recorded");
        create(&scope, uploaded("scan.png", "b1")).await.expect("again");
        let other = new_seller(scope.db(), "nile", "USD", "UTC").await;
        assert_eq!(get(&other, id).await.err(), Some(Error::NotFound));
    })
    .await;
}

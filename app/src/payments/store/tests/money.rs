//! Money in, money back, and two at once.

use futures::future::join;

use super::till::{Till, usd};
use crate::invoices::model::Settlement;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::error::Error;
use crate::kit::paging::ListQuery;
use crate::payments::model::{Destination, PaymentStatus};
use crate::payments::store;

#[tokio::test]
async fn a_payment_goes_to_what_is_due_first_and_the_rest_is_credit() {
    on_each_database(|scope| async move {
        let till = Till::new(&scope).await;
        let (a, b) = (till.bill(1_000).await, till.bill(500).await);
        let first = till.pays(1_200).await;
        assert_eq!((till.due(a).await, till.due(b).await, till.balance().await), (0, 300, (300, 0)));
        assert_eq!(till.invoice(a).await.status.word(), "paid");
        till.pays(700).await;
        assert_eq!((till.due(b).await, till.balance().await), (0, (0, 400)));
        let c = till.bill(1_000).await;
        assert_eq!((till.due(c).await, till.balance().await), (600, (600, 0)), "credit is used by what comes next");
        let detail = store::detail(&scope, first).await.expect("there");
        let parts: Vec<(i64, i64)> = detail.allocations.iter().map(|p| (p.amount.minor(), p.released.minor())).collect();
        assert_eq!((parts, detail.payment.allocated), (vec![(1_000, 0), (200, 0)], usd(1_200)));
        let found = store::list(&scope, &ListQuery { q: "eft".into(), ..ListQuery::default() }).await.expect("a page");
        assert_eq!(found.rows.len(), 2);
        assert_eq!(store::of_invoice(&scope, b).await.expect("payments").len(), 2);
        let stats = store::stats(&scope).await.expect("figures");
        assert_eq!((stats.received, stats.count, stats.outstanding, stats.credit), (usd(1_900), 2, usd(600), usd(0)));
        till.sound("paying").await;
    })
    .await;
}

#[tokio::test]
async fn a_payment_over_chosen_invoices_is_checked() {
    on_each_database(|scope| async move {
        let till = Till::new(&scope).await;
        let (a, b) = (till.bill(1_000).await, till.bill(500).await);
        let other = Till::new(&scope).await;
        let foreign = other.bill(100).await;
        let refused = async |minor, parts: &[(_, Option<i64>)]| {
            let error = store::record(&scope, till.payment(minor, Some(parts))).await.expect_err("refused");
            error.fields().first("allocations").expect("of the allocations").to_owned()
        };
        assert!(refused(2_000, &[(a, Some(1_001))]).await.contains("more than"));
        assert!(refused(100, &[(a, Some(60)), (b, Some(60))]).await.contains("together"));
        assert!(refused(100, &[(a, Some(60)), (a, Some(10))]).await.contains("once"));
        assert!(refused(100, &[(foreign, None)]).await.contains("another customer"));
        store::record(&scope, till.payment(800, Some(&[(b, None), (a, Some(100))]))).await.expect("recorded");
        assert_eq!((till.due(a).await, till.due(b).await, till.balance().await), (900, 0, (900, 200)));
        assert!(refused(100, &[(b, None)]).await.contains("wants nothing"));
        store::record(&scope, till.payment(50, Some(&[]))).await.expect("recorded");
        assert_eq!(till.balance().await, (900, 250));
        let tomorrow = scope.today().succ_opt();
        let ahead = crate::payments::model::NewPayment { paid_on: tomorrow, ..till.payment(1, None) };
        assert!(store::record(&scope, ahead).await.expect_err("refused").fields().first("paid_on").is_some());
        till.sound("choosing").await;
    })
    .await;
}

#[tokio::test]
async fn two_payments_at_once_settle_an_invoice_once() {
    on_each_database(|scope| async move {
        for round in 0..8 {
            let till = Till::new(&scope).await;
            let bill = till.bill(1_000).await;
            let pay = || store::record(&scope, till.payment(1_000, Some(&[(bill, Some(1_000))])));
            let (a, b) = join(pay(), pay()).await;
            assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1, "{a:?} {b:?}");
            assert_eq!((till.due(bill).await, till.balance().await), (0, (0, 0)));
            // Where the payer does not say, the second is credit.
            let bill = till.bill(500).await;
            let pay = || store::record(&scope, till.payment(500, None));
            let (a, b) = join(pay(), pay()).await;
            assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
            assert_eq!((till.due(bill).await, till.balance().await), (0, (0, 500)));
            // And a refund and a reversal of one payment do not both happen.
            let id = a.expect("recorded");
            let (back, reversed) = join(till.refunds(id, 500, Destination::Method), store::reverse(&scope, id, "Bounced".into())).await;
            assert!(back.is_ok() != reversed.is_ok(), "{back:?} {reversed:?}");
            till.sound(&format!("round {round}")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_refund_uses_promises_then_credit_and_then_invoices_are_owed_again() {
    on_each_database(|scope| async move {
        let till = Till::new(&scope).await;
        let (a, b) = (till.bill(1_000).await, till.bill(500).await);
        let id = till.pays(1_800).await;
        till.credits(a, Settlement::Refund).await.expect("promised");
        assert_eq!(till.balance().await, (0, 300));
        let refundable = store::detail(&scope, id).await.expect("there").refundable;
        assert_eq!(refundable, usd(1_800));
        till.refunds(id, 1_000, Destination::Method).await.expect("the promise");
        assert_eq!((till.due(a).await, till.due(b).await, till.balance().await), (0, 0, (0, 300)));
        till.refunds(id, 400, Destination::Method).await.expect("credit, and a part of the last invoice");
        assert_eq!((till.due(b).await, till.balance().await), (100, (100, 0)));
        assert_eq!(till.invoice(b).await.status.word(), "partially_paid");
        assert!(till.refunds(id, 401, Destination::Method).await.expect_err("too much").fields().first("amount").is_some());
        till.refunds(id, 150, Destination::Credit).await.expect("to credit");
        assert_eq!((till.due(b).await, till.balance().await), (250, (250, 150)));
        let detail = store::detail(&scope, id).await.expect("there");
        assert_eq!((detail.payment.refunded, detail.refunds.len()), (usd(1_400), 3));
        assert!(matches!(store::reverse(&scope, id, "Bounced".into()).await, Err(Error::Conflict(_))), "a part was paid back");
        till.sound("refunding").await;
    })
    .await;
}

#[tokio::test]
async fn a_reversed_payment_is_owed_again_with_what_its_credit_paid() {
    on_each_database(|scope| async move {
        let till = Till::new(&scope).await;
        let a = till.bill(1_000).await;
        let id = till.pays(1_700).await;
        let b = till.bill(400).await;
        assert_eq!((till.due(b).await, till.balance().await), (0, (0, 300)));
        store::reverse(&scope, id, "Bounced".into()).await.expect("reversed");
        assert_eq!((till.due(a).await, till.due(b).await, till.balance().await), (1_000, 400, (1_400, 0)));
        assert!(matches!(store::reverse(&scope, id, "Again".into()).await, Err(Error::Conflict(_))));
        let detail = store::detail(&scope, id).await.expect("there");
        assert_eq!((detail.payment.status, detail.refundable.minor()), (PaymentStatus::Reversed, 0));
        till.sound("reversing").await;
        // A written-off invoice stays given up.
        let id = till.pays(600).await;
        crate::invoices::store::mark_uncollectible(&scope, a).await.expect("given up");
        store::reverse(&scope, id, "Bounced".into()).await.expect("reversed");
        assert_eq!((till.due(a).await, till.invoice(a).await.status.word()), (0, "uncollectible"));
        till.sound("reversing what was given up").await;
    })
    .await;
}

#[tokio::test]
async fn what_was_given_up_can_still_come() {
    on_each_database(|scope| async move {
        let till = Till::new(&scope).await;
        let a = till.bill(1_000).await;
        till.pays(400).await;
        crate::invoices::store::mark_uncollectible(&scope, a).await.expect("given up");
        till.pays(100).await;
        assert_eq!(till.balance().await, (0, 100), "nobody said what it is for");
        let over = |minor| till.payment(minor, Some(&[(a, None)]));
        let id = store::record(&scope, over(250)).await.expect("recorded");
        let start = store::start(&scope, None, Some(a)).await.expect("a form");
        assert_eq!((start.due, start.chosen), (usd(350), Some(a)));
        store::record(&scope, over(500)).await.expect("recorded");
        assert_eq!((till.balance().await, till.invoice(a).await.status.word()), ((0, 250), "uncollectible"));
        assert!(store::record(&scope, over(1)).await.expect_err("all came").fields().first("allocations").is_some());
        till.sound("recovering").await;
        store::reverse(&scope, id, "Bounced".into()).await.expect("reversed");
        assert_eq!(store::start(&scope, None, Some(a)).await.expect("a form").due, usd(250));
        till.sound("losing it again").await;
    })
    .await;
}

#[tokio::test]
async fn nobody_reaches_anothers_payment() {
    on_each_database(|scope| async move {
        let till = Till::new(&scope).await;
        let id = till.pays(100).await;
        let other = new_seller(scope.db(), "nile", "USD", "UTC").await;
        assert_eq!(store::get(&other, id).await.err(), Some(Error::NotFound));
        assert_eq!(store::reverse(&other, id, "Mine".into()).await.err(), Some(Error::NotFound));
        let foreign = store::record(&other, till.payment(5, None)).await.expect_err("refused");
        assert!(foreign.fields().first("customer_id").is_some());
    })
    .await;
}

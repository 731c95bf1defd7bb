//! What is issued stays; corrections are documents of their own.

use super::life::{Life, d};
use crate::customers::CustomerId;
use crate::invoices::model::{CreditLine, NewCreditNote, NewInvoice, NewLine, Settlement};
use crate::invoices::store;
use crate::kit::databases::on_each_database;
use crate::kit::error::Error;
use crate::kit::money::{Currency, Money};
use crate::kit::scope::Scope;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

async fn billed(scope: &Scope) -> (Life, CustomerId) {
    let life = Life::on(scope, "2026-01-10");
    let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 1_000).await);
    life.subscribe(who, plan, "2026-01-10", None).await;
    life.bill("2026-01-10").await;
    (life, who)
}

fn note(settlement: Settlement) -> NewCreditNote {
    NewCreditNote { lines: vec![], settlement, reason: "A mistake".into() }
}

#[tokio::test]
async fn the_database_itself_keeps_what_is_issued() {
    on_each_database(|scope| async move {
        let (life, who) = billed(&scope).await;
        let id = vec![life.last(who).await.0.into()];
        assert!(life.refuses("UPDATE invoices SET total_minor = 1 WHERE seller_id = $1 AND id = $2", id.clone()).await);
        assert!(life.refuses("UPDATE invoices SET number = 'X' WHERE seller_id = $1 AND id = $2", id.clone()).await);
        assert!(life.refuses("DELETE FROM invoices WHERE seller_id = $1 AND id = $2", id.clone()).await);
        assert!(life.refuses("UPDATE invoice_lines SET amount_minor = 1 WHERE seller_id = $1 AND invoice_id = $2", id.clone()).await);
        assert!(life.refuses("UPDATE ledger_postings SET amount_minor = 1 WHERE seller_id = $1 AND invoice_id = $2", id.clone()).await);
        assert!(life.refuses("DELETE FROM ledger_postings WHERE seller_id = $1 AND invoice_id = $2", id).await);
    })
    .await;
}

#[tokio::test]
async fn a_void_invoice_is_not_billed_again_and_a_replaced_one_is() {
    on_each_database(|scope| async move {
        let (life, who) = billed(&scope).await;
        let first = life.last(who).await;
        store::void(&life.scope, first, Some("Wrong customer".into())).await.expect("void");
        assert!(matches!(store::void(&life.scope, first, None).await, Err(Error::Conflict(_))));
        assert_eq!((life.bill("2026-01-10").await.finalized, life.balance(who).await), (0, (0, 0)));

        let (life, who) = (life, who);
        let other = life.customer("Other").await;
        let plan = life.monthly("Pro", 5_000).await;
        life.subscribe(other, plan, "2026-01-10", None).await;
        life.bill("2026-01-10").await;
        let wrong = life.last(other).await;
        let placed = store::replace(&life.scope, wrong, None).await.expect("replaced");
        let detail = store::detail(&life.scope, placed[0]).await.expect("there");
        assert_eq!((detail.replaces, detail.invoice.total), (Some(wrong), usd(5_000)));
        assert_eq!(store::detail(&life.scope, wrong).await.expect("there").replaced_by, Some(placed[0]));
        assert_eq!((life.balance(other).await, life.balance(who).await), ((5_000, 0), (0, 0)));
        life.sound().await;
    })
    .await;
}

#[tokio::test]
async fn a_credit_note_takes_back_no_more_than_there_is() {
    on_each_database(|scope| async move {
        let (life, who) = billed(&scope).await;
        let id = life.last(who).await;
        let line = store::detail(&life.scope, id).await.expect("there").lines[0].id.expect("an id");
        let part = |minor| NewCreditNote { lines: vec![CreditLine { line, amount: usd(minor) }], ..note(Settlement::Offset) };
        assert!(store::credit_note(&life.scope, id, part(1_001)).await.expect_err("too much").fields().first("lines").is_some());
        let unpaid = store::credit_note(&life.scope, id, note(Settlement::Refund)).await.expect_err("nothing was paid");
        assert!(unpaid.fields().first("settlement").is_some(), "{unpaid}");
        store::credit_note(&life.scope, id, part(300)).await.expect("taken off");
        assert_eq!(
            (life.balance(who).await, store::get(&life.scope, id).await.expect("there").status.word()),
            ((700, 0), "partially_paid")
        );
        assert!(matches!(store::void(&life.scope, id, None).await, Err(Error::Conflict(_))), "notes belong to it");
        life.pays(who, id, 700, 0).await;
        assert_eq!(store::get(&life.scope, id).await.expect("there").status.word(), "paid");
        store::credit_note(&life.scope, id, note(Settlement::Credit)).await.expect("the rest");
        assert_eq!(life.balance(who).await, (0, 700));
        assert!(matches!(store::credit_note(&life.scope, id, note(Settlement::Credit)).await, Err(Error::Conflict(_))));
        let notes = store::detail(&life.scope, id).await.expect("there").credit_notes;
        assert_eq!(notes.iter().map(|n| n.number.as_str()).collect::<Vec<_>>(), ["CN-2026-00001", "CN-2026-00002"]);
        life.sound().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_given_up_is_written_off() {
    on_each_database(|scope| async move {
        let (life, who) = billed(&scope).await;
        let id = life.last(who).await;
        life.pays(who, id, 400, 0).await;
        store::mark_uncollectible(&life.scope, id).await.expect("given up");
        assert_eq!(life.balance(who).await, (0, 0));
        let trial = store::money::trial_balance(&life.scope, None).await.expect("accounts");
        let of = |word: &str| trial.iter().find(|r| r.account.word() == word).map_or(0, |r| r.debit.minor() - r.credit.minor());
        assert_eq!((of("write_off"), of("cash"), of("revenue"), of("receivable")), (600, 400, -1_000, 0));
        assert!(matches!(store::mark_uncollectible(&life.scope, id).await, Err(Error::Conflict(_))));
        life.sound().await;
    })
    .await;
}

#[tokio::test]
async fn credit_is_used_by_the_next_invoice() {
    on_each_database(|scope| async move {
        let (mut life, who) = billed(&scope).await;
        let id = life.last(who).await;
        life.pays(who, id, 1_000, 1_300).await;
        assert_eq!(life.balance(who).await, (0, 1_300));
        life.day("2026-03-10");
        life.bill("2026-03-10").await;
        let invoices = life.invoices(who).await;
        let due: Vec<(i64, &str)> = invoices.iter().map(|(i, _)| (i.due.minor(), i.status.word())).collect();
        assert_eq!(due, [(0, "paid"), (0, "paid"), (700, "partially_paid")]);
        assert_eq!(life.balance(who).await, (700, 0));
        // Taken back, it is credit again.
        store::void(&life.scope, invoices[2].0.id, None).await.expect("void");
        assert_eq!(life.balance(who).await, (0, 300));
        life.sound().await;
        let statement = store::money::statement(&life.scope, who, Currency::USD).await.expect("a statement");
        assert_eq!(statement.last().map(|l| l.balance.minor()), Some(-300));
    })
    .await;
}

#[tokio::test]
async fn credit_can_be_used_for_what_is_owed_already() {
    on_each_database(|scope| async move {
        let (mut life, who) = billed(&scope).await;
        life.day("2026-02-10");
        life.bill("2026-02-10").await;
        let invoices = life.invoices(who).await;
        // The second is paid, and 700 too much.
        life.pays(who, invoices[1].0.id, 1_000, 700).await;
        assert_eq!(store::use_credit(&life.scope, who).await, Ok(vec![usd(700)]));
        assert_eq!((life.balance(who).await, store::use_credit(&life.scope, who).await), ((300, 0), Ok(vec![])));
        life.pays(who, invoices[0].0.id, 100, 400).await;
        assert_eq!(store::use_credit(&life.scope, who).await, Ok(vec![usd(200)]));
        assert_eq!(life.balance(who).await, (0, 200));
        life.sound().await;
    })
    .await;
}

#[tokio::test]
async fn an_invoice_written_by_hand_is_a_draft_until_it_is_issued() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-01-10");
        let who = life.customer("Nile Wave").await;
        let new = |lines| NewInvoice { customer: who, lines, issued_on: None, due_on: None, note: Some("As agreed".into()) };
        let line = NewLine { description: "Installation".into(), quantity: 3, unit: usd(2_500) };
        assert!(store::create(&life.scope, new(vec![])).await.expect_err("empty").fields().first("lines").is_some());
        let gone = store::create(&life.scope, new(vec![line.clone()])).await.expect("drafted");
        store::discard(&life.scope, gone).await.expect("discarded");
        let id = store::create(&life.scope, new(vec![line])).await.expect("drafted");
        assert_eq!(life.balance(who).await, (0, 0));
        store::finalize(&life.scope, id).await.expect("issued");
        assert!(matches!(store::finalize(&life.scope, id).await, Err(Error::Conflict(_))));
        assert!(matches!(store::discard(&life.scope, id).await, Err(Error::Conflict(_))));
        let detail = store::detail(&life.scope, id).await.expect("there");
        assert_eq!((detail.invoice.number.as_deref(), detail.invoice.total), (Some("INV-2026-00001"), usd(7_500)));
        assert_eq!((detail.invoice.due_on, detail.buyer.account.as_deref()), (d("2026-01-24"), Some("CT-2026-00001")));
        assert_eq!((detail.seller.name.as_str(), detail.note.as_deref()), ("platform", Some("As agreed")));
        life.sound().await;
    })
    .await;
}

//! What the pages show: figures by hand, what moved an invoice, and drafts that people change.

use std::collections::BTreeMap;

use super::life::{Life, d};
use crate::customers::CustomerId;
use crate::invoices::model::{InvoiceId, NewInvoice, NewLine};
use crate::invoices::sheet::CreditForm;
use crate::invoices::store;
use crate::kit::databases::on_each_database;
use crate::kit::error::Error;
use crate::kit::money::{Currency, Money};
use crate::kit::paging::ListQuery;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn new(customer: CustomerId, minor: i64) -> NewInvoice {
    let line = NewLine { description: "Work".into(), quantity: 1, unit: usd(minor) };
    NewInvoice { customer, lines: vec![line], issued_on: None, due_on: None, note: None }
}

async fn issue(life: &Life, who: CustomerId, minor: i64) -> InvoiceId {
    let id = store::create(&life.scope, new(who, minor)).await.expect("drafted");
    store::finalize(&life.scope, id).await.expect("issued");
    id
}

#[tokio::test]
async fn the_figures_above_the_list_are_those_of_metrics() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-01-10");
        let none = store::stats(&life.scope).await.expect("figures");
        assert_eq!((none.invoiced, none.collected, none.dso), (usd(0), None, None));
        let who = life.customer("Nile Wave").await;
        let late = issue(&life, who, 10_000).await;
        life.day("2026-02-01");
        life.pays(who, late, 10_000, 0).await;
        life.day("2026-02-05");
        let in_time = issue(&life, who, 20_000).await;
        life.day("2026-02-10");
        life.pays(who, in_time, 20_000, 0).await;
        life.day("2026-02-20");
        let open = issue(&life, who, 30_000).await;
        life.day("2026-02-21");
        life.pays(who, open, 10_000, 0).await;
        life.day("2026-03-01");
        let wrong = issue(&life, who, 5_000).await;
        store::void(&life.scope, wrong, Some("A mistake".into())).await.expect("void");
        store::create(&life.scope, new(who, 7_000)).await.expect("drafted");
        life.day("2026-03-10");
        let stats = store::stats(&life.scope).await.expect("figures");
        assert_eq!((stats.invoiced, stats.count), (usd(30_000), 1), "the void one and the draft count for nothing");
        assert_eq!((stats.outstanding, stats.overdue, stats.overdue_count), (usd(20_000), usd(20_000), 1));
        assert_eq!(stats.collected, Some(400), "20,000 of the 50,000 that fell due");
        assert_eq!(stats.dso, Some(200), "20,000 outstanding of 30,000 in 30 days");
        for sums in [&store::INVOICE_DAYS, &store::LEDGER_DAYS] {
            let folded = sums.fold(&life.scope).await.expect("folded");
            assert_eq!(folded > 0, !scope.db().is_sqlite(), "each connection of PostgreSQL kept sums of its own");
            assert_eq!(sums.fold(&life.scope).await.expect("folded"), 0);
        }
        assert_eq!(store::stats(&life.scope).await.expect("figures"), stats);
        life.sound().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_issued_names_the_customer_as_it_was_and_is_found_as_finalized() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-03-01");
        let who = life.customer("Nile Wave").await;
        let issued = issue(&life, who, 1_000).await;
        let paid = issue(&life, who, 500).await;
        life.pays(who, paid, 500, 0).await;
        let draft = store::create(&life.scope, new(who, 2_000)).await.expect("drafted");
        let change = crate::customers::NewCustomer { name: "Delta".into(), ..Default::default() };
        crate::customers::store::update(&life.scope, who, change).await.expect("renamed");
        let name = async |id| store::get(&life.scope, id).await.expect("there").customer_name;
        assert_eq!((name(issued).await.as_str(), name(draft).await.as_str()), ("Nile Wave", "Delta"));
        let finalized = store::list(&life.scope, &ListQuery::default().toggled("status", "finalized")).await.expect("a list");
        let found: Vec<_> = finalized.rows.iter().map(|i| (i.id, i.customer_name.as_str())).collect();
        assert_eq!(found, [(issued, "Nile Wave")], "issued, and still to be paid");
    })
    .await;
}

#[tokio::test]
async fn a_sheet_says_what_moved_the_invoice_and_foresees_a_credit_note() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-02-20");
        let who = life.customer("Nile Wave").await;
        let id = issue(&life, who, 30_000).await;
        life.day("2026-02-21");
        life.pays(who, id, 10_000, 0).await;
        let sheet = store::sheet(&life.scope, id).await.expect("a sheet");
        let moves: Vec<_> = sheet.moves.iter().map(|m| (m.what.as_str(), m.amount.minor(), m.link.is_some())).collect();
        assert_eq!(moves, [("Invoice", 30_000, false), ("Payment", -10_000, true)]);
        assert_eq!(sheet.left.iter().map(|l| l.left).collect::<Vec<_>>(), [usd(30_000)]);
        let line = sheet.left[0].line.to_string();
        let form = |settlement: &str, amount: &str| CreditForm {
            settlement: settlement.into(),
            reason: "A mistake".into(),
            amounts: BTreeMap::from([(line.clone(), amount.to_owned())]),
        };
        let all = store::foresee_credit(&life.scope, id, &form("offset", "")).await.expect_err("more than it wants").fields();
        assert!(all.first("settlement").is_some());
        let part = store::foresee_credit(&life.scope, id, &form("offset", "150.00")).await.expect("foreseen");
        assert_eq!((part.total, part.due, part.due_after), (usd(15_000), usd(20_000), usd(5_000)));
        store::credit_typed(&life.scope, id, &form("offset", "150.00")).await.expect("written");
        let sheet = store::sheet(&life.scope, id).await.expect("a sheet");
        assert_eq!((sheet.detail.invoice.due, sheet.left[0].left), (part.due_after, usd(15_000)));
        assert_eq!(sheet.moves.last().map(|m| (m.what.as_str(), m.amount.minor())), Some(("Credit note", -15_000)));
        let notes = store::list_credit_notes(&life.scope, &ListQuery { q: "nile".into(), ..ListQuery::default() }).await.expect("a list");
        let note = store::get_credit_note(&life.scope, notes.rows[0].id).await.expect("there");
        assert_eq!((note.note.total, note.lines.len(), note.lines[0].amount), (usd(15_000), 1, usd(15_000)));
        life.sound().await;
    })
    .await;
}

#[tokio::test]
async fn a_draft_changes_until_it_is_issued_and_keeps_the_day_that_was_chosen() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-03-01");
        let (who, other) = (life.customer("Nile Wave").await, life.customer("Other").await);
        let wish = NewInvoice { due_on: Some(d("2026-03-20")), ..new(who, 1_000) };
        let foreseen = store::preview_new(&life.scope, wish.clone()).await.expect("foreseen");
        let id = store::create(&life.scope, wish.clone()).await.expect("drafted");
        let detail = store::detail(&life.scope, id).await.expect("there");
        assert_eq!((foreseen.total, foreseen.lines.len()), (detail.invoice.total, detail.lines.len()));
        let past = NewInvoice { due_on: Some(d("2026-02-28")), ..wish.clone() };
        assert!(store::edit(&life.scope, id, past).await.expect_err("past").fields().first("due_on").is_some());
        assert!(store::edit(&life.scope, id, new(other, 1)).await.expect_err("another's").fields().first("customer_id").is_some());
        let more = NewInvoice { lines: vec![wish.lines[0].clone(), wish.lines[0].clone()], ..wish };
        store::edit(&life.scope, id, more).await.expect("changed");
        let start = store::start(&life.scope, None, Some(id)).await.expect("a form");
        assert_eq!((start.form.lines.len(), start.form.due_on.as_str(), start.by_terms), (2, "2026-03-20", d("2026-03-15")));
        life.day("2026-03-05");
        assert_eq!(store::sheet(&life.scope, id).await.expect("a sheet").would_be_due, d("2026-03-20"));
        assert_eq!(store::finalize_all(&life.scope, &[id]).await, Ok(1));
        assert_eq!(store::finalize_all(&life.scope, &[id]).await, Ok(0), "it is issued already");
        let issued = store::get(&life.scope, id).await.expect("there");
        assert_eq!((issued.total, issued.issued_on, issued.due_on), (usd(2_000), d("2026-03-05"), d("2026-03-20")));
        assert!(matches!(store::edit(&life.scope, id, new(who, 1)).await, Err(Error::Conflict(_))));
        let by_terms = issue(&life, who, 500).await;
        assert_eq!(store::get(&life.scope, by_terms).await.expect("there").due_on, d("2026-03-19"));
        life.sound().await;
    })
    .await;
}

#[tokio::test]
async fn the_list_is_found_by_number_status_and_due_day() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-01-10");
        let who = life.customer("Nile Wave").await;
        let first = issue(&life, who, 100).await;
        life.day("2026-02-10");
        let second = issue(&life, who, 200).await;
        let found = async |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            let page = store::list(&life.scope, &ListQuery::from_pairs(pairs)).await.expect("a page");
            page.rows.into_iter().map(|i| i.id).collect::<Vec<_>>()
        };
        assert_eq!(found(&[("q", "inv-2026-00001")]).await, [first]);
        assert_eq!(found(&[("status", "overdue")]).await, [first]);
        assert_eq!(found(&[("due_from", "2026-02-01"), ("currency", "usd")]).await, [second]);
        assert_eq!(found(&[("q", "nile"), ("sort", "total")]).await, [first, second]);
        assert_eq!(found(&[("due_to", "2026-01-01")]).await, []);
        let (rows, next) = store::chunk(&life.scope, &ListQuery::default(), 1).await.expect("a chunk");
        assert_eq!((rows[0].id, next.is_some()), (second, true), "the latest first");
        assert_eq!(store::of_customer(&life.scope, who).await.expect("its own").len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_page_about_runs_says_what_they_did() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-01-10");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 1_000).await);
        life.subscribe(who, plan, "2026-01-10", None).await;
        life.bill("2026-01-10").await;
        let page = store::billing(&life.scope).await.expect("a page");
        assert_eq!((page.runs.len(), page.runs[0].finalized, page.runs[0].status.word()), (1, 1, "done"));
        assert_eq!((page.horizon, page.alerts), (d("2026-01-17"), vec![]));
        assert!(store::start_run_typed(&life.scope, "2028-01-01").await.expect_err("too far").fields().first("until").is_some());
        store::start_run_typed(&life.scope, "").await.expect("queued");
    })
    .await;
}

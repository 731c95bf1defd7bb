//! The run: once, whoever runs and however often.

use futures::future::join;

use super::life::{Life, d};
use crate::invoices::billing::AlertReason;
use crate::invoices::model::RunCounts;
use crate::invoices::store;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::error::Error;

#[tokio::test]
async fn a_start_in_the_past_bills_what_is_behind_it() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-11-15");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 100_000).await);
        life.subscribe(who, plan, "2026-02-01", Some(13)).await;
        let counts = life.bill("2026-04-13").await;
        assert_eq!(counts, RunCounts { customers: 1, finalized: 4, drafted: 0, parked: 0 });
        let want = [
            "2026-02-01 INV-2026-00001 overdue 38710: 2026-02-01..2026-02-13 38710",
            "2026-02-13 INV-2026-00002 overdue 100000: 2026-02-13..2026-03-13 100000",
            "2026-03-13 INV-2026-00003 overdue 100000: 2026-03-13..2026-04-13 100000",
            "2026-04-13 INV-2026-00004 overdue 100000: 2026-04-13..2026-05-13 100000",
        ];
        assert_eq!(life.bills(who).await, want);
        assert_eq!(life.balance(who).await, (338_710, 0));
        assert_eq!(life.bill("2026-04-13").await.finalized, 0, "and once");
        assert_eq!(life.bill("2026-04-12").await.finalized, 0);
    })
    .await;
}

#[tokio::test]
async fn two_runs_at_once_bill_once() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-03-20");
        let plan = life.monthly("Basic", 999).await;
        let mut customers = Vec::new();
        for n in 0..30 {
            let who = life.customer(&format!("Customer {n}")).await;
            life.subscribe(who, plan, "2026-01-10", None).await;
            customers.push(who);
        }
        let (a, b) = join(store::run(&life.scope, d("2026-03-20")), store::run(&life.scope, d("2026-03-20"))).await;
        let (a, b) = (a.expect("runs").1, b.expect("runs").1);
        assert_eq!((a.finalized + b.finalized, a.parked + b.parked), (90, 0));
        for who in customers {
            let days: Vec<String> = life.totals(who).await.into_iter().map(|(day, _)| day).collect();
            assert_eq!(days, ["2026-01-10", "2026-02-10", "2026-03-10"]);
        }
        life.sound().await;
    })
    .await;
}

#[tokio::test]
async fn what_comes_soon_is_a_draft_and_keeps_its_id() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-01-10");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 1_000).await);
        let id = life.subscribe(who, plan, "2026-01-10", None).await;
        life.bill("2026-01-17").await;
        life.day("2026-02-05");
        assert_eq!(life.bill("2026-02-12").await, RunCounts { customers: 1, drafted: 1, ..RunCounts::default() });
        let draft = life.last(who).await;
        let want = "2026-02-10 no number draft 1000: 2026-02-10..2026-03-10 1000";
        assert_eq!(life.bills(who).await[1], want);
        assert_eq!(life.bill("2026-02-12").await.drafted, 0, "it stays as it is");
        // A change before the day changes the draft.
        life.takes(id, 3, "2026-02-10").await;
        assert_eq!(life.bill("2026-02-12").await.drafted, 1);
        assert_eq!(life.bills(who).await[1], want.replace("1000", "3000"));
        assert_eq!(life.balance(who).await, (1_000, 0), "a draft is no debt");
        life.day("2026-02-10");
        assert_eq!(life.bill("2026-02-17").await.finalized, 1);
        let (last, _) = life.invoices(who).await.pop().expect("an invoice");
        assert_eq!((last.id, last.number.as_deref(), last.status.word()), (draft, Some("INV-2026-00002"), "open"));
        assert_eq!(last.due_on, d("2026-02-24"));
    })
    .await;
}

#[tokio::test]
async fn all_of_a_customer_in_one_currency_is_one_invoice() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-01-10").in_currency("EUR").await;
        let who = life.customer("Nile Wave").await;
        let euro = life.monthly("Euro", 700).await;
        life.subscribe(who, euro, "2026-01-05", None).await;
        let life = Life::on(&scope, "2026-01-10");
        let (one, two) = (life.monthly("One", 1_000).await, life.monthly("Two", 2_000).await);
        life.subscribe(who, one, "2026-01-05", None).await;
        life.subscribe(who, two, "2026-01-05", None).await;
        life.bill("2026-01-10").await;
        let mut totals: Vec<i64> = life.invoices(who).await.iter().map(|(i, _)| i.total.minor()).collect();
        totals.sort();
        assert_eq!(totals, [700, 3_000]);
    })
    .await;
}

#[tokio::test]
async fn what_is_absurd_waits_for_a_person() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-01-10");
        let (odd, sane) = (life.customer("Odd").await, life.customer("Sane").await);
        let plan = life.monthly("Basic", 5_000).await;
        let id = life.subscribe(odd, plan, "2026-01-05", None).await;
        life.takes(id, 900_000_000, "2026-01-05").await;
        life.subscribe(sane, plan, "2026-01-05", None).await;
        assert_eq!(life.bill("2026-01-10").await, RunCounts { customers: 2, finalized: 1, drafted: 0, parked: 1 });
        assert_eq!(life.bill("2026-01-10").await.parked, 0, "once");
        assert_eq!((life.bills(odd).await.len(), life.bills(sane).await.len()), (0, 1));
        let alert = store::alerts(&life.scope).await.expect("alerts").pop().expect("an alert");
        assert_eq!((alert.reason, alert.customer_name.as_str()), (AlertReason::TooMuch, "Odd"));
        let why = store::bill_now(&life.scope, odd).await.expect_err("it still is");
        assert!(matches!(&why, Error::Conflict(why) if why.starts_with(AlertReason::TooMuch.label()) && why.contains("Total: $")), "{why}");
        assert_eq!(store::alerts(&life.scope).await.expect("alerts").len(), 1, "it is told once");
        life.takes(id, 1, "2026-01-05").await;
        store::resolve_alert(&life.scope, alert.id).await.expect("resolved");
        assert_eq!(store::resolve_alert(&life.scope, alert.id).await, Err(Error::NotFound));
        assert_eq!(life.bill("2026-01-10").await.finalized, 1);
    })
    .await;
}

#[tokio::test]
async fn numbers_have_no_gaps_and_begin_anew_each_year() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2027-02-20");
        let plan = life.monthly("Basic", 1_000).await;
        for n in 0..3 {
            let who = life.customer(&format!("Customer {n}")).await;
            life.subscribe(who, plan, "2026-11-15", None).await;
        }
        life.bill("2027-02-20").await;
        let mut numbers = Vec::new();
        let page = store::list(&life.scope, &crate::kit::paging::ListQuery { sort: "number".into(), ..Default::default() }).await;
        numbers.extend(page.expect("a page").rows.into_iter().filter_map(|i| i.number));
        let want = (1..=6).map(|n| format!("INV-2026-{n:05}")).chain((1..=6).map(|n| format!("INV-2027-{n:05}")));
        assert_eq!(numbers, want.collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn another_sellers_invoices_are_unknown() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-01-10");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 1_000).await);
        let id = life.subscribe(who, plan, "2026-01-05", None).await;
        life.bill("2026-01-10").await;
        let invoice = life.last(who).await;
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        assert_eq!(store::get(&other, invoice).await, Err(Error::NotFound));
        assert_eq!(store::void(&other, invoice, None).await, Err(Error::NotFound));
        assert_eq!(store::finalize(&other, invoice).await, Err(Error::NotFound));
        assert_eq!(store::mark_uncollectible(&other, invoice).await, Err(Error::NotFound));
        assert_eq!(store::bill_now(&other, who).await, Err(Error::NotFound));
        assert_eq!(store::preview(&other, id, None, None).await.err(), Some(Error::NotFound));
        assert_eq!(store::run(&other, d("2026-12-31")).await.expect("runs").1, RunCounts::default());
    })
    .await;
}

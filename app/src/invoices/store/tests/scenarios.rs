//! Lives over months: month ends and leap days, currencies with no minor unit and with three, changes up and down.

use super::life::{Life, d};
use crate::invoices::store;
use crate::kit::databases::on_each_database;
use crate::kit::period::IntervalUnit;
use crate::subscriptions::model::{Proration, Service, Verb, When};
use crate::subscriptions::store::switches;

#[tokio::test]
async fn a_preview_says_what_the_run_then_bills() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-03-13");
        let who = life.customer("Nile Wave").await;
        let (basic, pro) = (life.monthly("Basic", 100_000).await, life.monthly("Pro", 250_000).await);
        let id = life.subscribe(who, basic, "2026-02-01", Some(13)).await;
        let verb = Verb::Change { plan_id: Some(pro), quantity: Some(2), price: None, at: When::On(d("2026-03-16")) };
        // Whether or not the run has come by, the change adds the same.
        let early = store::preview(&life.scope, id, Some((verb.clone(), None)), Some(d("2026-03-16"))).await.expect("a preview");
        life.bill("2026-03-13").await;
        let preview = store::preview(&life.scope, id, Some((verb.clone(), None)), Some(d("2026-03-16"))).await.expect("a preview");
        assert_eq!(early, preview);
        assert_eq!(preview.invoices, std::slice::from_ref(&preview.first));
        let preview = preview.first;
        let lines: Vec<_> = preview.lines.iter().map(|l| (l.kind.word(), l.quantity, l.amount.minor())).collect();
        assert_eq!(lines, [("credit", 1, -90_323), ("charge", 2, 451_613)]);
        assert_eq!((preview.subtotal.minor(), preview.total.minor()), (361_290, 361_290));
        life.day("2026-03-16");
        crate::subscriptions::store::perform(&life.scope, id, verb).await.expect("changed");
        life.bill("2026-03-16").await;
        let (invoice, billed) = life.invoices(who).await.pop().expect("an invoice");
        let told = |lines: &[crate::invoices::model::InvoiceLine]| {
            lines.iter().map(|l| (l.kind, l.description.clone(), l.period, l.quantity, l.amount, l.tax)).collect::<Vec<_>>()
        };
        assert_eq!((told(&billed), invoice.total, invoice.issued_on), (told(&preview.lines), preview.total, preview.on));
        let next = store::preview(&life.scope, id, None, None).await.expect("a preview");
        assert_eq!((next.first.on, next.first.total.minor()), (d("2026-04-13"), 500_000));
        assert_eq!(store::preview_next(&life.scope, who).await.expect("a preview").first.total.minor(), 500_000);
    })
    .await;
}

#[tokio::test]
async fn a_preview_of_the_past_says_what_becomes_of_later_periods() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-06-11");
        let (basic, pro) = (life.monthly("Basic", 31_000).await, life.monthly("Pro", 62_000).await);
        let cancel = Verb::Cancel { at: When::On(d("2026-04-01")), reason: None };
        let change = Verb::Change { plan_id: Some(pro), quantity: None, price: None, at: When::On(d("2026-04-01")) };
        for (verb, own, name) in [(cancel, None, "Cancels"), (change, Some((2, 10_000)), "Changes")] {
            let who = life.customer(name).await;
            let id = life.subscribe(who, basic, "2026-02-11", None).await;
            life.bill("2026-06-11").await;
            let foreseen = store::preview(&life.scope, id, Some((verb.clone(), None)), Some(d("2026-04-01"))).await.expect("foreseen");
            let before = life.invoices(who).await.len();
            crate::subscriptions::store::perform(&life.scope, id, verb).await.expect("done");
            life.bill("2026-06-11").await;
            let billed: Vec<_> = life.invoices(who).await.into_iter().skip(before).collect();
            let told: Vec<_> = foreseen.invoices.iter().map(|i| (i.on, i.total, i.lines.len())).collect();
            assert_eq!(told, billed.iter().map(|(i, lines)| (i.issued_on, i.total, lines.len())).collect::<Vec<_>>(), "{name}");
            match own {
                // 10 days of the period it falls in, and three periods after it.
                None => assert_eq!((&foreseen.first, foreseen.first.total.minor()), (&foreseen.invoices[0], -103_000)),
                // A change says first what it adds to its own period.
                Some(own) => assert_eq!((foreseen.first.lines.len(), foreseen.first.total.minor()), own),
            }
        }
        let (who, dear) = (life.customer("Pinned").await, life.monthly("Dear", 100_000).await);
        let id = life.subscribe(who, dear, "2026-02-01", Some(13)).await;
        life.bill("2026-04-13").await;
        let change = Verb::Change { plan_id: Some(pro), quantity: None, price: None, at: When::On(d("2026-03-16")) };
        let foreseen = store::preview(&life.scope, id, Some((change, None)), Some(d("2026-03-16"))).await.expect("foreseen");
        let own: Vec<_> = foreseen.first.lines.iter().map(|l| (l.period.expect("days").end, l.amount.minor())).collect();
        assert_eq!(own, [(d("2026-04-13"), -90_323), (d("2026-04-13"), 56_000)]);
        assert_eq!((foreseen.invoices.len(), foreseen.invoices[0].lines.len()), (1, 4));
    })
    .await;
}

#[tokio::test]
async fn a_preview_shows_every_currency_of_the_day() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-03-01").in_currency("EUR").await;
        let who = life.customer("Nile Wave").await;
        let euros = life.monthly("Basic", 3_100).await;
        let dollars = Life::on(&scope, "2026-03-01").monthly("Dollars", 2_000).await;
        for plan in [euros, dollars] {
            life.subscribe(who, plan, "2026-03-01", None).await;
        }
        let foreseen = store::preview_next(&life.scope, who).await.expect("foreseen");
        life.bill("2026-03-01").await;
        let billed: Vec<_> = life.invoices(who).await.into_iter().map(|(i, _)| i.total).collect();
        let mut told: Vec<_> = foreseen.invoices.iter().map(|i| i.total).collect();
        assert_eq!(foreseen.first, foreseen.invoices[0]);
        told.sort_by_key(|total| billed.iter().position(|b| b == total));
        assert_eq!((told.len(), told), (2, billed));
    })
    .await;
}

#[tokio::test]
async fn month_ends_and_a_leap_day() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-01-01");
        let (who, plan) = (life.customer("Month end").await, life.monthly("Basic", 3_100).await);
        life.subscribe(who, plan, "2024-01-31", None).await;
        life.bill("2024-06-30").await;
        let days: Vec<String> = life.totals(who).await.into_iter().map(|(day, _)| day).collect();
        assert_eq!(days, ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"]);
        let (leap, yearly) = (life.customer("Leap").await, life.plan("Yearly", 36_600, IntervalUnit::Year).await);
        let id = life.subscribe(leap, yearly, "2024-02-29", None).await;
        life.bill("2025-06-01").await;
        assert_eq!(life.totals(leap).await, [("2024-02-29".into(), 36_600), ("2025-02-28".into(), 36_600)]);
        // 1 December to 28 February: 89 days of 365.
        life.cancels(id, "2025-12-01", None).await;
        life.bill("2025-12-01").await;
        assert_eq!(life.totals(leap).await[2], ("2025-12-01".into(), -8_924));
    })
    .await;
}

#[tokio::test]
async fn up_and_down_over_two_years_in_any_currency() {
    on_each_database(|scope| async move {
        for (code, basic, pro) in [("USD", 2_900, 7_900), ("JPY", 3_001, 7_777), ("KWD", 9_999, 25_001)] {
            let mut life = Life::on(&scope, "2024-01-10").in_currency(code).await;
            let who = life.customer(code).await;
            let (basic, pro) = (life.monthly(&format!("Basic {code}"), basic).await, life.monthly(&format!("Pro {code}"), pro).await);
            let id = life.subscribe(who, basic, "2024-01-10", Some(25)).await;
            let mut billed = Vec::new();
            for month in 0..24u32 {
                let day = format!("{}-{:02}-28", 2024 + month / 12, month % 12 + 1);
                life.day(&day);
                match month {
                    5 => life.moves_to(id, pro, &day).await,
                    9 => life.takes(id, 3, &day).await,
                    14 => life.moves_to(id, basic, &day).await,
                    17 => life.cancels(id, &day, None).await,
                    19 => life.returns(id, &day).await,
                    _ => {}
                }
                let counts = life.bill(&day).await;
                assert_eq!(counts.parked, 0);
                billed.push(counts.finalized);
            }
            // A first part, 24 anchor days of which two are in the pause, three changes, and a part on coming back. The
            // period that service ends in was billed knowing that.
            assert_eq!(billed.iter().sum::<u64>(), 1 + 24 - 2 + 3 + 1, "{billed:?}");
            let sum: i64 = life.totals(who).await.iter().map(|(_, total)| total).sum();
            let (owed, credit) = life.balance(who).await;
            assert_eq!(sum, owed - credit, "the balance is the sum of the invoices");
        }
    })
    .await;
}

#[tokio::test]
async fn billing_late_makes_the_invoices_that_billing_daily_makes() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-01-10");
        let (basic, pro) = (life.monthly("Basic", 999).await, life.monthly("Pro", 2_999).await);
        let (daily, late) = (life.customer("Daily").await, life.customer("Late").await);
        let mut ids = Vec::new();
        for who in [daily, late] {
            let id = life.subscribe(who, basic, "2026-01-10", Some(31)).await;
            life.moves_to(id, pro, "2026-03-16").await;
            life.cancels(id, "2026-05-20", None).await;
            ids.push(id);
        }
        for day in d("2026-01-10").iter_days().take(150) {
            life.day(&day.to_string());
            store::bill_now(&life.scope, daily).await.expect("billed");
        }
        life.bill("2026-06-10").await;
        let words = |bills: Vec<String>| {
            bills.into_iter().map(|b| b.split_once(" INV-").map(|(day, rest)| (day.to_owned(), rest[10..].to_owned()))).collect::<Vec<_>>()
        };
        assert_eq!(words(life.bills(late).await), words(life.bills(daily).await));
        assert_eq!(life.bills(late).await.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_change_of_currency_is_two_invoices() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-04-20");
        let (who, dollars) = (life.customer("Nile Wave").await, life.monthly("Dollars", 3_000).await);
        let id = life.subscribe(who, dollars, "2026-04-01", None).await;
        life.bill("2026-04-01").await;
        let life = life.in_currency("EUR").await;
        let euros = life.monthly("Euros", 6_000).await;
        life.moves_to(id, euros, "2026-04-16").await;
        life.bill("2026-04-20").await;
        let mut totals: Vec<String> =
            life.invoices(who).await.iter().map(|(i, _)| format!("{} {}", i.total.minor(), i.total.currency())).collect();
        totals.sort();
        assert_eq!(totals, ["-1500 USD", "3000 EUR", "3000 USD"]);
    })
    .await;
}

#[tokio::test]
async fn how_a_day_is_billed_can_be_said_each_time() {
    on_each_database(|scope| async move {
        for (proration, total) in [(None, -1_500), (Some(Proration::None), 0), (Some(Proration::Full), -3_000)] {
            let life = Life::on(&scope, "2026-04-20");
            let who = life.customer("Nile Wave").await;
            let plan = life.monthly(&format!("Basic {total}"), 3_000).await;
            let id = life.subscribe(who, plan, "2026-04-01", None).await;
            life.bill("2026-04-01").await;
            life.cancels(id, "2026-04-16", proration).await;
            life.bill("2026-04-20").await;
            assert_eq!(life.totals(who).await[1..].iter().map(|(_, t)| t).sum::<i64>(), total);
        }
    })
    .await;
}

#[tokio::test]
async fn service_that_is_not_billed_goes_on() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-02-10");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 3_000).await);
        let id = life.subscribe(who, plan, "2026-01-01", None).await;
        life.bill("2026-02-10").await;
        assert!(switches::set_billing(&life.scope, id, false, Some("A gift".into())).await.expect("switched"));
        assert!(!switches::set_billing(&life.scope, id, false, None).await.expect("as it is"));
        life.day("2026-04-20");
        life.bill("2026-04-20").await;
        assert!(switches::set_billing(&life.scope, id, true, None).await.expect("switched"));
        life.day("2026-06-20");
        life.bill("2026-06-20").await;
        let days: Vec<String> = life.totals(who).await.into_iter().map(|(day, _)| day).collect();
        assert_eq!(days, ["2026-01-01", "2026-02-01", "2026-05-01", "2026-06-01"]);
    })
    .await;
}

#[tokio::test]
async fn days_of_a_pause_are_not_paid_and_what_was_paid_comes_back() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-03-01");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 3_100).await);
        let id = life.subscribe(who, plan, "2026-03-01", Some(1)).await;
        life.bill("2026-03-01").await;
        life.day("2026-03-05");
        let pause = Verb::Pause { at: When::On(d("2026-03-10")), resumes_on: Some(d("2026-03-20")) };
        crate::subscriptions::store::perform(&life.scope, id, pause.clone()).await.expect("paused");
        life.bill("2026-03-05").await;
        assert_eq!(life.totals(who).await.len(), 1, "it has not begun");
        // Taken back and set again: nothing was billed meanwhile, and nothing is.
        crate::subscriptions::store::perform(&life.scope, id, Verb::Resume { at: When::Now }).await.expect("taken back");
        life.bill("2026-03-05").await;
        crate::subscriptions::store::perform(&life.scope, id, pause).await.expect("paused");
        for day in ["2026-03-10", "2026-03-15", "2026-03-20", "2026-04-01"] {
            life.day(day);
            life.bill(day).await;
            assert_eq!(life.bill(day).await.finalized, 0, "{day}: billed twice");
        }
        // 22 of 31 days come back, 12 of 31 are charged: the 21 days with service are paid for.
        let totals: Vec<i64> = life.totals(who).await.into_iter().map(|(_, total)| total).collect();
        assert_eq!(totals, [3_100, -2_200, 1_200, 3_100]);
        life.day("2026-04-11");
        crate::subscriptions::store::perform(&life.scope, id, Verb::Pause { at: When::Now, resumes_on: None }).await.expect("paused");
        life.bill("2026-04-11").await;
        life.day("2026-08-01");
        life.bill("2026-08-01").await;
        assert_eq!(life.totals(who).await.len(), 5, "a credit, and nothing more while nobody resumes it");
        crate::subscriptions::store::perform(&life.scope, id, Verb::Resume { at: When::Now }).await.expect("back");
        life.bill("2026-08-01").await;
        assert_eq!(life.totals(who).await.last().cloned(), Some(("2026-08-01".into(), 3_100)));
    })
    .await;
}

#[tokio::test]
async fn service_that_is_withheld_is_billed() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-02-10");
        let (who, plan) = (life.customer("Nile Wave").await, life.monthly("Basic", 3_000).await);
        let id = life.subscribe(who, plan, "2026-01-01", None).await;
        assert!(switches::set_service(&life.scope, id, Service::Suspended, Some("A complaint".into())).await.expect("withheld"));
        let tx = life.scope.write().await.expect("a transaction");
        assert!(switches::give_back(&tx, id, Service::Full).await.expect("dunning leaves it").is_none(), "a person withheld it");
        drop(tx);
        assert!(switches::get(&life.scope, id).await.expect("there").service == Service::Suspended);
        life.bill("2026-02-10").await;
        assert_eq!(life.totals(who).await.len(), 2);
        assert!(switches::set_service(&life.scope, id, Service::Full, None).await.expect("given back"));
    })
    .await;
}

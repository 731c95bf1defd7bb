//! What becomes of what is billed already when a price, an interval, a setting or an invoice changes: nothing is charged
//! twice, and nothing stays charged.

use super::life::{Life, d};
use crate::customers::CustomerId;
use crate::invoices::model::LineKind;
use crate::invoices::store;
use crate::kit::databases::on_each_database;
use crate::kit::money::{Currency, Money};
use crate::kit::period::IntervalUnit;
use crate::subscriptions::model::{NewSubscription, Proration, SubscriptionId, Verb, When};
use crate::subscriptions::store as subscriptions;

fn to(plan: crate::plans::PlanId) -> Verb {
    Verb::Change { plan_id: Some(plan), quantity: None, price: None, at: When::Now }
}

fn times(quantity: i64) -> Verb {
    Verb::Change { plan_id: None, quantity: Some(quantity), price: None, at: When::Now }
}

/// All that a customer was billed.
async fn lines(life: &Life, who: CustomerId) -> Vec<(LineKind, String, i64)> {
    let of = life.invoices(who).await.into_iter().flat_map(|(_, lines)| lines);
    of.map(|l| (l.kind, l.description, l.amount.minor())).collect()
}

#[tokio::test]
async fn a_plan_that_gives_way_on_its_first_day_goes_back_whole() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-06-15");
        let (who, monthly) = (life.customer("Nile Wave").await, life.monthly("Monthly", 12_000).await);
        let yearly = life.plan("Yearly", 120_000, IntervalUnit::Year).await;
        let id = life.subscribe(who, yearly, "2026-06-15", None).await;
        life.bill("2026-06-15").await;
        life.does(who, id, to(monthly), None).await;
        assert_eq!(life.totals(who).await, [("2026-06-15".into(), 120_000), ("2026-06-15".into(), -108_000)]);
        let (_, lines) = life.invoices(who).await.pop().expect("an invoice");
        let credit = lines.iter().find(|line| line.kind == LineKind::Credit).expect("a credit");
        assert_eq!(credit.description, "Unused time of Yearly, 15 Jun 2026 to 14 Jun 2027");
        life.day("2026-08-16");
        life.bill("2026-08-16").await;
        assert_eq!(life.totals(who).await[2..], [("2026-07-15".into(), 12_000), ("2026-08-15".into(), 12_000)]);
    })
    .await;
}

#[tokio::test]
async fn a_credit_bears_the_tax_and_discount_of_a_charge_that_comes_with_it() {
    on_each_database(|scope| async move {
        let life = Life::on(&scope, "2026-02-15");
        life.taxes(150_000).await;
        let (basic, pro) = (life.monthly("Basic", 28_000).await, life.monthly("Pro", 56_000).await);
        for (name, off, want) in [("Taxed", 0, (49_000, 0, 7_350)), ("Half", 500_000, (49_000, 24_500, 3_675))] {
            let who = life.customer(name).await;
            // Nothing is issued before the last invoice, so that all that follows is on one.
            life.subscribe(who, basic, "2026-02-15", None).await;
            life.bill("2026-02-15").await;
            if off > 0 {
                life.takes_off(who, off).await;
            }
            let id = life.subscribe(who, basic, "2026-02-01", None).await;
            life.moves_to(id, pro, "2026-02-08").await;
            life.bill("2026-02-15").await;
            let (invoice, lines) = life.invoices(who).await.pop().expect("an invoice");
            assert_eq!(lines.iter().map(|l| l.amount.minor()).collect::<Vec<_>>(), [28_000, -21_000, 42_000]);
            assert_eq!((invoice.subtotal.minor(), invoice.discount.minor(), invoice.tax.minor()), want, "{name}");
            // And what is left of it goes back as it was charged: 14 of 28 days.
            life.does(who, id, Verb::Cancel { at: When::Now, reason: None }, None).await;
            let (invoice, _) = life.invoices(who).await.pop().expect("an invoice");
            let half = i64::from(off > 0) + 1;
            assert_eq!((invoice.subtotal.minor(), invoice.discount.minor()), (-28_000, if off > 0 { -14_000 } else { 0 }));
            assert_eq!(invoice.tax.minor(), -4_200 / half);
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_change_of_interval_gives_back_in_full_is_not_charged_again() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-01-10");
        life.taxes(150_000).await;
        let (who, monthly) = (life.customer("Nile Wave").await, life.monthly("Monthly", 31_000).await);
        let quarterly = life.plan("Quarterly", 90_000, IntervalUnit::Quarter).await;
        let id = life.subscribe(who, monthly, "2026-01-10", None).await;
        life.bill("2026-01-10").await;
        life.day("2026-01-20");
        life.does(who, id, to(quarterly), Some(Proration::Full)).await;
        assert_eq!(life.totals(who).await[1], ("2026-01-20".into(), 67_850), "90000 less 31000, and 15 % of it");
        for (day, quantity) in [("2026-02-01", 2), ("2026-02-05", 3)] {
            life.day(day);
            life.does(who, id, times(quantity), None).await;
            let (_, lines) = life.invoices(who).await.pop().expect("an invoice");
            assert!(lines.len() == 2 && lines.iter().all(|l| l.period.is_some_and(|p| p.start == d(day))), "{lines:?}");
        }
        life.does(who, id, Verb::Cancel { at: When::Now, reason: None }, Some(Proration::Full)).await;
        assert_eq!(life.bill("2026-02-05").await.finalized, 0);
    })
    .await;
}

#[tokio::test]
async fn a_setting_is_for_what_comes_after_it() {
    on_each_database(|scope| async move {
        use Proration::{Full, None as Nothing, Prorate};
        for (n, (first, second)) in [(Prorate, Nothing), (Prorate, Full), (Nothing, Prorate), (Full, Prorate)].into_iter().enumerate() {
            let mut life = Life::on(&scope, "2026-02-01");
            let (basic, pro) = (life.monthly(&format!("Basic {n}"), 31_000).await, life.monthly(&format!("Pro {n}"), 62_000).await);
            // One follows the setting, the other is told each time.
            let mut ids: Vec<(CustomerId, SubscriptionId, bool)> = Vec::new();
            life.prorates(first).await;
            for told in [false, true] {
                let who = life.customer(&format!("{n} {told}")).await;
                ids.push((who, life.subscribe(who, basic, "2026-02-01", Some(13)).await, told));
            }
            life.bill("2026-02-01").await;
            let mode = |told: bool, mode| Some(mode).filter(|_| told);
            life.day("2026-02-20");
            for (who, id, told) in &ids {
                life.does(*who, *id, to(pro), mode(*told, first)).await;
            }
            life.prorates(second).await;
            life.day("2026-03-15");
            for (who, id, told) in &ids {
                life.does(*who, *id, times(2), mode(*told, second)).await;
            }
            life.prorates(first).await;
            life.day("2026-03-20");
            for (who, id, told) in &ids {
                life.does(*who, *id, times(3), mode(*told, first)).await;
                life.does(*who, *id, Verb::Cancel { at: When::Now, reason: None }, mode(*told, first)).await;
            }
            let lines = async |who| {
                let of = life.invoices(who).await.into_iter().flat_map(|(_, lines)| lines);
                of.map(|l| (l.kind, l.period, l.amount.minor())).collect::<Vec<_>>()
            };
            let (follows, told) = (lines(ids[0].0).await, lines(ids[1].0).await);
            assert_eq!(follows, told, "{first:?}, then {second:?}");
            // Each change is on its own invoice alone.
            let credits =
                follows.iter().filter(|(kind, period, _)| *kind == LineKind::Credit && period.is_some_and(|p| p.start < d("2026-02-20")));
            assert_eq!(credits.count(), 0, "{follows:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_given_up_does_not_become_credit() {
    on_each_database(|scope| async move {
        // Of 3,450 with tax nothing was paid, or a third; half of the month is left.
        for (n, (paid, back)) in [(0, 0), (1_150, -575), (3_450, -1_725)].into_iter().enumerate() {
            let mut life = Life::on(&scope, "2026-04-01");
            if n == 0 {
                life.taxes(150_000).await;
            }
            let (who, plan) = (life.customer(&format!("Customer {n}")).await, life.monthly(&format!("Plan {n}"), 3_000).await);
            let id = life.subscribe(who, plan, "2026-04-01", None).await;
            life.bill("2026-04-01").await;
            let invoice = life.last(who).await;
            if paid > 0 {
                life.pays(who, invoice, paid, 0).await;
            }
            if paid < 3_450 {
                store::mark_uncollectible(&life.scope, invoice).await.expect("given up");
            }
            life.day("2026-04-16");
            life.does(who, id, Verb::Cancel { at: When::Now, reason: None }, None).await;
            assert_eq!((life.totals(who).await[1..].iter().map(|t| t.1).sum::<i64>(), life.balance(who).await), (back, (0, -back)));
            // Come back on the same day, it pays what it got back and no more.
            life.does(who, id, Verb::Reactivate { at: When::Now }, None).await;
            assert_eq!(life.totals(who).await[1..].iter().map(|t| t.1).sum::<i64>(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn an_own_price_is_instead_of_the_plans_and_of_nothing_else() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-01-10");
        life.meter("calls", crate::meters::Aggregation::Sum).await;
        let charges = super::arrears::all_kinds("calls");
        let plan = life.charging("Metered", 10_000, IntervalUnit::Month, charges).await;
        let own = Money::new(9_000, Currency::USD);
        let mut sold = Vec::new();
        for (name, price) in [("Standard", None), ("Own", Some(own))] {
            let who = life.customer(name).await;
            let new = NewSubscription {
                customer_id: who,
                plan_id: plan,
                started_on: d("2026-01-10"),
                trial_ends_on: None,
                ends_on: None,
                quantity: 2,
                price,
                external_id: None,
                payment_method: None,
                anchor_day: None,
            };
            sold.push((who, subscriptions::create(&life.scope, new).await.expect("a subscription")));
        }
        life.day("2026-01-15");
        for (_, id) in &sold {
            life.uses(*id, "calls", 1_095, "2026-01-15").await;
        }
        life.day("2026-02-10");
        life.bill("2026-02-10").await;
        let (standard, other) = (lines(&life, sold[0].0).await, lines(&life, sold[1].0).await);
        assert_eq!(standard.len(), other.len(), "{standard:?} {other:?}");
        for (one, own) in standard.iter().zip(&other) {
            let want = match one.2 {
                20_000 => 18_000,
                // The minimum tops up what the price lacks.
                minimum if one.1.starts_with("Minimum") => minimum + 2_000,
                same => same,
            };
            assert_eq!((&own.0, &own.1, own.2), (&one.0, &one.1, want));
        }
        let detail = subscriptions::detail(&life.scope, sold[1].1).await.expect("there");
        assert_eq!((detail.phases[0].version, detail.phases[0].price), (None, own), "its price is no version's");
        // A new price of the plan is not for it, and a change to an own price loses nothing.
        let version = crate::plans::store::get(&life.scope, plan).await.expect("there").version;
        crate::plans::store::change_price(
            &life.scope,
            plan,
            crate::plans::model::NewPrice { price: Money::new(11_000, Currency::USD), move_from: None },
        )
        .await
        .expect("changed");
        let latest = crate::plans::store::get(&life.scope, plan).await.expect("there").version;
        assert_ne!(version, latest);
        let nobody = SubscriptionId(uuid::Uuid::nil());
        let (moved, _) = subscriptions::move_batch(&life.scope, plan, latest, d("2026-02-10"), nobody).await.expect("moved");
        assert_eq!(moved, 1);
        let verb = Verb::Change { plan_id: None, quantity: None, price: Some(Money::new(12_000, Currency::USD)), at: When::Now };
        life.does(sold[0].0, sold[0].1, verb, None).await;
        life.uses(sold[0].1, "calls", 600, "2026-02-10").await;
        life.day("2026-03-10");
        life.bill("2026-03-10").await;
        assert!(lines(&life, sold[0].0).await.iter().any(|(kind, _, minor)| *kind == LineKind::Usage && *minor == 1_500));
        let setups = lines(&life, sold[0].0).await.iter().filter(|(kind, _, _)| *kind == LineKind::OneOff).count();
        assert_eq!(setups, 1, "set up once");
    })
    .await;
}

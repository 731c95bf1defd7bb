//! What is charged after the fact: usage and minimums of periods that end, change or break off.

use super::life::{Life, d};
use crate::customers::CustomerId;
use crate::invoices::model::LineKind;
use crate::kit::databases::on_each_database;
use crate::kit::period::IntervalUnit;
use crate::meters::Aggregation;
use crate::plans::charges::{ChargeType, NewCharge};
use crate::plans::tiers::{PriceModel, Tier};
use crate::subscriptions::model::{Proration, Verb, When};

fn charge(kind: ChargeType, name: &str, model: PriceModel, amount_minor: i64) -> NewCharge {
    NewCharge { kind, name: name.into(), model, amount_minor, package_size: 1, included: 0, tiers: Vec::new(), meter: None }
}

pub fn per_unit(meter: &str, minor: i64, included: i64) -> NewCharge {
    NewCharge { included, meter: Some(meter.into()), ..charge(ChargeType::Usage, "Calls", PriceModel::PerUnit, minor) }
}

pub fn minimum(minor: i64) -> NewCharge {
    charge(ChargeType::Minimum, "Minimum", PriceModel::Flat, minor)
}

/// A charge of each kind.
pub fn all_kinds(meter: &str) -> Vec<NewCharge> {
    let seats = Tier { up_to: None, unit_minor: 500, flat_minor: 0 };
    vec![
        per_unit(meter, 3, 100),
        charge(ChargeType::Setup, "Installation", PriceModel::Flat, 5_000),
        minimum(40_000),
        NewCharge { tiers: vec![seats], ..charge(ChargeType::Tiers, "Seats", PriceModel::Volume, 0) },
    ]
}

/// Days and amounts of all that a customer was billed for usage and minimums.
async fn billed(life: &Life, who: CustomerId) -> Vec<String> {
    let lines = life.invoices(who).await.into_iter().flat_map(|(_, lines)| lines).filter(|line| line.kind == LineKind::Usage);
    lines.map(|l| format!("{} × {}: {}", l.description, l.quantity, l.amount.minor())).collect()
}

fn to(plan: crate::plans::PlanId) -> Verb {
    Verb::Change { plan_id: Some(plan), quantity: None, price: None, at: When::Now }
}

const CANCEL: Verb = Verb::Cancel { at: When::Now, reason: None };

#[tokio::test]
async fn usage_costs_what_the_plan_of_its_day_asks() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-01-10");
        life.meter("calls", Aggregation::Sum).await;
        let metered = life.charging("Metered", 10_000, IntervalUnit::Month, vec![per_unit("calls", 3, 0)]).await;
        let (cheap, flat) =
            (life.charging("Cheap", 20_000, IntervalUnit::Month, vec![per_unit("calls", 1, 0)]).await, life.monthly("Flat", 20_000).await);
        let (leaves, upgrades) = (life.customer("Leaves").await, life.customer("Upgrades").await);
        let (left, upgraded) =
            (life.subscribe(leaves, metered, "2026-01-10", None).await, life.subscribe(upgrades, metered, "2026-01-10", None).await);
        life.bill("2026-01-10").await;
        life.day("2026-02-08");
        for id in [left, upgraded] {
            life.uses(id, "calls", 1_000, "2026-01-15").await;
        }
        life.does(leaves, left, to(flat), None).await;
        life.does(upgrades, upgraded, to(cheap), None).await;
        life.uses(upgraded, "calls", 10, "2026-02-08").await;
        // Back again: what was used before the detour is billed all the same.
        life.day("2026-02-11");
        life.does(leaves, left, to(metered), None).await;
        life.day("2026-03-12");
        life.bill("2026-03-12").await;
        assert_eq!(billed(&life, leaves).await, ["Calls, 10 Jan 2026 to 7 Feb 2026 × 1000: 3000"]);
        let want = ["Calls, 10 Jan 2026 to 7 Feb 2026 × 1000: 3000", "Calls, 8 Feb 2026 to 9 Feb 2026 × 10: 10"];
        assert_eq!(billed(&life, upgrades).await, want);
        // A change of what is over does not bill it anew.
        life.does(upgrades, upgraded, to(flat), None).await;
        assert_eq!(billed(&life, upgrades).await, want);
    })
    .await;
}

#[tokio::test]
async fn an_allowance_counts_once_where_the_charges_stay_and_a_measure_by_its_days() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-04-01");
        life.meter("calls", Aggregation::Sum).await;
        life.meter("seats", Aggregation::Max).await;
        let charges = |seat: i64| vec![per_unit("calls", 2, 100), NewCharge { name: "Seats".into(), ..per_unit("seats", seat, 0) }];
        let basic = life.charging("Basic", 3_000, IntervalUnit::Month, charges(300)).await;
        let pro = life.charging("Pro", 6_000, IntervalUnit::Month, charges(600)).await;
        let (who, other) = (life.customer("Grows").await, life.customer("Upgrades").await);
        let (grows, upgrades) =
            (life.subscribe(who, basic, "2026-04-01", None).await, life.subscribe(other, basic, "2026-04-01", None).await);
        life.bill("2026-04-01").await;
        life.day("2026-04-11");
        for id in [grows, upgrades] {
            life.uses(id, "calls", 90, "2026-04-05").await;
            life.uses(id, "seats", 10, "2026-04-05").await;
        }
        let twice = Verb::Change { plan_id: None, quantity: Some(2), price: None, at: When::Now };
        life.does(who, grows, twice, None).await;
        life.does(other, upgrades, to(pro), None).await;
        for id in [grows, upgrades] {
            life.uses(id, "calls", 90, "2026-04-11").await;
            life.uses(id, "seats", 10, "2026-04-11").await;
        }
        life.day("2026-05-01");
        life.bill("2026-05-01").await;
        let want = ["Calls, 1 Apr 2026 to 30 Apr 2026 × 180: 160", "Seats, 1 Apr 2026 to 30 Apr 2026 × 10: 3000"];
        assert_eq!(billed(&life, who).await, want);
        // The change is one of the seats: 10 of 30 days at 3000, 20 at 6000. Calls have their allowance once.
        let want = [want[0], "Seats, 1 Apr 2026 to 10 Apr 2026 × 10: 1000", "Seats, 11 Apr 2026 to 30 Apr 2026 × 10: 4000"];
        assert_eq!(billed(&life, other).await, want);
    })
    .await;
}

#[tokio::test]
async fn a_minimum_counts_all_that_was_charged_for_its_period() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-03-01");
        life.meter("calls", Aggregation::Sum).await;
        let plan = life.charging("Least", 31_000, IntervalUnit::Month, vec![per_unit("calls", 3, 100), minimum(62_000)]).await;
        let who = life.customer("Nile Wave").await;
        let id = life.subscribe(who, plan, "2026-03-01", None).await;
        life.bill("2026-03-01").await;
        life.day("2026-03-15");
        life.uses(id, "calls", 300, "2026-03-05").await;
        // As dunning does it.
        life.does(who, id, CANCEL, Some(Proration::None)).await;
        let want = ["Calls, 1 Mar 2026 to 14 Mar 2026 × 300: 600", "Minimum, 1 Mar 2026 to 14 Mar 2026 × 1: 30400"];
        assert_eq!(billed(&life, who).await, want, "62000 in all");
    })
    .await;
}

#[tokio::test]
async fn a_preview_of_what_ends_a_period_shows_its_usage() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-02-05");
        life.taxes(150_000).await;
        life.meter("calls", Aggregation::Sum).await;
        let metered = life.charging("Metered", 28_000, IntervalUnit::Month, vec![per_unit("calls", 3, 0)]).await;
        let quarterly = life.plan("Quarterly", 90_000, IntervalUnit::Quarter).await;
        let pause = Verb::Pause { at: When::Now, resumes_on: Some(d("2026-02-20")) };
        let mut ids = Vec::new();
        for (name, verb, total) in [("Ends", CANCEL, -15_000), ("Changes", to(quarterly), 75_000), ("Pauses", pause, -15_000)] {
            let who = life.customer(name).await;
            ids.push((who, life.subscribe(who, metered, "2026-02-05", None).await, verb, total));
        }
        life.bill("2026-02-05").await;
        life.day("2026-02-15");
        for (who, id, verb, total) in ids {
            life.uses(id, "calls", 1_000, "2026-02-06").await;
            life.does(who, id, verb, None).await;
            let (invoice, _) = life.invoices(who).await.pop().expect("an invoice");
            // 18 of 28 days go back, and 1000 calls are billed.
            assert_eq!(invoice.subtotal.minor(), total, "{:?}", billed(&life, who).await);
            assert_eq!(billed(&life, who).await, ["Calls, 5 Feb 2026 to 14 Feb 2026 × 1000: 3000"]);
        }
    })
    .await;
}

#[tokio::test]
async fn who_comes_back_on_the_day_pays_for_what_follows_and_no_usage_twice() {
    on_each_database(|scope| async move {
        let mut life = Life::on(&scope, "2026-03-01");
        life.meter("calls", Aggregation::Sum).await;
        let plan = life.charging("Metered", 3_100, IntervalUnit::Month, vec![per_unit("calls", 1, 0)]).await;
        let who = life.customer("Nile Wave").await;
        let id = life.subscribe(who, plan, "2026-03-01", None).await;
        life.bill("2026-03-01").await;
        life.day("2026-03-11");
        life.uses(id, "calls", 70, "2026-03-05").await;
        life.does(who, id, CANCEL, None).await;
        life.does(who, id, Verb::Reactivate { at: When::Now }, None).await;
        life.day("2026-03-20");
        life.uses(id, "calls", 5, "2026-03-20").await;
        // It was so late that its days are closed: it counts on the first that is open.
        life.uses(id, "calls", 2, "2026-03-06").await;
        life.day("2026-04-01");
        life.bill("2026-04-01").await;
        let want = ["Calls, 1 Mar 2026 to 10 Mar 2026 × 70: 70", "Calls, 11 Mar 2026 to 31 Mar 2026 × 7: 7"];
        assert_eq!(billed(&life, who).await, want);
        assert_eq!(life.totals(who).await.iter().map(|(_, total)| total).sum::<i64>(), 2 * 3_100 + 77);
        // Replaced, an invoice with usage bills it anew.
        let last = life.last(who).await;
        crate::invoices::store::replace(&life.scope, last, None).await.expect("replaced");
        assert_eq!(billed(&life, who).await, [want[0], want[1], want[1]], "the void one's among them");
        life.sound().await;
    })
    .await;
}

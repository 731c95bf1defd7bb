//! What is charged by tiers of the quantity is part of the price, and of MRR.

use super::*;
use crate::plans::charges::{ChargeType, NewCharge};
use crate::plans::store::charges;
use crate::plans::tiers::{PriceModel, Tier};

/// Volume tiers: 25 cost 1,250, and 11 cost 880.
fn seats() -> NewCharge {
    let tier = |up_to, unit_minor| Tier { up_to, unit_minor, flat_minor: 0 };
    NewCharge {
        kind: ChargeType::Tiers,
        name: "Seats".into(),
        model: PriceModel::Volume,
        amount_minor: 0,
        package_size: 1,
        included: 0,
        tiers: vec![tier(Some(10), 100), tier(Some(20), 80), tier(None, 50)],
        meter: None,
    }
}

async fn write(scope: &Scope, sql: &str) {
    let tx = scope.write().await.expect("begins");
    tx.run(sql, [tx.seller_id().0.into()]).await.expect("written");
    tx.commit_quietly().await.expect("committed");
}

#[tokio::test]
async fn tiers_are_in_mrr_and_decide_when_a_change_takes_effect() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-20"));
        let (who, free) = (customer(&scope).await, plan(&scope, "Seats", 0, "USD", IntervalUnit::Month).await);
        let (other, yearly) = (customer(&scope).await, plan(&scope, "Yearly seats", 12_000, "USD", IntervalUnit::Year).await);
        for plan in [free, yearly] {
            charges::add(&scope, plan, seats(), None).await.expect("a charge");
        }
        let id = create(&scope, NewSubscription { quantity: 25, ..begin(who, free, "2026-03-01") }).await.expect("begun");
        assert_eq!(mrr(&scope, who).await, 1_250);
        // 11 units at 12,000 a year, and 880 a year by tiers.
        create(&scope, NewSubscription { quantity: 11, ..begin(other, yearly, "2026-03-01") }).await.expect("begun");
        assert_eq!(mrr(&scope, other).await, 11_073);
        let natural = async |quantity| natural_day(&scope, id, None, Some(quantity), None).await.expect("a day");
        assert_eq!((natural(11).await, natural(30).await), (When::PeriodEnd, When::Now));

        let verb = Verb::Change { plan_id: None, quantity: Some(11), price: None, at: When::Now };
        let effect = preview(&scope, id, verb.clone()).await.expect("a preview");
        assert_eq!((effect.before.minor(), effect.after.minor()), (1_250, 880));
        perform(&scope, id, verb).await.expect("changed");
        let history = crate::customers::store::mrr_history(&scope, who).await.expect("a history");
        assert_eq!(history.iter().map(|m| m.kind.word()).collect::<Vec<_>>(), ["new", "contraction"]);
        assert_eq!(rebuild(&scope).await.expect("rebuilt").differing_movements, 0);
    })
    .await;
}

#[tokio::test]
async fn a_rebuild_prices_anew_what_is_charged_by_tiers_and_nothing_else() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-20"));
        let (who, tiered) = (customer(&scope).await, plan(&scope, "Seats", 0, "USD", IntervalUnit::Month).await);
        let (other, flat) = (customer(&scope).await, plan(&scope, "Flat", 500, "USD", IntervalUnit::Month).await);
        charges::add(&scope, tiered, seats(), None).await.expect("a charge");
        let id = create(&scope, NewSubscription { quantity: 25, ..begin(who, tiered, "2026-03-01") }).await.expect("begun");
        create(&scope, begin(other, flat, "2026-03-01")).await.expect("begun");
        // As it was before tiers counted.
        for table in ["subscription_phases", "subscriptions"] {
            let sql = format!(
                "UPDATE {table} SET mrr_minor = 0 WHERE seller_id = $1 AND plan_id IN (SELECT v.plan_id FROM plan_versions v \
                 JOIN plan_charges c ON c.seller_id = v.seller_id AND c.plan_version_id = v.id WHERE v.seller_id = $1)"
            );
            write(&scope, &sql).await;
        }
        let tx = scope.write().await.expect("begins");
        refresh_customers(&tx, &[who]).await.expect("refreshed");
        tx.commit_quietly().await.expect("committed");
        assert_eq!(mrr(&scope, who).await, 0);
        let rebuilt = rebuild(&scope).await.expect("rebuilt");
        assert_eq!((rebuilt.customers, rebuilt.movements), (2, 2));
        assert_eq!((mrr(&scope, who).await, mrr(&scope, other).await), (1_250, 500));
        assert_eq!(get(&scope, id).await.expect("there").monthly.minor(), 1_250);
        assert_eq!(rebuild(&scope).await.expect("rebuilt").differing_movements, 0);
    })
    .await;
}

#[tokio::test]
async fn periods_begin_on_a_day_that_is_on_offer() {
    on_each_database(|scope| async move {
        let scope = scope.at(noon("2026-03-20"));
        let (who, plan) = (customer(&scope).await, plan(&scope, "Basic", 500, "USD", IntervalUnit::Month).await);
        let on = |day| NewSubscription { anchor_day: day, ..begin(who, plan, "2026-03-01") };
        create(&scope, on(Some(13))).await.expect("nothing is said of days");
        write(&scope, "INSERT INTO billing_settings (seller_id, anchor_days, updated_at) VALUES ($1, '[1, 25]', '2026-03-20T12:00:00Z')")
            .await;
        let refused = create(&scope, on(Some(13))).await.expect_err("not on offer").fields();
        assert_eq!(refused.first("anchor_day"), Some("must be one of the days on offer: 1, 25"));
        create(&scope, on(Some(25))).await.expect("on offer");
        create(&scope, on(None)).await.expect("the anniversary always is");
    })
    .await;
}

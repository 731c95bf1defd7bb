//! The overview on both databases: what it says, what it costs, and what it hides.

use sea_orm::Value;
use uuid::Uuid;

use super::*;
use crate::dashboard::model::{Matter, Waiting};
use crate::kit::databases::{new_seller, noon, on_each_database};
use crate::kit::db::Sql;
use crate::kit::period::day;
use crate::kit::permission::Permissions;
use crate::kit::scope::{Actor, Origin};
use crate::movements::{PaidStretch, refresh};

fn d(text: &str) -> NaiveDate {
    day(text).expect("a day")
}

/// One customer with one subscription, written as the stores of those features write it.
struct Sold {
    n: u128,
    from: &'static str,
    trial_until: Option<&'static str>,
    until: Option<&'static str>,
    mrr_minor: i64,
}

async fn sell(scope: &Scope, sold: &[Sold]) {
    let tx = scope.write().await.expect("a transaction");
    let seller = || Value::from(tx.seller_id().0);
    let plan = Uuid::from_u128(1);
    let sql = "INSERT INTO plans (seller_id, id, name, interval_unit, interval_count, currency, created_at) VALUES ($1, $2, 'Basic', 'month', 1, 'USD', $3)";
    tx.run(sql, [seller(), plan.into(), noon().into()]).await.expect("a plan");
    for s in sold {
        let (id, from, until) = (Uuid::from_u128(s.n), d(s.from), s.until.map(d));
        let pays_from = s.trial_until.map_or(from, d);
        let stretch = PaidStretch { plan, from: pays_from, until, mrr_minor: s.mrr_minor, reason: until.map(|_| "price".into()) };
        let sql = "INSERT INTO customers (seller_id, id, name, created_at) VALUES ($1, $2, $3, $4)";
        tx.run(sql, [seller(), id.into(), format!("Customer {}", s.n).into(), noon().into()]).await.expect("a customer");
        crate::customers::store::index_words(&tx, &[(crate::customers::CustomerId(id), format!("Customer {}", s.n), None, None)])
            .await
            .expect("words");
        let mrr = refresh(&tx, id, &[stretch]).await.expect("refreshed");
        tx.run("UPDATE customers SET mrr_minor = $3 WHERE seller_id = $1 AND id = $2", [seller(), id.into(), mrr.today_minor.into()])
            .await
            .expect("an update");
        let sql = "INSERT INTO subscriptions (seller_id, id, customer_id, plan_id, started_on, trial_ends_on, ended_on, created_at, mrr_minor) \
                   VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8)";
        let values =
            [seller(), id.into(), plan.into(), from.into(), s.trial_until.map(d).into(), until.into(), noon().into(), s.mrr_minor.into()];
        tx.run(sql, values).await.expect("a subscription");
        let sql = "INSERT INTO subscription_phases (seller_id, id, subscription_id, customer_id, plan_id, quantity, unit_amount_minor, currency, \
                   interval_unit, interval_count, starts_on, ends_on, pays_from, mrr_minor, rate_nano) \
                   VALUES ($1, $2, $2, $2, $3, 1, $4, 'USD', 'month', 1, $5, $6, $7, $4, 1000000000)";
        let values = [seller(), id.into(), plan.into(), s.mrr_minor.into(), from.into(), until.into(), pays_from.into()];
        tx.run(sql, values).await.expect("a phase");
    }
    tx.commit_quietly().await.expect("a commit");
}

/// As of noon of 15 November 2026.
const BOOK: &[Sold] = &[
    Sold { n: 1, from: "2026-01-01", trial_until: None, until: None, mrr_minor: 10_000 },
    Sold { n: 2, from: "2026-10-20", trial_until: None, until: None, mrr_minor: 50_000 },
    Sold { n: 3, from: "2026-02-01", trial_until: None, until: Some("2026-11-12"), mrr_minor: 30_000 },
    Sold { n: 4, from: "2026-09-01", trial_until: None, until: Some("2026-10-01"), mrr_minor: 7_000 },
    Sold { n: 5, from: "2026-11-03", trial_until: Some("2026-11-17"), until: None, mrr_minor: 4_000 },
    Sold { n: 6, from: "2026-03-01", trial_until: None, until: Some("2026-11-20"), mrr_minor: 2_000 },
];

#[tokio::test]
async fn it_says_how_things_stand() {
    on_each_database(|scope| async move {
        sell(&scope, BOOK).await;
        let of = overview(&scope, Span::Days30).await.expect("an overview");
        let s = of.standing.expect("revenue");
        assert_eq!((of.first, of.today), (d("2026-10-17"), d("2026-11-15")));
        // Before the period 1, 3 and 6 paid; 2 came, 3 left; 4 came and left before.
        assert_eq!((s.mrr.before, s.mrr.now), (42_000, 62_000));
        assert_eq!((s.mrr.points.first(), s.mrr.points.last()), (Some(&42_000), Some(&62_000)));
        assert_eq!((s.customers.before, s.customers.now), (3, 3));
        assert_eq!((s.movements.flow.new, s.movements.flow.churn), (50_000, 30_000));
        assert_eq!((s.net_new.now, s.net_new.before), (20_000, -7_000));
        assert_eq!(s.churn.map(Ratio::decimal), Some("0.333333333".into()));
        assert_eq!(s.churn_before.map(Ratio::decimal), Some("0.25".into()));
        assert_eq!(s.levels.plans, [("Basic".to_owned(), s.mrr.points.clone())]);
        let top: Vec<_> = s.top.iter().map(|c| (c.name.as_str(), c.plan.as_str(), c.mrr.minor(), c.before.minor())).collect();
        assert_eq!(top[0], ("Customer 2", "Basic", 50_000, 0));
        assert_eq!((top.len(), top[1]), (3, ("Customer 1", "Basic", 10_000, 10_000)));
        let trials = of.trials.expect("trials");
        assert_eq!((trials.before, trials.now), (0, 1));
        let [trial, ending, lost] = &of.matters[..] else { panic!("{:?}", of.matters) };
        assert!(matches!(trial, Matter::TrialsEnd { count: 1, name: Some(name), .. } if name == "Customer 5"), "{trial:?}");
        assert!(matches!(ending, Matter::SubscriptionsEnd { count: 1, mrr, .. } if mrr.minor() == 2_000), "{ending:?}");
        assert!(matches!(lost, Matter::Lost { amount, reason: Some(_), .. } if amount.minor() == 30_000), "{lost:?}");
    })
    .await;
}

/// What waits: an overdue invoice with a case whose next step is due, a receipt, a customer left out of a run, a dead job.
async fn neglect(scope: &Scope) {
    let tx = scope.write().await.expect("a transaction");
    let (seller, one) = (|| Value::from(tx.seller_id().0), || Value::from(Uuid::from_u128(1)));
    let run = async |sql: &str, values: Vec<Value>| tx.run(sql, values).await.expect("a row");
    run(
        "INSERT INTO invoices (seller_id, id, number, customer_id, status, origin, currency, issued_on, due_on, subtotal_minor, \
         discount_minor, tax_minor, total_minor, due_minor, seller_details, customer_details, finalized_at, created_at) \
         VALUES ($1, $2, 'INV-1', $2, 'open', 'manual', 'USD', '2026-10-01', '2026-10-15', 82200, 0, 0, 82200, 82200, '{}', '{}', $3, $3)",
        vec![seller(), one(), noon().into()],
    )
    .await;
    let policy = "INSERT INTO dunning_policies (seller_id, id, name, created_at) VALUES ($1, $2, 'Neglected', $3)";
    run(policy, vec![seller(), one(), noon().into()]).await;
    let step = "INSERT INTO dunning_steps (seller_id, policy_id, position, day, action) VALUES ($1, $2, 0, 30, 'cancel')";
    run(step, vec![seller(), one()]).await;
    run(
        "INSERT INTO dunning_cases (seller_id, id, invoice_id, customer_id, policy_id, status, next_on, opened_at, currency) \
         VALUES ($1, $2, $2, $2, $2, 'open', '2026-12-04', $3, 'USD')",
        vec![seller(), one(), noon().into()],
    )
    .await;
    run(
        "INSERT INTO receipts (seller_id, id, file_key, file_name, content_type, size_bytes, sha256, status, uploaded_by, uploaded_at) \
         VALUES ($1, $2, 'k', 'r.pdf', 'application/pdf', 1, 'x', 'waiting', 'Nadia', $3)",
        vec![seller(), one(), noon().into()],
    )
    .await;
    let alert =
        "INSERT INTO billing_alerts (seller_id, id, customer_id, reason, details, created_at) VALUES ($1, $2, $2, 'too_many', '{}', $3)";
    run(alert, vec![seller(), one(), noon().into()]).await;
    let job = "INSERT INTO jobs (id, seller_id, kind, payload, status, run_at, attempts, created_at, finished_at) \
               VALUES ($2, $1, 'imports.subscriptions', '{}', 'dead', $3, 3, $3, $3)";
    run(job, vec![seller(), Uuid::now_v7().into(), noon().into()]).await;
    tx.commit_quietly().await.expect("a commit");
}

#[tokio::test]
async fn what_is_owed_and_what_nobody_looked_at_needs_someone() {
    on_each_database(|scope| async move {
        sell(&scope, &BOOK[..1]).await;
        assert_eq!(waiting(&scope).await.expect("counts"), Waiting::default());
        neglect(&scope).await;
        let matters = overview(&scope, Span::Days30).await.expect("an overview").matters;
        let [jobs, dunning, parked, receipts] = &matters[..] else { panic!("{matters:?}") };
        let day = d("2026-11-15");
        assert_eq!(*jobs, Matter::JobsFailed { count: 1, since: Some(day) });
        let Matter::Dunning { count: 1, at_risk, since, next: Some(next) } = dunning else { panic!("{dunning:?}") };
        assert_eq!((at_risk[0].minor(), *since, next.on), (82_200, d("2026-10-15"), d("2026-12-04")));
        assert_eq!((next.action, next.customer.as_str()), (crate::dunning::StepAction::Cancel, "Customer 1"));
        assert_eq!(*parked, Matter::Parked { count: 1, since: day, name: Some("Customer 1".into()) });
        assert_eq!(*receipts, Matter::ReceiptsWait { count: 1, since: day });
        assert_eq!(waiting(&scope).await.expect("counts"), Waiting { unread: 0, receipts: 1, dunning: 1, jobs: 1 });
        let of = |may: &[Permission]| {
            let (db, seller, may) = (scope.db().clone(), scope.seller().clone(), Permissions::of(may));
            Scope::of(db, Actor::System("test"), seller, may, noon(), Origin::default())
        };
        let few = of(&[Permission::UseConsole, Permission::ReadPayments]);
        assert_eq!(waiting(&few).await.expect("counts"), Waiting { receipts: 1, ..Waiting::default() });
        let found = find(&scope, "INV-1").await.expect("found");
        assert_eq!(found.iter().map(|f| f.label.as_str()).collect::<Vec<_>>(), ["INV-1 \u{b7} Customer 1"]);
        assert_eq!(find(&scope, "customer 1").await.expect("found").len(), 3, "the customer, its subscription and its invoice");
        assert_eq!(find(&few, "customer 1").await.expect("found"), []);
    })
    .await;
}

#[tokio::test]
async fn an_empty_seller_has_an_overview_and_sees_nobody_elses() {
    on_each_database(|scope| async move {
        sell(&scope, BOOK).await;
        let other = new_seller(scope.db(), "other", "JPY", "Asia/Tokyo").await;
        for span in Span::ALL {
            let of = overview(&other, *span).await.expect("an overview");
            let s = of.standing.expect("revenue");
            assert_eq!((s.mrr.now, s.churn, s.top.len(), of.matters.len()), (0, None, 0, 0), "{span}");
            assert!(overview(&scope, *span).await.expect("an overview").standing.is_some_and(|s| s.mrr.now == 62_000));
        }
    })
    .await;
}

#[tokio::test]
async fn who_may_not_see_revenue_sees_none() {
    on_each_database(|scope| async move {
        sell(&scope, BOOK).await;
        let may = Permissions::of(&[Permission::UseConsole, Permission::ReadSubscriptions]);
        let support = Scope::of(scope.db().clone(), Actor::System("test"), scope.seller().clone(), may, noon(), Origin::default());
        let of = overview(&support, Span::Days30).await.expect("an overview");
        assert!(of.standing.is_none() && of.trials.is_some());
        assert!(of.matters.iter().all(|m| !matches!(m, Matter::Lost { .. } | Matter::JobsFailed { .. })));
    })
    .await;
}

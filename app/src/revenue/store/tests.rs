//! The figures against a book that is worked out here from its stretches, on both databases.

use std::collections::BTreeMap;

use chrono::Days as Length;
use sea_orm::Value;
use uuid::Uuid;

use super::super::model::Retained;
use super::*;
use crate::kit::databases::{new_seller, on_each_database};
use crate::kit::db::Sql;
use crate::kit::paging::ListQuery;
use crate::kit::period::day;
use crate::movements::{MovementKind, PaidStretch, derive, refresh_many};

type Book = BTreeMap<Uuid, Vec<PaidStretch>>;

fn d(text: &str) -> NaiveDate {
    day(text).expect("a day")
}

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

/// 200 customers on 3 plans, each with up to 5 stretches between January 2025 and 2027; the same every time.
fn book() -> Book {
    let mut seed = 11u64;
    let mut next = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut stretch = |_| {
        let from = d("2025-01-01") + Length::new(next(700));
        let until = (next(4) > 0).then(|| from + Length::new(next(250)));
        let (plan, mrr_minor) = (Uuid::from_u128(1 + u128::from(next(3))), 100 * next(80) as i64);
        PaidStretch { plan, from, until, mrr_minor, reason: until.map(|_| "price".into()) }
    };
    (1..=200u128).map(|n| (Uuid::from_u128(n), (0..n % 6).map(&mut stretch).collect())).collect()
}

/// Writes the customers, the plans and the movements of `book`.
async fn write(scope: &Scope, book: &Book) {
    let tx = scope.write().await.expect("a transaction");
    let seller = || Value::from(tx.seller_id().0);
    for n in 1..=3u128 {
        let sql = "INSERT INTO plans (seller_id, id, name, interval_unit, interval_count, currency, created_at) \
                   VALUES ($1, $2, $3, 'month', 1, 'USD', $4)";
        tx.run(sql, [seller(), Uuid::from_u128(n).into(), format!("Plan {n}").into(), scope.now().into()]).await.expect("a plan");
    }
    for id in book.keys() {
        let sql = "INSERT INTO customers (seller_id, id, name, created_at) VALUES ($1, $2, $3, $4)";
        tx.run(sql, [seller(), (*id).into(), format!("Customer {:03}", id.as_u128()).into(), scope.now().into()])
            .await
            .expect("a customer");
    }
    refresh_many(&tx, book.clone().into_iter().collect()).await.expect("refreshed");
    tx.commit_quietly().await.expect("a commit");
}

fn mrr(stretches: &[PaidStretch], day: NaiveDate, plan: Option<Uuid>) -> i64 {
    let pays = |s: &&PaidStretch| s.from <= day && s.until.is_none_or(|until| day < until) && plan.is_none_or(|p| p == s.plan);
    stretches.iter().filter(pays).map(|s| s.mrr_minor).sum()
}

fn total(book: &Book, day: NaiveDate, plan: Option<Uuid>) -> (i64, i64) {
    let levels: Vec<i64> = book.values().map(|s| mrr(s, day, plan)).collect();
    (levels.iter().sum(), levels.iter().filter(|l| **l > 0).count() as i64)
}

/// From the definitions, customer by customer.
fn retained_of(book: &Book, first: NaiveDate, last: NaiveDate) -> Retained {
    let mut kept = Retained::default();
    for stretches in book.values() {
        let start = mrr(stretches, first - Length::new(1), None);
        if start == 0 {
            continue;
        }
        let derived = derive(stretches).total;
        let moved = |kinds: &[MovementKind]| -> i64 {
            let of = derived.iter().filter(|m| first <= m.day && m.day <= last && kinds.contains(&m.kind));
            of.map(|m| m.amount_minor()).sum()
        };
        let loss = moved(&[MovementKind::Contraction, MovementKind::Churn]);
        kept.churned += i64::from(moved(&[MovementKind::Churn]) > 0);
        kept.expansion_minor += moved(&[MovementKind::Expansion]);
        kept.loss_minor += loss;
        kept.capped_loss_minor += loss.min(start);
    }
    kept
}

#[tokio::test]
async fn every_month_is_what_the_stretches_say() {
    on_each_database(|scope| async move {
        let book = book();
        write(&scope, &book).await;
        let today = scope.today();
        let months = movements(&scope, month("2024-12"), Month::of(today)).await.expect("months");
        assert_eq!(months.len(), 24);
        for m in &months {
            let (first, last) = (m.month.first_day(), last_day(m.month, today));
            assert_eq!((m.start_minor, m.start_customers), total(&book, first - Length::new(1), None), "{}", m.month);
            assert_eq!((m.end().minor(), m.end_customers()), total(&book, last, None), "{}", m.month);
            let kept = retained_of(&book, first, last);
            let metrics = metrics(&scope, m.month).await.expect("metrics");
            let year_ago = total(&book, last_day(m.month.plus(-12), today), None).0;
            assert_eq!(metrics, Metrics::of(*m, kept, 10_000, year_ago).expect("metrics"), "{}", m.month);
            let tx = scope.read().await.expect("a transaction");
            let churned = churned_of_start(&tx, m.month.plus(-1).first_day(), first, last).await.expect("counts");
            let before = retained_of(&book, m.month.plus(-1).first_day(), first - Length::new(1));
            assert_eq!(churned, (kept.churned, before.churned), "{}", m.month);
        }
        assert!(months.iter().any(|m| m.flow.reactivation > 0 && m.flow.contraction > 0), "the book has every kind of movement");
    })
    .await;
}

#[tokio::test]
async fn plans_and_points_in_time_add_up() {
    on_each_database(|scope| async move {
        let book = book();
        write(&scope, &book).await;
        let today = scope.today();
        for m in movements(&scope, month("2025-06"), Month::of(today)).await.expect("months") {
            let plans = by_plan(&scope, m.month).await.expect("plans");
            assert_eq!(plans.iter().map(|p| p.movements.start_minor).sum::<i64>(), m.start_minor);
            assert_eq!(plans.iter().map(|p| p.movements.end().minor()).sum::<i64>(), m.end().minor());
            assert_eq!(plans.iter().map(|p| p.movements.flow.new).sum::<i64>(), m.flow.new);
            assert_eq!(plans.iter().map(|p| p.movements.flow.churn).sum::<i64>(), m.flow.churn);
            for p in plans {
                let id: Uuid = crate::kit::id::decode("pln", &p.plan.id).expect("an id");
                assert_eq!((p.movements.end().minor(), p.customers), total(&book, last_day(m.month, today), Some(id)));
            }
        }
        let tx = scope.read().await.expect("a transaction");
        // Ends of months, today, and days in between.
        let whole: Vec<NaiveDate> = month("2025-03").through(Month::of(today)).map(|m| last_day(m, today)).collect();
        let odd: Vec<NaiveDate> = (0..40).map(|n| today - Length::new(39 - n)).collect();
        for ends in [whole, odd, vec![d("2026-02-28")], vec![today]] {
            let levels = levels(&tx, &ends).await.expect("levels");
            assert_eq!(levels.plans.len(), 3);
            for (name, values) in levels.plans {
                let id: Uuid = crate::kit::id::decode("pln", &name.id).expect("an id");
                let want: Vec<i64> = ends.iter().map(|end| total(&book, *end, Some(id)).0).collect();
                assert_eq!(values, want, "{}", name.name);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn cohorts_are_followed_to_today() {
    on_each_database(|scope| async move {
        let book = book();
        write(&scope, &book).await;
        let today = scope.today();
        let cohorts = cohort_table(&scope, None).await.expect("cohorts");
        assert!(cohorts.len() > 12);
        for cohort in cohorts {
            let first = |s: &Vec<PaidStretch>| derive(s).total.first().map(|m| (m.day, m.after_minor));
            let members: Vec<_> =
                book.values().filter(|s| first(s).is_some_and(|(day, _)| Month::of(day) == cohort.month && day <= today)).collect();
            assert_eq!(cohort.customers, members.len() as i64);
            assert_eq!(cohort.mrr_minor, members.iter().filter_map(|s| first(s)).map(|(_, minor)| minor).sum::<i64>());
            let ends = cohort.month.through(Month::of(today)).map(|m| last_day(m, today));
            let want: Vec<(i64, i64)> = ends
                .map(|end| {
                    let levels: Vec<i64> = members.iter().map(|s| mrr(s, end, None)).collect();
                    (levels.iter().filter(|l| **l > 0).count() as i64, levels.iter().sum())
                })
                .collect();
            assert_eq!(cohort.since, want, "{}", cohort.month);
        }
    })
    .await;
}

#[tokio::test]
async fn a_figure_leads_to_its_customers_and_to_nobody_elses() {
    on_each_database(|scope| async move {
        let book = book();
        write(&scope, &book).await;
        let other = new_seller(scope.db(), "other", "USD", "UTC").await;
        for m in movements(&scope, month("2026-08"), month("2026-11")).await.expect("months") {
            for kind in MovementKind::ALL {
                let mut query = ListQuery { limit: 3, ..Default::default() };
                query.filters.insert("month".into(), vec![m.month.to_string()]);
                query.filters.insert("kind".into(), vec![kind.to_string()]);
                let (mut amount, mut seen) = (0, 0);
                loop {
                    let page = moved_report(&scope, &query).await.expect("a page").page;
                    amount += page.rows.iter().map(|c| c.amount.minor()).sum::<i64>() * if kind.is_loss() { -1 } else { 1 };
                    seen += page.rows.len() as u64;
                    let Some(next) = page.next else {
                        assert_eq!(seen, page.total);
                        break;
                    };
                    query.after = next;
                }
                assert_eq!(amount, m.flow.of(*kind), "{} {kind}", m.month);
                let theirs = moved_report(&other, &query.from_start()).await.expect("a page").page;
                assert_eq!(theirs.total, 0);
            }
        }
        let of_all = ListQuery::from_pairs([("day_from".into(), "2026-01-01".into()), ("limit".into(), "100".into())]);
        for row in moved_report(&scope, &of_all).await.expect("a page").page.rows {
            assert_eq!(row.amount.minor(), row.after.minor() - row.before.minor(), "signed: {row:?}");
            assert!(row.kind.is_none_or(|kind| row.amount.is_negative() == kind.is_loss()), "{row:?}");
        }
        let to_come = ListQuery::from_pairs([("month".to_owned(), "2027-01".to_owned())]);
        assert!(moved_report(&scope, &to_come).await.is_err());
    })
    .await;
}

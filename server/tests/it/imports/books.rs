//! True books: what they come to, and what a later file makes of them.

use std::fmt::Write as _;

use app::customers::CustomerId;
use app::customers::model::NewCustomer;
use app::subscriptions::SubscriptionId;
use app::subscriptions::model::{Verb, When};
use app::subscriptions::store::perform;

use super::*;
use crate::support::text;

on_both!(
    the_real_book_is_read_to_the_cent,
    a_second_import_changes_nothing,
    a_second_import_undoes_nothing,
    changes_come_in_any_order_and_over_any_distance,
    a_generated_book_agrees_with_its_sums,
    a_later_file_brings_its_changes,
    another_currency_needs_a_rate,
    sellers_books_are_apart,
);

async fn the_real_book_is_read_to_the_cent(world: World) {
    let scope = world.platform().await;
    let report = import(&scope, &telco()).await.expect("imported");
    assert_eq!((report.rows, report.customers_created, report.subscriptions_created), (7_043, 7_043, 7_043));
    assert_eq!((report.phases_written, report.unchanged, report.skipped), (7_043, 0, 0));
    assert_eq!(standing(&world, "2026-09-30").await, (45_566_100, 7_032));
    assert_eq!(october(&world, "new").await, (45_560, 11));
    assert_eq!(october(&world, "churn").await, (13_913_085, 1_869));
    for kind in ["expansion", "contraction", "reactivation"] {
        assert_eq!(october(&world, kind).await, (0, 0), "{kind}");
    }
    assert_eq!(standing(&world, "2026-10-31").await, (31_698_575, 5_174));
    let today: i64 = value(&world.admin().await, "SELECT CAST(SUM(mrr_minor) AS BIGINT) FROM customers", []).await;
    assert_eq!(today, 31_698_575, "the customer list shows the same");
    let rebuilt = app::subscriptions::rebuild(&scope).await.expect("rebuilt");
    assert_eq!((rebuilt.differing_movements, rebuilt.differing_days), (0, 0));
}

async fn a_second_import_changes_nothing(world: World) {
    let scope = world.platform().await;
    import(&scope, &telco()).await.expect("imported");
    let mut before = Vec::new();
    for table in TABLES {
        before.push(count(&world, table).await);
    }
    let again = import(&scope, &telco()).await.expect("imported");
    assert_eq!(again, Report { rows: 7_043, unchanged: 7_043, ..Default::default() });
    for (table, before) in TABLES.iter().zip(before) {
        assert_eq!(count(&world, table).await, before, "{table}");
    }
}

/// What each subscription comes to: its days, its end and its trial.
async fn courses(world: &World) -> Vec<String> {
    let sql = "SELECT s.external_id || ' ' || p.starts_on || ' ' || COALESCE(CAST(p.ends_on AS TEXT), 'open') || ' ' || p.pays_from || ' ' || \
               COALESCE(CAST(s.ended_on AS TEXT), '-') || ' ' || COALESCE(CAST(s.trial_ends_on AS TEXT), '-') || ' ' || \
               COALESCE(s.cancel_reason, '-') || ' ' || COALESCE(CAST(s.imported AS TEXT), '-') FROM subscriptions s \
               JOIN subscription_phases p ON p.subscription_id = s.id ORDER BY s.external_id, p.starts_on";
    let rows = crate::support::rows(&world.admin().await, sql, []).await;
    rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
}

async fn a_second_import_undoes_nothing(world: World) {
    let scope = world.platform().await.at("2026-06-15T12:00:00Z".parse().expect("a time"));
    let rows = [
        "c1,One,s1,Pro,month,USD,50,,2026-01-01,,,",
        "c3,Three,s3,Pro,month,USD,50,,2026-06-01,2026-07-01,,",
        "c4,Four,s4,Pro,month,USD,50,,2026-01-01,,2026-09-01,moved away",
        "c5,Five,s5,Pro,month,USD,50,,2026-01-01,,,",
        "c6,Six,s6,Pro,month,USD,50,,2026-01-01,,,",
        "c7,Seven,s7,Pro,month,USD,50,,2026-01-01,2026-06-15,,",
        "c7,Seven,s7,Pro,month,USD,60,,2026-08-01,,,",
    ];
    let path = file(&world, "book.csv", &rows);
    import(&scope, &path).await.expect("imported");
    let scope = scope.at(scope.now() + chrono::Duration::minutes(1));
    let verbs = [
        ("s1", Verb::Cancel { at: When::Now, reason: Some("too dear".into()) }),
        ("s3", Verb::Trial { ends_on: scope.today() }),
        ("s4", Verb::Reactivate { at: When::Now }),
        ("s5", Verb::Cancel { at: When::PeriodEnd, reason: None }),
        ("s6", Verb::Pause { at: When::Now, resumes_on: None }),
        ("s7", Verb::Cancel { at: When::Now, reason: None }),
    ];
    for (external, verb) in verbs {
        let sql = format!("SELECT id FROM subscriptions WHERE external_id = '{external}'");
        let id = SubscriptionId(value(&world.admin().await, &sql, []).await);
        perform(&scope, id, verb).await.expect(external);
    }
    let text = |text: &str| Some(text.to_owned());
    let renamed = NewCustomer {
        name: "One and Only".into(),
        email: text("hand@one.example"),
        country: text("EG"),
        external_id: text("c1"),
        organization: None,
    };
    let c1 = value(&world.admin().await, "SELECT id FROM customers WHERE external_id = 'c1'", []).await;
    app::customers::store::update(&scope, CustomerId(c1), renamed).await.expect("renamed");
    let before = courses(&world).await;
    let scope = scope.at(scope.now() + chrono::Duration::minutes(1));
    let again = import(&scope, &path).await.expect("imported");
    assert_eq!(again, Report { rows: 7, unchanged: 7, ..Default::default() });
    assert_eq!(courses(&world).await, before);
    let one = "SELECT name || ' ' || email || ' ' || country FROM customers WHERE external_id = 'c1'";
    assert_eq!(value::<String>(&world.admin().await, one, []).await, "One and Only hand@one.example EG");
    // A row with another price changes that alone: the end it leaves empty stays.
    let dearer = file(&world, "dearer.csv", &["c1,One Ltd,s1,Pro,month,USD,55,,2026-01-01,,,"]);
    let report = import(&scope, &dearer).await.expect("imported");
    assert_eq!((report.subscriptions_changed, report.phases_written), (1, 1));
    // So does another name, which is news.
    assert_eq!(value::<String>(&world.admin().await, one, []).await, "One Ltd hand@one.example EG");
    assert!(courses(&world).await[0].starts_with("s1 2026-01-01 2026-06-15 2026-01-01 2026-06-15 - too dear"));
    let rebuilt = app::subscriptions::rebuild(&scope).await.expect("rebuilt");
    assert_eq!(rebuilt.differing_movements, 0);
}

async fn changes_come_in_any_order_and_over_any_distance(world: World) {
    let scope = world.platform().await;
    // The first change of s0 stands at the end, three batches away from its start.
    let mut rows = vec!["c0,Zero,s0,Pro,month,USD,30,,2026-03-01,,,".to_owned()];
    rows.extend((1..3_000).map(|n| format!("c{n},Customer {n},s{n},Basic,month,USD,10,,2026-01-01,,,")));
    rows.push("c0,Zero,s0,Pro,month,USD,20,2,2026-01-01,2026-02-01,,".to_owned());
    let path = file(&world, "far.csv", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let report = import(&scope, &path).await.expect("imported");
    assert_eq!((report.subscriptions_created, report.subscriptions_changed, report.plans_created), (3_000, 0, 2));
    let db = world.admin().await;
    let sql = "SELECT starts_on || ' ' || COALESCE(CAST(ends_on AS TEXT), 'open') || ' ' || pays_from || ' ' || mrr_minor FROM subscription_phases \
               WHERE subscription_id = (SELECT id FROM subscriptions WHERE external_id = 's0') ORDER BY starts_on";
    let phases: Vec<String> = crate::support::rows(&db, sql, []).await.iter().map(|r| r.try_get_by_index(0).expect("a text")).collect();
    assert_eq!(phases, ["2026-01-01 2026-03-01 2026-02-01 4000", "2026-03-01 open 2026-03-01 3000"]);
    assert_eq!(standing(&world, "2026-01-31").await.0, 2_999_000);
    assert_eq!(standing(&world, "2026-02-01").await.0, 2_999_000 + 4_000);
    assert_eq!(standing(&world, "2026-03-01").await.0, 2_999_000 + 3_000);
    let again = import(&scope, &path).await.expect("imported");
    assert_eq!(again, Report { rows: 3_001, unchanged: 3_001, ..Default::default() });
}

/// A book of the real one's shape, by arithmetic alone, and what it must come to on a day.
fn generated(rows: u64) -> (String, impl Fn(&str) -> (i64, i64)) {
    let (mut csv, mut stretches) = (format!("\u{feff}{}\r\n", HEADER.replace(',', ";")), Vec::new());
    for n in 0..rows {
        let seed = n.wrapping_mul(6_364_136_223_846_793_005).rotate_left(23);
        let cents = i64::try_from(1_825 + seed % 10_050).expect("cents");
        let (start, end) = (format!("20{}-{:02}-01", 20 + seed % 7, 1 + seed % 12), seed % 4 == 0);
        let end = if end { "2026-10-01" } else { "" };
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let _ = write!(csv, "k-{n};\"Customer; {n}\";v-{n};Plan {};month;USD;{amount};;{start};;{end};\r\n", seed % 9);
        stretches.push((start, end, cents));
    }
    let at = move |day: &str| {
        let pays = |(start, end, _): &&(String, &str, i64)| start.as_str() <= day && (end.is_empty() || day < *end);
        let paying: Vec<_> = stretches.iter().filter(pays).collect();
        (paying.iter().map(|(_, _, cents)| cents).sum(), i64::try_from(paying.len()).expect("a count"))
    };
    (csv, at)
}

async fn a_generated_book_agrees_with_its_sums(world: World) {
    let scope = world.platform().await;
    let (csv, at) = generated(5_000);
    let path = world.folder().join("generated.csv");
    std::fs::write(&path, csv).expect("a file");
    let report = import(&scope, &path).await.expect("imported");
    assert_eq!((report.subscriptions_created, report.plans_created), (5_000, 9));
    for day in ["2020-06-15", "2023-01-01", "2026-09-30", "2026-10-01"] {
        assert_eq!(standing(&world, day).await, at(day), "{day}");
    }
}

async fn a_later_file_brings_its_changes(world: World) {
    let scope = world.platform().await;
    let first = ["c1,Nadia,s1,Pro,month,USD,50,,2026-01-01,,,", "c2,Omar,s2,Pro,month,USD,50,,2026-01-01,,,"];
    import(&scope, &file(&world, "first.csv", &first)).await.expect("imported");
    let later = ["c1,Nadia Rashed,s1,Pro,month,USD,60,,2026-01-01,,,", "c2,Omar,s2,Pro,month,USD,50,,2026-01-01,,2026-06-01,moved away"];
    let scope = scope.at(scope.now() + chrono::Duration::minutes(1));
    let report = import(&scope, &file(&world, "later.csv", &later)).await.expect("imported");
    let want = Report { rows: 2, customers_changed: 1, subscriptions_changed: 2, phases_written: 2, ..Default::default() };
    assert_eq!(report, want);
    let db = world.admin().await;
    assert_eq!(text(&db, "SELECT name FROM customers WHERE external_id = 'c1'", []).await, "Nadia Rashed");
    let own = "SELECT COUNT(*) FROM subscription_phases p JOIN plan_versions v ON v.seller_id = p.seller_id AND v.id = p.plan_version_id \
               WHERE p.unit_amount_minor <> v.amount_minor";
    assert_eq!(value::<i64>(&db, own, []).await, 1, "a price other than the plan's is the subscription's own");
    assert_eq!(text(&db, "SELECT reason FROM mrr_movements WHERE kind = 'churn'", []).await, "moved away");
    assert_eq!((standing(&world, "2026-05-31").await, standing(&world, "2026-06-01").await), ((11_000, 2), (6_000, 1)));
    let rebuilt = app::subscriptions::rebuild(&scope).await.expect("rebuilt");
    assert_eq!(rebuilt.differing_movements, 0);
}

async fn another_currency_needs_a_rate(world: World) {
    let scope = world.platform().await;
    let path = file(&world, "euro.csv", &["c1,Nadia,s1,Pro,month,EUR,100,,2026-01-01,,,"]);
    let failure = import(&scope, &path).await.expect_err("refused").to_string();
    assert!(failure.starts_with("line 2, column currency: there is no exchange rate from EUR to USD on 2026-01-01"), "{failure}");
    nothing_is_left(&world).await;
    let rate = app::subscriptions::model::parse_rate("1.1").expect("a rate");
    let starts_on = "2025-01-01".parse().expect("a day");
    let new = app::subscriptions::model::ExchangeRate { currency: "EUR".parse().expect("a currency"), starts_on, rate };
    app::subscriptions::rates::set(&scope, new).await.expect("set");
    import(&scope, &path).await.expect("imported");
    assert_eq!(standing(&world, "2026-01-01").await, (11_000, 1));
}

async fn sellers_books_are_apart(world: World) {
    let (platform, nile) = (world.platform().await, world.tenant("nile").await);
    let path = file(&world, "book.csv", &["c1,Nadia,s1,Pro,month,USD,50,,2026-01-01,,,"]);
    for scope in [&platform, &nile] {
        let report = import(scope, &path).await.expect("imported");
        assert_eq!((report.customers_created, report.plans_created, report.subscriptions_created), (1, 1, 1));
    }
    assert_eq!(count(&world, "subscriptions").await, 2);
}

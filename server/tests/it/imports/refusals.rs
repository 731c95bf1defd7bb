//! Files that must be refused: a sentence that names the line, and nothing in the books.

use super::*;

on_both!(
    one_bad_row_refuses_all_unless_good_ones_are_asked_for,
    hostile_files_leave_nothing_behind,
    what_the_books_do_not_allow_is_a_bad_row,
);

async fn one_bad_row_refuses_all_unless_good_ones_are_asked_for(world: World) {
    let scope = world.platform().await;
    let rows = [
        "c1,Nadia,s1,Pro,month,USD,50,,2026-01-01,,,",
        "c2,Omar,s2,Gold,month,USD,fifty,,2026-02-30,,,",
        "c3,Lina,s3,Pro,month,USD,50,,2026-01-01,,,",
    ];
    let path = file(&world, "book.csv", &rows);
    let failure = import(&scope, &path).await.expect_err("refused");
    let ImportFailure::Rows { rows, bad, errors } = &failure else { panic!("{failure}") };
    assert_eq!((*rows, *bad), (3, 1));
    let told: Vec<(u64, &str)> = errors.iter().map(|e| (e.line, e.column.as_str())).collect();
    assert_eq!(told, [(3, "amount"), (3, "started_on")]);
    assert!(failure.to_string().ends_with("Nothing was imported: 1 of 3 rows are bad."), "{failure}");
    nothing_is_left(&world).await;

    let report = import_good(&scope, &path).await.expect("imported");
    assert_eq!((report.rows, report.skipped, report.subscriptions_created, report.plans_created), (3, 1, 2, 1));
    assert_eq!(standing(&world, "2026-01-01").await, (10_000, 2));
    assert_eq!(count(&world, "import_errors").await, 2);
}

async fn hostile_files_leave_nothing_behind(world: World) {
    let scope = world.platform().await;
    let real = std::fs::read(telco()).expect("the book");
    let line = |n: usize| real.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(n - 1).map(|(at, _)| at + 1).expect("a line");
    let with = |at: usize, bytes: &[u8]| [&real[..at], bytes, &real[at..]].concat();
    let second = &real[line(1)..line(2)];
    let huge = vec![b'x'; 3_000_000];
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        ("cut off", real[..line(4_000) + 30].to_vec(), "line 4001: the file is cut off here"),
        ("latin-1", with(line(5_000), b"c,Andr\xe9,s,p,month,USD,1,2026-01-01,,,\n"), "line 5001: is not UTF-8"),
        ("a huge line", with(line(6_000), &huge), "line 6001: is longer than"),
        ("a zip", b"PK\x03\x04\x14\x00\x06\x00 and so on".to_vec(), "line 1: the file is a ZIP archive"),
        ("a formula", with(line(7), b"c,=1+1,s,p,month,USD,1,2026-01-01,,,\n"), "line 8, column customer_name: looks like a formula"),
        ("a duplicate", with(real.len(), second), "line 7045, column started_on: is a duplicate: line 2"),
        ("an impossible date", with(line(9), b"c,C,s,p,month,USD,1,2026-02-30,,,\n"), "line 10, column started_on: is not a day"),
        ("an open quote", with(line(3), b"c,\"C,s,p,month,USD,1,2026-01-01,,,\n"), "line 4: a quote is not closed"),
        ("nothing", Vec::new(), "line 1: the file is empty"),
        ("no rows", real[..line(1)].to_vec(), "line 1: the file has a header and no rows"),
    ];
    for (name, bytes, want) in files {
        let path = world.folder().join("hostile.csv");
        std::fs::write(&path, bytes).expect("a file");
        let failure = import(&scope, &path).await.expect_err(name).to_string();
        assert!(failure.contains(want), "{name}: {failure}");
    }
    nothing_is_left(&world).await;
}

async fn what_the_books_do_not_allow_is_a_bad_row(world: World) {
    let scope = world.platform().await;
    let first = ["c1,Nadia,s1,Pro,month,USD,50,,2026-01-01,,,", "c1,Nadia,s1,Pro,month,USD,70,,2026-05-01,,,"];
    import(&scope, &file(&world, "first.csv", &first)).await.expect("imported");
    let second = ["c9,Zain,s9,Pro,month,USD,50,,2026-01-01,,,", "c2,Omar,s1,Pro,month,USD,50,,2026-06-01,,,"];
    let path = file(&world, "second.csv", &second);
    let failure = import(&scope, &path).await.expect_err("refused").to_string();
    assert!(failure.contains("line 3, column customer_id: is another customer than the one that has this subscription"), "{failure}");
    assert_eq!(count(&world, "customers").await, 1, "nothing of it is in");
    let report = import_good(&scope, &path).await.expect("imported");
    assert_eq!((report.subscriptions_created, report.customers_created, report.skipped), (1, 1, 1));
    assert_eq!(count(&world, "customers").await, 2, "the customer of the row left out is not made");
    let third = ["c1,Nadia,s1,Pro,month,USD,50,,2026-01-01,,2026-07-01,"];
    let failure = import(&scope, &file(&world, "third.csv", &third)).await.expect_err("refused").to_string();
    assert!(failure.contains("line 2, column ended_on: overlaps a stretch in the books, which begins on 2026-05-01"), "{failure}");
}

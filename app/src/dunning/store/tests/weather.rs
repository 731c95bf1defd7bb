//! Servers that are down, two at once, and days that come in any order of length.

use futures::future::{join, join_all};

use super::shop::{Shop, bill};
use crate::dunning::jobs;
use crate::kit::databases::on_each_database;

#[tokio::test]
async fn a_server_down_for_a_week_makes_up_for_it_once() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..6).await;
        // Down from the sixth day to the 15th: a reminder, an attempt and the suspension were missed.
        shop.run(16..17).await;
        assert_eq!(shop.letters().await, ["reminder", "final_notice"]);
        assert!(!shop.suspended().await, "the last warning went out today");
        shop.run(17..23).await;
        assert!(!shop.suspended().await);
        shop.run(23..24).await;
        assert!(shop.suspended().await, "seven days after the warning, as the policy has it");
    })
    .await;
}

#[tokio::test]
async fn an_old_book_is_warned_before_anything_is_taken_away() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(400..401).await;
        assert_eq!(shop.letters().await, ["final_notice"]);
        assert!(!shop.suspended().await);
        assert_eq!(shop.steps().await.iter().map(|s| s.0).collect::<Vec<_>>(), [400; 4]);
        shop.run(401..408).await;
        assert!(shop.suspended().await);
    })
    .await;
}

#[tokio::test]
async fn two_workers_at_once_do_it_once() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        for minor in [100, 200, 300] {
            bill(&shop.scope, shop.customer, minor).await;
        }
        for n in [1, 7, 14] {
            let then = shop.day(n);
            let (a, b) = join(jobs::day(&then), jobs::day(&then)).await;
            let (a, b) = (a.expect("done"), b.expect("done"));
            let both = |key: &str| a[key].as_u64().unwrap_or(0) + b[key].as_u64().unwrap_or(0);
            assert_eq!(both("opened"), if n == 1 { 4 } else { 0 }, "{a} {b}");
        }
        assert_eq!(shop.cases().await.len(), 4);
        let letters = shop.letters().await;
        let count = |of: &str| letters.iter().filter(|l| *l == of).count();
        assert_eq!((count("reminder"), count("final_notice"), count("suspended")), (4, 4, 1), "{letters:?}");
    })
    .await;
}

#[tokio::test]
async fn a_payment_in_the_middle_of_it_is_not_overtaken() {
    on_each_database(|scope| async move {
        let shop = Shop::open(scope).await;
        shop.run(1..14).await;
        let then = shop.day(14);
        let (pay, run) = join(shop.pays(&then, shop.invoice.id, 10_000), jobs::day(&then)).await;
        let _ = (pay, run.expect("done"));
        let all = join_all((0..3).map(|_| jobs::day(&then))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
        assert!(!shop.suspended().await, "paid is paid, whoever was first");
        shop.sound().await;
    })
    .await;
}

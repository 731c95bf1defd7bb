//! The throttle: by account, by address, by second factor, one try after the other and many at once.

use app::auth::store::Visit;
use app::auth::store::{self, second_factor, session};
use app::kit::error::Error;
use app::kit::scope::Origin;

use super::{EMAIL, PASSWORD, begin, change, member, operator, sealer, set_up, visit};
use crate::support::{World, text, value};

on_both!(
    guessing_is_slowed_down_and_the_owner_gets_in_again,
    tries_at_once_are_no_more_than_are_free,
    codes_at_once_are_no_more_than_are_free,
    an_address_is_slowed_down_over_many_accounts,
);

async fn guessing_is_slowed_down_and_the_owner_gets_in_again(world: World) {
    operator(&world).await;
    let mut refused = None;
    for n in 0..8 {
        // Each try from another address: the account's own count has to hold.
        match store::sign_in(&world.db, EMAIL, "a guess of many", &visit([198, 51, 100, n])).await {
            Err(Error::TooMany(seconds)) => {
                refused = Some((n, seconds));
                break;
            }
            Err(Error::Invalid(_)) => {}
            _ => panic!("let in"),
        }
    }
    assert_eq!(refused, Some((5, 2)), "the sixth try waits two seconds");
    // The right password waits, too, on this server and on another that has just started.
    let other = world.second().await;
    assert!(matches!(store::sign_in(&other, EMAIL, PASSWORD, &visit([203, 0, 113, 1])).await, Err(Error::TooMany(1..=2))));
    // Tries during the wait do not make it longer.
    let before: String = until(&world).await;
    let _ = store::sign_in(&world.db, EMAIL, "another guess of many", &visit([203, 0, 113, 2])).await;
    assert_eq!(until(&world).await, before);
    // However many failures there were, the owner waits a minute at most.
    change(&world, "UPDATE sign_in_failures SET failures = 100000, blocked_until = NULL", []).await;
    assert!(store::sign_in(&world.db, EMAIL, "a guess of many", &visit([203, 0, 113, 3])).await.is_err());
    let Err(Error::TooMany(seconds)) = store::sign_in(&world.db, EMAIL, PASSWORD, &visit([203, 0, 113, 4])).await else { panic!("let in") };
    assert!((55..=60).contains(&seconds), "{seconds}");
    change(&world, "UPDATE sign_in_failures SET blocked_until = NULL", []).await;
    assert!(store::sign_in(&world.db, EMAIL, PASSWORD, &visit([203, 0, 113, 4])).await.is_ok());
    // Success forgets the failures.
    let wrong = store::sign_in(&world.db, EMAIL, "a guess of many", &visit([203, 0, 113, 5])).await.err();
    assert!(matches!(wrong, Some(Error::Invalid(_))));
    assert!(store::sign_in(&world.db, EMAIL, PASSWORD, &visit([203, 0, 113, 5])).await.is_ok());
}

/// How many were looked at, and how many were told to wait.
fn looked_at<T>(answers: Vec<Result<T, Error>>) -> (usize, usize) {
    let wrong = answers.iter().filter(|a| matches!(a, Err(Error::Invalid(_)))).count();
    let waiting = answers.iter().filter(|a| matches!(a, Err(Error::TooMany(_)))).count();
    (wrong, waiting)
}

async fn tries_at_once_are_no_more_than_are_free(world: World) {
    operator(&world).await;
    let other = world.second().await;
    let tries = (0..16).map(|n| {
        let db = if n % 2 == 0 { world.db.clone() } else { other.clone() };
        async move { store::sign_in(&db, EMAIL, "a guess of many", &visit([198, 51, 100, n])).await }
    });
    assert_eq!(looked_at(futures::future::join_all(tries).await), (5, 11));
    // The password is asked for again in the settings by the same count.
    change(&world, "DELETE FROM sign_in_failures", []).await;
    let session = begin(&world).await;
    let (scope, current) = member(&world, &session.token).await.expect("a session");
    let tries = (0..16).map(|_| store::change_password(&scope, &current, "a guess of many", "a new long password"));
    assert_eq!(looked_at(futures::future::join_all(tries).await), (5, 11));
    // What was right is taken back: a day of sign-ins from one address blocks nobody.
    change(&world, "DELETE FROM sign_in_failures", []).await;
    for _ in 0..3 {
        begin(&world).await;
    }
    assert_eq!(value::<i64>(&world.db, "SELECT CAST(COALESCE(SUM(failures), 0) AS BIGINT) FROM sign_in_failures", []).await, 0);
}

async fn codes_at_once_are_no_more_than_are_free(world: World) {
    operator(&world).await;
    let sealer = sealer();
    let first = begin(&world).await;
    set_up(&world, &sealer, &first.token).await;
    let pending = session::recognise(&world.db, &begin(&world).await.token, Origin::default()).await.expect("reads").expect("a session");
    let visit = Visit { session: Some(pending.current), ..visit([192, 0, 2, 1]) };
    let tries = (0..16).map(|_| second_factor::pass(&world.db, &sealer, &visit, "000000"));
    assert_eq!(looked_at(futures::future::join_all(tries).await), (5, 11));
}

async fn until(world: &World) -> String {
    let sql = "SELECT CAST(blocked_until AS TEXT) FROM sign_in_failures WHERE subject LIKE 'account:%'";
    text(&world.db, sql, []).await
}

async fn an_address_is_slowed_down_over_many_accounts(world: World) {
    operator(&world).await;
    let attacker = visit([198, 51, 100, 7]);
    change(&world, "INSERT INTO sign_in_failures (subject, failures, last_at) VALUES ('address:198.51.100.7', 29, $1)", [world.now.into()])
        .await;
    assert!(matches!(store::sign_in(&world.db, "one@platform.example", PASSWORD, &attacker).await, Err(Error::Invalid(_))));
    assert!(matches!(store::sign_in(&world.db, "two@platform.example", PASSWORD, &attacker).await, Err(Error::TooMany(_))));
    assert!(store::sign_in(&world.db, EMAIL, PASSWORD, &visit([198, 51, 100, 8])).await.is_ok(), "another address is free");
}

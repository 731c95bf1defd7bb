//! The program is killed (kill -9) while it charges cards, at several points, and started again: each card is charged
//! once, each invoice is paid once, and the books add up.

use std::time::{Duration, Instant};

use app::customers::{self, NewCustomer};
use app::invoices::model::{NewInvoice, NewLine};
use app::kit::clock;
use app::kit::money::{Currency, Money};
use app::kit::scope::Scope;
use app::kit::secret::Sealer;
use app::payments::gateway::GatewayKind;
use app::payments::methods::MethodForm;
use app::payments::store::accounts::{self, NewAccount};
use app::payments::store::checks::CHECKS;
use chrono::TimeDelta;
use sea_orm::ConnectionTrait as _;

use crate::support::{Program, World, value};

on_both!(charges_survive_being_killed);

const CHARGES: i64 = 120;
/// How long after a job was seen to run the program is killed, in milliseconds.
const POINTS: &[u64] = &[0, 10, 25, 50, 80];

/// A seller whose program on disk has the same key as this test.
async fn seller(world: &World) -> Scope {
    let key = Sealer::generate().expect("a key");
    std::fs::write(world.folder().join("secret.key"), &key).expect("written");
    let db = world.db.with_sealer(Sealer::new(&key).expect("a sealer"));
    let platform = world.platform().await;
    Scope::system(db, "test", platform.seller().clone(), clock::now())
}

/// Charges begun, and nobody to ask the gateway yet.
async fn begin(scope: &Scope) {
    let new = NewAccount { gateway: GatewayKind::Demo, enabled: true, collects: false, secrets: None };
    accounts::save(scope, new).await.expect("an account");
    for n in 0..CHARGES {
        let customer = customers::store::create(scope, NewCustomer { name: format!("Customer {n}"), ..Default::default() }).await;
        let customer = customer.expect("a customer");
        let text = |t: &str| t.to_owned();
        let card = MethodForm {
            kind: text("card"),
            gateway: text("demo"),
            token: format!("demo_succeeds_{n}"),
            last_digits: text("4242"),
            expires: text("2034-12"),
            ..Default::default()
        };
        app::payments::store::methods::add(scope, customer, card.parse().expect("valid")).await.expect("a card");
        let line = NewLine { description: "Work".into(), quantity: 1, unit: Money::new(10_000, Currency::USD) };
        let invoice = NewInvoice { customer, lines: vec![line], issued_on: None, due_on: None, note: None };
        let invoice = app::invoices::store::create(scope, invoice).await.expect("drafted");
        app::invoices::store::finalize(scope, invoice).await.expect("issued");
        app::payments::store::charge(scope, invoice).await.expect("begun");
    }
}

const OPEN: &str = "SELECT COUNT(*) FROM jobs WHERE kind LIKE 'payments.%' AND status IN ('queued', 'running')";

async fn count(world: &World, sql: &str) -> i64 {
    value(&world.admin().await, sql, []).await
}

/// Waits until a count is what is hoped for.
async fn wait(world: &World, sql: &str, done: impl Fn(i64) -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done(count(world, sql).await) {
        assert!(Instant::now() < end, "{sql}: {}", count(world, sql).await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn charges_survive_being_killed(world: World) {
    let scope = seller(&world).await;
    begin(&scope).await;
    let admin = world.admin().await;
    let mut in_the_middle = 0;
    for point in POINTS {
        let done = "SELECT COUNT(*) FROM jobs WHERE kind LIKE 'payments.%' AND status IN ('done', 'running')";
        if count(&world, OPEN).await == 0 {
            break;
        }
        let before = count(&world, done).await;
        let program = Program::work(&world.url, world.folder());
        wait(&world, done, |now| now > before).await;
        tokio::time::sleep(Duration::from_millis(*point)).await;
        program.kill();
        in_the_middle += i64::from(count(&world, OPEN).await > 0);
        // The half minute of the dead worker's lease passes. A kill is no failure of the job's: its tries begin anew.
        let past = (clock::now() - TimeDelta::seconds(1)).into();
        let lease = admin.sql("UPDATE jobs SET lease_until = $1, attempts = 1 WHERE status = 'running'", [past]);
        admin.connection().execute_raw(lease).await.expect("expired");
    }
    assert!(in_the_middle >= 2, "it was all over before it could be killed");
    let program = Program::work(&world.url, world.folder());
    wait(&world, OPEN, |open| open == 0).await;
    program.kill();
    assert_eq!(count(&world, "SELECT COUNT(*) FROM demo_gateway_objects WHERE kind = 'charge'").await, CHARGES, "each card once");
    assert_eq!(count(&world, "SELECT COUNT(*) FROM payments WHERE status = 'succeeded'").await, CHARGES);
    assert_eq!(count(&world, "SELECT COUNT(*) FROM invoices WHERE status = 'paid'").await, CHARGES);
    assert_eq!(count(&world, "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'payment'").await, CHARGES);
    let cash = "SELECT CAST(SUM(amount_minor) AS BIGINT) FROM ledger_postings WHERE account = 'cash'";
    assert_eq!(count(&world, cash).await, CHARGES * (10_000 - 320));
    assert_eq!(count(&world, "SELECT COUNT(*) FROM gateway_events WHERE status = 'applied'").await, CHARGES, "each told once");
    for (holds, sql) in CHECKS {
        let broken: i64 = value(&admin, sql, [scope.seller().id.0.into()]).await;
        assert_eq!(broken, 0, "{holds}");
    }
}

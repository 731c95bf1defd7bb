//! What was there before a migration is in what the migration makes.

use app::kit::db::{As, Db};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use test_databases::Cluster;

use crate::support::{Backend, World, text, value};

on_both!(what_is_there_is_in_what_is_made);

const SELLER: &str = "00000000-0000-0000-0000-00000000000a";
const CUSTOMER: &str = "00000000-0000-0000-0000-00000000000b";

/// A literal of either database.
fn id(sqlite: bool, id: &str) -> String {
    if sqlite { format!("x'{}'", id.replace('-', "")) } else { format!("'{id}'") }
}

/// Two invoices of one seller, one of them paid late by a payment, with their postings, and usage of two days.
fn rows(sqlite: bool) -> String {
    let one = |n: u32| id(sqlite, &format!("00000000-0000-0000-0000-{n:012}"));
    let (seller, customer, json) = (id(sqlite, SELLER), id(sqlite, CUSTOMER), "'{}'");
    let invoice = |n: u32, status: &str, due: i64, paid: &str| {
        format!(
            "INSERT INTO invoices (seller_id, id, number, customer_id, status, origin, currency, issued_on, due_on, subtotal_minor, discount_minor, \
             tax_minor, total_minor, due_minor, seller_details, customer_details, finalized_at, paid_on, created_at) VALUES ({seller}, {}, 'N{n}', \
             {customer}, '{status}', 'manual', 'USD', '2026-03-0{n}', '2026-03-15', 1000, 0, 0, 1000, {due}, {json}, {json}, \
             '2026-03-01T00:00:00Z', {paid}, '2026-03-01T00:00:00Z');",
            one(n)
        )
    };
    let entry = |n: u32, kind: &str, account: &str, minor: i64| {
        format!(
            "INSERT INTO ledger_entries (seller_id, id, at, day, kind, customer_id, currency, source, label) VALUES ({seller}, {0}, \
             '2026-03-01T00:00:00Z', '2026-03-0{n}', '{kind}', {customer}, 'USD', 's{n}', 'l{n}');
             INSERT INTO ledger_postings (seller_id, entry_id, position, account, amount_minor, currency, customer_id) VALUES \
             ({seller}, {0}, 0, '{account}', {minor}, 'USD', {customer}), ({seller}, {0}, 1, 'fees', {1}, 'USD', {customer});",
            one(n),
            -minor
        )
    };
    let usage = |day: &str| {
        format!(
            "INSERT INTO usage_days (seller_id, subscription_id, meter_id, day, events, total, highest, latest, latest_at) VALUES \
             ({seller}, {}, {}, '{day}', 1, 1, 1, 1, '2026-03-01T00:00:00Z');",
            one(7),
            one(8)
        )
    };
    [
        format!(
            "INSERT INTO organizations (id, slug, name, kind, currency, time_zone, created_at) VALUES ({seller}, 'x', 'X', 'platform', 'USD', 'UTC', \
             '2026-01-01T00:00:00Z');
             INSERT INTO customers (seller_id, id, name, created_at) VALUES ({seller}, {customer}, 'Nile Wave', '2026-01-01T00:00:00Z');
             INSERT INTO payments (seller_id, id, customer_id, status, method, currency, amount_minor, paid_on, recorded_by, created_at) VALUES \
             ({seller}, {}, {customer}, 'succeeded', 'card', 'USD', 1000, '2026-03-20', 'somebody', '2026-03-20T00:00:00Z');",
            one(9)
        ),
        format!(
            "INSERT INTO gateway_events (seller_id, id, gateway, event_id, kind, payload, happened_at, received_at, status) VALUES \
             ({seller}, {}, 'stripe', 'evt_1', 'charge.refunded', '{}', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z', 'ignored');",
            one(10),
            r#"{"data":{"object":{"id":"ch_1","payment_intent":"pi_1","customer":{"id":"cus_1"}}}}"#
        ),
        invoice(1, "open", 400, "NULL"),
        invoice(2, "paid", 0, "'2026-03-20'"),
        entry(1, "invoice_finalized", "revenue", -1000),
        entry(2, "invoice_finalized", "revenue", -500),
        usage("2026-03-04"),
        usage("2026-03-06"),
    ]
    .concat()
}

async fn what_is_there_is_in_what_is_made(world: World) {
    let sqlite = world.is_sqlite();
    let (url, _folder) = World::untouched(if sqlite { Backend::Sqlite } else { Backend::Postgres }).await;
    let db = Db::connect(&url, As::Owner).await.expect("a database");
    let before = Migrator::migrations().iter().position(|m| m.name().ends_with("day_sums")).expect("the migration");
    Migrator::up(db.connection(), Some(u32::try_from(before).expect("few"))).await.expect("migrated so far");
    let tx = db.connection().begin().await.expect("a transaction");
    if !sqlite {
        tx.execute_unprepared(&format!("SET LOCAL app.seller_id = '{SELLER}'")).await.expect("the seller's");
    }
    tx.execute_unprepared(&rows(sqlite)).await.expect("rows");
    tx.commit().await.expect("committed");
    Migrator::up(db.connection(), None).await.expect("migrated");
    // On PostgreSQL the policies hide all of it from whoever is no seller.
    let db = if sqlite {
        db
    } else {
        let admin = Cluster::get().for_admin(url.as_str()).parse().expect("an address");
        Db::connect(&admin, As::Owner).await.expect("a superuser")
    };
    let sums = "SELECT issued || ' ' || issued_minor || ' ' || open || ' ' || open_minor || ' ' || fell_due_minor || ' ' || in_time_minor \
                FROM invoice_days WHERE day = ";
    assert_eq!(text(&db, &format!("{sums} '2026-03-01'"), []).await, "1 1000 0 0 0 0");
    assert_eq!(text(&db, &format!("{sums} '2026-03-15'"), []).await, "0 0 1 400 2000 0");
    let posted = "SELECT CAST(SUM(amount_minor) AS BIGINT) FROM ledger_days WHERE account = 'revenue' AND kind = 'invoice_finalized'";
    assert_eq!(value::<i64>(&db, posted, []).await, -1500);
    assert_eq!(text(&db, "SELECT payments || ' ' || amount_minor FROM payment_days WHERE day = '2026-03-20'", []).await, "1 1000");
    assert_eq!(text(&db, "SELECT CAST(day AS TEXT) FROM usage_latest", []).await, "2026-03-06");
    // What an event was about that meant nothing is known, so that it can still be applied.
    let names = "SELECT MIN(name) || ' ' || MAX(name) || ' ' || COUNT(*) FROM gateway_event_names WHERE event_id = 'evt_1'";
    assert_eq!(text(&db, names, []).await, "ch_1 pi_1 2");
}

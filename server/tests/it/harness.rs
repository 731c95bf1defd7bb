//! The harness itself: a world is migrated, empty, apart from others, and seen through the program's role.

use sea_orm::ConnectionTrait as _;

use crate::support::{World, rows, text, value};

on_both!(a_world_is_migrated_and_its_own);

async fn a_world_is_migrated_and_its_own(world: World) {
    let other = World::new(if world.is_sqlite() { crate::support::Backend::Sqlite } else { crate::support::Backend::Postgres }).await;
    let platform = world.platform().await;
    assert!(platform.seller().is_platform);
    assert_eq!(world.platform().await.seller().id, platform.seller().id, "made once");
    assert_eq!(world.tenant("nile").await.seller().slug, "nile");
    assert_eq!(value::<i64>(&world.db, "SELECT COUNT(*) FROM organizations", []).await, 2);
    assert_eq!(value::<i64>(&other.db, "SELECT COUNT(*) FROM organizations", []).await, 0);
    assert!(world.folder().exists());
}

on_postgres!(every_connection_has_the_programs_role, an_empty_database_has_no_tables);

/// The first connection of a pool is not the only one.
async fn every_connection_has_the_programs_role(world: World) {
    for db in [&world.db, &world.second().await] {
        let mut open = Vec::new();
        for _ in 0..12 {
            open.push(db.system_read().await.expect("a connection"));
        }
        for tx in &open {
            let row = tx.query_one_raw(db.sql("SELECT current_user || ' ' || current_setting('TimeZone')", [])).await.expect("reads");
            let role: String = row.expect("a row").try_get_by_index(0).expect("a text");
            assert_eq!(role, format!("{} UTC", app::kit::db::APP_ROLE));
        }
    }
    assert_eq!(text(&world.admin().await, "SELECT current_user::text", []).await, "postgres");
}

async fn an_empty_database_has_no_tables(_: World) {
    let (url, _folder) = World::untouched(crate::support::Backend::Postgres).await;
    let db = app::kit::db::Db::connect(&url, app::kit::db::As::Owner).await.expect("a database");
    assert!(rows(&db, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'", []).await.is_empty());
}

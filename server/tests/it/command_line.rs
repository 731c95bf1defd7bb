//! What the program refuses at start, what the doctor says, and what its commands answer.

use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use app::kit::db::{As, DatabaseUrl, Db};
use sea_orm::ConnectionTrait as _;
use test_databases::Cluster;

use crate::support::{Backend, Program, World};

on_both!(a_fresh_database_and_a_sandbox_are_healthy, an_unknown_organization_is_named, a_folder_without_a_bundle_is_refused);
on_postgres!(a_database_out_of_reach_is_named_at_once, an_account_that_may_not_make_roles_is_told_so);

fn run(url: &DatabaseUrl, data: &Path, arguments: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } =
        Program::command(url, data).env("TENANTRY_PASSWORD", "correct horse battery").args(arguments).output().expect("runs");
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

fn backend(world: &World) -> Backend {
    if world.is_sqlite() { Backend::Sqlite } else { Backend::Postgres }
}

async fn a_fresh_database_and_a_sandbox_are_healthy(world: World) {
    let (url, folder) = World::untouched(backend(&world)).await;
    let run = |arguments: &[&str]| run(&url, folder.path(), arguments);
    let (healthy, said) = run(&["check"]);
    assert!(healthy && said.contains("warning  nobody can sign in to 1 of the organizations"), "{said}");
    let user = ["user", "create", "--email", "you@example.com", "--name", "You"];
    assert!(run(&user).0);
    assert!(run(&["sandbox", "create", "--slug", "trial", "--name", "Trial", "--on", "2026-01-01"]).0);
    let (healthy, said) = run(&["check"]);
    assert!(healthy && said.contains("ok       every organization has somebody who can sign in"), "{said}");
}

async fn an_unknown_organization_is_named(world: World) {
    for arguments in [
        &["user", "create", "--email", "you@example.com", "--name", "You", "--organization", "nosuch"][..],
        &["api-key", "create", "--name", "x", "--organization", "nosuch"],
    ] {
        let (done, said) = run(&world.url, world.folder(), arguments);
        assert!(!done && said.contains("there is no organization \"nosuch\""), "{said}");
    }
}

async fn a_folder_without_a_bundle_is_refused(world: World) {
    let (served, said) = run(&world.url, world.folder(), &["serve", "--no-demo", "--addr", "127.0.0.1:0", "--site", "nowhere"]);
    assert!(!served && said.contains("LEPTOS_SITE_ROOT"), "{said}");
    // The number of lanes is read from the environment by both commands that have it.
    for command in ["serve", "work"] {
        let output = Program::command(&world.url, world.folder()).env("TENANTRY_LANES", "many").arg(command).output().expect("runs");
        assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("many"), "{command}");
    }
}

async fn a_database_out_of_reach_is_named_at_once(world: World) {
    let url: DatabaseUrl = "postgres://somebody@127.0.0.1:1/tenantry".parse().expect("an address");
    let started = Instant::now();
    let (done, said) = run(&url, world.folder(), &["migrate"]);
    assert!(!done && said.contains("refused"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

async fn an_account_that_may_not_make_roles_is_told_so(_: World) {
    let (url, folder) = World::untouched(Backend::Postgres).await;
    let admin = Db::connect(&Cluster::get().for_admin(url.as_str()).parse().expect("an address"), As::Owner).await.expect("a database");
    let run_admin = async |sql: &str| admin.connection().execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    let (start, rest) = url.as_str().split_once("user=").expect("a user");
    let name = start.trim_start_matches("postgres:///").split('?').next().unwrap_or_default();
    run_admin("CREATE ROLE little LOGIN").await;
    run_admin(&format!("ALTER DATABASE {name} OWNER TO little")).await;
    run_admin("GRANT ALL ON SCHEMA public TO little").await;
    let rest = rest.split_once('&').map_or("", |(_, rest)| rest);
    let little: DatabaseUrl = format!("{start}user=little&{rest}").parse().expect("an address");
    let (done, said) = run(&little, folder.path(), &["migrate"]);
    assert!(!done && said.contains("tenantry_app") && said.contains("GRANT tenantry_app TO"), "{said}");
    // Once it may, the same command goes on where it stopped.
    run_admin("GRANT tenantry_app TO little").await;
    let (done, said) = run(&little, folder.path(), &["migrate"]);
    assert!(done, "{said}");
}

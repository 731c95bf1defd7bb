//! How an integration test is written:
//!
//! ```ignore
//! use crate::support::World;
//!
//! on_both!(a_customer_is_listed);
//!
//! async fn a_customer_is_listed(world: World) {
//!     let (platform, nile) = (world.platform().await, world.tenant("nile").await); // scopes that may do everything
//!     …
//! }
//! ```
//!
//! `on_both!` makes two tests of it, `a_customer_is_listed::sqlite` and `a_customer_is_listed::postgres`, each on a
//! migrated database of its own, reached as the program reaches it: on PostgreSQL as the role that policies bind.
//! `on_postgres!` makes the second alone. [`World::db`] and [`World::url`] are for tests that want more than a scope;
//! [`World::second`] is another program's connection to the same database; [`World::admin`] is a
//! connection that no policy binds, for tests that look at everything or set a scene that no verb makes.
//!
//! Over HTTP: `world.member(&scope, Role::Support).await` is a browser of a new person signed in with that role,
//! `world.machine(&scope, ApiScope::Read).await` a machine with a new key, `world.stranger()` nobody; all talk to the
//! program's own router (`get`, `post`, `call` a server function, `submit` a form without JavaScript, `upload`).
//!
//! `Program::serve` and `Program::work` start the real program as a process that a test can kill.
//!
//! PostgreSQL starts with the first test that needs it and ends with the test process, however that ends.

mod client;
mod program;
mod world;

pub use client::{Answer, Client};
pub use program::Program;
pub use world::{Backend, World, rows, text, value};

/// Makes a test on SQLite and a test on PostgreSQL of each `async fn name(world: World)`.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[test]
            fn sqlite() {
                $crate::support::run($crate::support::Backend::Sqlite, super::$name);
            }
            #[test]
            fn postgres() {
                $crate::support::run($crate::support::Backend::Postgres, super::$name);
            }
        })+
    };
}

/// Makes a test on PostgreSQL of each `async fn name(world: World)`, for what SQLite does not have.
macro_rules! on_postgres {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[test]
            fn postgres() {
                $crate::support::run($crate::support::Backend::Postgres, super::$name);
            }
        })+
    };
}

/// Runs a test's body on a world of its own.
pub fn run<F, R>(backend: Backend, body: F)
where
    F: FnOnce(World) -> R,
    R: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async { body(World::new(backend).await).await });
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
}

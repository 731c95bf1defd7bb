//! Dunning in the database.

mod cases;
mod deeds;
mod exclusions;
mod letters;
mod list;
mod open;
pub mod policies;
mod react;
mod retry;
mod steps;
mod summary;
#[cfg(test)]
mod tests;
mod verbs;

pub use deeds::lift_forgotten;
pub use exclusions::{choose_policy, exclude, include, of_customer};
pub use list::{chunk, detail, get, list};
pub use open::open_all;
pub use react::{Heard, heal, hear, touched};
pub use retry::{RETRY_JOB, ask};
pub use steps::{Taken, step, take_all};
pub use summary::summary;
pub use verbs::{close, pause, promise, resume, retry_now, take_now};

/// Rows of one batch of a walk.
const AT_ONCE: usize = 200;

//! Who you are: e-mail and password (argon2id), a second factor (TOTP with recovery codes), sessions in the database,
//! throttling that outlives a restart, and the layer that turns a cookie or an API key into a `Caller`.
//!
//! Tables: `users`, `memberships` (read; feature `members` writes it), `sessions`, `recovery_codes`, `sign_in_failures`.
//! Pages: `/sign-in`, `/sign-in/second-factor`. Invariants: cookies and codes are stored as fingerprints only; a session
//! has a new cookie after the password and again after the second factor; it ends after 12 hours without a request and
//! after 30 days in any case; a failed try costs the same time whether the account exists or not; a try is counted before
//! it is looked at; an account that only tenants vouch for carries its password into no other organization.

pub mod api;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
mod layer;
mod model;
pub mod page;
#[cfg(feature = "ssr")]
mod password;
#[cfg(feature = "ssr")]
pub mod store;

pub use api::go;
#[cfg(feature = "ssr")]
pub use layer::{AuthState, Here, here, layer, lead_to, pages, protect};
pub use model::{NewPassword, SecondFactor, SessionId, SessionRow, safe_next};
pub use page::Alone;

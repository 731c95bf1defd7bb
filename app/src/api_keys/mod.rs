//! API keys: what machines authenticate with. Shown once, kept as a fingerprint, scoped to read or write, per
//! organization.
//!
//! Tables: `api_keys` (the seller's), `api_key_tokens` (fingerprint → seller and key, read before there is a scope).
//! Page: `/api-keys`. Invariant: a revoked key has no row in `api_key_tokens`.

pub mod api;
mod model;
pub mod page;
#[cfg(feature = "ssr")]
pub mod store;

pub use model::{ApiKeyId, ApiKeyRow, ApiScope, NewApiKey};

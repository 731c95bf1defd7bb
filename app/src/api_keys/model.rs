//! What an API key is.

use serde::{Deserialize, Serialize};

use crate::kit::moment::Moment;
use crate::text_enum;

crate::id!(
    /// An API key.
    ApiKeyId,
    "key"
);

text_enum!(
    /// What a key may do.
    pub enum ApiScope {
        Read = "read" => "Read",
        Write = "write" => "Read and write",
    }
);

/// A key in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRow {
    pub id: ApiKeyId,
    pub name: String,
    /// The start of the key, to tell keys apart.
    pub hint: String,
    pub scope: ApiScope,
    pub created_by: String,
    pub created: Moment,
    pub last_used: Option<Moment>,
    pub revoked: Option<Moment>,
}

/// A key just made: the only time that the key itself is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewApiKey {
    pub row: ApiKeyRow,
    pub key: String,
}

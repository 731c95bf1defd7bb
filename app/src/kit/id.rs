//! Typed identifiers: UUIDv7 in the database, `prefix_` + 26 characters of Crockford base 32 everywhere a person or a
//! machine sees them (the TypeID notation).

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Why a text is not an identifier of the type asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl std::fmt::Display for NotAnId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an identifier of this kind")
    }
}

impl std::error::Error for NotAnId {}

/// Writes `prefix_` and the 128 bits as 26 base-32 digits, most significant first.
pub fn encode(prefix: &str, id: Uuid) -> String {
    let mut bits = id.as_u128();
    let mut digits = [0u8; 26];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    let digits: String = digits.iter().map(|d| char::from(*d)).collect();
    format!("{prefix}_{digits}")
}

/// Reads what [`encode`] wrote; refuses another prefix, another length, other digits and what does not fit 128 bits.
pub fn decode(prefix: &str, text: &str) -> Result<Uuid, NotAnId> {
    let digits = text.strip_prefix(prefix).and_then(|t| t.strip_prefix('_')).ok_or(NotAnId)?;
    if digits.len() != 26 || digits.as_bytes()[0] > b'7' {
        return Err(NotAnId);
    }
    let mut bits: u128 = 0;
    for digit in digits.bytes() {
        let value = ALPHABET.iter().position(|a| *a == digit).ok_or(NotAnId)?;
        bits = (bits << 5) | value as u128;
    }
    Ok(Uuid::from_u128(bits))
}

/// Declares an identifier type: `id!(CustomerId, "cus")`.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "ssr", derive(sea_orm::DeriveValueType))]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// What the shown form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier, later than all before it.
            #[cfg(feature = "ssr")]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        #[cfg(feature = "ssr")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        #[cfg(feature = "ssr")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!("Identifier starting with `", $prefix, "_`")))
                    .into()
            }
        }

        #[cfg(feature = "ssr")]
        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::kit::id::encode($prefix, self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::kit::id::NotAnId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::kit::id::decode($prefix, text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for bits in [0, 1, u128::MAX, 0x0193_4c5e_7000_7000_8000_0000_0000_0001] {
            let id = Uuid::from_u128(bits);
            assert_eq!(decode("cus", &encode("cus", id)), Ok(id));
        }
    }

    #[test]
    fn another_kind_or_a_damaged_text_is_refused() {
        let text = encode("cus", Uuid::from_u128(7));
        for bad in
            ["", "cus_", "sub_00000000000000000000000007", &text[..29], "cus_80000000000000000000000000", "cus_0000000000000000000000000u"]
        {
            assert_eq!(decode("cus", bad), Err(NotAnId), "{bad}");
        }
    }
}

crate::id!(
    /// The platform or a tenant.
    OrganizationId,
    "org"
);
crate::id!(
    /// A person who signs in.
    UserId,
    "usr"
);
crate::id!(
    /// A background job.
    JobId,
    "job"
);

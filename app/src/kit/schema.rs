//! How the kit's values look in the OpenAPI document. Apart from the types, so that those stay free of conditions.

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::money::{Currency, Money};
use super::period::Month;

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).description(Some("ISO 4217 code")).examples(["USD"]).into()
    }
}

impl ToSchema for Currency {}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        let minor = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::Custom("int64".into())))
            .description(Some("In the currency's minor unit"));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("minor", minor)
            .required("minor")
            .property("currency", Currency::schema())
            .required("currency")
            .examples([serde_json::json!({ "minor": 2985, "currency": "USD" })])
            .into()
    }
}

impl ToSchema for Money {}

impl PartialSchema for Month {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).description(Some("A calendar month")).examples(["2026-10"]).into()
    }
}

impl ToSchema for Month {}

//! The OpenAPI document: what the features say of their routes, and what holds for all of them.

use serde_json::{Map, Value as Json, json};
use utoipa::openapi::OpenApi;

/// Where the API is.
const ROOT: &str = "/api/v1";

const INTRODUCTION: &str = "Everything a machine may do in the back office. Authenticate with an API key: `Authorization: Bearer KEY`. \
Bodies are JSON objects in snake_case; a field or a query parameter that a call does not know is refused. Money is `{\"minor\": 2985, \"currency\": \"USD\"}`, in the currency's minor unit; days are `YYYY-MM-DD` in \
the seller's time zone; identifiers are opaque texts such as `cus_…`. Lists come in pages: pass `next` of one answer as `after` of \
the next request. Every error is a problem document (RFC 9457) with the request's id, which is also in the header `x-request-id`. \
A POST with an `Idempotency-Key` may be sent again within 24 hours: it has its effect once and is answered alike.";

/// The whole document, from what the features' routers collected (paths relative to the API's root).
pub fn whole(collected: OpenApi) -> Json {
    let collected = serde_json::to_value(collected).unwrap_or_default();
    let mut paths = Map::new();
    for (path, item) in collected["paths"].as_object().into_iter().flatten() {
        let path = format!("{ROOT}{}", path.trim_end_matches('/'));
        let item = complete_item(&path, item.clone(), &collected["components"]["schemas"]);
        paths.insert(path, item);
    }
    let mut components = collected["components"].as_object().cloned().unwrap_or_default();
    components.insert("securitySchemes".into(), json!({ "key": { "type": "http", "scheme": "bearer", "description": "An API key" } }));
    let schemas = components.entry("schemas").or_insert_with(|| json!({}));
    schemas["Problem"] = problem();
    let whole = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tenantry API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
            "license": { "name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": components,
        "security": [{ "key": [] }],
    });
    whole
}

/// The document as it is sent.
pub fn json(document: &Json) -> String {
    document.to_string()
}

fn complete_item(path: &str, mut item: Json, schemas: &Json) -> Json {
    for method in ["get", "post", "put", "patch", "delete"] {
        if let Some(operation) = item.get_mut(method) {
            complete(method, path, operation);
            spare_body(operation, schemas);
        }
    }
    item
}

/// A body of which no field is required may be left out.
fn spare_body(operation: &mut Json, schemas: &Json) {
    let name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().map(str::to_owned);
    let schema = name.as_deref().and_then(|name| name.strip_prefix("#/components/schemas/")).map(|name| &schemas[name]);
    if schema.is_some_and(|schema| schema["required"].as_array().is_none_or(Vec::is_empty)) {
        operation["requestBody"]["required"] = false.into();
    }
}

/// What every operation has: problem documents, where it names a thing that this may not be there, and on POST the key.
fn complete(method: &str, path: &str, operation: &mut Json) {
    if !operation["responses"].is_object() {
        operation["responses"] = json!({});
    }
    let problem = |what: &str| {
        let content = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
        json!({ "description": what, "content": content })
    };
    let mut common = vec![
        ("401", "No valid API key"),
        ("403", "The key does not allow this"),
        ("422", "Something is wrong with the request; `errors` says with which field"),
        ("default", "Any other problem"),
    ];
    if path.contains('{') {
        common.push(("404", "There is no such thing, or it is another's"));
    }
    if !operation["requestBody"].is_null() {
        common.push(("413", "The body is larger than the call takes"));
        common.push(("415", "The body is of another type than the call takes"));
    }
    if method == "post" {
        common.push(("409", "Not possible in this state, or the `Idempotency-Key` belongs to another request"));
        if !operation["parameters"].is_array() {
            operation["parameters"] = json!([]);
        }
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "Up to 255 printable characters; the request has its effect once, however often it is sent within 24 hours",
                "schema": { "type": "string", "maxLength": 255 },
            }));
        }
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (status, what) in common {
            responses.entry(status).or_insert_with(|| problem(what));
        }
    }
}

fn problem() -> Json {
    let text = |what: &str| json!({ "type": "string", "description": what });
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": text("Always about:blank"),
            "title": text("The kind of problem"),
            "status": { "type": "integer", "description": "The HTTP status" },
            "detail": text("What went wrong, for people"),
            "errors": {
                "type": "object",
                "description": "Messages by field; the empty name is the request as a whole",
                "additionalProperties": { "type": "array", "items": { "type": "string" } },
            },
            "request_id": text("The request's id; quote it when you ask for help"),
        },
    })
}

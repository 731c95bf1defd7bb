//! What the API's document says of answers, held against real ones.

use serde_json::Value as Json;

use super::*;

on_both!(answers_are_what_the_document_says);

/// What of `value` is not as its schema says, with the way to it: unknown words, other kinds, fields that are missing.
fn differences(document: &Json, schema: &Json, value: &Json, at: &str, found: &mut Vec<String>) {
    if let Some(to) = schema["$ref"].as_str() {
        return match document.pointer(to.trim_start_matches('#')) {
            Some(schema) => differences(document, schema, value, at, found),
            None => found.push(format!("{at}: {to} leads nowhere")),
        };
    }
    if let Some(all) = schema["allOf"].as_array() {
        return all.iter().for_each(|schema| differences(document, schema, value, at, found));
    }
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let fits = choices.iter().any(|schema| {
            let mut wrong = Vec::new();
            differences(document, schema, value, at, &mut wrong);
            wrong.is_empty()
        });
        if !fits {
            found.push(format!("{at}: {value} is none of {choices:?}"));
        }
        return;
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    let kind = match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(n) if n.is_f64() => "number",
        Json::Number(_) => "integer",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Json::String(kind) => vec![kind],
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let fits = kinds.is_empty() || kinds.contains(&kind) || (kind == "integer" && kinds.contains(&"number"));
    if !fits {
        found.push(format!("{at}: {value} is no {kinds:?}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        if value.is_object() && value.get(name).is_none() {
            found.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            differences(document, schema, value, &format!("{at}.{name}"), found);
        }
    }
    for (n, value) in value.as_array().into_iter().flatten().enumerate().filter(|_| schema["items"].is_object()) {
        differences(document, &schema["items"], value, &format!("{at}[{n}]"), found);
    }
}

async fn answers_are_what_the_document_says(world: World) {
    let nile = populate(&world, "nile").await;
    let document = nile.machine.get_json("/api/v1/openapi.json").await.expect(200).json();
    let (mut found, mut lists) = (Vec::new(), 0);
    for operation in operations().filter(|o| o.0.starts_with("get ")) {
        let path = operation.0.trim_start_matches("get ").split('?').next().unwrap_or_default();
        let schema = &document["paths"][format!("/api/v1{path}")]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let answer = operate(&nile.machine, operation, &nile.ids, false).await;
        if schema.is_null() || answer.status != 200 {
            continue;
        }
        lists += usize::from(answer.json()["data"].as_array().is_some_and(|data| !data.is_empty()));
        differences(&document, schema, &answer.json(), path, &mut found);
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    assert!(lists >= 15, "only {lists} lists with something in them");
}

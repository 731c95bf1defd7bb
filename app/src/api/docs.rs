//! `/api/docs`: the OpenAPI document as a page to read. Made once at start, without a script, so that it works under the
//! strictest policy and in any browser.

use axum::response::{Html, IntoResponse, Response};
use http::header;
use leptos::prelude::*;
use serde_json::{Map, Value as Json};

const STYLE: &str = concat!(include_str!("../../../style/tokens.css"), include_str!("docs.css"));
/// How deep an example follows schemas that hold schemas.
const DEPTH: u8 = 6;

pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=300")], STYLE).into_response()
}

pub fn answer(page: String) -> Response {
    Html(page).into_response()
}

/// The page.
pub fn page(document: &Json) -> String {
    let owner = Owner::new();
    owner.with(|| format!("<!DOCTYPE html>{}", whole(document).to_html()))
}

fn whole(document: &Json) -> impl IntoView + use<> {
    let info = &document["info"];
    let groups = groups(document).into_iter().map(|(tag, operations)| {
        let id = tag.replace(' ', "-");
        view! {
            <section aria-labelledby=id.clone()>
                <h2 id=id.clone()>{tag}</h2>
                {operations}
            </section>
        }
    });
    view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>"API \u{b7} Tenantry"</title>
                <link rel="stylesheet" href="/api/docs.css"/>
            </head>
            <body>
                <main class="docs">
                    <h1>{text(&info["title"])} " " <span class="muted">{text(&info["version"])}</span></h1>
                    <p>{prose(&text(&info["description"]))}</p>
                    <p><a href="/api/v1/openapi.json">"The OpenAPI document"</a></p>
                    {groups.collect_view()}
                </main>
            </body>
        </html>
    }
}

/// Operations by their first tag, in order of path.
fn groups(document: &Json) -> Vec<(String, Vec<AnyView>)> {
    let mut groups: Vec<(String, Vec<AnyView>)> = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            let tag = operation["tags"][0].as_str().map_or_else(|| noun(path), str::to_owned);
            let view = operation_view(document, path, method, operation).into_any();
            match groups.iter_mut().find(|(name, _)| *name == tag) {
                Some((_, views)) => views.push(view),
                None => groups.push((tag, vec![view])),
            }
        }
    }
    groups
}

fn operation_view(document: &Json, path: &str, method: &'static str, operation: &Json) -> impl IntoView + use<> {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let parameters = parameters.iter().map(|p| {
        let required = if p["required"] == true { ", required" } else { "" };
        let about = format!("{}{required}", text(&p["in"]));
        view! {
            <dt><code>{text(&p["name"])}</code></dt>
            <dd>{about} {described(&text(&p["description"]))}</dd>
        }
    });
    let parameters = parameters.collect_view();
    let body = entries(&operation["requestBody"]["content"]).next().map(|(kind, content)| {
        view! {
            <h3>"Body, " {kind.to_owned()}</h3>
            {properties(document, &content["schema"])}
            {example(document, content)}
        }
    });
    let responses = entries(&operation["responses"]).map(|(status, response)| {
        let shown = entries(&response["content"])
            .next()
            .filter(|(kind, _)| *kind == "application/json")
            .map(|(_, content)| example(document, content));
        let status = if status == "default" { "Else".to_owned() } else { status.to_owned() };
        view! {
            <dt>{status}</dt>
            <dd>{text(&response["description"])} {shown}</dd>
        }
    });
    let responses = responses.collect_view();
    let summary = operation["summary"].as_str().or(operation["description"].as_str()).unwrap_or_default().to_owned();
    view! {
        <details>
            <summary>
                <span class="method">{method}</span>
                <code>{path.to_owned()}</code>
                <span class="muted">{summary}</span>
            </summary>
            <div class="operation">
                <p>{prose(&text(&operation["description"]))}</p>
                <h3>"Parameters"</h3>
                <dl>{parameters}</dl>
                {body}
                <h3>"Answers"</h3>
                <dl>{responses}</dl>
            </div>
        </details>
    }
}

/// The fields of an object's schema with what they mean.
fn properties(document: &Json, schema: &Json) -> impl IntoView + use<> {
    let schema = resolve(document, schema);
    let required: Vec<String> = schema["required"].as_array().into_iter().flatten().map(text).collect();
    let fields = entries(&schema["properties"]).map(|(name, field)| {
        let target = resolve(document, field);
        let about = field["description"].as_str().or(target["description"].as_str()).unwrap_or_default().to_owned();
        let needed = if required.iter().any(|r| r == name) { "required" } else { "optional" };
        view! {
            <dt><code>{name.to_owned()}</code></dt>
            <dd>{needed} {described(&about)}</dd>
        }
    });
    let fields = fields.collect_view();
    view! { <dl>{fields}</dl> }
}

fn example(document: &Json, content: &Json) -> impl IntoView + use<> {
    let value = if content["example"].is_null() { sample(document, &content["schema"], 0) } else { content["example"].clone() };
    let shown = serde_json::to_string_pretty(&value).unwrap_or_default();
    view! { <pre tabindex="0">{shown}</pre> }
}

/// A value that the schema allows.
fn sample(document: &Json, schema: &Json, depth: u8) -> Json {
    let schema = resolve(document, schema);
    if depth > DEPTH {
        return Json::Null;
    }
    if let Some(given) = schema.get("example").or_else(|| schema["examples"].get(0)).or_else(|| schema["enum"].get(0)) {
        return given.clone();
    }
    if let Some(one) = ["oneOf", "anyOf"].iter().find_map(|k| schema[*k].as_array()?.iter().find(|s| s["type"] != "null")) {
        return sample(document, one, depth + 1);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut merged = Map::new();
        for part in parts {
            merged.extend(sample(document, part, depth + 1).as_object().cloned().unwrap_or_default());
        }
        return Json::Object(merged);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].as_array()?.iter().find_map(|t| t.as_str().filter(|t| *t != "null")));
    match kind {
        Some("object") => {
            entries(&schema["properties"]).map(|(k, v)| (k.to_owned(), sample(document, v, depth + 1))).collect::<Map<_, _>>().into()
        }
        Some("array") => Json::Array(vec![sample(document, &schema["items"], depth + 1)]),
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("string") => sample_text(&schema).into(),
        _ => Json::Null,
    }
}

fn sample_text(schema: &Json) -> &'static str {
    match schema["format"].as_str() {
        Some("date") => "2026-10-31",
        Some("date-time") => "2026-10-31T09:30:00Z",
        Some("email") => "name@example.com",
        _ => "text",
    }
}

/// The schema itself, where `schema` points to one.
fn resolve(document: &Json, schema: &Json) -> Json {
    let target = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#')).and_then(|r| document.pointer(r));
    target.unwrap_or(schema).clone()
}

fn entries(object: &Json) -> impl Iterator<Item = (&str, &Json)> {
    object.as_object().into_iter().flatten().map(|(k, v)| (k.as_str(), v))
}

/// The first part of the path after the version.
fn noun(path: &str) -> String {
    path.split('/').nth(3).unwrap_or("other").replace(['-', '_'], " ")
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn described(about: &str) -> Option<AnyView> {
    (!about.is_empty()).then(|| view! { ": " {prose(about)} }.into_any())
}

/// Markdown's backquotes as code; the rest as it is.
fn prose(text: &str) -> Vec<AnyView> {
    let parts = text.split('`').enumerate();
    parts
        .map(|(i, part)| if i % 2 == 1 { view! { <code>{part.to_owned()}</code> }.into_any() } else { part.to_owned().into_any() })
        .collect()
}

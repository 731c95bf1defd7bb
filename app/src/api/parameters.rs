//! Query parameters that a path does not know are refused: one that is spelt wrong would narrow nothing, and all would pass
//! for a part.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use serde_json::Value as Json;

use crate::kit::Error;
use crate::kit::rest::Problem;

/// The names of the parameters of each method and path, as the OpenAPI document tells them.
pub type Known = Arc<BTreeMap<(String, String), Vec<String>>>;

/// What the document knows.
pub fn known(document: &Json) -> Known {
    let mut known = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let parameters = operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "query");
            let names = parameters.filter_map(|p| p["name"].as_str()).map(str::to_owned).collect();
            known.insert((method.to_uppercase(), path.clone()), names);
        }
    }
    Arc::new(known)
}

/// See the module.
pub async fn refuse_unknown(State(known): State<Known>, request: Request, next: Next) -> Response {
    match unknown(&known, &request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn unknown(known: &Known, request: &Request) -> Option<Problem> {
    request.uri().query().filter(|query| !query.is_empty())?;
    let path = request.extensions().get::<MatchedPath>()?.as_str().trim_end_matches('/').to_owned();
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let names = known.get(&(method.to_string(), path))?;
    // What cannot be read as a query is refused where it is read.
    let Query(asked) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).ok()?;
    let (name, _) = asked.into_iter().find(|(name, _)| !names.contains(name))?;
    let others = if names.is_empty() { String::new() } else { format!("; there are {}", names.join(", ")) };
    Some(Problem(Error::field(&name, format!("is no parameter of this path{others}"))))
}

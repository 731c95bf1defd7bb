//! A form that the browser sent by itself and the server refused: the page it came from is shown again, with the reason
//! and with what was typed. The reason travels in the address, as leptos has it; what was typed in a cookie of a minute,
//! which no log and no history keeps.
//!
//! Invariant: what is secret ([`is_secret`]) never comes back.

use axum::body::{Body, to_bytes};
use axum::extract::{Form, FromRequest, Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts};
use server_fn::error::ServerFnUrlError;

use super::form::{Refused, is_secret};
use super::paging::escape;

type Pairs = Vec<(String, String)>;

const COOKIE: &str = "typed";
/// What a browser keeps in one cookie, less its name and attributes.
const LONGEST: usize = 3_800;
/// The largest form that is looked at; a larger one comes back empty.
const LARGEST: usize = 2 * 1024 * 1024;

/// The layer around the server functions; the state says whether browsers come by https.
pub async fn keep_typed(State(tls): State<bool>, request: Request, next: Next) -> Response {
    if !sent_by_itself(request.method(), request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    forget_last(&mut parts.headers);
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let path = parts.uri.path().to_owned();
    let copy = Request::from_parts(parts.clone(), Body::from(body.clone()));
    let mut response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let refused = text(response.headers(), header::LOCATION).is_some_and(|to| to.contains("__err="));
    let typed = if refused { Form::<Pairs>::from_request(copy, &()).await.ok() } else { None };
    let secure = if tls { "; Secure" } else { "" };
    let cookie = typed.and_then(|Form(typed)| {
        let value = written(&path, &typed)?;
        HeaderValue::from_str(&format!("{COOKIE}={value}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict{secure}")).ok()
    });
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What led back to the page of that request, if a refused form did.
pub fn of(parts: &Parts) -> Option<Refused> {
    let Query(query) = Query::<Pairs>::try_from_uri(&parts.uri).ok()?;
    let last = |name: &str| query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (path, reason) = (last("__path")?, last("__err")?);
    let typed = typed(&parts.headers, &path).unwrap_or_default();
    Some(Refused { path, error: ServerFnUrlError::decode_err(&reason), typed })
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A form without files that wants a page for an answer.
fn sent_by_itself(method: &Method, headers: &HeaderMap) -> bool {
    let has = |name, word| text(headers, name).is_some_and(|value| value.contains(word));
    method == Method::POST && has(header::ACCEPT, "text/html") && has(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

/// Takes the refusal before this one out of the address to go back to, where leptos would add to it.
fn forget_last(headers: &mut HeaderMap) {
    let clean = text(headers, header::REFERER).filter(|from| from.contains("__err=")).and_then(|from| {
        let (page, query) = from.split_once('?')?;
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("__path=") && !pair.starts_with("__err=")).collect();
        let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
        HeaderValue::from_str(&format!("{page}{query}")).ok()
    });
    if let Some(clean) = clean {
        headers.insert(header::REFERER, clean);
    }
}

/// The cookie's value: where it was sent, and the fields, as an address. None where it is too long for a cookie.
fn written(path: &str, typed: &Pairs) -> Option<String> {
    let fields = typed.iter().filter(|(name, _)| !is_secret(name)).map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    let value = format!("{path}?{}", fields.collect::<Vec<_>>().join("&"));
    // The one sign that `escape` lets pass and a cookie does not.
    let value = value.replace(',', "%2C");
    (value.len() <= LONGEST).then_some(value)
}

fn typed(headers: &HeaderMap, path: &str) -> Option<Pairs> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let mut values = all.filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    let uri: Uri = values.find(|value| value.split('?').next() == Some(path))?.parse().ok()?;
    Query::<Pairs>::try_from_uri(&uri).ok().map(|Query(typed)| typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_but_for_what_is_secret() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let sent = vec![
            pair("email", "a,b;c=\u{fc}@d.example"),
            pair("password", "hunter2"),
            pair("new_password", "x"),
            pair("lines[0][text]", "A & B"),
        ];
        let cookie = written("/api/app/f1", &sent).expect("a cookie");
        assert!(!cookie.contains("hunter2") && !cookie.contains([',', ';', ' ', '"']), "{cookie}");
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(&format!("a=b; typed={cookie}")).expect("a header"));
        assert_eq!(typed(&headers, "/api/app/f1"), Some(vec![sent[0].clone(), sent[3].clone()]));
        assert_eq!(typed(&headers, "/api/app/f2"), None, "of another form");
        assert_eq!(written("/f", &vec![pair("note", &"x".repeat(LONGEST))]), None);
    }

    #[test]
    fn the_page_to_go_back_to_has_no_refusal_yet() {
        let mut headers = HeaderMap::new();
        headers.insert(header::REFERER, HeaderValue::from_static("http://here/plans/new?a=1&__path=%2Fx&__err=YQ"));
        forget_last(&mut headers);
        assert_eq!(headers[header::REFERER], "http://here/plans/new?a=1");
    }
}

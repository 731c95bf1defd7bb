//! What every REST handler of `/api/v1` is made of: the extractor that is the authorisation, JSON bodies, listings and
//! problem documents (RFC 9457).

mod refused;

use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use axum::{Json, RequestPartsExt};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::error::Error;
use super::money::{LARGEST, MoneyError};
use super::paging::{ListQuery, PAGE_SIZE_MAX, Page};
use super::permission::Can;
use super::scope::{Caller, Scope};

/// A machine whose key allows `P`: `Authorized(scope, ..): Authorized<can::ReadPlans>`.
pub struct Authorized<P>(pub Scope, pub PhantomData<P>);

impl<S: Send + Sync, P: Can> FromRequestParts<S> for Authorized<P> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Caller>() {
            Some(caller @ Caller::Machine(_)) => Ok(Self(caller.scope::<P>()?, PhantomData)),
            _ => Err(Problem(Error::SignedOut)),
        }
    }
}

/// An error as `application/problem+json`; what was wrong with which field is in `errors`.
#[derive(Debug)]
pub struct Problem(pub Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

tokio::task_local! {
    static REQUEST_ID: String;
}

/// Runs `future` as part of the request `id`, which the problem documents made in it name.
pub async fn with_request_id<F: Future>(id: String, future: F) -> F::Output {
    REQUEST_ID.scope(id, future).await
}

/// The id of the request at hand, where there is one.
pub fn request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// A problem document for what no [`Error`] says: 404 of a route, 405, 413.
pub fn refusal(status: StatusCode, title: &str, detail: &str) -> Response {
    document(status, title, detail, None)
}

fn document(status: StatusCode, title: &str, detail: &str, errors: Option<Value>) -> Response {
    let mut body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    if let Some(errors) = errors {
        body["errors"] = errors;
    }
    if let Some(id) = request_id() {
        body["request_id"] = id.into();
    }
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let detail = match &self.0 {
            Error::SignedOut => "Send a valid API key as Authorization: Bearer KEY.".to_owned(),
            // Downloads of the console answer so, too, but to people, who have a role.
            Error::Forbidden(what) if request_id().is_some() => format!("This key's scope does not include \u{201c}{what}\u{201d}."),
            other => other.to_string(),
        };
        let errors = if let Error::Invalid(fields) = &self.0 { Some(json!(fields)) } else { None };
        let mut response = document(status, self.0.title(), &detail, errors);
        if let Error::TooMany(seconds) = self.0 {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0 == Error::SignedOut {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A handler's result.
pub type Answer<T> = Result<Json<T>, Problem>;

/// A JSON object, refused with the field and the reason; nothing at all is an object without fields. No amount in it is
/// larger than [`LARGEST`].
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Response;
    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let json = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        let body = match bytes.trim_ascii() {
            [] => b"{}",
            _ if !json => {
                let detail = "Send JSON, with Content-Type: application/json.";
                return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Not JSON", detail));
            }
            [b'{', ..] => &*bytes,
            _ => return Err(Problem(Error::field("", "must be a JSON object")).into_response()),
        };
        match Json::from_bytes(body) {
            Ok(Json(read)) => match too_large(body) {
                Some(field) => Err(Problem(Error::field(&field, MoneyError::Overflow.to_string())).into_response()),
                None => Ok(Self(read)),
            },
            Err(JsonRejection::JsonSyntaxError(error)) => Err(Problem(Error::Invalid(refused::syntax(&error))).into_response()),
            Err(rejection) => Err(Problem(Error::Invalid(refused::fields(&rejection))).into_response()),
        }
    }
}

/// The field with an amount that is larger than any may be: `lines[0].unit_amount`.
fn too_large(body: &[u8]) -> Option<String> {
    // Where nothing is called so there is nothing to look for, as in usage events, which come by the thousand.
    if !body.windows(5).any(|word| word == b"minor") {
        return None;
    }
    find_too_large(&serde_json::from_slice(body).ok()?, "", false)
}

/// The same in a part of it that is called `path`, and is an amount or not.
fn find_too_large(of: &Value, path: &str, amount: bool) -> Option<String> {
    match of {
        Value::Number(n) if amount => {
            let fits = n.as_i64().is_some_and(|minor| minor.unsigned_abs() <= LARGEST.unsigned_abs());
            (!fits).then(|| path.to_owned())
        }
        Value::Array(all) => all.iter().enumerate().find_map(|(i, one)| find_too_large(one, &format!("{path}[{i}]"), amount)),
        Value::Object(fields) => fields.iter().find_map(|(key, value)| {
            let dot = if path.is_empty() { "" } else { "." };
            // An amount with its currency goes by the name of its field.
            let inner = if key == "minor" { path.to_owned() } else { format!("{path}{dot}{key}") };
            find_too_large(value, &inner, key == "minor" || key.ends_with("_minor"))
        }),
        _ => None,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

/// A body that is too large, or that did not arrive.
fn unread(rejection: BytesRejection) -> Response {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            refusal(StatusCode::PAYLOAD_TOO_LARGE, "Body too large", "The body of this call is larger than it takes.")
        }
        _ => Problem(Error::field("", "did not arrive whole; send it again")).into_response(),
    }
}

/// For a text in a body of changes: one left out stays, null clears it. Goes with `serde(default)`.
pub fn or_cleared<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(from).map(|text| Some(text.unwrap_or_default()))
}

/// Why something is done: the body of a verb that wants nothing else.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub reason: String,
}

impl Reason {
    /// The reason, which must be there.
    pub fn checked(&self) -> Result<String, Error> {
        super::form::reason(&self.reason)
    }
}

/// A query string, refused with the field and the reason.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.extract::<axum::extract::Query<T>>().await;
        query.map(|query| Self(query.0)).map_err(|rejection| Problem(Error::Invalid(refused::fields(&rejection))))
    }
}

/// An identifier in the path; a text that is none of its kind is as unknown as an unknown one.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: std::str::FromStr + 'static> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let path = parts.extract::<axum::extract::Path<String>>().await.map_err(|_| Problem(Error::NotFound))?;
        path.0.parse().map(Self).map_err(|_| Problem(Error::NotFound))
    }
}

/// Paging of a listing.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Rows in one answer, 1 to 200; 50 unless given.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The `next` of the answer before.
    #[serde(default)]
    pub after: Option<String>,
    /// Free text search.
    #[serde(default)]
    pub q: Option<String>,
}

impl ListParams {
    /// As the store functions take it.
    pub fn query(self) -> Result<ListQuery, Error> {
        let limit = self.limit.unwrap_or(super::paging::PAGE_SIZE);
        if !(1..=PAGE_SIZE_MAX).contains(&limit) {
            return Err(Error::field("limit", format!("must be from 1 to {PAGE_SIZE_MAX}")));
        }
        Ok(ListQuery { limit, after: self.after.unwrap_or_default(), q: self.q.unwrap_or_default(), ..Default::default() })
    }
}

/// A page of a listing: `{"data":[…],"next":"…"}`; `next` is null on the last.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listing<T> {
    pub data: Vec<T>,
    /// For `after` in the next request.
    pub next: Option<String>,
}

impl<T> From<Page<T>> for Listing<T> {
    fn from(page: Page<T>) -> Self {
        Self { data: page.rows, next: page.next }
    }
}

/// 201 with the new thing and where it is.
pub fn created<T: Serialize>(location: String, body: T) -> Response {
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::too_large;

    #[test]
    fn an_amount_that_is_too_large_is_named_wherever_it_stands() {
        let field = |body: serde_json::Value| too_large(body.to_string().as_bytes());
        let (most, more) = (1_000_000_000_000_000i64, 1_000_000_000_000_001i64);
        assert_eq!(field(serde_json::json!({ "amount": { "minor": most, "currency": "USD" }, "quantity": more })), None);
        assert_eq!(field(serde_json::json!({ "amount": { "minor": more, "currency": "USD" } })).as_deref(), Some("amount"));
        assert_eq!(field(serde_json::json!({ "amount": { "minor": -more, "currency": "USD" } })).as_deref(), Some("amount"));
        let lines = serde_json::json!({ "lines": [{}, { "unit_amount": { "minor": 1e20, "currency": "USD" } }] });
        assert_eq!(field(lines).as_deref(), Some("lines[1].unit_amount"));
        assert_eq!(field(serde_json::json!({ "tiers": [{ "unit_minor": more }] })).as_deref(), Some("tiers[0].unit_minor"));
        assert_eq!(field(serde_json::json!({ "note": "minor" })), None);
    }
}

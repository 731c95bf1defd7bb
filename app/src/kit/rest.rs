//! What every REST handler of `/api/v1` is made of: the extractor that is the authorisation, JSON bodies, listings and
//! problem documents (RFC 9457).

use std::marker::PhantomData;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use axum::{Json, RequestPartsExt};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::Error;
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

fn document(status: StatusCode, title: &str, detail: &str, errors: Option<serde_json::Value>) -> Response {
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
        let detail =
            if self.0 == Error::SignedOut { "Send a valid API key as Authorization: Bearer KEY.".to_owned() } else { self.0.to_string() };
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

/// A JSON body, refused with the field and the reason.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(Problem(Error::field("", "send JSON, with Content-Type: application/json")))
            }
            Err(rejection) => Err(Problem(Error::field("", rejection.body_text()))),
        }
    }
}

/// Why something is done: the body of a verb that wants nothing else.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    pub reason: String,
}

impl Reason {
    /// The reason, which must be there.
    pub fn checked(&self) -> Result<String, Error> {
        super::form::reason(&self.reason)
    }
}

/// A query string, refused with the reason.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.extract::<axum::extract::Query<T>>().await.map_err(|e| Problem(Error::field("", e.body_text())))?;
        Ok(Self(query.0))
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

//! The layers around every request: who is it (cookie or API key), and may they see a page at all.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use leptos::prelude::use_context;
use tower_http::request_id::RequestId;

use super::model::safe_next;
use super::store::session::{self, Current, Recognised};
use super::store::{Visit, session::ABSOLUTE};
use crate::api_keys;
use crate::kit::db::{Db, bug};
use crate::kit::error::{Error, Result};
use crate::kit::paging::escape;
use crate::kit::rest::{Problem, with_request_id};
use crate::kit::scope::{Caller, Origin, posted_by_a_form};
use crate::kit::secret::Sealer;

/// What the layers need to know of the server. Cheap to clone.
#[derive(Clone)]
pub struct AuthState(Arc<Inner>);

struct Inner {
    db: Db,
    sealer: Sealer,
    secure_cookies: bool,
    trust_proxy: bool,
}

impl AuthState {
    /// `secure_cookies`: browsers reach this server by HTTPS only. `trust_proxy`: a proxy in front of it sets
    /// `X-Forwarded-For`, whose last address is believed.
    pub fn new(db: Db, sealer: Sealer, secure_cookies: bool, trust_proxy: bool) -> Self {
        Self(Arc::new(Inner { db, sealer, secure_cookies, trust_proxy }))
    }

    pub fn db(&self) -> &Db {
        &self.0.db
    }

    pub fn sealer(&self) -> &Sealer {
        &self.0.sealer
    }

    /// The cookie's name. Under TLS the prefix has browsers refuse one that another host of the domain has set.
    pub fn cookie_name(&self) -> &'static str {
        if self.0.secure_cookies { "__Host-tenantry" } else { "tenantry" }
    }

    /// The `Set-Cookie` of a session; of none: the one that removes it.
    pub fn cookie(&self, token: Option<&str>) -> String {
        let (name, secure) = (self.cookie_name(), if self.0.secure_cookies { "; Secure" } else { "" });
        let (value, age) = (token.unwrap_or_default(), if token.is_some() { ABSOLUTE.num_seconds() } else { 0 });
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
    }
}

/// A request as the server functions of `auth` see it; in its extensions.
#[derive(Clone)]
pub struct Here {
    pub state: AuthState,
    pub visit: Visit,
}

impl Here {
    /// The session of the request.
    pub fn session(&self) -> Result<&Current> {
        self.visit.session.as_ref().ok_or(Error::SignedOut)
    }

    /// Has the browser keep the cookie of a session, or forget it.
    pub fn set_cookie(&self, token: Option<&str>) -> Result<()> {
        let options = use_context::<leptos_axum::ResponseOptions>().ok_or_else(|| bug("a cookie outside a request"))?;
        let value = HeaderValue::from_str(&self.state.cookie(token)).map_err(bug)?;
        options.append_header(header::SET_COOKIE, value);
        Ok(())
    }
}

/// In a server function: the request.
pub fn here() -> Result<Here> {
    let parts = use_context::<http::request::Parts>().ok_or_else(|| bug("outside a request"))?;
    parts.extensions.get::<Here>().cloned().ok_or_else(|| bug("the auth layer is missing"))
}

/// In a server function: leads on to `url`. A form posted without JavaScript is redirected; otherwise the page does it.
pub fn lead_to(url: String) -> Result<String> {
    if posted_by_a_form() {
        leptos_axum::redirect(&url);
    }
    Ok(url)
}

/// Puts both layers around `router`, in their order.
pub fn protect<S: Clone + Send + Sync + 'static>(router: Router<S>, state: AuthState) -> Router<S> {
    router.layer(from_fn(pages)).layer(from_fn_with_state(state, layer))
}

/// Finds out who asks: [`Caller`], [`Origin`] and [`Here`] in the request's extensions. An API key counts under
/// `/api/v1`, a cookie everywhere else, so that neither can stand in for the other.
pub async fn layer(State(state): State<AuthState>, mut request: Request, next: Next) -> Response {
    let origin = Origin { request_id: Some(request_id(&request)), address: address(&request, state.0.trust_proxy) };
    let user_agent = text(request.headers(), header::USER_AGENT).map(str::to_owned);
    let mut visit = Visit { origin: origin.clone(), user_agent, session: None };
    let (rest, credential) = (is_rest(request.uri().path()), credential(&state, &request));
    let caller = match find(&state, credential, &mut visit).await {
        Ok(caller) => caller,
        Err(error) if rest => {
            let id = origin.request_id.clone().unwrap_or_default();
            return with_request_id(id, async { Problem(error).into_response() }).await;
        }
        Err(error) => return unavailable(&error),
    };
    let extensions = request.extensions_mut();
    extensions.insert(caller);
    extensions.insert(origin);
    extensions.insert(Here { state, visit });
    next.run(request).await
}

/// Sends who is signed out to the sign-in page, with the way back, and who is signed in away from it.
pub async fn pages(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reading || is_open(path) {
        return next.run(request).await;
    }
    let signed_in = matches!(request.extensions().get(), Some(Caller::Member(..)));
    let pending = request.extensions().get::<Here>().and_then(|here| here.visit.session.as_ref()).is_some_and(|s| s.awaits_second_factor);
    match path {
        "/sign-in" | "/sign-in/second-factor" if signed_in => Redirect::to(safe_next(&next_of(request.uri().query()))).into_response(),
        "/sign-in/second-factor" if !pending => Redirect::to("/sign-in").into_response(),
        "/sign-in" | "/sign-in/second-factor" => next.run(request).await,
        _ if signed_in => next.run(request).await,
        _ if text(request.headers(), header::ACCEPT).is_some_and(|accept| accept.contains("text/event-stream")) => {
            StatusCode::UNAUTHORIZED.into_response()
        }
        _ => {
            let page = if pending { "/sign-in/second-factor" } else { "/sign-in" };
            let back = request.uri().path_and_query().map_or("/", |p| p.as_str());
            let query = if back == "/" { String::new() } else { format!("?next={}", escape(back)) };
            Redirect::to(&format!("{page}{query}")).into_response()
        }
    }
}

/// What a request shows of who sends it.
enum Credential {
    None,
    Cookie(String),
    Key(String),
}

fn credential(state: &AuthState, request: &Request) -> Credential {
    let (path, headers) = (request.uri().path(), request.headers());
    let found = if is_rest(path) {
        text(headers, header::AUTHORIZATION).and_then(bearer).map(|key| Credential::Key(key.to_owned()))
    } else if is_static(path) {
        None
    } else {
        cookie(headers, state.cookie_name()).map(|token| Credential::Cookie(token.to_owned()))
    };
    found.unwrap_or(Credential::None)
}

async fn find(state: &AuthState, credential: Credential, visit: &mut Visit) -> Result<Caller> {
    match credential {
        Credential::None => Ok(Caller::SignedOut),
        Credential::Key(key) => {
            let scope = api_keys::store::authenticate(state.db(), &key, visit.origin.clone()).await?;
            Ok(scope.map_or(Caller::SignedOut, Caller::Machine))
        }
        Credential::Cookie(token) => {
            let recognised = session::recognise(state.db(), &token, visit.origin.clone()).await?;
            let Some(Recognised { current, member }) = recognised else { return Ok(Caller::SignedOut) };
            visit.session = Some(current);
            Ok(member.map_or(Caller::SignedOut, |(scope, viewer)| Caller::Member(scope, viewer)))
        }
    }
}

fn unavailable(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, error.to_string()).into_response()
}

fn is_rest(path: &str) -> bool {
    path.starts_with("/api/v1/")
}

/// Files and probes: the same for everybody.
fn is_static(path: &str) -> bool {
    ["/pkg/", "/healthz", "/readyz", "/metrics", "/favicon", "/robots.txt"].iter().any(|p| path.starts_with(p))
}

/// What answers for itself whoever asks.
fn is_open(path: &str) -> bool {
    is_static(path) || path.starts_with("/api/") || path.starts_with("/pay/") || path == "/invitation"
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The value of `next` in a query, decoded.
fn next_of(query: Option<&str>) -> String {
    let value = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("next=")).unwrap_or_default();
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16)).unwrap_or(0);
        bytes.push(if byte == b'%' { u8::try_from(digit() * 16 + digit()).unwrap_or(0) } else { byte });
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn request_id(request: &Request) -> String {
    let given = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

fn address(request: &Request, trust_proxy: bool) -> Option<IpAddr> {
    let forwarded = || {
        let last = request.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let peer = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let address = if trust_proxy { forwarded().or_else(peer) } else { peer() };
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_keys_and_ways_back_are_read() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("theme=dark; tenantry=abc; tenantry2=no"));
        assert_eq!(cookie(&headers, "tenantry"), Some("abc"));
        assert_eq!(cookie(&headers, "__Host-tenantry"), None);
        assert_eq!(bearer("Bearer tk_live_x"), Some("tk_live_x"));
        assert_eq!(bearer("Basic eDp5"), None);
        assert_eq!(next_of(Some("a=1&next=%2Fcustomers%3Fq%3Da%2520b")), "/customers?q=a%20b");
        assert_eq!(next_of(Some("next=%zz%f")), "", "what is no text is no way back");
        assert_eq!(next_of(None), "");
    }

    #[test]
    fn the_last_forwarded_address_counts_and_only_behind_a_trusted_proxy() {
        let mut request = Request::new(axum::body::Body::empty());
        request.headers_mut().insert("x-forwarded-for", HeaderValue::from_static("203.0.113.9, 198.51.100.7"));
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        assert_eq!(address(&request, true), Some(IpAddr::from([198, 51, 100, 7])));
        assert_eq!(address(&request, false), Some(IpAddr::from([127, 0, 0, 1])));
    }
}
